"""Writes the typed metric query of a reading whose figures, groups and filters are settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent.builtin.days import Period, add
from agent.builtin.judged import direction, is_judged, is_unknown_rate
from agent.builtin.reading import Ask, Reading
from agent.builtin.resolve import Chosen, Resolver, Unresolved
from agent.builtin.text import stem
from warehouse.query import (
    Compare,
    Condition,
    DimRef,
    Having,
    MetricQuery,
    MetricRef,
    Order,
    Rank,
    Running,
    Share,
    TimeWindow,
    TopN,
)


@dataclass
class Parts:
    """A reading on its base table, ready to be written down; `groups` are `table.column` names."""

    base: str
    chosen: list[Chosen]
    ranked: Chosen | None
    groups: list[str]
    filters: list[Any]
    grain: str | None
    time: TimeWindow | None
    part: DimRef | None = None
    per: str | None = None
    per_alias: str | None = None
    portion: tuple[Condition, ...] = ()
    within: tuple[str, ...] = ()


def metric_query(resolver: Resolver, r: Reading, p: Parts) -> MetricQuery:
    """The query of settled parts. Raises `Unresolved` when a ranking or comparison has nothing to stand on."""
    metrics = _metric_refs(r, p)
    if r.top is not None and not p.groups and not p.grain and p.part is None:
        raise Unresolved("It is not clear what to rank.", "no_group")
    first = p.per_alias or p.chosen[0].figure.column
    having = tuple(Having(column=_column_of(p, h.ask), op=h.op, value=h.value) for h in r.having)
    transforms: list[Any] = []
    if r.share and not p.portion:
        transforms.append(Share(kind="share", of=first))
    if r.rank:
        transforms.append(Rank(kind="rank", of=_column_of(p, r.ranked) if r.ranked else first))
    if r.running:
        transforms.append(Running(kind="running", of=first))
    top = order = None
    if r.top is not None and p.ranked is not None:
        ranked = p.per_alias if r.rates and p.per_alias else p.ranked.figure.column
        by = ranked + (f".{r.growth}" if r.growth else "")
        per = tuple(DimRef(field=f) for f in p.within)
        judged = is_judged(r.top.word) and _less_is_better(resolver, p)
        low = r.top.low != judged
        top = TopN(
            n=r.top.n, by=by, per=per, bottom=low, ties="keep" if _single(r) else "cut", complete=low and _of_periods(p)
        )
        order = (*(Order(by=f.split(".", 1)[1]) for f in p.within), Order(by=by, desc=not low))
    elif r.growth and p.groups and r.order is None:
        order = (Order(by=f"{first}.growth", desc=True),)
    return MetricQuery(
        metrics=metrics,
        dimensions=(*(DimRef(field=f) for f in p.groups), *([p.part] if p.part else [])),
        filters=tuple(dict.fromkeys(p.filters)),
        having=having,
        time=p.time,
        compare=_compare(r, p),
        transforms=tuple(transforms),
        top=top,
        order=order or _order(resolver, r, p),
    )


def _single(r: Reading) -> bool:
    return r.top is not None and r.top.n == 1 and r.top.implied


def _metric_refs(r: Reading, p: Parts) -> tuple[MetricRef, ...]:
    made: dict[str, MetricRef] = {}
    if p.per is not None:
        first = p.chosen[0].figure
        one = MetricRef(metric=first.metric, where=p.portion, per=p.per, alias=p.per_alias)
        return (one,)
    for chosen in p.chosen:
        alias = chosen.figure.alias
        if chosen.where:
            alias = f"{chosen.figure.column}_{len(made) + 1}" if chosen.figure.column in made else chosen.figure.column
        ref = MetricRef(metric=chosen.figure.metric, where=chosen.where, alias=alias)
        made.setdefault(ref.column, ref)
    return tuple(made.values())


def _column_of(p: Parts, ask: Ask) -> str:
    return next(c.figure.column for c in p.chosen if c.ask is ask)


def _of_periods(p: Parts) -> bool:
    """Whether stretches of time are ranked: the running one would be the lowest for being short."""
    return p.grain is not None and not p.groups and p.part is None


def _compare(r: Reading, p: Parts) -> Compare | None:
    if r.compare is None:
        return None
    if r.compare != "window":
        if p.time is None:
            raise Unresolved("A comparison needs a period, such as this month.", "no_period")
        if r.compare == "same_day_last_week":
            return Compare(to="offset", n=1, unit="week", align_partial=not p.time.grain)
        return Compare(to=r.compare, align_partial=not p.time.grain)
    other = r.compare_hit.period if r.compare_hit else None
    now = r.whens[0].hit.period if r.whens else None
    apart = _units_apart(p, now, other)
    if apart is not None and now is not None and now.unit is not None:
        if apart == _IN_YEAR.get(now.unit):
            return Compare(to="same_date_last_year", align_partial=False)
        return Compare(to="offset", n=apart, unit=now.unit, align_partial=False)
    if other is not None and now is not None and other.unit and now.unit == other.unit and other.end == now.start:
        return Compare(to="previous_period", align_partial=p.time is None or not p.time.grain)
    if p.time is not None and _the_year_before(r):
        return Compare(to="same_date_last_year", align_partial=not p.time.grain)
    if other is None or other.start is None or other.end is None or p.time is None:
        raise Unresolved("A comparison needs two periods with a start and an end.", "no_period")
    return Compare(to="window", start=other.start, end=other.end)


def _units_apart(p: Parts, now: Period | None, other: Period | None) -> int | None:
    """How many units lie between two periods that are shown in finer steps (months of two years): each step is held
    against the one at the same place of the other period.
    """
    if p.time is None or not p.time.grain or now is None or other is None or now.unit is None or now.unit != other.unit:
        return None
    if p.time.grain == now.unit or now.start is None or other.start is None or other.start >= now.start:
        return None
    if p.time.grain == "week" and now.unit != "year":
        raise Unresolved("Weeks lie across months: ask for it by day, or for the whole periods.", "no_period")
    return next((n for n in range(1, _MOST_APART) if add(now.start, -n, now.unit) == other.start), None)


def _the_year_before(r: Reading) -> bool:
    """Whether `last year` means the same month or quarter a year earlier: nobody holds a month against a year."""
    said = r.compare_hit.said if r.compare_hit else None
    if said is None or said.span != (1, "year"):
        return False
    now = r.whens[0].hit.period if r.whens else None
    if now is None or now.start is None or now.end is None:
        return now is None and r.grain is not None
    return (now.end - now.start).days < 360


_MOST_APART = 100
_IN_YEAR: dict[str, int] = {"year": 1, "quarter": 4, "month": 12}


def _less_is_better(resolver: Resolver, p: Parts) -> bool:
    """Whether what is ranked is a cost, a delay, a rate of failures: the worst of them is the highest.

    Raises `Unresolved` for a rate of which nothing says whether a high one is good.
    """
    assert p.ranked is not None
    said = p.ranked.ask.noun
    if said.tables and not p.portion and stem(said.text.split()[-1].casefold()) == said.text.split()[-1].casefold():
        raise Unresolved(f"It is not clear by which figure of {said.text} to rank.", "unranked")  # `worst attendance`
    model, figure, limited = resolver.model, p.ranked.figure, (*p.portion, *p.filters, *p.ranked.where)
    if direction(model, figure.metric, limited) is None and not p.portion and is_unknown_rate(model, figure.metric):
        raise Unresolved(f"Nothing says whether a high {figure.label} is good: ask for the highest or the lowest.")
    return direction(model, figure.metric, limited) == "down"


def filled(time: TimeWindow | None, groups: list[str]) -> TimeWindow | None:
    """Empty periods are shown in one series; with groups there would be a zero for each group and period."""
    return time.model_copy(update={"fill": False}) if time is not None and time.grain and groups else time


def _order(resolver: Resolver, r: Reading, p: Parts) -> tuple[Order, ...]:
    if r.order is None:
        figure = p.per_alias or p.chosen[0].figure.column
        if p.part is not None and not p.grain and not p.groups:
            return (Order(by=f"{p.part.field.split('.', 1)[1]}.{p.part.part or 'band'}"),)
        return () if p.grain or not p.groups else (Order(by=figure, desc=True),)
    by, desc = r.order
    if isinstance(by, Ask):
        found = resolver.figures(by)
        column = next(
            (c.figure.column for c in p.chosen if found and c.figure.metric in {f.metric for f in found}), None
        )
        if column is None:
            raise Unresolved(f"“{by.noun.text}” is not among the columns to sort by.", "bad_order")
        return (Order(by=column, desc=desc),)
    if by is None:
        column = p.grain if p.grain and not p.groups and not desc else p.chosen[0].figure.column
        return (Order(by=column or p.chosen[0].figure.column, desc=desc),)
    named = {x.field: x for x in by.columns}
    for g in p.groups:
        if g in named:
            return (Order(by=g.split(".", 1)[1], desc=desc),)
    spoken = {f.metric for f in resolver.figures(Ask(None, by))} | {x.name for x in by.of_kind("number")}
    for c in p.chosen:
        if c.figure.metric in spoken or c.figure.metric.split(".")[-1] in spoken:
            return (Order(by=c.figure.column, desc=desc),)
    if p.grain and by.text.casefold() in (p.grain, "date", "time"):
        return (Order(by=p.grain, desc=desc),)
    raise Unresolved(f"“{by.text}” is not among the columns to sort by.", "bad_order")


def intent_of(r: Reading, query: MetricQuery) -> str:
    """What was asked, in the narrator's words: total, count, breakdown, trend, top or compare."""
    if query.compare is not None and not (query.time and query.time.grain):
        return "compare"
    if query.top is not None:
        return "top"
    if query.time and query.time.grain:
        return "trend"
    if query.dimensions:
        return "breakdown"
    return "count" if r.asks and r.asks[0].agg in ("count", "count_distinct") else "total"
