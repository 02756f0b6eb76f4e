"""Questions as labels of buttons, of which Slack shows seventy-five letters: said shorter rather than cut off."""

from __future__ import annotations

import re
from datetime import date

MOST = 75
_SPAN = re.compile(r"\bfrom (\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d)\b")
_SHORTER = (
    ("compared with the same period last year", "vs last year"),
    ("compared with the same weekday the week before", "vs the same weekday the week before"),
    ("compared with the previous period", "vs the period before"),
    ("compared with the month before", "vs the month before"),
    ("compared with", "vs"),
)


def short(question: str) -> str:
    """The question with dates as people say them and, where it is long, the usual words for comparing."""
    said = _SPAN.sub(_said, " ".join(question.split()))
    for long, less in _SHORTER:
        said = said.replace(long, less) if len(said) > MOST else said
    if len(said) <= MOST:
        return said
    return f"{said[: MOST - 1].rsplit(' ', 1)[0]}…"


def _said(found: re.Match[str]) -> str:
    try:
        first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2])
    except ValueError:
        return found[0]
    if first.year != last.year:
        return f"{first:%b} {first.day}, {first.year} – {last:%b} {last.day}, {last.year}"
    until = f"{last.day}" if first.month == last.month else f"{last:%b} {last.day}"
    return f"{first:%b} {first.day}–{until}, {last.year}"
