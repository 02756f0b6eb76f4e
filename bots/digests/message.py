"""What one reader is told: the news among the findings in a headline and a few lines, or one quiet line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from bots.digests.gather import Finding, Gathered
from bots.digests.moments import Cadence

MOST_TOLD = 4
_LARGE = 5.0
MATTERS = 0.3
"""The least impact of what is worth a message that was not asked for by the calendar."""


@dataclass(frozen=True)
class Message:
    """A message as every channel shows it; `held` ones have nothing to say and stay in the house."""

    headline: str
    period: str
    held: bool
    quiet: bool
    items: tuple[Finding, ...] = ()
    ahead: str = ""
    goals: tuple[str, ...] = ()
    figures: tuple[dict[str, str], ...] = ()
    questions: tuple[str, ...] = ()
    note: str = ""
    through: str = ""
    chart: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        made = asdict(self)
        return made | {name: list(made[name]) for name in ("items", "goals", "figures", "questions")}


def worth(findings: Iterable[Finding], cadence: Cadence) -> list[Finding]:
    """What may be told at this cadence, the weightiest first."""
    least = MATTERS if cadence == "matters" else 0.0
    return [f for f in findings if f.impact >= least]


def compose(found: Gathered, new: list[Finding], cadence: Cadence, note: str = "") -> Message:
    """The message for a moment; `new` are the findings that the reader does not know yet."""
    through = found.through.isoformat() if found.through else ""
    if found.reason:
        return Message(found.reason, "", held=cadence == "matters", quiet=True, note=note, through=through)
    shown = tuple(new[:MOST_TOLD])
    chart = found.chart if found.chart and any(f.identity == found.chart["of"] for f in shown) else None
    return Message(
        headline=shown[0].text if shown else _quiet_line(found), period=found.period,
        held=not shown and cadence == "matters", quiet=not shown, items=shown, ahead=found.ahead, goals=found.goals,
        figures=found.figures, questions=tuple(_questions(found, shown)), note=note, through=through, chart=chart,
    )  # fmt: skip


def _quiet_line(found: Gathered) -> str:
    """One line instead of filler; what is known already is said to go on, not told anew."""
    if found.findings:
        return f"Nothing new {found.period}: what you were told before still holds."
    moved = any(_large(f["change"]) for f in found.figures)
    return f"{found.quiet} What moved below is within the usual range." if moved else found.quiet


def _large(change: str) -> bool:
    """Whether a change looks like news; where it is not, that is said."""
    if change.startswith("from "):
        return True
    digits = change.strip("+-−% ").replace(",", "")
    return digits.replace(".", "", 1).isdigit() and float(digits) >= _LARGE


def _questions(found: Gathered, shown: tuple[Finding, ...]) -> list[str]:
    """Good next questions; none about a finding that is not told."""
    others = {f.question for f in found.findings} - {f.question for f in shown}
    asked = [q for q in found.questions if q not in others]
    return list(dict.fromkeys(asked))[:MOST_TOLD]
