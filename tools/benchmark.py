"""The tool for “how do our branches compare, fairly?”: like for like, mix set aside, chance told from difference."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from store.errors import InvalidRequest, NotEnough, UnknownName
from tools.conditions import filter_params
from tools.drivers.fields import candidates, described
from tools.drivers.parts import Parts, parts_of
from tools.evidence import Evidence
from tools.registry import ToolContext, tool
from tools.series import SeriesArgs, bounds, floor, step
from warehouse.query import DimRef

if TYPE_CHECKING:
    from tools.benchmarking import Cube
    from tools.insights.panel import Reader

MONTHS = 12
LEAST_PEERS = 3
_MOST_PEERS = 200
_MOST_MIX = 40
_LEAST_MONTHS = 6


def _field(value: Any) -> Any:
    return {"field": value} if isinstance(value, str) else value


class BenchmarkArgs(SeriesArgs):
    """A figure and `by` whom to compare it; `focus` one of them; `mix` the split whose differences are set aside."""

    by: Annotated[DimRef, BeforeValidator(_field)]
    focus: str | None = Field(None, description="the member asked about")
    mix: Annotated[DimRef | None, BeforeValidator(_field)] = Field(None, description="chosen when not given")
    months: int = Field(MONTHS, ge=_LEAST_MONTHS, le=24, description="complete months looked at")


@tool("benchmark", example="How do our stores compare like for like?",
      needs="a figure by date and by branch (or rep): three of them, 18 months for growth, 6 for rates")  # fmt: skip
def benchmark(context: ToolContext, args: BenchmarkArgs) -> Evidence:
    """Compare branches, reps or regions with their peers, like for like and with their mix set aside. Comparing peers.

    Sums are compared by growth on the same months a year before, rates and averages by their level. Main table: one row
    a member, best first: value, fair, own gap, from mix, chance, standing. Raises `NotEnough` (`too_few_rows`,
    `too_little_history`, `no_time`) and `UnknownName` for a focus that is not there.
    """
    from tools.benchmarked import evidence
    from tools.benchmarking import all_along
    from tools.insights.panel import Reader

    first, last = bounds(context, args)
    parts = parts_of(context.model, args.ref)
    if parts.averaged or parts.level:
        raise NotEnough("I can compare totals, counts and ratios of them; no averages and no levels.", code="no_parts")
    spans = _spans(first, last, args.months, rate=parts.ratio)
    reader = Reader(context, args.filters)
    mix = _mix(context, args, parts)
    cube = _cube(reader, args, spans, mix)
    kept = all_along(cube)
    if int(kept.sum()) < LEAST_PEERS:
        noun = described(context.model, args.by)[0].lower()
        raise NotEnough(
            f"Only {int(kept.sum())} of the {noun}s were there in every month: too few to compare. I "
            f"need {LEAST_PEERS}.",
            code="too_few_rows", hint="Ask for fewer months or without filters.",
        )  # fmt: skip
    focus = _focus(args, cube)
    if focus is not None and not kept[cube.members.index(focus)]:
        raise NotEnough(
            f"{focus} was not there in every month that is compared, so it cannot be held against the "
            f"others like for like.",
            code="too_little_history", hint="Ask for its figure itself, or compare a rate over fewer months.",
        )  # fmt: skip
    return evidence(reader, args, (spans, mix, focus), cube, filter_params(args.filters))


def _spans(first: date, last: date, months: int, *, rate: bool) -> tuple[date, date]:
    """First day and the day after the last of the complete months; fewer months where the history is short.

    Raises `NotEnough`.
    """
    end = floor(last, "month") if step(floor(last, "month"), "month").toordinal() > last.toordinal() + 1 else None
    end = end or step(floor(last, "month"), "month")
    begin = floor(first, "month") if first.day == 1 else step(floor(first, "month"), "month")
    there = (end.year - begin.year) * 12 + end.month - begin.month
    most = there if rate else there - MONTHS
    if most < _LEAST_MONTHS:
        need = _LEAST_MONTHS if rate else _LEAST_MONTHS + MONTHS
        raise NotEnough(
            f"I have {max(there, 0)} complete months of data; a fair comparison takes {need}.",
            code="too_little_history",
        )
    return step(end, "month", -min(months, most)), end


def _mix(context: ToolContext, args: BenchmarkArgs, parts: Parts) -> DimRef | None:
    """The nearest split of another table than the members' own with few members, as product category for stores.

    None for counts of different things: an order with two categories would count twice.
    """
    from tools.insights.scope import column_of

    table, home = parts.table, args.by.field.rpartition(".")[0]
    if not all(column_of(context, s).additive for s in parts.sums):
        return None
    if args.mix is not None:
        return args.mix
    for each in candidates(context.model, context.profile, table):
        owner, _, name = each.field.rpartition(".")
        if owner in (home, table):
            continue
        spec = context.model.tables[owner]
        stored = context.profile.tables.get(spec.source)
        column = stored.columns.get((spec.dimensions[name].expr or name).strip('"')) if stored else None
        if column is not None and 2 <= column.distinct <= _MOST_MIX:
            return each
    return None


def _cube(reader: Reader, args: BenchmarkArgs, spans: tuple[date, date], mix: DimRef | None) -> Cube:
    from tools.benchmarking import Cube
    from tools.peers import by_cell, by_month

    parts = parts_of(reader.context.model, args.ref)
    cells = by_cell(reader, args, parts.sums, spans, mix)
    months = by_month(reader, args, parts.sums, spans)
    members = [m for m in cells.members if m is not None]
    if len(members) < LEAST_PEERS:
        raise NotEnough(
            f"There are only {len(members)} to compare; a fair comparison takes {LEAST_PEERS}.", code="too_few_rows"
        )
    if len(members) > _MOST_PEERS:
        raise InvalidRequest(
            f"That would be {len(members)} members.", hint=f"Compare at most {_MOST_PEERS}, such as stores or regions."
        )
    now, then = cells.pick(members)
    months_now, months_then = months.pick(members)
    return Cube(members, now, then, months_now, months_then, parts.ratio)


def _focus(args: BenchmarkArgs, cube: Cube) -> Any:
    if args.focus is None:
        return None
    found = next((m for m in cube.members if str(m).casefold() == args.focus.casefold()), None)
    if found is None:
        raise UnknownName(f"There is no “{args.focus}” among those to compare.", details={"kind": "member"})
    return found
