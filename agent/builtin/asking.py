"""Queries written back as questions, so that what is offered next keeps the filters and period of the answer."""

from __future__ import annotations

from datetime import date, timedelta

from agent.builtin.bench import Bench, metric_query
from agent.builtin.days import UNITS, describe, unit_at
from agent.plan import Plan
from warehouse.query import DimRef, Filter, MetricQuery, TimeWindow

_MOST_WORDS = 24


_PARTS = {
    "weekday": "weekday", "weekend": "weekend or weekday", "hour_of_day": "hour of the day",
    "month_of_year": "month of the year", "quarter_of_year": "quarter of the year",
}  # fmt: skip


def question_of(query: MetricQuery, bench: Bench) -> str | None:
    """The query as an English question that plans back to the same figures; None when there is no such question."""
    # A value that is also the name of something else ("Store") is understood with its field ("channel Store").
    for named in (False, True) if query.filters else (False,):
        text = _written(query, bench, named)
        if text is None or len(text.split()) > _MOST_WORDS:
            return None
        decision = bench.plan(text)
        found = metric_query(decision) if isinstance(decision, Plan) else None
        if found is not None and _same(found, query, bench):
            return text
    return None


def _same(found: MetricQuery, wanted: MetricQuery, bench: Bench) -> bool:
    """Same figures, groups, conditions, days and comparison; sorting and keys beside names may differ."""
    if {m.metric for m in found.metrics} != {m.metric for m in wanted.metrics}:
        return False
    weekly = [q.compare is not None and q.compare.to == "same_weekday_last_year" for q in (found, wanted)]
    if weekly[0] != weekly[1] or bool(found.compare) != bool(wanted.compare) or bool(found.top) != bool(wanted.top):
        return False
    if [t.kind for t in found.transforms] != [t.kind for t in wanted.transforms]:
        return False
    groups = _words(found.dimensions) >= _words(wanted.dimensions)
    return groups and _conditions(found) == _conditions(wanted) and _when(found, bench) == _when(wanted, bench)


def _words(dimensions: tuple[DimRef, ...]) -> set[str]:
    return {d.field.rsplit(".", 1)[-1] + (f".{d.part}" if d.part else ".band" if d.band else "") for d in dimensions}


def _conditions(query: MetricQuery) -> set[str]:
    return {
        f"{f.field.field.rsplit('.', 1)[-1]} {f.op} {f.values}"
        for f in query.filters if isinstance(f, Filter) and f.field and f.op != "not_null"
    }  # fmt: skip


def _when(query: MetricQuery, bench: Bench) -> tuple[object, ...]:
    time = query.time
    return (time.grain if time else None, bench.window(time))


def _written(query: MetricQuery, bench: Bench, named: bool = False) -> str | None:
    """Figures, groups, conditions and period in the order an English speaker says them."""
    figures = [bench.metric_label(m) for m in query.metrics]
    lead = " and ".join([figures[0], *(f[:1].lower() + f[1:] for f in figures[1:])])
    shares = [t for t in query.transforms if t.kind == "share"]
    if shares:
        lead = f"Share of {lead[:1].lower() + lead[1:]}"
    groups = _groups(query, bench)
    if query.top is not None:
        if not groups:
            return None
        end = "Bottom" if query.top.bottom else "Top"
        noun = plural(groups[0]) if query.top.n > 1 else groups[0]
        head = f"{end} {query.top.n} {noun} by {lead[:1].lower() + lead[1:]}"
    else:
        head = f"{lead} by {' and '.join(groups)}" if groups else lead
    conditions = _condition_words(query, bench if named else None)
    period = period_words(query.time, bench)
    if conditions is None or period is None:
        return None
    return head + conditions + period + _compared(query, bench)


def _groups(query: MetricQuery, bench: Bench) -> list[str]:
    named = [d for d in query.dimensions if not d.field.endswith("_id")] or list(query.dimensions)
    words = [_PARTS.get(d.part or "") or bench.field_label(d.field).lower() for d in named]
    return [*words, *([query.time.grain] if query.time and query.time.grain else [])]


def plural(noun: str) -> str:
    """ "regions", "categories", "statuses" from the last word of a noun."""
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "z", "ch", "sh")) else f"{noun}s"


def _condition_words(query: MetricQuery, bench: Bench | None) -> str | None:
    """ " for Germany without Website", with `bench` " for country Germany"; None for what values cannot say."""
    for_: list[str] = []
    without: list[str] = []
    for condition in query.filters:
        if not isinstance(condition, Filter) or condition.field is None:
            return None
        if condition.op == "not_null":
            continue
        if condition.op not in ("=", "!=") or not condition.values or not isinstance(condition.values[0], str):
            return None
        name = f"{bench.field_label(condition.field.field).lower()} " if bench is not None else ""
        (for_ if condition.op == "=" else without).append(name + condition.values[0])
    text = "".join(f" for {v}" if n == 0 else f" and {v}" for n, v in enumerate(for_))
    return text + "".join(f" without {v}" for v in without)


def period_words(time: TimeWindow | None, bench: Bench) -> str | None:
    """ " in October 2026"; empty for all time, None for an open stretch."""
    if time is None or not (time.start or time.end or time.last or time.to_date):
        return ""
    window = bench.window(time)
    return stretch_words(*window) if window else None


def stretch_words(start: date, end: date) -> str:
    """ " in Q3 2026" for a whole unit, " from 2026-01-05 to 2026-02-03" for any other days."""
    for unit in UNITS:
        period = unit_at(start, unit)
        if unit != "week" and period.start == start and period.end == end:
            return f" {'on' if unit == 'day' else 'in'} {describe(period)}"
    return f" from {start.isoformat()} to {(end - timedelta(days=1)).isoformat()}"


_AGAINST: dict[tuple[str, str | None], str] = {
    ("same_date_last_year", None): "the same period last year",
    ("same_weekday_last_year", None): "the same weekday last year",
    ("offset", "week"): "the same weekday the week before",
}


def _compared(query: MetricQuery, bench: Bench) -> str:
    if query.compare is None:
        return ""
    return f" compared with {_AGAINST.get((query.compare.to, query.compare.unit), 'the previous period')}"
