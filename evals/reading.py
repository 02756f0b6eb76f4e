"""A plan and an expected reading in one plain form, so that both can be compared without looking at SQL or wording."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from agent.plan import Decision, Plan
from evals.place import LAST_DAY
from warehouse.compiler import window
from warehouse.model.schema import SemanticModel
from warehouse.query import AnyOf, Condition, Filter, Has, MetricQuery, RecordQuery, TimeWindow

_TOMORROW = LAST_DAY + timedelta(days=1)
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")


@dataclass(frozen=True)
class Reading:
    """What is asked of the data: figures (each with all its names), groups, conditions, days, and how it is shown."""

    figures: tuple[frozenset[str], ...] = ()
    records: str = ""
    by: frozenset[str] = frozenset()
    where: frozenset[tuple[str, tuple[str, ...]]] = frozenset()
    period: tuple[str, str] = ("", "")
    grain: str = ""
    top: int = 0
    low: bool = False
    compare: str = ""
    share: bool = False
    order: str = ""

    def shape(self) -> tuple[Any, ...]:
        """All but the names of the figures and the order of rows."""
        return (
            self.records,
            self.by,
            self.where,
            self.period,
            self.grain,
            self.top,
            self.low,
            self.compare,
            self.share,
        )


def fits(decision: Decision, wanted: Any, model: SemanticModel, as_of: datetime) -> bool:
    """Whether a decision is one of the `wanted` readings or statuses."""
    options = wanted if isinstance(wanted, list) else [wanted]
    found = reading_of(decision, model, as_of) if isinstance(decision, Plan) else None
    status = status_of(decision)
    for option in options:
        if isinstance(option, str):
            if option == "assumed" and status == "answered" and _says_reading(decision):
                return True
            if isinstance(decision, Plan) and option in {s.tool for s in decision.steps.values()}:
                return True
            if option == status or (option == "answered" and found is not None):
                return True
        elif found is not None and _same(found, expected(option)):
            return True
    return False


def _says_reading(decision: Decision) -> bool:
    """Whether an answer shows what it took a vague word for."""
    chips = decision.assumptions if isinstance(decision, Plan) else []
    return any(a.key not in ("period", "today", "top_n", "time_column", "kept") for a in chips)


def status_of(decision: Decision) -> str:
    """answered, clarify, declined or talk."""
    if isinstance(decision, Plan):
        return "answered" if decision.steps else "talk"
    return {"clarify": "clarify", "decline": "declined"}[decision.kind]


def expected(written: dict[str, Any]) -> Reading:
    """A reading as a suite writes it."""
    metric = written.get("metric", [])
    names = metric if isinstance(metric, list) else [metric]
    return Reading(
        figures=tuple(frozenset([str(n)]) for n in names),
        records=str(written.get("records", "")),
        by=frozenset(written.get("by", ())),
        where=frozenset((k, _texts(v)) for k, v in written.get("where", {}).items()),
        period=_days(str(written["period"])) if "period" in written else ("", ""),
        grain=str(written.get("grain", "")),
        top=int(written.get("top", 0)),
        low=bool(written.get("low", False)),
        compare=str(written.get("compare", "")),
        share=bool(written.get("share", False)),
        order=str(written.get("order", "")),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(sorted(str(v) for v in (value if isinstance(value, list) else [value])))


def _days(text: str) -> tuple[str, str]:
    """First day and the day after the last of “2026”, “2026-Q3”, “2026-10” or “2026-10-01..2026-10-05”."""
    if ".." in text:
        first, last = text.split("..")
        return first, (date.fromisoformat(last) + timedelta(days=1)).isoformat()
    if quarter := _QUARTER.fullmatch(text):
        year, number = int(quarter[1]), int(quarter[2])
        after = date(year + number // 4, number * 3 % 12 + 1, 1)
        return date(year, number * 3 - 2, 1).isoformat(), after.isoformat()
    if len(text) == 4:
        return f"{text}-01-01", f"{int(text) + 1}-01-01"
    year, month = (int(x) for x in text.split("-"))
    return date(year, month, 1).isoformat(), date(year + month // 12, month % 12 + 1, 1).isoformat()


def reading_of(plan: Plan, model: SemanticModel, as_of: datetime) -> Reading | None:
    """The reading behind a plan's first query; None when it has none."""
    step = next(iter(plan.steps.values()), None)
    if step is None or "query" not in step.args:
        return None
    if step.tool == "list_records":
        listed = RecordQuery.model_validate(step.args["query"])
        related = {(f"{'with' if r.exists else 'without'} {r.table}", ()) for r in listed.related}
        return Reading(
            records=listed.table, where=_conditions(listed.filters) | related, period=_window(listed.time, model, as_of)
        )
    return _of_query(MetricQuery.model_validate(step.args["query"]), model, as_of)


def _of_query(query: MetricQuery, model: SemanticModel, as_of: datetime) -> Reading:
    order = query.order[0].by if query.order else ""
    groups = [d.field.rsplit(".", 1)[-1] for d in query.dimensions]
    named = [g for g in groups if not g.endswith("_id")]
    compare: str = query.compare.to if query.compare else ""
    time = query.time
    if query.compare and query.compare.to == "window":
        compare = _named_window(query, model, as_of)
    elif compare == "previous_period" and _is_year(_window(time, model, as_of)):
        compare = "same_date_last_year"
    return Reading(
        figures=tuple(names_of(m.metric, model) for m in query.metrics),
        by=frozenset(named or groups),
        where=_conditions(query.filters) | frozenset(c for m in query.metrics for c in _conditions(m.where)),
        period=_window(time, model, as_of),
        grain=time.grain or "" if time else "",
        top=query.top.n if query.top else 0,
        low=bool(query.top and query.top.bottom),
        compare=compare,
        share=any(t.kind == "share" for t in query.transforms),
        order=order,
    )


def _is_year(period: tuple[str, str]) -> bool:
    return period[0][5:] == "01-01" and period[1][:4] == str(int(period[0][:4] or 0) + 1) and period[1][5:] == "01-01"


def _named_window(query: MetricQuery, model: SemanticModel, as_of: datetime) -> str:
    """A comparison with a window by the relation it has to the period: the year before, or the period before."""
    start, end = _window(query.time, model, as_of)
    if query.compare is None or not start or not end:
        return "window"
    prior = query.compare.start
    if prior is not None and f"{int(start[:4]) - 1}{start[4:]}" == prior.isoformat():
        return "same_date_last_year"
    return "previous_period" if query.compare.end is not None and query.compare.end.isoformat() == start else "window"


def names_of(metric: str, model: SemanticModel) -> frozenset[str]:
    """A figure by its own name and by what it computes: “avg fee”, “cost” for a sum, a table for its row count."""
    if ":" in metric:
        agg, _, field = metric.partition(":")
        return frozenset({metric, _computed(agg, field.rsplit(".", 1)[-1], field.split(".")[0])})
    home = model.measure_table(metric)
    if home is None:
        return frozenset({metric})
    spec = model.tables[home].measures[metric]
    if spec.where:
        return frozenset({metric})
    return frozenset({metric, _computed(spec.agg, (spec.expr or "").strip('"'), home)})


def _computed(agg: str, column: str, table: str) -> str:
    if agg in ("count", "count_distinct"):
        same = column.removesuffix("_id").rstrip("s") == table.rstrip("s") or not column
        return table if same else f"{agg} {column}"
    return column if agg == "sum" else f"{agg} {column}"


def _conditions(filters: Iterable[Condition]) -> frozenset[tuple[str, tuple[str, ...]]]:
    made: set[tuple[str, tuple[str, ...]]] = set()
    for one in filters:
        if isinstance(one, AnyOf):
            made.add((f"any of {len(one.any_of)}", ()))
        elif isinstance(one, Has):
            made.add((f"has {one.has} {one.exists}", (one.op or "", str(one.value))))
        elif one.op != "not_null":
            made.add((_name(one), tuple(sorted(str(v) for v in one.values))))
    return frozenset(made)


def _name(one: Filter) -> str:
    name = one.field.field.rsplit(".", 1)[-1] if one.field else str(one.term)
    return name + {"=": "", "in": "", "!=": "!", "not_in": "!"}.get(one.op, f" {one.op}")


def _window(time: TimeWindow | None, model: SemanticModel, as_of: datetime) -> tuple[str, str]:
    """Start and end days; the end of a period that is still running is the end of its unit."""
    if time is None or not (time.start or time.end or time.last or time.to_date):
        return "", ""
    found = window(time, as_of, model.calendar)
    return (found.start or "")[:10], (found.end or "")[:10]


def _today_at_most(one: Reading) -> tuple[Any, ...]:
    """The shape with a period that ends after today cut there: year to date and this year hold the same days."""
    start, end = one.period
    return replace(one, period=(start, min(end, _TOMORROW.isoformat()) if end else end)).shape()


def _same(found: Reading, wanted: Reading) -> bool:
    if _today_at_most(found) != _today_at_most(wanted) or (wanted.order and found.order != wanted.order):
        return False
    if len(found.figures) != len(wanted.figures):
        return False
    return all(any(name & have for have in found.figures) for name in wanted.figures)
