"""Says when a filter or a group on a joined table meets rows that belong to nothing there, as they vanish silently."""

from __future__ import annotations

from decimal import Decimal

from store.errors import PlainsayError
from tools.evidence import Caveat
from tools.registry import ToolContext
from tools.run import fetch
from warehouse.compiled import Compiled
from warehouse.compiler import compile_query
from warehouse.compiler.paths import words
from warehouse.compiler.resolve import metric_home
from warehouse.model.schema import Measure, SemanticModel
from warehouse.query import AnyOf, Condition, DimRef, Filter, MetricQuery, MetricRef

_MOST_LOST = Decimal("0.05")
ROWS = "__rows"


def lost_rows(context: ToolContext, query: MetricQuery, compiled: Compiled) -> list[Caveat]:
    """A caveat for each joined table to which more than 5 % of the counted rows do not belong.

    Groups of figures that add up are left to the check of the shown table, which sees the nameless group itself.
    """
    root = metric_home(context.model, query.metrics[0].metric) if query.metrics else None
    if root is None:
        return []
    adds_up = all(c.additive for c in compiled.columns if c.role == "measure")
    asked = {t for c in query.filters for t in _tables(c)}
    if not adds_up:
        asked |= {_table(d) for d in query.dimensions}
    found = (_caveat(context, query, root, t) for t in sorted(asked & set(compiled.join_path) - {root}))
    return [c for c in found if c is not None]


def _caveat(context: ToolContext, query: MetricQuery, root: str, table: str) -> Caveat | None:
    key = context.model.tables[table].key
    if not key:
        return None
    known = Filter(field=DimRef(field=f"{table}.{key[0]}"), op="not_null")
    metrics = (MetricRef(metric=ROWS, alias="rows"), MetricRef(metric=ROWS, where=(known,), alias="matched"))
    window = query.time.model_copy(update={"grain": None}) if query.time else None
    others = tuple(c for c in query.filters if table not in _tables(c))
    asked = MetricQuery(metrics=metrics, filters=others, time=window)
    try:
        compiled = compile_query(
            counting(context.model, root),
            asked,
            profile=context.profile,
            as_of=context.as_of,
            principal=context.principal,
        )
        rows, matched = (column[0].as_py() or 0 for column in fetch(context, compiled).table.columns)
    except PlainsayError:
        return None  # what cannot be counted here is no reason to hold the answer back
    lost = Decimal(rows - matched) / rows if rows else Decimal(0)
    if lost <= _MOST_LOST:
        return None
    one, many = words(context.model, root), words(context.model, table)
    return Caveat(code="row_loss", message=f"{lost:.1%} of the {one} belong to none of the {many}.")


def counting(model: SemanticModel, root: str, where: str | None = None) -> SemanticModel:
    """The model with a count of the rows of `root` that are `where`, which not every model has."""
    table = model.tables[root]
    counted = table.model_copy(update={"measures": {**table.measures, ROWS: Measure(agg="count", where=where)}})
    return model.model_copy(update={"tables": {**model.tables, root: counted}})


def _tables(condition: Condition) -> set[str]:
    parts = condition.any_of if isinstance(condition, AnyOf) else (condition,)
    return {_table(p.field) for p in parts if isinstance(p, Filter) and p.field is not None}


def _table(ref: DimRef) -> str:
    return ref.field.rpartition(".")[0]
