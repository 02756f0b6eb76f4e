"""Parts of wholes: shares of a total, figures per record, and the parts of the calendar that repeat."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from agent.builtin.compose import Parts
from agent.builtin.conditions import own_time
from agent.builtin.graph import foreign_key
from agent.builtin.reading import Noun, Reading
from agent.builtin.resolve import Resolver, Unresolved
from warehouse.query import Condition, DimRef, Filter

_ONE_FIELD = ("=", "in")
_STEPS = 8
"""About how many steps a number without a usual width is put into."""


def share_of_whole(r: Reading, p: Parts) -> Filter | None:
    """Read a share without groups: split by the field that was named and look at its value, or count a part.

    Gives the condition whose group was asked about. Raises `Unresolved` when nothing says which part is meant.
    """
    if p.groups or p.grain or r.split:
        return None
    one = p.filters[0] if len(p.filters) == 1 and isinstance(p.filters[0], Filter) else None
    if one is not None and one.op == "=" and one.field is not None and one.field.part is None:
        p.groups.append(one.field.field)
        p.filters.clear()
        return one
    if not p.filters:
        raise Unresolved("It is not clear whose share of the total is wanted.", "no_group")
    p.portion = tuple(p.filters)
    p.filters.clear()
    p.per = p.chosen[0].figure.metric
    said = " and ".join(dict.fromkeys(_said(r)))
    p.per_alias = _slug(f"share of {p.chosen[0].figure.label} {said}")
    return None


def rate_of_flag(p: Parts, said: str, carried: Iterable[Condition]) -> None:
    """Read a rate: of all records in each group, the part that carries a flag."""
    p.portion = tuple(carried)
    p.per = p.chosen[0].figure.metric
    p.per_alias = _slug(f"{said} rate")


def _said(r: Reading) -> list[str]:
    named = [c.text for c in r.conds if c.text]
    named += [f"{'with' if x.exists else 'without'} {x.noun.text}" for x in r.relations if x.noun]
    named += [str(w.hit.part[0]) for w in r.whens if w.hit.part]
    return named


def _slug(text: str) -> str:
    return re.sub(r"\W+", "_", text.casefold()).strip("_")


def denominator(resolver: Resolver, noun: Noun, p: Parts) -> str | None:
    """The metric that counts the records which a figure is divided by; None when nothing counts the same rows."""
    figure = p.chosen[0].figure
    if figure.metric in resolver.model.metrics:
        raise Unresolved(f"“{figure.label}” is an average already.", "no_figure")
    table = next((t for t in noun.tables if t in resolver.hops(p.base)), None)
    if table is None:
        raise Unresolved(f"“{noun.text}” cannot be combined with {resolver.plural(p.base)}.", "no_path")
    record = resolver.model.tables[table].record or noun.text
    counted = _counted(resolver, table, p)
    p.per_alias = _slug(f"{figure.label} per {record}") if counted else None
    return counted


def _counted(resolver: Resolver, table: str, p: Parts) -> str | None:
    """A count of the records over the same rows as the figure: its conditions are those of the figure's measure."""
    if table == p.base:
        return resolver.count_of(table).metric
    column = foreign_key(resolver.model, p.base, table)
    spec = resolver.model.tables[p.base]
    measure = spec.measures.get(p.chosen[0].figure.metric)
    where = measure.where if measure else None
    for name, other in spec.measures.items():
        if other.agg == "count_distinct" and (other.expr or "").strip('"') == column and other.where == where:
            return name
    found = resolver.distinct_in(p.base, table)
    return found.metric if found is not None and not where else None


def band_of(resolver: Resolver, noun: Noun, base: str) -> DimRef:
    """A number in steps of a round width: tens for ages, else what makes about eight of them. Raises `Unresolved`."""
    hops = resolver.hops(base)
    near = sorted((x for x in noun.columns if x.table in hops), key=lambda x: (hops[x.table], -x.weight))
    if not near:
        raise Unresolved(f"“{noun.text}” cannot be put into steps here.", "no_path")
    ref = near[0]
    if ref.name.split("_")[-1] == "age":
        return DimRef(field=ref.field, band=Decimal(10))
    source = resolver.model.tables[ref.table].source.rsplit(".", 1)[-1]
    table = resolver.profile.tables.get(source) or resolver.profile.tables.get(ref.table)
    stored = table.columns.get(ref.name) if table else None
    try:
        span = Decimal(stored.max or "") - Decimal(stored.min or "") if stored else Decimal()
    except ArithmeticError:
        span = Decimal()
    if span <= 0:
        raise Unresolved(f"“{noun.text}” does not vary enough for steps.", "no_path")
    return DimRef(field=ref.field, band=_round_width(span / _STEPS, whole=bool(stored and stored.integral)))


def _round_width(wanted: Decimal, *, whole: bool) -> Decimal:
    """1, 2 or 5 times a power of ten, the next at or above what was wanted."""
    power = Decimal(10) ** wanted.adjusted()
    width = next(power * n for n in (1, 2, 5, 10) if power * n >= wanted)
    return max(width, Decimal(1)) if whole else max(width, Decimal("0.000001"))


def part_of_calendar(resolver: Resolver, part: str, base: str) -> DimRef:
    """The date to split by; hours need a column that holds a time of day. Raises `Unresolved`."""
    if part != "hour_of_day":
        return DimRef.model_validate({"field": own_time(resolver, base), "part": part})
    hops = resolver.hops(base)
    for table in sorted(hops, key=lambda t: hops[t]):
        time = resolver.model.tables[table].time
        timed = [n for n, c in time.columns.items() if c.kind != "date"] if time else []
        if timed and time is not None:
            name = time.default if time.default in timed else timed[0]
            return DimRef.model_validate({"field": f"{table}.{name}", "part": part})
    raise Unresolved("The data does not say at what time of day this happened.", "no_time")
