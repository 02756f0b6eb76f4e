"""The tool for “do they come back?”: cohorts by first activity, every rate with its range, no unfinished cells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, model_validator

from store.errors import NotEnough
from tools.cohorts import report
from tools.cohorts.ask import Asker, FollowArgs
from tools.cohorts.table import LEAST, Cohort, cohorts_of, settled
from tools.evidence import Evidence
from tools.registry import ToolContext, tool
from tools.series import step
from warehouse.journeys import CohortQuery, JourneyGrain, ReturnQuery
from warehouse.query import TimeWindow

_MOST_COHORTS: dict[str, int] = {"day": 60, "week": 52, "month": 48, "quarter": 24}
_DAYS: dict[str, int] = {"day": 1, "week": 7, "month": 30, "quarter": 91}
_MOST_GROUPS = 12


class CohortArgs(FollowArgs):
    """Which newcomers, and what coming back means.

    `during` the n-th period after the first one, `after` it or later, `within` so many `days` of the first activity,
    or `on_day` exactly. `age` is the n that the answer is about. `compare` holds two or more windows of newcomers;
    `value` is a sum to follow beside the rates.
    """

    grain: JourneyGrain | None = Field(None, description="of cohorts and ages; chosen from the data when not given")
    returned: Literal["during", "after", "within", "on_day"] = "during"
    days: int | None = Field(None, ge=1, le=3_650)
    age: int = Field(1, ge=1, le=60)
    compare: tuple[TimeWindow, ...] = Field((), max_length=6)
    value: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> CohortArgs:
        if self.returned in ("within", "on_day") and self.days is None:
            raise ValueError("`within` and `on_day` need `days`")
        if self.by is not None and self.compare:
            raise ValueError("split by a dimension or compare windows, not both")
        return self

    @property
    def by_days(self) -> bool:
        """Whether coming back is counted from each one's own first day rather than by period."""
        return self.returned in ("within", "on_day")


@dataclass(frozen=True)
class Found:
    """Cohorts of everybody, of each group and of each window compared, on their way to evidence.

    `grain` is that of cohorts; `began` says that cohorts near the beginning of the data were left out.
    """

    asker: Asker
    args: CohortArgs
    grain: JourneyGrain
    cohorts: list[Cohort]
    groups: dict[Any, list[Cohort]]
    windows: dict[str, list[Cohort]]
    began: bool
    gap: float | None


@tool(
    "cohorts",
    example="How many new customers come back?",
    needs="rows with a date and a customer (or other) id; two groups of newcomers of 30 or more",
)
def cohorts(context: ToolContext, args: CohortArgs) -> Evidence:
    """Show how many newcomers come back later, by when they joined. Following who came back.

    Main table: one row per cohort with its size and the share active at each age; ages that are not over are empty.
    With `by` or `compare`: one row per group with rate, low, high. Raises `NotEnough` with the code `no_entity`,
    `no_time`, `too_little_history` or `too_few_rows`.
    """
    asker = Asker.of(context, args)
    grain = args.grain or _grain(asker)
    gap, _ = asker.usual_gap()
    groups = _read(asker, args, grain)
    whole = _merged(list(groups.values()))
    kept, began = (
        (whole, False) if args.joined or args.compare or asker.who.surely_new else settled(whole, asker.who.first, gap)
    )
    starts = {c.start for c in kept}
    groups = {g: [c for c in cs if c.start in starts] for g, cs in groups.items()} if args.by else {}
    windows = {label: _inside(whole, start, end) for start, end, label in map(asker.span, args.compare)}
    _refuse_small(asker, kept, grain, args)
    return report.evidence(Found(asker, args, grain, kept, _largest(groups), windows, began, gap))


def _grain(asker: Asker) -> JourneyGrain:
    days = (asker.who.last - asker.who.first).days
    return "month" if days >= 120 else "week" if days >= 35 else "day"


def _read(asker: Asker, args: CohortArgs, grain: JourneyGrain) -> dict[Any, list[Cohort]]:
    start, end, _ = asker.span(args.joined)
    earliest = step(asker.who.last.replace(day=1), grain, -_MOST_COHORTS[grain])
    start = max(start, earliest) if start else earliest if earliest > asker.who.first else None
    who = asker.who.activity
    if args.by_days:
        first = args.days if args.returned == "on_day" else 1
        request: Any = ReturnQuery(
            activity=who, from_day=first or 1, to_day=args.days or 1, grain=grain, by=args.by, start=start, end=end
        )
        return _returns(asker.rows(request), args, grain, asker)
    request = CohortQuery(
        activity=who, grain=grain, by=args.by, value=args.value, last=args.returned == "after", start=start, end=end
    )
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in asker.rows(request):
        found.setdefault(row.get("grp"), []).append(row)
    later = args.returned == "after"
    return {g: cohorts_of(rows, grain, asker.who.last, cumulated=later) for g, rows in found.items()}


def _returns(
    rows: list[dict[str, Any]], args: CohortArgs, grain: JourneyGrain, asker: Asker
) -> dict[Any, list[Cohort]]:
    """Cohorts with a single age: whether the days were over for all of them."""
    found: dict[Any, list[Cohort]] = {}
    for row in rows:
        ends = step(row["cohort"], grain) + timedelta(days=args.days or 0)
        known = 1 if ends <= asker.who.last + timedelta(days=1) else 0
        one = Cohort(row["cohort"], int(row["entities"]), known, {0: int(row["entities"]), 1: int(row["returned"])})
        found.setdefault(row.get("grp"), []).append(one)
    return found


def _merged(groups: list[list[Cohort]]) -> list[Cohort]:
    """Cohorts of everybody from those of groups."""
    whole: dict[Any, Cohort] = {}
    for one in (c for group in groups for c in group):
        kept = whole.setdefault(one.start, Cohort(one.start, 0, one.known))
        kept.size += one.size
        for age, n in one.active.items():
            kept.active[age] = kept.active.get(age, 0) + n
        for age, amount in one.amount.items():
            kept.amount[age] = kept.amount.get(age, 0.0) + amount
    return [whole[s] for s in sorted(whole)]


def _inside(cohorts: list[Cohort], start: Any, end: Any) -> list[Cohort]:
    return [c for c in cohorts if (start is None or c.start >= start) and (end is None or c.start < end)]


def _largest(groups: dict[Any, list[Cohort]]) -> dict[Any, list[Cohort]]:
    """The largest groups, largest first, in a fixed order."""
    ordered = sorted(groups, key=lambda g: (-sum(c.size for c in groups[g]), str(g)))
    return {g: groups[g] for g in ordered[:_MOST_GROUPS]}


def _refuse_small(asker: Asker, cohorts: list[Cohort], grain: str, args: CohortArgs) -> None:
    who, age = asker.who, 1 if args.by_days else args.age
    over = [c for c in cohorts if c.known >= age]
    if not over:
        days = args.days or age * _DAYS[grain]
        raise NotEnough(
            f"None of these {who.many} joined long enough ago: that takes about {days} days, and the data end on "
            f"{who.last.isoformat()}.",
            code="too_little_history",
            hint="Ask about earlier newcomers or a shorter time.",
        )
    enough = [c for c in over if c.size >= LEAST]
    needed = 1 if args.joined or args.compare or args.by else 2
    if len(enough) < needed:
        largest = max(c.size for c in over)
        raise NotEnough(
            f"Only {largest} {who.many} joined in the largest {grain}: too few for a rate. I need {needed} "
            f"group{'s' if needed > 1 else ''} of {LEAST} or more.",
            code="too_few_rows",
            hint="Ask for a coarser grain, such as quarters.",
        )
