"""Good next questions: the step that explains this answer, in its filters and period, and only if it is answerable."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice, pairwise
from typing import Any

from agent.answer import Suggestion
from agent.brain import TellContext
from agent.builtin.asking import question_of
from agent.builtin.bench import Bench
from agent.builtin.days import add
from agent.builtin.edits import adds_up, by_lead, changed, field_name, narrowed
from agent.builtin.explaining import best_dimensions
from agent.builtin.prompted import from_packs, from_playbook
from agent.builtin.tell_insights import questions_after
from agent.format import period_label
from agent.plan import Plan
from tools.derive import number
from tools.evidence import Evidence, ResultTable
from warehouse.query import Compare, DimRef, MetricQuery, MetricRef, RecordQuery, Share, TimeWindow

MOST = 4
_MOST_TRIED = 10
Next = tuple[MetricQuery, str]


def suggest(context: TellContext, bench: Bench) -> list[Suggestion]:
    """Up to four questions, each planned first; the workspace's starters fill the rest."""
    asked = context.question.strip(" ?.!").casefold()
    found: dict[str, Suggestion] = {}
    for suggestion in _candidates(context, bench):
        key = suggestion.question.strip(" ?.!").casefold()
        if key != asked:
            found.setdefault(key, suggestion)
        if len(found) == MOST:
            break
    return list(found.values())


def _candidates(context: TellContext, bench: Bench) -> Iterator[Suggestion]:
    report = bool(context.plan.hints.get("deep"))  # whose first finding holds many figures, the second the lead alone
    for evidence in (e for e in context.evidence if not (report and e.id == "e1")):
        for query, why in islice(_next(evidence, bench), _MOST_TRIED):
            question = question_of(query, bench)
            if question is not None:
                yield Suggestion(question=question, why=why)
        yield from from_playbook(evidence, bench) if evidence.tool == "explain_change" else ()
        for question in questions_after(evidence) if evidence.tool == "insights" else ():
            if isinstance(bench.plan(question), Plan):
                yield Suggestion(question=question, why="what is behind it")
    yield from from_packs(context, bench)
    for starter in (*context.starters, *context.model.starters):
        if isinstance(bench.plan(starter), Plan):
            yield Suggestion(question=starter, why="a good place to start")


def _next(evidence: Evidence, bench: Bench) -> Iterator[Next]:
    raw, table = evidence.args.get("query"), evidence.main()
    if evidence.tool == "list_records" and raw:
        yield from after_records(RecordQuery.model_validate(raw), bench)
    if evidence.tool != "query_metrics" or not raw:
        return
    query = MetricQuery.model_validate(raw)
    if not query.metrics:
        return
    if table is None or not table.rows or any(f.kind == "empty" for f in evidence.facts):
        yield changed(query, time=None, compare=None), "what there is in the whole data"
    elif query.time and query.time.grain:
        yield from after_trend(query, table, bench)
    elif query.dimensions:
        yield from after_breakdown(query, table, bench)
    else:
        yield from after_total(query, bench)


def after_total(query: MetricQuery, bench: Bench) -> Iterator[Next]:
    """After one figure: its most telling split, its course, and what it was before."""
    best = best_dimensions(query, bench)
    for field in best[:1]:
        yield _split(query, field), f"where it comes from, by {_label(field, bench)}"
    if not _one_day(query, bench):
        yield over_time(query, bench), "how it moved over time"
    yield from _before(query, bench)
    for field in best[1:3]:
        yield _split(query, field), f"where it comes from, by {_label(field, bench)}"


def after_breakdown(query: MetricQuery, table: ResultTable, bench: Bench) -> Iterator[Next]:
    """After groups: the course of the leader, shares, the change on before, what the leader is made of."""
    leader = _leader(query, table)
    if leader is not None:
        one = narrowed(query, leader[1])
        if not _one_day(query, bench):
            yield over_time(one, bench), f"how {leader[0]} came to this"
    if adds_up(query.metrics[0].metric, bench) and not query.transforms and len(table.rows) > 1:
        share = Share(kind="share", of=query.metrics[0].column)
        yield changed(query, top=None, transforms=(share,), metrics=query.metrics[:1]), "how much each one makes up"
    yield from _before(query, bench)
    if leader is not None:
        for field in best_dimensions(one, bench)[:1]:
            yield _split(one, field), f"what {leader[0]} is made of"
    bare = changed(query, dimensions=(), top=None, order=(), transforms=(), having=())
    for field in best_dimensions(query, bench)[:2]:
        yield _split(bare, field), f"another view, by {_label(field, bench)}"


def after_trend(query: MetricQuery, table: ResultTable, bench: Bench) -> Iterator[Next]:
    """After a course: which group stood behind its largest step, the course by group, the whole beside last year."""
    best = best_dimensions(query, bench)
    step = _largest_step(query, table)
    if step is not None and query.time is not None:
        start, label = step
        moment = query.time.model_copy(
            update={"start": start[0], "end": start[1], "last": None, "to_date": None, "grain": None}
        )
        for field in best[:1]:
            at = changed(query, time=moment, order=(), top=None, compare=Compare(to="previous_period"))
            yield _split(at, field), f"which {_label(field, bench)} drove {label}"
            yield _split(changed(at, compare=None), field), f"what {label} was made of"
    for field in best[:1]:
        if not query.dimensions:
            yield (
                changed(query, dimensions=(DimRef(field=field),), compare=None),
                f"the course of each {_label(field, bench)}",
            )
    flat = query.time.model_copy(update={"grain": None}) if query.time else None
    whole = changed(
        query, time=flat if flat and flat.model_dump(exclude_defaults=True) else None, order=(), compare=None
    )
    yield from _before(whole, bench)
    for field in best[1:3]:
        yield _split(whole, field), f"where it comes from, by {_label(field, bench)}"


def after_records(query: RecordQuery, bench: Bench) -> Iterator[Next]:
    """After a list of records: how many there are, by the field that splits them best."""
    table = bench.model.tables.get(query.table)
    name = next((n for n, m in table.measures.items() if m.agg == "count" and not m.where), None) if table else None
    if name is None:
        return
    counted = MetricQuery(metrics=(MetricRef(metric=name),), filters=query.filters, time=query.time)
    for field in best_dimensions(counted, bench)[:2]:
        yield _split(counted, field), f"how they spread over {_label(field, bench)}"
    yield counted, "how many there are"
    yield over_time(counted, bench), "how their number moved"


def _one_day(query: MetricQuery, bench: Bench) -> bool:
    """Whether the period is one day, which has no course by the day."""
    window = bench.window(query.time)
    return window is not None and (window[1] - window[0]).days <= 1


def over_time(query: MetricQuery, bench: Bench) -> MetricQuery:
    """The same figure month by month, or finer when the period is short."""
    window = bench.window(query.time)
    days = (window[1] - window[0]).days if window else 400
    grain = next((g for limit, g in ((45, "day"), (100, "week"), (1900, "month")) if days <= limit), "year")
    time = (query.time or TimeWindow()).model_copy(update={"grain": grain})
    return changed(query, time=time, dimensions=(), top=None, order=(), compare=None, transforms=(), having=())


def _before(query: MetricQuery, bench: Bench) -> Iterator[Next]:
    """Compared with the same days a year ago, else with the period before."""
    window = bench.window(query.time)
    if query.compare is not None or query.having or window is None:
        return
    flat = changed(query, transforms=(), top=None) if query.top is None else changed(query, transforms=())
    if _one_day(query, bench):
        yield changed(flat, compare=Compare(to="offset", n=1, unit="week")), "beside the same weekday a week before"
    elif _has_year_before(query, window[0], bench):
        yield changed(flat, compare=Compare(to="same_date_last_year")), "whether it is growing"
    else:
        yield changed(flat, compare=Compare(to="previous_period")), "how it changed"


def _has_year_before(query: MetricQuery, start: date, bench: Bench) -> bool:
    """Whether the data reaches back a year before the period."""
    table = bench.model.tables.get(bench.home(query.metrics[0].metric) or "")
    first = bench.context.profile.bounds(table.source, table.time.default)[0] if table and table.time else None
    return first is None or add(start, -1, "year") >= first


def _split(query: MetricQuery, field: str) -> MetricQuery:
    made = changed(query, dimensions=(DimRef(field=field),))
    return changed(made, order=by_lead(made))


def _label(field: str, bench: Bench) -> str:
    return bench.field_label(field).lower()


def _leader(query: MetricQuery, table: ResultTable) -> tuple[str, dict[str, Any]] | None:
    """The name of the first row and its group values; None when it has no name."""
    columns = [field_name(d).replace(".", "_") for d in query.dimensions]
    if not table.rows or any(c not in [x.name for x in table.columns] for c in columns):
        return None
    row = {c: table.rows[0][table.column_index(c)] for c in columns}
    names = [v for v in row.values() if isinstance(v, str)]
    return (names[-1], row) if names and all(v is not None for v in row.values()) else None


def _largest_step(query: MetricQuery, table: ResultTable) -> tuple[tuple[date, date], str] | None:
    """The period whose figure moved most against the one before, among complete periods of one series."""

    time = next((c for c in table.columns if c.role == "time"), None)
    measure = next((c for c in table.columns if c.role == "measure"), None)
    if time is None or measure is None or query.dimensions or time.grain not in ("week", "month", "quarter", "year"):
        return None
    at, value, partial = table.column_index(time.name), table.column_index(measure.name), set(table.partial)
    rows = sorted(
        (str(r[at]), number(r[value])) for r, k in zip(table.rows, table.row_keys, strict=True) if k not in partial
    )
    steps = [(abs(b - a), when) for (_, a), (when, b) in pairwise(rows) if a is not None and b is not None]
    if not steps:
        return None
    when = max(steps)[1]
    start = datetime.fromisoformat(when).date()
    return (start, add(start, 1, time.grain)), period_label(when, time.grain)  # type: ignore[arg-type]
