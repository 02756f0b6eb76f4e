"""The tool for “what can I ask?”: what the data holds and what its words mean, from the semantic model alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from store.errors import unknown
from tools.evidence import Column, Evidence, Fact, ResultTable, row_keys
from tools.params import params_table
from tools.registry import ToolContext, tool
from warehouse.model.schema import Dimension, Measure, Metric, SemanticModel


class DescribeDataArgs(BaseModel):
    """What to describe: everything, one table, or one metric."""

    model_config = ConfigDict(extra="forbid")

    topic: Literal["overview", "table", "metric"] = "overview"
    name: str | None = None


@tool("describe_data", example="What does net revenue mean?", needs="any data")
def describe_data(context: ToolContext, args: DescribeDataArgs) -> Evidence:
    """Say what data there is, what a table holds, or how a metric is defined. Looking at what the data holds.

    Main table: one row per table (overview), per field (table) or per property (metric).
    Raises `UnknownName` for a table or metric the model does not have.
    """
    kinds: dict[str, Callable[[ToolContext, str], tuple[ResultTable, dict[str, str]]]] = {
        "overview": lambda c, _n: _overview(c),
        "table": _table,
        "metric": _metric,
    }
    number = context.evidence_id.removeprefix("e")
    table, params = kinds[args.topic](context, args.name or "")
    table.id = f"t{number}"
    asked = params_table(f"p{number}", params)
    values = {name: asked.ref(i, "value") for i, name in enumerate(params)}
    evidence = Evidence(
        id=context.evidence_id,
        tool="describe_data",
        args=args.model_dump(exclude_none=True),
        tables=[table, asked],
        facts=[Fact(kind="description", values=values, attributes={"topic": args.topic}, impact=1.0)],
        snapshot=context.snapshot.id,
        rows=len(table.rows),
        source_tables=sorted(context.model.tables),
    )
    for made in evidence.tables:
        made.evidence = evidence.id
    return evidence


def label_of(name: str, described: Any) -> str:
    """The label people see: authored, else the name with its underscores as blanks."""
    return described.label or name.replace("_", " ").capitalize()


def _made(title: str, heads: Sequence[tuple[str, str, str]], rows: list[list[Any]]) -> ResultTable:
    columns = [Column(name=n, label=lab, type=t, role="record") for n, lab, t in heads]
    return ResultTable(
        id="t", title=title, columns=columns, rows=rows, row_keys=row_keys(rows, [0]), total_rows=len(rows)
    )


def _overview(context: ToolContext) -> tuple[ResultTable, dict[str, str]]:
    model = context.model
    rows = []
    for name, table in model.tables.items():
        stored = context.profile.tables.get(name)
        first, last = context.profile.bounds(name, table.time.default) if table.time else (None, None)
        period = f"{first.isoformat()} to {last.isoformat()}" if first and last else None
        asks = [label_of(n, m) for n, m in table.measures.items()]
        groups = [label_of(n, d) for n, d in table.dimensions.items() if _splits(d)]
        rows.append([label_of(name, table), stored.rows if stored else 0, period, _some(asks), _some(groups)])
    heads = (
        ("table", "Table", "text"),
        ("rows", "Rows", "integer"),
        ("period", "Period", "text"),
        ("figures", "Figures", "text"),
        ("groups", "Can be split by", "text"),
    )
    params = {"tables": str(len(rows)), "metrics": str(_count_metrics(model)), "name": model.label or model.model}
    return _made("What this data holds", heads, rows), params


def _splits(dimension: Dimension) -> bool:
    return dimension.groupable and not dimension.pii and dimension.type in ("text", "boolean")


def _some(names: list[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def _count_metrics(model: SemanticModel) -> int:
    return len(model.metrics) + sum(len(t.measures) for t in model.tables.values())


def _table(context: ToolContext, name: str) -> tuple[ResultTable, dict[str, str]]:
    table = context.model.tables.get(name)
    if table is None:
        raise unknown("table", name, context.model.tables)
    rows: list[list[Any]] = []
    for field, measure in table.measures.items():
        rows.append([label_of(field, measure), "figure", _measure_text(measure), ", ".join(measure.words())])
    for field, dimension in table.dimensions.items():
        rows.append([label_of(field, dimension), "group", dimension.description, ", ".join(dimension.words())])
    for field, column in (table.time.columns if table.time else {}).items():
        rows.append([label_of(field, column), "time", column.description, ", ".join(column.words())])
    heads = (
        ("field", "Field", "text"),
        ("use", "Use", "text"),
        ("meaning", "Meaning", "text"),
        ("words", "Also called", "text"),
    )
    stored = context.profile.tables.get(name)
    params = {"name": label_of(name, table), "rows": f"{stored.rows:,}" if stored else "0", "fields": str(len(rows))}
    return _made(f"What {label_of(name, table).lower()} holds", heads, rows), params


def _measure_text(measure: Measure) -> str:
    how = {"count": "number of rows", "count_distinct": "number of different"}.get(measure.agg, measure.agg)
    text = (
        how
        if measure.agg == "count"
        else f"{how} {measure.expr}"
        if measure.agg == "count_distinct"
        else (f"{how} of {measure.expr}")
    )
    return measure.description or (f"{text} where {measure.where}" if measure.where else text)


def _metric(context: ToolContext, name: str) -> tuple[ResultTable, dict[str, str]]:
    model = context.model
    home = model.measure_table(name)
    found = model.metrics.get(name) or (model.tables[home].measures[name] if home else None)
    if found is None:
        known = [*model.metrics, *(m for t in model.tables.values() for m in t.measures)]
        raise unknown("metric", name, known)
    definition = _measure_text(found) if isinstance(found, Measure) else _metric_text(model, found)
    rows: list[list[Any]] = [["Definition", definition], ["Also called", ", ".join(found.words()) or None]]
    if home:
        rows.append(["Table", label_of(home, model.tables[home])])
    heads = (("property", "Property", "text"), ("value", "Value", "text"))
    params = {"name": label_of(name, found), "definition": definition}
    return _made(f"What {label_of(name, found).lower()} means", heads, rows), params


def _called(model: SemanticModel, name: str | None) -> str:
    """A part of a metric by its label, in the middle of a sentence."""
    home = model.measure_table(name) if name else None
    found = model.metrics.get(name or "") or (model.tables[home].measures.get(name or "") if home else None)
    return label_of(name or "", found).lower() if found else str(name)


def _metric_text(model: SemanticModel, metric: Metric) -> str:
    formula = {
        "simple": _called(model, metric.measure),
        "ratio": f"{_called(model, metric.numerator)} divided by {_called(model, metric.denominator)}",
        "derived": metric.expr,
    }[metric.kind]
    text = f"{formula} where {metric.where}" if metric.where else str(formula)
    return f"{metric.description} ({text})" if metric.description else text
