"""Puts the answers that the skills suite got on the demo into docs/what-you-can-ask.md, so that no table is typed."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "what-you-can-ask.md"
RESULT = ROOT / "evals" / "results" / "skills.json"
HEAD = "| You ask | Plainsay answers (retail demo, Nov 21, 2026) |\n|---|---|"
_BLOCK = re.compile(r"(<!-- answers: (\w+) -->\n).*?(<!-- end of answers -->)", re.S)


def page() -> str:
    """The page with every table between its marks written anew."""
    cases = json.loads(RESULT.read_text(encoding="utf-8"))["cases"]
    return _BLOCK.sub(lambda m: f"{m[1]}{table(cases, m[2])}\n{m[3]}", PAGE.read_text(encoding="utf-8"))


def table(cases: list[dict[str, str]], skill: str) -> str:
    """The questions and answers of one skill."""
    rows = [f"| {c['question']} | {flat(c['text'])} |" for c in cases if c["skill"] == skill]
    return "\n".join([HEAD, *rows])


def flat(text: str) -> str:
    """An answer on one line."""
    items = re.sub(r"\s*\n+- ", " • ", text.replace("|", "\\|"))
    return " ".join(items.split()).replace(": •", ":")


def skills() -> list[str]:
    """The skills whose answers the page shows."""
    return [m[2] for m in _BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]
