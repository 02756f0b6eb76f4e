"""The plan of a refined query: what it took over from the last answer is a chip, never inherited silently."""

from __future__ import annotations

from typing import Any

from agent.builtin import patches
from agent.builtin.bench import Bench, metric_query
from agent.builtin.edits import Edit
from agent.builtin.past import Past
from agent.plan import Assumption, Option, Plan, Step
from tools.conditions import in_words, only_known
from warehouse.query import Filter, MetricQuery

_MOST_OPTIONS = 4


def plan_of(edit: Edit, past: Past, bench: Bench) -> Plan:
    """The changed query as a plan with chips for what was kept, the period and the ranking."""
    query, last = edit.query, past.query
    if query is None or last is None:
        raise ValueError("an edit without a query has no plan")
    chips = [c for c in (kept_chip(query, last, bench), _today_chip(query, last, past)) if c is not None]
    if _dated(query, bench):
        chips.append(patches.period_chip(query, bench.context.as_of.date(), bench.period_label(query.time)))
    if (top := patches.top_chip(query)) is not None:
        chips.append(top)
    return Plan(
        intent=intent_of(query, past.plan.intent),
        steps={"s1": Step(tool="query_metrics", args={"query": patches.dump(query)}, title=title_of(query, bench))},
        assumptions=chips,
        confidence=round(min(past.plan.confidence, 0.95) * 0.97, 3),
        hints=_hints(query) | edit.hints,
    )


def kept_chip(query: MetricQuery, last: MetricQuery, bench: Bench) -> Assumption | None:
    """What the answer took over: conditions, groups and period; each condition can be dropped with a click."""
    filters = [f for f in query.filters if f in last.filters and not only_known(f)]
    groups = [bench.field_label(d.field).lower() for d in query.dimensions if d in last.dimensions]
    words = [in_words(f) for f in filters]
    words += [f"by {' and '.join(groups)}"] if groups else []
    same_time = query.time is not None and last.time is not None and _window(query) == _window(last)
    period = bench.period_label(query.time) if same_time else None
    words += [period] if period else []
    if not words:
        return None
    before = patches.dump(query)
    shown = "; ".join(words)
    options = [Option(value="kept", label=shown)]
    for one in filters[: _MOST_OPTIONS - 1]:
        left = tuple(f for f in query.filters if f != one)
        after = patches.dump(query.model_copy(update={"filters": left}))
        text = f"Without {in_words(one)}" if isinstance(one, Filter) else "Without the condition"
        options.append(Option(value=f"without:{in_words(one)}", label=text, patch=patches.query_patch(before, after)))
    return Assumption(key="kept", label="Kept from before", value="kept", display=shown, options=options)


def _window(query: MetricQuery) -> dict[str, Any]:
    return query.time.model_dump(exclude={"grain", "fill"}) if query.time else {}


def _today_chip(query: MetricQuery, last: MetricQuery, past: Past) -> Assumption | None:
    """The day that “last month” was counted from, for as long as the period is the one of that answer."""
    if _window(query) != _window(last):
        return None
    chip = next((a for a in past.plan.assumptions if a.key == "today"), None)
    return chip.model_copy(update={"options": chip.options[:1]}) if chip else None


def _dated(query: MetricQuery, bench: Bench) -> bool:
    table = bench.model.tables.get(bench.home(query.metrics[0].metric) or "") if query.metrics else None
    return table is not None and (table.time is not None or bool(table.joins))


def _hints(query: MetricQuery) -> dict[str, Any]:
    hints: dict[str, Any] = {"metric": query.metrics[0].column} if query.metrics else {}
    if query.dimensions:
        hints["dimension"] = query.dimensions[-1].field.rsplit(".", 1)[-1]
    if query.top is not None:
        hints |= {"direction": "worst" if query.top.bottom else "best", "asked_n": query.top.n}
    return hints


def intent_of(query: MetricQuery, before: str) -> str:
    """What the query is about, for the narrator."""
    grained = query.time is not None and query.time.grain is not None
    if query.compare is not None and not grained:
        return "compare"
    if query.top is not None:
        return "top"
    if grained:
        return "trend"
    if query.dimensions:
        return "breakdown"
    return before if before in ("count", "total") else "total"


def title_of(query: MetricQuery, bench: Bench) -> str:
    """ "Net revenue by region per month"."""
    figures = [bench.metric_label(m) for m in query.metrics[:2]]
    text = " and ".join([figures[0], *(f[:1].lower() + f[1:] for f in figures[1:])]) if figures else ""
    groups = [bench.field_label(d.field).lower() for d in query.dimensions[-2:]]
    text += f" by {' and '.join(groups)}" if groups else ""
    return text + (f" per {query.time.grain}" if query.time and query.time.grain else "")


def same_plan(one: Plan, other: Plan) -> bool:
    """Whether two plans run the same query."""
    a, b = metric_query(one), metric_query(other)
    return a == b and [s.args for s in one.steps.values()] == [s.args for s in other.steps.values()]
