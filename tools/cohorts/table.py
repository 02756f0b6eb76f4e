"""Counts of a cohort query turned into rates by age, with what is not over yet left blank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

LEAST = 30


@dataclass
class Cohort:
    """Those who joined in one period: how many, and how many were active (or what they brought) by age in periods.

    `known` is the last age that is over for the whole cohort.
    """

    start: date
    size: int
    known: int
    active: dict[int, int] = field(default_factory=dict)
    amount: dict[int, float] = field(default_factory=dict)

    def cell(self, age: int) -> tuple[int, int] | None:
        """(active, size) at an age; None when it is not over yet."""
        return (self.active.get(age, 0), self.size) if age <= self.known else None


def cohorts_of(rows: Iterable[dict[str, Any]], grain: str, last: date, *, cumulated: bool = False) -> list[Cohort]:
    """Cohorts, earliest first, from rows of cohort, period and entities; `cumulated` rows say who was last active then.

    The age 0 of a cohort is its size.
    """
    found: dict[date, Cohort] = {}
    for row in rows:
        start = row["cohort"]
        if start not in found:
            found[start] = Cohort(start, 0, age_of(start, last + timedelta(days=1), grain) - 1)
        one, age = found[start], age_of(start, row["period"], grain)
        one.active[age] = one.active.get(age, 0) + int(row["entities"])
        if row.get("amount") is not None:
            one.amount[age] = one.amount.get(age, 0.0) + float(row["amount"])
    for one in found.values():
        if cumulated:
            one.active = _from_the_end(one.active)
        one.size = one.active.get(0, 0)
    return [found[s] for s in sorted(found)]


def _from_the_end(last_seen: dict[int, int]) -> dict[int, int]:
    total, found = 0, {}
    for age in range(max(last_seen), -1, -1):
        total += last_seen.get(age, 0)
        found[age] = total
    return found


def age_of(start: date, at: date, grain: str) -> int:
    """How many whole periods lie between two days."""
    if grain in ("month", "quarter"):
        months = (at.year - start.year) * 12 + at.month - start.month - (at.day < start.day)
        return months // (3 if grain == "quarter" else 1)
    return (at - start).days // (7 if grain == "week" else 1)


def pooled(cohorts: Sequence[Cohort], age: int) -> tuple[int, int, int]:
    """Active, size and number of the cohorts that have reached an age."""
    cells = [c.cell(age) for c in cohorts]
    kept = [c for c in cells if c is not None]
    return sum(a for a, _ in kept), sum(n for _, n in kept), len(kept)


def ages(cohorts: Sequence[Cohort], most: int) -> list[int]:
    """The ages that at least one cohort has reached, without joining itself."""
    return list(range(1, min(most, max((c.known for c in cohorts), default=0)) + 1))


def settled(cohorts: Sequence[Cohort], first: date, days: float | None) -> tuple[list[Cohort], bool]:
    """Cohorts without those so near the beginning of the data that they hold people from before; whether any were.

    `days` is the usual longest gap between two activities: who was active before the data begin shows up within it.
    With fewer than two cohorts left nothing is taken away.
    """
    if days is None:
        return list(cohorts), False
    clear = first + timedelta(days=round(days))
    kept = [c for c in cohorts if c.start >= clear]
    if sum(c.size >= LEAST and c.known >= 1 for c in kept) < 2:
        return list(cohorts), False
    return kept, len(kept) < len(cohorts)
