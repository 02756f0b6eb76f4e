"""Short questions that lean on the last answer ("and by region?"), read as a change to its query."""

from __future__ import annotations

import re
from typing import Any

from agent.builtin.conditions import conditions, split_whens, time_window
from agent.builtin.reading import Reading
from agent.builtin.resolve import Resolver, Unresolved
from agent.plan import Plan
from warehouse.query import DimRef, Filter, MetricQuery, MetricRef

_LEAD = re.compile(
    r"^(?:and(?: now)?|but|or|so|ok(?:ay)?|now|then|also|(?:and )?(?:what|how) about"
    r"|(?:the )?same(?: thing)?(?: but)?(?: for)?|only(?: for)?|just(?: for)?|instead|make it"
    r"|show(?: it| that| this| me that)?|as|split(?: it| that)?|break (?:it|that|this) down"
    r"|filter(?: it| that)?(?: to| by)?|limit(?: it| that)? to|group(?: it| that)?|change (?:it|that) to"
    r"|do (?:it|that)|can you|drill down)\b[ ,]*",
    re.I,
)
_TAIL = re.compile(r"[ ,]*\b(?:instead|too|as well|please|only|now|then)\b\s*(?=[?.!]*$)", re.I)
_BARE = re.compile(
    r"^(?:(?:by|per|in|for|from|compare|since|during|last|this|previous|top|bottom|monthly|weekly|daily|quarterly|yearly|vs|versus|compared)\b|q[1-4]\b)",
    re.I,
)
_MOST_WORDS = 12


def sounds_like_one(question: str) -> bool:
    """Whether a question starts like a follow-up and is short enough to be one."""
    text = question.strip()
    return len(text.split()) <= _MOST_WORDS and bool(_LEAD.match(text) or _BARE.match(text))


def stands_alone(question: str, reading: Reading) -> bool:
    """Whether a question that only starts like a follow-up names a figure of its own: “top 5 products by revenue”."""
    leans = bool(_LEAD.match(question.strip()))
    ranked_by = reading.top.by if reading.top else None
    return not leans and bool(reading.asks or ranked_by or reading.ranked)


def without_lead(question: str) -> str:
    """The part of a follow-up that says what changes."""
    text = question.strip()
    while (shorter := _LEAD.sub("", text, count=1)) != text:
        text = shorter
    while (shorter := _TAIL.sub("", text)) != text:
        text = shorter
    return re.sub(r"^(?:a|an|the)\s+(?=\w+ly\b)", "", text.strip(), flags=re.I)


def patched(last: Plan, reading: Reading, resolver: Resolver, *, exact: bool = False) -> tuple[MetricQuery, str] | None:
    """The last metric query with what the reading says, and its base table; None when the reading changes nothing."""
    step = next(iter(last.steps.values()), None)
    if step is None or step.tool != "query_metrics" or _says_more(reading):
        return None
    query = MetricQuery.model_validate(step.args["query"])
    base = _base(query, resolver)
    if base is None:
        return None
    changes = _changes(query, reading, resolver, base, exact)
    if not changes:
        return None
    return MetricQuery.model_validate(query.model_copy(update=changes).model_dump()), base


def _says_more(reading: Reading) -> bool:
    """Whether a reading holds what a change to the last query cannot express: then it is no follow-up."""
    more = (reading.relations, reading.having, reading.order, reading.share, reading.rank, reading.running, reading.per)
    return any(bool(part) for part in more)


def _base(query: MetricQuery, resolver: Resolver) -> str | None:
    for metric in query.metrics:
        if ":" in metric.metric:
            return metric.metric.split(":", 1)[1].split(".", 1)[0]
        tables = resolver.metric_tables(metric.metric)
        if tables:
            return sorted(tables)[0]
    return None


def _changes(query: MetricQuery, r: Reading, resolver: Resolver, base: str, exact: bool) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    metrics = _metrics(r, resolver, base)
    if metrics:
        changes |= {"metrics": metrics, "order": (), "having": (), "transforms": (), "compare": query.compare}
    if r.top is not None:
        changes |= _top(query, r, resolver, base)
    else:
        changes |= _grouped(query, r, resolver, base)
    window, dated = split_whens(resolver, r.whens, base)
    if window is not None or r.grain or r.trend:
        changes["time"] = _timed(query, window, r, exact)
    filters = [*conditions(resolver, r.conds, base), *dated]
    if filters:
        named = {f.field for f in filters if isinstance(f, Filter)}
        kept = tuple(f for f in query.filters if not (isinstance(f, Filter) and f.field in named))
        changes["filters"] = (*kept, *filters)
    if r.compare == "previous_period" or r.compare == "same_date_last_year":
        changes |= _compared(query, r)
    elif r.compare:
        raise Unresolved("Name both periods to compare them.", "no_period")
    return _consistent(query, changes)


def _metrics(r: Reading, resolver: Resolver, base: str) -> tuple[MetricRef, ...]:
    made = []
    ranked_by = r.top.by if r.top else r.ranked
    for ask in r.asks or ([ranked_by] if ranked_by else []):
        figure = next((f for f in resolver.figures(ask) if f.table == base or base in f.needs), None)
        if figure is None:
            raise Unresolved(f"“{ask.noun.text}” cannot be combined with the last answer.", "no_path")
        made.append(MetricRef(metric=figure.metric, alias=figure.alias))
    if not made and r.subjects and not (r.groups or r.columns or r.conds or r.whens or r.top):
        from agent.builtin.reading import Ask

        return _metrics(Reading(asks=[Ask("count", r.subjects[0])]), resolver, base)
    return tuple(made)


def _top(query: MetricQuery, r: Reading, resolver: Resolver, base: str) -> dict[str, Any]:
    assert r.top is not None
    named = _metrics(r, resolver, base)
    by = named[0].column if named else query.top.by if query.top else query.metrics[0].column
    top = {"n": r.top.n, "by": by, "bottom": r.top.low}
    changes: dict[str, Any] = {}
    if r.top.noun is not None:
        ref = resolver.field(r.top.noun, base)
        changes["dimensions"] = (DimRef(field=ref.field),)
    elif not query.dimensions:
        raise Unresolved("The last answer has nothing to rank.", "no_group")
    from warehouse.query import Order, TopN

    return changes | {"top": TopN.model_validate(top), "order": (Order(by=by, desc=not r.top.low),)}


def _grouped(query: MetricQuery, r: Reading, resolver: Resolver, base: str) -> dict[str, Any]:
    nouns = [*r.groups, *r.columns]
    if not nouns:
        return {}
    refs = []
    for noun in nouns:
        if noun.tables and not noun.of_kind("dim"):
            spec = resolver.model.tables[noun.tables[0]]
            refs += [f"{noun.tables[0]}.{n}" for n in (*spec.key, spec.name_column) if n]
        else:
            refs.append(resolver.field(noun, base).field)
    fields = tuple(DimRef(field=f) for f in dict.fromkeys(refs))
    return {"dimensions": fields, "top": None}


def _timed(query: MetricQuery, window: Any, r: Reading, exact: bool) -> Any:
    grain = r.grain or ("month" if r.trend else None) or (query.time.grain if query.time else None)
    if window is not None:
        return time_window(window, grain, exact=exact)
    kept = query.time.model_dump() if query.time else {}
    from warehouse.query import TimeWindow

    return TimeWindow.model_validate({**kept, "grain": grain})


def _compared(query: MetricQuery, r: Reading) -> dict[str, Any]:
    from warehouse.query import Compare

    if query.time is None:
        raise Unresolved("A comparison needs a period, such as this month.", "no_period")
    return {"compare": Compare(to=r.compare)}


def _consistent(query: MetricQuery, changes: dict[str, Any]) -> dict[str, Any]:
    """Sorting, ranking and comparing may only name columns that the changed query still has."""
    if not changes:
        return {}
    merged = query.model_copy(update=changes)
    columns = {m.column for m in merged.metrics} | {d.field.split(".", 1)[-1] for d in merged.dimensions}
    columns |= {merged.time.grain} if merged.time and merged.time.grain else set()
    changes["order"] = tuple(o for o in merged.order if o.by.split(".")[0] in columns)
    if merged.top is not None and merged.top.by not in columns:
        changes["top"] = merged.top.model_copy(update={"by": merged.metrics[0].column})
    changes["having"] = tuple(h for h in merged.having if h.column.split(".")[0] in columns)
    return changes


def intent(last: Plan, query: MetricQuery) -> str:
    """What the changed query is about, for the narrator."""
    if query.compare is not None and not (query.time and query.time.grain):
        return "compare"
    if query.top is not None:
        return "top"
    if query.time is not None and query.time.grain:
        return "trend"
    if query.dimensions:
        return "breakdown"
    return last.intent if last.intent in ("count", "total") else "total"
