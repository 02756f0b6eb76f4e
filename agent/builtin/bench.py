"""What refining a query needs at hand: the model, what today is, and the planner that reads the words of a reply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from agent.brain import PlanContext
from agent.builtin.lexicon import Lexicon, Ref, lexicon_of
from agent.plan import Clarify, Decision, Plan
from store.errors import PlainsayError
from warehouse.model.schema import SemanticModel
from warehouse.query import MetricQuery, MetricRef, RecordQuery, TimeWindow

Planner = Callable[[PlanContext], Decision]


@dataclass(frozen=True)
class Bench:
    """A turn's surroundings; `planner` reads a whole question and knows nothing of the thread."""

    context: PlanContext
    planner: Planner

    @property
    def model(self) -> SemanticModel:
        return self.context.model

    @property
    def lexicon(self) -> Lexicon:
        return lexicon_of(self.context.model)

    def plan(self, text: str) -> Decision:
        """The decision on a text as if it were the whole question."""
        return self.planner(self.context.asking(text))

    def figures(self, text: str) -> tuple[Plan, MetricQuery] | None:
        """The plan and query of a text that asks for figures; None for anything else."""
        decision = self.plan(text)
        query = metric_query(decision) if isinstance(decision, Plan) else None
        return (decision, query) if isinstance(decision, Plan) and query is not None else None

    def runs(self, query: MetricQuery | RecordQuery) -> bool:
        """Whether the compiler takes the query."""
        from warehouse import compiler

        shared: dict[str, Any] = {"profile": self.context.profile, "as_of": self.context.as_of}
        try:
            if isinstance(query, MetricQuery):
                compiler.compile_query(self.model, query, **shared)
            else:
                compiler.compile_records(self.model, query, **shared)
        except (PlainsayError, ValueError, LookupError, ArithmeticError):
            return False
        return True

    def window(self, time: TimeWindow | None) -> tuple[date, date] | None:
        """First day and the day after the last of a bounded period."""
        from warehouse.compiler import window

        if time is None:
            return None
        found = window(time, self.context.as_of, self.model.calendar)
        if found.start is None or found.end is None:
            return None
        return datetime.fromisoformat(found.start).date(), datetime.fromisoformat(found.end).date()

    def period_label(self, time: TimeWindow | None) -> str | None:
        """The period in words, None for all time."""
        from warehouse.compiler import window

        if time is None or not (time.start or time.end or time.last or time.to_date):
            return None
        return window(time, self.context.as_of, self.model.calendar).label

    def metric_label(self, ref: MetricRef) -> str:
        """What people call a figure: “Net revenue”; an unnamed one is “average amount”."""
        home = self.model.measure_table(ref.metric)
        if ref.metric in self.model.metrics:
            return self.lexicon.label(Ref("metric", "", ref.metric))
        if home:
            return self.lexicon.label(Ref("measure", home, ref.metric))
        agg, _, field = ref.metric.partition(":")
        table, _, column = field.partition(".")
        return f"{_AGG_WORDS.get(agg, agg)} {self.field_label(f'{table}.{column}').lower()}"

    def field_label(self, field: str) -> str:
        """What people call a column."""
        table, _, name = field.rpartition(".")
        spec = self.model.tables.get(table)
        for kind, known in (
            ("dim", spec.dimensions if spec else {}),
            ("number", spec.numbers if spec else {}),
            ("time", spec.time.columns if spec and spec.time else {}),
        ):
            if name in known:
                return self.lexicon.label(Ref(kind, table, name))  # type: ignore[arg-type]
        return name.replace("_", " ").capitalize()

    def home(self, metric: str) -> str | None:
        """The table a figure counts; None when there is no single one."""
        if ":" in metric:
            return metric.partition(":")[2].partition(".")[0]
        spec = self.model.metrics.get(metric)
        if spec is None:
            return self.model.measure_table(metric)
        part = spec.measure or spec.numerator
        return self.home(part) if part else None


_AGG_WORDS = {
    "avg": "average",
    "sum": "total",
    "min": "lowest",
    "max": "highest",
    "count_distinct": "number of different",
}


def metric_query(plan: Plan) -> MetricQuery | None:
    """The metric query of a plan's first step."""
    step = next(iter(plan.steps.values()), None)
    return MetricQuery.model_validate(step.args["query"]) if step and step.tool == "query_metrics" else None


def options_as_plans(decision: Decision) -> list[Plan]:
    """The plans that a question back offers."""
    if not isinstance(decision, Clarify):
        return []
    return [Plan.model_validate({"kind": "plan", **o.patch}) for o in decision.options]
