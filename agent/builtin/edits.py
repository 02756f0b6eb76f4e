"""Small changes to the last metric query, one function an act: each returns the new query or says why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from agent.builtin.acts import grain_of, is_low, number_of
from agent.builtin.bench import Bench
from agent.builtin.days import UNITS, Unit, add, unit_at
from agent.builtin.judged import is_judged, of_metric
from agent.builtin.past import Past
from agent.builtin.text import stem
from tools.calendar_names import stored
from warehouse.model.adhoc import output_name
from warehouse.query import Compare, DimRef, Filter, MetricQuery, Order, Share, TimeWindow, TopN

Words = dict[str, str]


@dataclass(frozen=True)
class Edit:
    """A changed query with what the narrator should know; `refusal` (code, reason) when the change makes no sense."""

    query: MetricQuery | None = None
    hints: dict[str, Any] = field(default_factory=dict)
    refusal: tuple[str, str] | None = None


def changed(query: MetricQuery, **updates: Any) -> MetricQuery:
    """The query with some parts exchanged, validated again; what no longer has its column goes."""
    return consistent(MetricQuery.model_validate(query.model_copy(update=updates).model_dump()))


def consistent(query: MetricQuery) -> MetricQuery:
    """Sorting, ranking and derived columns may only name columns that the query still has."""
    figures = {m.column for m in query.metrics}
    columns = figures | {field_name(d) for d in query.dimensions}
    columns |= {query.time.grain} if query.time and query.time.grain else set()
    lead = query.metrics[0].column if query.metrics else ""
    updates: dict[str, Any] = {
        "order": tuple(o for o in query.order if o.by.split(".")[0] in columns or o.by in columns),
        "having": tuple(h for h in query.having if h.column.split(".")[0] in figures),
        "transforms": tuple(t if t.of in figures else t.model_copy(update={"of": lead}) for t in query.transforms),
    }
    if query.top is not None and query.top.by not in figures:
        updates["top"] = query.top.model_copy(update={"by": lead})
    return query.model_copy(update=updates)


def field_name(dimension: DimRef) -> str:
    """The output column of a dimension."""
    name = dimension.field.rsplit(".", 1)[-1]
    way = dimension.grain or dimension.part or ("band" if dimension.band else None)
    return f"{name}.{way}" if way else name


def by_lead(query: MetricQuery) -> tuple[Order, ...]:
    """Largest first (smallest in a ranking from below), for groups without a time grain."""
    grained = query.time is not None and query.time.grain is not None
    desc = query.top is None or not query.top.bottom
    return () if grained or not query.dimensions else (Order(by=query.metrics[0].column, desc=desc),)


def total(past: Past, query: MetricQuery, _words: Words, _bench: Bench) -> Edit | None:
    """The figure over everything that the last answer covered."""
    time = query.time.model_copy(update={"grain": None, "fill": True}) if query.time else None
    time = time if time is not None and time.model_dump(exclude_defaults=True) else None
    shape: dict[str, Any] = {"dimensions": (), "top": None, "order": (), "having": (), "transforms": (), "time": time}
    return Edit(changed(query, **shape))


def everything(past: Past, query: MetricQuery, _words: Words, _bench: Bench) -> Edit | None:
    """All groups and not only the first ones."""
    if query.top is None:
        return None if not query.dimensions else Edit(changed(query, limit=max(query.limit, 1000)))
    return Edit(changed(query, top=None, order=by_lead(query)))


def percent(past: Past, query: MetricQuery, _words: Words, bench: Bench) -> Edit | None:
    """Shares of the total; of one member, its share of the whole."""
    lead = query.metrics[0]
    label = bench.metric_label(lead)
    if not adds_up(lead.metric, bench):
        return Edit(refusal=("no_share", f"{label} does not add up over groups, so it has no shares."))
    if query.dimensions:
        return Edit(changed(query, transforms=(Share(kind="share", of=lead.column),)))
    member = next((f for f in query.filters if isinstance(f, Filter) and names_one(f)), None)
    if member is None or member.field is None:
        reason = f"There is nothing to take a share of: the last answer is all of {label.lower()}."
        return Edit(refusal=("no_group", reason))
    kept = tuple(f for f in query.filters if f is not member)
    made = changed(query, filters=kept, dimensions=(member.field,), transforms=(Share(kind="share", of=lead.column),))
    return Edit(made, {"focus": member.values[0], "focus_dimension": member.field.field})


def adds_up(metric: str, bench: Bench) -> bool:
    """Whether a figure's parts make its whole: sums and counts, not averages, rates and prices."""
    if ":" in metric:
        return metric.startswith(("sum:", "count:"))
    home = bench.model.measure_table(metric)
    if home is None:
        spec = bench.model.metrics.get(metric)
        return bool(spec and spec.kind == "simple" and spec.measure and adds_up(spec.measure, bench))
    return bench.model.tables[home].measures[metric].agg in ("sum", "count", "count_distinct")


_ENDS = ("top", "biggest", "largest", "highest", "best", "leader", "winner", "smallest", "lowest", "worst")


def names_one(condition: Filter) -> bool:
    """Whether a condition picks one named value."""
    held = condition.values[0] if condition.values else None
    return condition.field is not None and condition.op == "=" and isinstance(held, str)


def sort(past: Past, query: MetricQuery, words: Words, bench: Bench) -> Edit | None:
    """Another order of the same rows."""
    if not query.dimensions and not (query.time and query.time.grain):
        return Edit(refusal=("no_group", "The last answer is one figure, so there is nothing to sort."))
    said, way = words.get("by", ""), words.get("dir", "").lower()
    column = (
        _sort_column(query, said, bench) if said else (query.order[0].by if query.order else query.metrics[0].column)
    )
    if column is None:
        return Edit(refusal=("bad_order", f"“{said}” is not among the columns of the last answer."))
    now = query.order[0].desc if query.order else column in {m.column for m in query.metrics}
    if way.startswith("rev"):
        desc = not now
    elif way:
        desc = way.startswith(("desc", "from high", "largest", "highest", "biggest", "latest", "newest"))
    else:
        desc = column in {m.column for m in query.metrics}
    return Edit(changed(query, order=(Order(by=column, desc=desc),)))


def _sort_column(query: MetricQuery, said: str, bench: Bench) -> str | None:
    stems = {stem(w) for w in said.lower().split()} - {"the", "their", "its", "order"}
    groups = [(field_name(d), bench.field_label(d.field)) for d in query.dimensions]
    if stems & {"name", "alphabet", "alphabetical", "label", "a"} and groups:
        return groups[-1][0]
    grain = query.time.grain if query.time else None
    if grain and stems & {"date", "time", "period", grain}:
        return grain
    named = [
        *groups,
        *((output_name(m.column) if ":" in m.column else m.column, bench.metric_label(m)) for m in query.metrics),
    ]
    for column, label in named:
        if stems & ({stem(w) for w in label.lower().split()} | {stem(w) for w in column.lower().split("_")}):
            return column
    return query.metrics[0].column if stems & {"value", "amount", "figure", "size", "number", "total"} else None


def grain(past: Past, query: MetricQuery, words: Words, bench: Bench) -> Edit | None:
    """The same figures period by period."""
    query = alone(past, query)
    wanted = grain_of(words["grain"]) if "grain" in words else _fitting(bench.window(query.time))
    time = (query.time or TimeWindow()).model_copy(update={"grain": wanted, "fill": not query.dimensions})
    return Edit(changed(query, time=time, order=(), transforms=(), compare=None))


def alone(past: Past, query: MetricQuery) -> MetricQuery:
    """The query for the one group that a ranking found, so that more can be asked of it; else the query as it is."""
    if query.top is None or query.top.n != 1 or not query.dimensions or len(past.rows) != 1:
        return query
    return narrowed(query, past.rows[0])


def _fitting(window: tuple[date, date] | None) -> str:
    """A grain that cuts a period into a readable number of parts."""
    days = (window[1] - window[0]).days if window else 400
    return next((g for limit, g in ((62, "day"), (120, "week"), (1900, "month")) if days <= limit), "year")


def compare(past: Past, query: MetricQuery, words: Words, bench: Bench) -> Edit | None:
    """The same figures beside those of an earlier period; without a period, this year so far."""
    said = words["to"].lower()
    time = query.time
    named: Unit | None = next((u for u in UNITS if u in said and u not in ("day", "year") and "year" not in said), None)
    if bench.window(time) is None and not (time and time.grain):
        start, end = _last_known(query, named, bench)
        time = (time or TimeWindow()).model_copy(update={"start": start, "end": end})
    yearly = "year" in said or said == "yoy"
    unit = next((u for u in UNITS if u in said and u != "year"), "month" if said == "mom" else None)
    window = bench.window(time)
    whole = _unit_of(window) if window else None
    grained = time.grain if time else None
    if "week" in said and not yearly and whole == "day" and grained is None:
        return Edit(changed(query, time=time, compare=Compare(to="offset", n=1, unit="week"), transforms=()))
    if unit and not yearly and unit not in (whole, grained):
        return Edit(refusal=("no_period", f"The last answer is not about one {unit}, so it has no {unit} before."))
    to = "same_date_last_year" if yearly else "previous_period"
    return Edit(changed(query, time=time, compare=Compare(to=to), transforms=()))


def _last_known(query: MetricQuery, unit: Unit | None, bench: Bench) -> tuple[date, date]:
    """The period to hold against an earlier one where none was said: the last whole unit, else this year."""
    from agent.builtin.why import known_until

    if unit is None:
        today = bench.context.as_of.date()
        return date(today.year, 1, 1), date(today.year + 1, 1, 1)
    until, first = known_until(query, bench), bench.model.calendar.first_weekday
    found = unit_at(until - timedelta(days=1), unit, first)
    if found.start is not None and found.end is not None and found.end > until:
        found = unit_at(found.start - timedelta(days=1), unit, first)
    return found.start or until, found.end or until


def shift(past: Past, query: MetricQuery, words: Words, bench: Bench) -> Edit | None:
    """The period before or after the one of the last answer."""
    window = bench.window(query.time)
    if window is None or query.time is None:
        return None
    said = words["shift"].lower()
    forward = any(w in said for w in ("after", "following", "next"))
    own = _unit_of(window)
    yearly = (
        "last year" in said
        or ("previous year" in said and "same" in said)
        or "year ago" in said
        or "year earlier" in said
    )
    named = next((u for u in UNITS if u in said), None)
    if yearly or "same" in said:
        start, end = add(window[0], -1, "year"), add(window[1], -1, "year")
    elif named and named != own:
        start, end = _beside(window, named, forward)
    else:
        start, end = _moved(window, own, forward)
    time = TimeWindow(grain=query.time.grain, column=query.time.column, fill=query.time.fill, start=start, end=end)
    return Edit(changed(query, time=time, compare=None))


def _unit_of(window: tuple[date, date] | None) -> Unit | None:
    """The calendar unit a period fills, None for any other stretch."""
    if window is None:
        return None
    return next((u for u in UNITS if (p := unit_at(window[0], u)).start == window[0] and p.end == window[1]), None)


def _moved(window: tuple[date, date], unit: Unit | None, forward: bool) -> tuple[date, date]:
    if unit is not None:
        step = 1 if forward else -1
        return add(window[0], step, unit), add(window[1], step, unit)
    length = window[1] - window[0]
    return (window[1], window[1] + length) if forward else (window[0] - length, window[0])


def _beside(window: tuple[date, date], unit: Unit, forward: bool) -> tuple[date, date]:
    edge = window[1] if forward else window[0] - timedelta(days=1)
    found = unit_at(edge, unit)
    return found.start or edge, found.end or edge


def low_end(word: str, query: MetricQuery, bench: Bench) -> bool:
    """Whether a word asks for the small end: the worst of a cost, a delay or a rate of failures is its highest."""
    turned = is_judged(word) and of_metric(bench.model, query.metrics[0], query.filters) == "down"
    return is_low(word) != turned


def winner(past: Past, query: MetricQuery, words: Words, bench: Bench) -> Edit | None:
    """The first group by the leading figure, or the last."""
    return _topped(query, 1, low_end(words.get("end", ""), query, bench), "keep")


def top(past: Past, query: MetricQuery, words: Words, bench: Bench) -> Edit | None:
    """The n largest groups, perhaps of another dimension or by another figure."""
    n = number_of(words.get("n", "")) or 10
    if "what" in words:
        probe = bench.figures(f"{bench.metric_label(query.metrics[0])} by {words['what']}")
        if probe is None or not probe[1].dimensions:
            return None
        query = changed(query, dimensions=probe[1].dimensions, filters=_with_present(query, probe[1]))
    if "by" in words:
        probe = bench.figures(words["by"])
        if probe is None or probe[1].dimensions:
            return Edit(refusal=("not_understood", f"I do not know how to rank by “{words['by']}”."))
        first = probe[1].metrics[0]
        rest = tuple(m for m in query.metrics if m.metric != first.metric)
        query = changed(query, metrics=(first, *rest), order=(), top=None)
    return _topped(query, n, low_end(words.get("end", ""), query, bench), "cut")


def size(past: Past, query: MetricQuery, words: Words, bench: Bench) -> Edit | None:
    """The same ranking with more or fewer places: “make it 10”."""
    n = number_of(words.get("n", ""))
    if not n or not query.dimensions:
        return None
    if query.top is not None:
        return Edit(changed(query, top=query.top.model_copy(update={"n": n, "ties": "cut"})))
    lead = query.metrics[0].column if query.metrics else ""
    low = any(o.by == lead and not o.desc for o in query.order)
    return _topped(query, n, low, "cut")


def _with_present(query: MetricQuery, probe: MetricQuery) -> tuple[Any, ...]:
    known = [f for f in probe.filters if isinstance(f, Filter) and f.op == "not_null"]
    return (*query.filters, *(f for f in known if f not in query.filters))


def _topped(query: MetricQuery, n: int, low: bool, ties: str) -> Edit:
    if not query.dimensions and not (query.time and query.time.grain):
        return Edit(refusal=("no_group", "The last answer is one figure, so there is nothing to rank."))
    by = query.metrics[0].column
    ranked = TopN.model_validate({"n": n, "by": by, "bottom": low, "ties": ties})
    hints = {"direction": "worst" if low else "best", "asked_n": n}
    return Edit(changed(query, top=ranked, order=(Order(by=by, desc=not low),)), hints)


def unfilter(past: Past, query: MetricQuery, words: Words, bench: Bench) -> Edit | None:
    """Without its conditions, or without those on the field that “all …” names."""
    if not query.filters:
        return None
    said = {stem(w) for w in words.get("field", "").lower().split()} - {"the", "our"}
    if not said:
        return Edit(changed(query, filters=()))
    kept = tuple(f for f in query.filters if not (isinstance(f, Filter) and f.field and said & _stems(f.field, bench)))
    return Edit(changed(query, filters=kept)) if len(kept) < len(query.filters) else None


def _stems(dimension: DimRef, bench: Bench) -> set[str]:
    label = f"{bench.field_label(dimension.field)} {dimension.field.rsplit('.', 1)[-1].replace('_', ' ')}"
    return {stem(w) for w in label.lower().split()}


def all_time(past: Past, query: MetricQuery, _words: Words, _bench: Bench) -> Edit | None:
    """Without its period."""
    grain = query.time.grain if query.time else None
    time = TimeWindow(grain=grain, fill=query.time.fill if query.time else True) if grain else None
    return Edit(changed(query, time=time, compare=None))


def row(past: Past, query: MetricQuery, words: Words, bench: Bench) -> Edit | None:
    """One row of the last answer, by its place."""
    if not query.dimensions or not past.rows:
        return None
    said = words.get("number") or words.get("ordinal", "").lower()
    if said in _ENDS:
        return _topped(query, 1, low_end(said, query, bench), "keep")
    if said == "last":
        place = len(past.rows) if len(past.rows) < 10 else 0
    else:
        place = number_of(said) or 1
    if not 1 <= place <= len(past.rows):
        return Edit(refusal=("no_row", "The last answer does not have that many rows."))
    return Edit(narrowed(query, past.rows[place - 1]))


def narrowed(query: MetricQuery, row_: dict[str, Any]) -> MetricQuery:
    """The query for one of its groups: the group becomes a condition."""
    worded = [d for d in query.dimensions if isinstance(row_.get(_cell(d)), str) and not d.grain]
    conditions = [
        Filter(field=d, op="=", values=(stored(d, row_[_cell(d)]),))
        if row_.get(_cell(d)) is not None
        else Filter(field=d, op="is_null")
        for d in worded or query.dimensions
    ]
    named = {c.field for c in conditions}
    kept = tuple(f for f in query.filters if not (isinstance(f, Filter) and f.field in named))
    rest: dict[str, Any] = {"dimensions": (), "top": None, "order": (), "having": (), "transforms": ()}
    return changed(query, filters=(*kept, *conditions), **rest)


def _cell(dimension: DimRef) -> str:
    return field_name(dimension).replace(".", "_")


EDITS: dict[str, Callable[[Past, MetricQuery, Words, Bench], Edit | None]] = {
    "percent": percent,
    "compare": compare,
    "shift": shift,
    "total": total,
    "all": everything,
    "grain": grain,
    "sort": sort,
    "winner": winner,
    "row": row,
    "top": top,
    "size": size,
    "unfilter": unfilter,
    "alltime": all_time,
}
