"""Which date a period means beside a state or beside what is lacking: “cancelled in 2025”, “no visits in May”."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from agent.builtin.reading import Cond, Reading, Relation, When
from agent.builtin.resolve import Resolver
from agent.builtin.spelled import several
from agent.builtin.text import split_name, stem
from warehouse.query import Condition, DimRef, Filter, Has, MetricQuery, TimeWindow

_ENDED = several(
    "cancelled => cancel, end | canceled => cancel, end | churned => churn, end, cancel | "
    "terminated => terminat, end | "
    "expired => expir, expiry, end | ended => end | closed => close, end | resigned => resign, leav, exit, end | "
    "left => leav, left, exit, end | lapsed => lapse, end | exited => exit, end | solved => solv, resolv, close | "
    "resolved => resolv, solv, close"
)
"""States that a record comes to at its end, and what the date of that is called; its beginning is another date."""


def ended_time(resolver: Resolver, r: Reading, base: str, time: TimeWindow | None) -> TimeWindow | None:
    """The window by the date on which the records came to the state that was asked for, where they have one."""
    if time is None or any(w.verb or w.noun for w in r.whens):
        return time
    columns = {c for cond in r.conds if (c := _end_of(resolver, cond, base))}
    return time.model_copy(update={"column": columns.pop()}) if len(columns) == 1 else time


def _end_of(resolver: Resolver, cond: Cond, base: str) -> str | None:
    """`table.column` of the date that belongs to the state of a condition, None where there is none of its own."""
    here = [m for m in cond.matches if m.table == base]
    spec = resolver.model.tables[base].time
    if spec is None or cond.op != "=" or len({m.value for m in here}) != 1 or cond.alternatives:
        return None
    words = _ENDED.get(here[0].value.casefold(), ())
    for word in words:
        named = [n for n, c in spec.columns.items() if _says(word, n, c.label or "")]
        if named:
            return f"{base}.{named[0]}" if named[0] != spec.default and len(named) == 1 else None
    return None


def _says(word: str, name: str, label: str) -> bool:
    told = {stem(w) for w in (*split_name(name), *label.casefold().split())}
    return any(w.startswith(word) for w in told) if len(word) > 3 else bool(told & {word, f"{word}ed"})


def dated_relation(resolver: Resolver, r: Reading, relation: Relation, events: str) -> Has | None:
    """“members without visits in May”: the period is that of the visits, not that of the members. None without one."""
    period = r.whens[0].hit.period if len(r.whens) == 1 and len(r.relations) == 1 and not r.grain else None
    time = resolver.model.tables[events].time
    if period is None or time is None or r.whens[0].verb or r.whens[0].noun:
        return None
    field = DimRef(field=f"{events}.{time.default}")
    since = [Filter(field=field, op=">=", values=(period.start,))] if period.start else []
    until = [Filter(field=field, op="<", values=(period.end,))] if period.end else []
    return Has(has=events, exists=relation.exists, filters=(*since, *until))


def whens_of_base(r: Reading, relations: Iterable[Condition]) -> list[When]:
    """The periods of the records themselves: none where those that point at them took it."""
    return [] if any(isinstance(f, Has) for f in relations) else r.whens


def counted_date(query: MetricQuery, default: str | None) -> str | None:
    """The date that a period of the query is about: that of the records which are there or lacking, where it is so."""
    held = next((f for f in query.filters if isinstance(f, Has) and f.filters), None)
    dated = held.filters[0] if held is not None else None
    if isinstance(dated, Filter) and dated.field is not None and isinstance(dated.values[0], date):
        return dated.field.field
    return (query.time.column if query.time else None) or default
