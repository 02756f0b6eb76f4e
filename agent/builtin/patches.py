"""What an answer assumed, as chips whose options carry the smallest JSON merge patch to the other choice."""

from __future__ import annotations

from datetime import date
from typing import Any

from agent.builtin.days import Period, add, day_label, describe, unit_at
from agent.builtin.lexicon import described
from agent.builtin.reading import Cond
from agent.builtin.resolve import Chosen, Figure, Resolver
from agent.plan import Assumption, Option
from warehouse.query import MetricQuery

_MOST_OPTIONS = 4


def difference(before: Any, after: Any) -> Any:
    """The RFC 7396 merge patch that turns `before` into `after`."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return after
    patch: dict[str, Any] = {key: None for key in before if key not in after}
    for key, value in after.items():
        if key not in before:
            patch[key] = value
        elif before[key] != value:
            patch[key] = difference(before[key], value)
    return patch


def query_patch(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """A patch on a plan whose first step holds the query."""
    return {"steps": {"s1": {"args": {"query": difference(before, after)}}}}


def dump(query: Any) -> dict[str, Any]:
    """A query as the JSON a step carries: defaults left out, so that patches stay short."""
    data: dict[str, Any] = query.model_dump(mode="json", exclude_defaults=True)
    for transform, spec in zip(data.get("transforms", ()), getattr(query, "transforms", ()), strict=False):
        transform["kind"] = spec.kind
    return data


def metric_chip(query: MetricQuery, chosen: Chosen) -> Assumption | None:
    """Which figure a word was read as, when there were others."""
    others = chosen.others[: _MOST_OPTIONS - 1]
    if not others:
        return None
    before = dump(query)
    options = [Option(value=chosen.figure.metric, label=chosen.figure.label)]
    options += [
        Option(value=f.metric, label=f.label, patch=query_patch(before, _renamed(before, chosen.figure, f)))
        for f in others
    ]
    said, label = chosen.ask.noun.text, chosen.figure.label
    literal = said.casefold() == label.casefold()  # nothing was read into it; the other figures stay to choose from
    label = "Figure" if literal else f"“{said}” is read as"
    return Assumption(
        key="metric", label=label, value=chosen.figure.metric, display=chosen.figure.label, options=options
    )


def _renamed(data: dict[str, Any], old: Figure, new: Figure) -> dict[str, Any]:
    """The query with one figure exchanged wherever its column is used."""
    swapped: dict[str, Any] = _swap(data, old.column, new.column)
    for metric in swapped.get("metrics", ()):
        if metric.get("metric") in (old.metric, old.column, new.column):
            metric["metric"] = new.metric
            metric.pop("alias", None)
            if new.alias:
                metric["alias"] = new.alias
    return swapped


def _swap(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {k: _swap(v, old, new) if k != "field" else v for k, v in value.items()}
    if isinstance(value, list):
        return [_swap(v, old, new) for v in value]
    return new if value == old else value


def period_chip(query: MetricQuery, today: date, label: str | None) -> Assumption:
    """The period, or all time, with the usual other choices."""
    before = dump(query)
    time = {k: v for k, v in before.get("time", {}).items() if k in ("grain", "column", "fill")}
    periods = [
        ("this_month", "This month", unit_at(today, "month")),
        ("last_month", "Last month", unit_at(add(today.replace(day=1), -1, "month"), "month")),
        ("this_year", "This year", unit_at(today, "year")),
        ("last_12_months", "Last 12 months", Period(add(today.replace(day=1), -12, "month"), today.replace(day=1))),
    ]
    options = [Option(value="all", label="All time", patch=query_patch(before, _timed(before, time)))]
    for value, text, p in periods:
        bounds = {"start": p.start.isoformat(), "end": p.end.isoformat()} if p.start and p.end else {}
        options.append(
            Option(
                value=value, label=text, hint=describe(p), patch=query_patch(before, _timed(before, {**time, **bounds}))
            )
        )
    display = label or "All time"
    return Assumption(key="period", label="Period", value=label or "all", display=display, options=options)


def _timed(data: dict[str, Any], time: dict[str, Any]) -> dict[str, Any]:
    rest = {k: v for k, v in data.items() if k != "time"}
    return {**rest, "time": time} if time else rest


def anchor_chip(query: MetricQuery, other: MetricQuery | None, anchor: date, today: date) -> Assumption:
    """Today is taken as the last day with data; the other choice is the real today."""
    options = [Option(value="data_end", label=f"{day_label(anchor)}, the last day with data")]
    if other is not None:
        options.append(
            Option(value="today", label=f"{day_label(today)}, today", patch=query_patch(dump(query), dump(other)))
        )
    return Assumption(
        key="today", label="Today is taken as", value="data_end", display=options[0].label, options=options
    )


def top_chip(query: MetricQuery) -> Assumption | None:
    """How many of the best are shown."""
    if query.top is None:
        return None
    before = dump(query)
    options = [
        Option(value=str(n), label=f"Top {n}", patch=query_patch(before, {**before, "top": {**before["top"], "n": n}}))
        for n in sorted({3, 5, 10, 20, query.top.n})
    ]
    n = query.top.n
    return Assumption(
        key="top_n",
        label="How many",
        value=str(n),
        display=f"{'Bottom' if query.top.bottom else 'Top'} {n}",
        options=options,
    )


def time_column_chip(resolver: Resolver, query: MetricQuery, base: str) -> Assumption | None:
    """Which date counts, when a table has several that people use."""
    spec = resolver.model.tables[base].time
    if query.time is None or spec is None or len(spec.columns) < 2:
        return None
    before = dump(query)
    now = query.time.column or f"{base}.{spec.default}"
    options = []
    for name, column in spec.columns.items():
        full = f"{base}.{name}"
        after = {**before, "time": {**before.get("time", {}), "column": full}}
        options.append(
            Option(value=full, label=column.label or name, patch={} if full == now else query_patch(before, after))
        )
    chosen = next((o for o in options if o.value == now), options[0])
    return Assumption(key="time_column", label="Date", value=now, display=chosen.label, options=options)


def rate_chip(resolver: Resolver, cond: Cond, base: str) -> Assumption:
    """What a rate is a part of, so that nobody has to guess: the records in that state, of all of them."""
    records = resolver.plural(base)
    body = f"{records} that are {cond.text}, of all {records}"
    return Assumption(key="definition", label=f"“{cond.text} rate” means", value=body, display=body)


def label_of(resolver: Resolver, field: str) -> str:
    """A field's label for people."""
    from agent.builtin.lexicon import Ref

    table, name = field.split(".", 1)
    for kind in ("dim", "number", "time"):
        if described(resolver.model, Ref(kind, table, name)) is not None:
            return resolver.lexicon.label(Ref(kind, table, name))
    return name


def per_chip(query: MetricQuery, split: MetricQuery) -> Assumption:
    """`revenue per customer`: one average over all customers, or one row for each."""
    average = Option(value="average", label="One average over all")
    each = Option(value="each", label="One row for each", patch=query_patch(dump(query), dump(split)))
    return Assumption(key="per", label="Per", value="average", display=average.label, options=[average, each])
