"""What one look found for one segment: whether the rule holds there, since which day, how bad, and in which words."""

from __future__ import annotations

from dataclasses import dataclass, field

from bots.alerts.rule import SEVERITIES, Severity


@dataclass(frozen=True)
class Reading:
    """`member` is the segment ("" for the whole), `day` the last day of the period that was judged (ISO date).

    `size` says how far beyond the rule it is (a ratio), `text` what happened, `silence` what would keep it quiet,
    `over` how its end is told, `question` how to go on from it; `up` whether the figure is too high, None
    where that is not the trouble; `began` the first day of the period that a forecast or a goal is about.
    """

    member: str
    holds: bool
    day: str
    severity: Severity = "warning"
    size: float = 0.0
    text: str = ""
    tone: str = "bad"
    silence: str = ""
    over: str = ""
    question: str = ""
    why: str = ""
    up: bool | None = None
    began: str = ""


@dataclass(frozen=True)
class Looked:
    """All that a look found: readings by judged period, oldest first. `waiting` says why nothing could be judged.

    `shown` is the latest figure in words, for who wants to see what is watched; `course` are the values behind it.
    """

    rounds: tuple[tuple[Reading, ...], ...] = ()
    waiting: str = ""
    shown: str = ""
    label: str = ""
    course: tuple[dict[str, object], ...] = field(default=())


def worse(one: Severity, other: Severity) -> bool:
    """Whether a severity is above another."""
    return SEVERITIES.index(one) > SEVERITIES.index(other)
