"""Nothing that was understood may be dropped: every note of a reading must show in the query, or there is no answer."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from agent.builtin.reading import Cond, Noun, Reading
from agent.builtin.resolve import Unresolved
from warehouse.query import AnyOf, Condition, DimRef, Filter, MetricQuery, RecordQuery

Query = MetricQuery | RecordQuery
Check = Callable[[Reading, Query], bool]

NOTES = {
    "listing": "how bare fields are read, no part of the answer",
    "group_end": "a position in the text",
    "which": "a subject, checked with the subjects",
    "n": "checked where the ranking is settled",
    "counted": "shown as an assumption",
    "comparing": "checked where comparisons are settled",
    "apart": "refused where readings are settled",
    "everyone": "refused where readings are settled",
    "compare_hit": "the window of `compare`",
    "ranked": "the figure of `rank`",
    "assumed": "shown as assumptions",
    "within": "groups, checked with the groups; each of them has its own ranking",
    "unknown": "refused before anything is built",
    "unsupported": "refused before anything is built",
}
"""Fields of a reading that carry no condition of their own, with the reason."""


def audit(r: Reading, query: Query) -> None:
    """Raises `Unresolved` when something the reading holds does not show in the query."""
    if _contradicts(query):
        raise Unresolved("These conditions exclude one another for a single record.", "not_supported_yet")
    for name, check in CHECKS.items():
        if _holds(r, name) and not check(r, query):
            raise Unresolved(f"I understood {_MEANINGS[name]} but cannot apply it here.", "not_supported_yet")


def _contradicts(q: Query) -> bool:
    """`above 40 and below 30` of one field are two kinds of records, and no record is both."""
    low: dict[DimRef, Decimal] = {}
    high: dict[DimRef, Decimal] = {}
    for one in q.filters:
        if isinstance(one, Filter) and one.field is not None and one.values and isinstance(one.values[0], Decimal):
            side = low if one.op in (">", ">=") else high if one.op in ("<", "<=") else {}
            side[one.field] = one.values[0]
    same = [f for f in low if f in high]
    return any(low[f] >= high[f] for f in same) or _two_values(q)


def _two_values(q: Query) -> bool:
    equal = [f.field for f in q.filters if isinstance(f, Filter) and f.op == "=" and f.field is not None]
    return len(equal) != len(set(equal))


def _holds(r: Reading, name: str) -> bool:
    value = getattr(r, name)
    return value is not None and value is not False and value != []


def _metrics(_r: Reading, q: Query) -> bool:
    return isinstance(q, MetricQuery) and bool(q.metrics)


def _fields(q: Query) -> list[str]:
    named = q.columns if isinstance(q, RecordQuery) else q.dimensions
    return [d.field for d in named]


def _shown(nouns: list[Noun], q: Query) -> bool:
    fields = _fields(q)
    tables = {f.split(".", 1)[0] for f in fields} | ({q.table} if isinstance(q, RecordQuery) else set())
    named = [{x.field for x in n.columns} | {f"{t}." for t in n.tables} for n in nouns]
    return all(
        any(f in known or f"{f.split('.', 1)[0]}." in known for f in fields) or _owns(known, tables) for known in named
    )


def _owns(known: set[str], tables: set[str]) -> bool:
    return any(k.endswith(".") and k[:-1] in tables for k in known)


def _columns(r: Reading, q: Query) -> bool:
    return _shown(r.columns, q)


def _groups(r: Reading, q: Query) -> bool:
    return isinstance(q, MetricQuery) and _shown(r.groups, q)


def _conds(r: Reading, q: Query) -> bool:
    asked = [c for c in r.conds if c.op != "noted"]
    shared = 1 if r.share and isinstance(q, MetricQuery) and q.transforms else 0  # the value became a group
    return _count(q) + shared >= len({_identity(c) for c in asked})


def _identity(c: Cond) -> tuple[object, ...]:
    return c.op, c.values, c.noun.refs if c.noun else (), c.matches


def _count(q: Query) -> int:
    """Conditions of a query, wherever they stand."""
    every: list[Condition] = list(q.filters)
    if isinstance(q, MetricQuery):
        every += [c for m in q.metrics for c in m.where]
        return len(every) + len(q.having) + sum(len(c.any_of) - 1 for c in every if isinstance(c, AnyOf))
    return len(every) + sum(len(x.filters) for x in q.related)


def _whens(r: Reading, q: Query) -> bool:
    timed = q.time is not None and bool(q.time.start or q.time.end or q.time.last or q.time.to_date)
    if isinstance(q, RecordQuery):
        timed = timed or any(x.time is not None for x in q.related)
    return timed or _count(q) > 0


def _subjects(r: Reading, q: Query) -> bool:
    """`the wines of the vineyard with the most wines` are wines and no vineyard."""
    top = r.top
    if not isinstance(q, MetricQuery) or top is None or top.noun is None or top.by is None or not r.subjects:
        return True
    first = r.subjects[0]
    counted = set(first.tables) & set(top.by.noun.tables) - set(top.noun.tables)
    return not counted or first.at > top.noun.at


def _derived(kind: str) -> Check:
    def check(_r: Reading, q: Query) -> bool:
        return isinstance(q, MetricQuery) and any(t.kind == kind for t in q.transforms)

    return check


def _compared(_r: Reading, q: Query) -> bool:
    return isinstance(q, MetricQuery) and q.compare is not None


def _counted(r: Reading, q: Query) -> bool:
    return isinstance(q, MetricQuery) and q.time is not None and q.time.calendar == r.calendar


def _grained(r: Reading, q: Query) -> bool:
    return isinstance(q, MetricQuery) and q.time is not None and q.time.grain is not None


def _distinct(r: Reading, q: Query) -> bool:
    """Groups are distinct by themselves; records have to be told."""
    if isinstance(q, RecordQuery):
        return q.distinct or any(f.split(".")[0] == q.table for f in _fields(q)) or not q.columns
    return bool(q.dimensions) or any("distinct" in m.metric or m.per is None for m in q.metrics)


def _ratio(_r: Reading, q: Query) -> bool:
    return isinstance(q, MetricQuery) and (any(m.per for m in q.metrics) or bool(q.dimensions))


def _part(r: Reading, q: Query) -> bool:
    return isinstance(q, MetricQuery) and any(d.part == r.part for d in q.dimensions)


def _related(r: Reading, q: Query) -> bool:
    return _count(q) + (len(q.related) if isinstance(q, RecordQuery) else len(r.relations)) >= len(r.relations)


CHECKS: dict[str, Check] = {
    "asks": _metrics,
    "groups": _groups,
    "subjects": _subjects,
    "columns": _columns,
    "conds": _conds,
    "having": lambda r, q: isinstance(q, MetricQuery) and len(q.having) >= len(r.having),
    "relations": _related,
    "whens": _whens,
    "top": lambda _r, q: isinstance(q, MetricQuery) and (q.top is not None or bool(q.order)),
    "grain": _grained,
    "calendar": _counted,
    "trend": _grained,
    "order": lambda _r, q: bool(q.order),
    "compare": _compared,
    "share": lambda r, q: _derived("share")(r, q) or _ratio(r, q),
    "rank": _derived("rank"),
    "running": _derived("running"),
    "distinct": _distinct,
    "per": _ratio,
    "part": _part,
    "band": lambda _r, q: isinstance(q, MetricQuery) and any(d.band for d in q.dimensions),
    "best": lambda _r, q: isinstance(q, RecordQuery) and bool(q.order),
    "rates": lambda _r, q: isinstance(q, MetricQuery) and any(m.per and m.where for m in q.metrics),
    "versus": lambda _r, q: isinstance(q, MetricQuery) and bool(q.dimensions),
    "growth": _compared,
    "amounts": lambda r, q: _count(q) >= len(r.amounts),
}
_MEANINGS = {
    "asks": "the figure", "groups": "the split", "subjects": "what it is about", "columns": "the fields",
    "conds": "the condition", "having": "the condition on a figure", "relations": "what they have or lack",
    "whens": "the period", "top": "the ranking", "grain": "the time steps", "trend": "the trend",
    "calendar": "the calendar",
    "order": "the order", "compare": "the comparison", "share": "the share of the total", "rank": "the rank",
    "running": "the running total", "distinct": "that only different ones count", "per": "the average per record",
    "part": "the part of the calendar",
    "band": "the steps of a number", "best": "which records come first",
    "rates": "the rate", "versus": "the two sides", "growth": "the growth", "amounts": "the amount",
}  # fmt: skip
