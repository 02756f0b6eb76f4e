"""Messages into Microsoft Teams: an Adaptive Card for an incoming webhook, in plain words that link nowhere."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any

from agent.claims import LINK

MOST_BYTES = 28_000
"""Teams refuses larger messages."""
_MARK = re.compile(r"([\\`*_\[\]()<>#|~!])")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>#|~!])")
_LINKED = re.compile(r"!?\[((?:[^\]\\]|\\.)*)\]\([^)\s]*\)")


def escape(text: str) -> str:
    """Text from data: nothing in it is markup in a TextBlock."""
    clean = "".join(c for c in text if c == "\n" or c.isprintable()).replace("://", ":\u200b//")
    return _MARK.sub(r"\\\1", clean)


def of_markdown(text: str) -> str:
    """Our markdown with bold kept, and everything that is not ours as plain words."""
    words = _LINKED.sub(r"\1", LINK.sub(r"\1", text))
    parts = re.split(r"\*\*(.+?)\*\*", words, flags=re.S)
    told = (_ESCAPED.sub(r"\1", part) for part in parts)
    return "".join(f"**{escape(p)}**" if n % 2 else escape(p) for n, p in enumerate(told))


def card(
    headline: str, paragraphs: Sequence[str], *, web: str | None = None, picture: bytes | None = None, alt: str = ""
) -> dict[str, Any]:
    """A message for a Teams webhook: a headline, our markdown, a picture if it fits, and a button to the page."""
    body: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": of_markdown(headline), "size": "Medium", "weight": "Bolder", "wrap": True}
    ]
    body += [{"type": "TextBlock", "text": of_markdown(p), "wrap": True} for p in paragraphs]
    if picture is not None and len(picture) * 4 // 3 < MOST_BYTES - 8_000:
        shown = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        body.append({"type": "Image", "url": shown, "altText": alt, "size": "Stretch"})
    actions = [{"type": "Action.OpenUrl", "title": "Open in Plainsay", "url": web}] if web else []
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
        "body": body, "actions": actions,
    }  # fmt: skip
    attached = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attached]}
