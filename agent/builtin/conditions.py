"""Turns conditions and windows of a reading into typed filters; stored spellings come from the values index."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from agent.builtin.days import Period
from agent.builtin.lexicon import Ref
from agent.builtin.reading import Cond, When
from agent.builtin.resolve import Resolver, Unresolved
from agent.builtin.rules_conditions import matches_of
from agent.builtin.vocabulary import EVENT_VERBS, TIME_VERBS
from warehouse.model.schema import ValueType
from warehouse.query import AnyOf, Condition, DimRef, Filter, Scalar, TimeWindow

_TEXT_OPS = ("contains", "starts_with", "ends_with")
_NUMERIC: tuple[ValueType, ...] = ("integer", "decimal", "float")


def conditions(resolver: Resolver, conds: Iterable[Cond], base: str, near: Iterable[str] = ()) -> tuple[Condition, ...]:
    """Filters of a reading as seen from `base`. Raises `Unresolved`."""
    made = [condition(resolver, c, base, near) for c in conds]
    unique: list[Condition] = []
    for one in made:
        if one not in unique:
            unique.append(one)
    return tuple(unique)


def condition(resolver: Resolver, cond: Cond, base: str, near: Iterable[str] = ()) -> Condition:
    """One condition as a filter, alternatives as OR."""
    if cond.op == "term":
        return Filter(term=str(cond.values[0]))
    if cond.op in ("in", "not_in"):
        return _member(resolver, cond, base, near)
    main = _single(resolver, cond, base, near)
    if not cond.alternatives:
        return main
    return AnyOf(any_of=(main, *(_single(resolver, c, base, near) for c in cond.alternatives)))


def _member(resolver: Resolver, cond: Cond, base: str, near: Iterable[str]) -> Filter:
    field = resolver.value_field(cond, base, near)
    stored = tuple(dict.fromkeys(m.value for m in matches_of(cond, field))) or tuple(str(v) for v in cond.values)
    return Filter(field=DimRef(field=field), op=cond.op, values=stored)


def _single(resolver: Resolver, cond: Cond, base: str, near: Iterable[str]) -> Filter:
    if cond.op in ("=", "!=") and (cond.matches or (cond.values and not isinstance(cond.values[0], Decimal))):
        field = resolver.value_field(cond, base, near)
        stored = tuple(dict.fromkeys(m.value for m in matches_of(cond, field)))
        if len(stored) > 1:
            return Filter(field=DimRef(field=field), op="in" if cond.op == "=" else "not_in", values=stored)
        value: Scalar = _typed(resolver, field, stored[0] if stored else cond.values[0])
        return Filter(field=DimRef(field=field), op=cond.op, values=(value,))
    if cond.noun is None:
        raise Unresolved(f"It is not clear what “{cond.text}” is about.")
    ref = resolver.field(cond.noun, base, near, _kinds(cond))
    numeric = ref.kind == "number" or _type(resolver, ref) in _NUMERIC
    if cond.op not in (*_TEXT_OPS, "is_null", "not_null") and not numeric:
        raise Unresolved(f"“{cond.noun.text}” is not a number.", "wrong_type")
    if cond.op in _TEXT_OPS and numeric:
        raise Unresolved(f"“{cond.noun.text}” is not a text.", "wrong_type")
    return Filter(field=DimRef(field=ref.field), op=cond.op, values=tuple(cond.values))


def _kinds(cond: Cond) -> tuple[str, ...]:
    if cond.op in _TEXT_OPS:
        return ("dim",)
    return ("dim", "number", "time") if cond.op in ("is_null", "not_null") else ("number", "dim")


def _type(resolver: Resolver, ref: Ref) -> ValueType:
    return resolver.model.tables[ref.table].dimensions[ref.name].type if ref.kind == "dim" else "date"


def _typed(resolver: Resolver, field: str, value: object) -> Scalar:
    table, name = field.split(".", 1)
    spec = resolver.model.tables[table].dimensions.get(name)
    text = str(value)
    if spec is not None and spec.type == "boolean" and text.casefold() in ("true", "false"):
        return text.casefold() == "true"
    return text


def split_whens(resolver: Resolver, whens: list[When], base: str) -> tuple[When | None, list[Filter]]:
    """The window of the base table's own time, and filters for every other date that was named. Raises `Unresolved`."""
    window: When | None = None
    filters: list[Filter] = []
    dateless = _dateless(resolver, base)
    for when in whens:
        if dateless and when.verb is None and (yearly := year_filter(resolver, when, base)):
            filters.append(yearly)
            continue
        event = _event_date(resolver, when, base)
        if event is not None:
            filters.append(event)
            continue
        column = _date_of(resolver, when, base)
        if when.hit.part:
            field = DimRef(field=column or own_time(resolver, base), part=when.hit.part[0])
            filters.append(Filter(field=field, values=(when.hit.part[1],)))
        elif column is None and window is None:
            window = when
        elif column is None and window is not None and (joined := _joined(window, when)):
            window = joined
        else:
            filters += _bounds(column or own_time(resolver, base), when)
    return window, filters


def events_of(resolver: Resolver, base: str, verb: str) -> str | None:
    """The one kind of record that a verb names and that points at `base`: returns, for orders that were returned."""
    words = EVENT_VERBS.get(verb, ())
    named = [x.table for w in words for x in resolver.lexicon.lookup((w,)) if x.kind == "table"]
    found = [t for t in dict.fromkeys(named) if t != base and base in resolver.hops(t) and resolver.model.tables[t].key]
    return found[0] if len(found) == 1 else None


def related_words(resolver: Resolver, base: str, filters: Iterable[Condition]) -> list[str]:
    """ "with returns", "without returns" for conditions that records of another kind point at the base table."""
    words = []
    for one in filters:
        table = one.field.field.split(".", 1)[0] if isinstance(one, Filter) and one.field else base
        if isinstance(one, Filter) and one.op == "not_null" and table not in resolver.hops(base):
            words.append(f"{'without' if one.many == 'none' else 'with'} {resolver.plural(table)}")
    return words


def only_counted(resolver: Resolver, base: str, filters: Iterable[Condition], metrics: Iterable[str]) -> None:
    """Raises `Unresolved` when a figure that is no count of records is to be limited by what points at its rows."""
    tables = {f.field.field.split(".", 1)[0] for f in filters if isinstance(f, Filter) and f.field}
    measures = resolver.model.tables[base].measures
    counts = ("count", "count_distinct")
    if tables <= resolver.hops(base).keys() or all(
        n.split(":")[0] in counts or (n in measures and measures[n].agg in counts) for n in metrics
    ):
        return
    raise Unresolved("Only records can be counted by what belongs to them, not amounts.", "not_supported_yet")


def _event_date(resolver: Resolver, when: When, base: str) -> Filter | None:
    """`orders that were returned in May`: the date is that of the records which point at the orders."""
    period = when.hit.period
    table = events_of(resolver, base, when.verb) if when.verb else None
    time = resolver.model.tables[table].time if table else None
    if table is None or time is None or period is None or not (period.start and period.end):
        return None
    if any(_column_for(resolver, t, TIME_VERBS.get(when.verb or "", ())) for t in resolver.hops(base)):
        return None
    last = period.end - timedelta(days=1)
    field = DimRef(field=f"{table}.{time.default}")
    return Filter(field=field, op="between", values=(period.start, last), many="any")


def _dateless(resolver: Resolver, base: str) -> bool:
    try:
        own_time(resolver, base)
    except Unresolved:
        return True
    return False


def _joined(first: When, second: When) -> When | None:
    """Two periods that share no day as one stretch (“2024 and 2025”); None when they overlap, as “2025 since March”.

    Raises `Unresolved` when there is a gap between them.
    """
    a, b = first.hit.period, second.hit.period
    if a is None or b is None or not (a.start and a.end and b.start and b.end):
        return None
    early, late = sorted((a, b), key=lambda p: p.start or date.min)
    if early.end and late.start and early.end > late.start:
        return None
    if early.end != late.start:
        raise Unresolved("I read one stretch of time at a time, and these two have a gap between them.", "two_periods")
    return replace(first, hit=replace(first.hit, period=Period(early.start, late.end)))


def _bounds(column: str, when: When) -> list[Filter]:
    period = when.hit.period
    field = DimRef(field=column)
    made = []
    if period and period.start:
        made.append(Filter(field=field, op=">=", values=(period.start,)))
    if period and period.end:
        made.append(Filter(field=field, op="<", values=(period.end,)))
    return made


def year_filter(resolver: Resolver, when: When, base: str) -> Filter | None:
    """A whole year against a column that holds years, on data without dates."""
    period = when.hit.period
    if period is None or period.unit != "year" or period.start is None or when.hit.relative:
        return None
    hops = resolver.hops(base)
    for table in sorted(hops, key=lambda t: hops[t]):
        for name, spec in resolver.model.tables[table].dimensions.items():
            if spec.type == "integer" and name.casefold().split("_")[-1] == "year":
                return Filter(field=DimRef(field=f"{table}.{name}"), op="=", values=(period.start.year,))
    return None


def own_time(resolver: Resolver, base: str) -> str:
    """`table.column` of the time a table is read by. Raises `Unresolved`."""
    hops = resolver.hops(base)
    for table in sorted(hops, key=lambda t: hops[t]):
        time = resolver.model.tables[table].time
        if time is not None:
            return f"{table}.{time.default}"
    raise Unresolved(
        f"{resolver.plural(base).capitalize()} have no date, so they cannot be limited to a period.", "no_time"
    )


def _date_of(resolver: Resolver, when: When, base: str) -> str | None:
    """The date column a verb or noun names; None for the base table's own."""
    if when.noun is not None and when.verb is None:
        ref = resolver.field(when.noun, base, (), ("time", "dim"))
        return None if ref.field == own_time(resolver, base) else ref.field
    if when.verb is None:
        return None
    words = TIME_VERBS.get(when.verb, ())
    near = when.noun.tables if when.noun else []
    hops = resolver.hops(base)
    order = [t for t in near if t in hops] + [t for t in sorted(hops, key=lambda t: hops[t]) if t not in near]
    for table in order:
        column = _column_for(resolver, table, words)
        if column:
            own = not _dateless(resolver, base) and f"{table}.{column}" == own_time(resolver, base)
            return None if own else f"{table}.{column}"
    raise Unresolved(f"No date says when something was “{when.verb}”.", "no_time")


def _column_for(resolver: Resolver, table: str, words: tuple[str, ...]) -> str | None:
    spec = resolver.model.tables[table]
    names = list(spec.time.columns) if spec.time else []
    names += [n for n, d in spec.dimensions.items() if d.type in ("date", "datetime")]
    for word in words:
        for name in names:
            known = spec.time.columns.get(name) if spec.time else None
            spoken = " ".join([known.label or "", *known.words()]) if known else ""
            flat = f"{name} {spoken}".casefold().replace("_", " ").replace("-", "")
            if word in flat.split() or word in flat.replace(" ", ""):
                return name
    if "join" in words and spec.time and len(spec.time.columns) == 1 and spec.record in ("customer", "user", "member"):
        return spec.time.default
    return None


def time_window(when: When | None, grain: str | None, exact: bool, calendar: str | None = None) -> TimeWindow | None:
    """The query's window. `exact` writes days; else relative words stay relative, so a saved query follows today."""
    if when is None or when.hit.period is None:
        return TimeWindow.model_validate({"grain": grain, "calendar": calendar}) if grain else None
    period, said = when.hit.period, when.hit.said
    calendar = calendar or (said.calendar if said is not None else None)
    if not exact and said is not None and said.span:
        n, unit = said.span
        return TimeWindow.model_validate({"grain": grain, "calendar": calendar, "last": {"n": n, "unit": unit}})
    return TimeWindow.model_validate(
        {"grain": grain, "calendar": calendar, "start": period.start, "end": period.end}
    )  # fmt: skip
