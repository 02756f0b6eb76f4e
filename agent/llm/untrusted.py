"""Text from data on its way into a prompt: short, on one line, unable to leave the block that marks it as data."""

from __future__ import annotations

import json
import re
from typing import Any

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
_LONGEST = 80
OPEN, CLOSE = "<data>", "</data>"


def cell(value: Any, longest: int = _LONGEST) -> Any:
    """A value as the model may see it: numbers as they are, text cut and without angle brackets or control signs."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = _CONTROL.sub(" ", str(value)).replace("<", "‹").replace(">", "›")
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def block(content: Any) -> str:
    """Content between the data marks; text as it is once its brackets are gone, everything else as JSON."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return f"{OPEN}\n{text.replace('<', '‹').replace('>', '›')}\n{CLOSE}"


def outside(text: str) -> str:
    """What of a prompt stands outside its data blocks: the part that a model may take as instruction."""
    return re.sub(r"<data>.*?</data>", "", text, flags=re.S)
