"""Which findings are news to a reader: each is told once, and again only when it grew, turned, or came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bots.digests.gather import Finding
from bots.digests.moments import Grain

GREW = 1.25
"""A finding that was told is told again when it is larger by this factor."""
TURNED = 0.8
"""One that turned round is told when it went about as far; a smaller way back is the end of what was told."""
_REMEMBERED = {
    "day": timedelta(days=28),
    "week": timedelta(weeks=5),
    "month": timedelta(days=92),
    "quarter": timedelta(days=200),
}


@dataclass(frozen=True)
class Told:
    """When a finding was last there, in which direction, and how large it was when it was told."""

    day: date
    direction: str
    size: float


def news(findings: Iterable[Finding], told: Mapping[str, Told], day: date, grain: Grain) -> list[Finding]:
    """The findings that the reader does not know yet."""
    return [f for f in findings if _is_new(f, told.get(f.identity), day, grain)]


def remembered(
    findings: Iterable[Finding], shown: Iterable[Finding], told: Mapping[str, Told], day: date
) -> dict[str, Told]:
    """What to remember after a message: what it showed, and that what was known is still there."""
    kept = {f.identity: Told(day, f.direction, f.size) for f in shown}
    for finding in findings:
        before = told.get(finding.identity)
        if finding.identity not in kept and before is not None:
            kept[finding.identity] = Told(day, before.direction, before.size)
    return kept


def _is_new(finding: Finding, before: Told | None, day: date, grain: Grain) -> bool:
    if before is None or day - before.day > _REMEMBERED[grain]:
        return True
    turned = finding.direction != before.direction
    return finding.size >= before.size * (TURNED if turned else GREW)
