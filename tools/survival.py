"""The tool for “how long do they stay?”: lengths of stay that count those who are still there, and log-rank tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from store.errors import NotEnough
from tools.cohorts import stays
from tools.cohorts.ask import Asker, FollowArgs
from tools.cohorts.survival import Spell
from tools.cohorts.table import LEAST
from tools.evidence import Evidence
from tools.registry import ToolContext, tool
from tools.series import floor, step
from warehouse.journeys import StayQuery
from warehouse.query import TimeWindow

_LEAST_SILENCE = 30
_MOST_GROUPS = 8
_LEAST_LEFT = 10


class SurvivalArgs(FollowArgs):
    """Whom to follow, and after how many days of silence somebody counts as gone.

    Without `silence` it is the time within which nine in ten come again, at least 30 days. `compare` holds windows of
    newcomers to hold against each other.
    """

    silence: int | None = Field(None, ge=1, le=3_650)
    compare: tuple[TimeWindow, ...] = Field((), max_length=6)


@tool(
    "survival",
    example="How long do customers stay with us?",
    needs="rows with a date and a customer (or other) id, over twice the time that may pass between two of them",
)
def survival(context: ToolContext, args: SurvivalArgs) -> Evidence:
    """Show how long customers stay before they fall silent, counting those still there. Following how long they stay.

    Main table: one row per length (or per group) with the share that stays longer and its range. Raises `NotEnough`
    with the code `no_entity`, `no_time`, `too_little_history` or `too_few_rows`.
    """
    asker = Asker.of(context, args)
    gap, gaps = asker.usual_gap()
    silence = args.silence or max(_LEAST_SILENCE, math.ceil(gap or 0))
    days = (asker.who.last - asker.who.first).days
    if days < 2 * silence:
        raise NotEnough(
            f"The data cover {days} days, and {silence} days may pass between two {asker.who.deed}s: too little to "
            "say who is gone.",
            code="too_little_history",
            hint="Say how many days of silence mean gone, or load a longer history.",
        )
    began = _settled_start(asker, args, gap)
    spells = _spells(asker, args, silence, began)
    whole = [s for group in spells.values() for s in group]
    n = sum(count for _, _, count in whole)
    if n < LEAST:
        raise NotEnough(f"Only {n} {asker.who.many} can be followed: too few.", code="too_few_rows")
    if sum(c for _, over, c in whole if over) < _LEAST_LEFT:
        raise NotEnough(
            f"Hardly any of the {n} {asker.who.many} were silent for {silence} days, so nothing can be said about how "
            "long they stay.",
            code="no_variation",
        )
    split = bool(args.by or args.compare)
    groups = {g: s for g, s in spells.items() if sum(c for _, _, c in s) >= LEAST} if split else {}
    return stays.evidence(
        stays.Stay(asker, args, silence, gaps, whole, _largest(groups), asker.who.surely_new or began is not None)
    )


def _settled_start(asker: Asker, args: SurvivalArgs, gap: float | None) -> Any:
    """From when on newcomers are surely new; None when that would leave too little of the data."""
    if args.joined or args.compare or gap is None or asker.who.surely_new:
        return None
    start = step(floor(asker.who.first, "month"), "month", math.ceil(gap / 30.44) + 1)
    return start if (asker.who.last - start).days > (asker.who.last - asker.who.first).days / 2 else None


def _spells(asker: Asker, args: SurvivalArgs, silence: int, began: Any) -> dict[Any, list[Spell]]:
    spans = [asker.span(w) for w in args.compare] or [asker.span(args.joined)]
    found: dict[Any, list[Spell]] = {}
    for start, end, label in spans:
        request = StayQuery(
            activity=asker.who.activity,
            silence=silence,
            through=asker.who.last,
            by=args.by,
            step=7 if args.by else 1,
            start=start or began,
            end=end,
        )
        for row in asker.rows(request):
            group = row["grp"] if args.by else label
            found.setdefault(group, []).append(_spell(row, silence))
    return found


def _spell(row: dict[str, Any], silence: int) -> Spell:
    return float(row["days"]), bool(row["gone"]), int(row["entities"])


def _largest(groups: dict[Any, list[Spell]]) -> dict[Any, list[Spell]]:
    ordered = sorted(groups, key=lambda g: (-_size(groups[g]), str(g)))
    return {g: groups[g] for g in ordered[:_MOST_GROUPS]}


def _size(spells: Sequence[Spell]) -> int:
    return sum(n for _, _, n in spells)
