"""The tool for what no metric query can express: one SELECT through the same gate, and always labelled as such."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from store.errors import LimitReached
from tools.evidence import Caveat, CellRef, Evidence, Fact, ResultTable, row_key
from tools.params import params_table
from tools.registry import ToolContext, tool
from tools.run import to_table
from warehouse import guard
from warehouse.compiled import ColumnRole, Compiled, OutputColumn
from warehouse.engines.base import QueryResult
from warehouse.model.adhoc import humanize
from warehouse.model.schema import ValueType

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 1000


class RunSqlArgs(BaseModel):
    """One SELECT over the workspace's tables, and the title of its table."""

    model_config = ConfigDict(extra="forbid")

    sql: str = Field(min_length=1, max_length=guard.MOST_BYTES)
    title: str = Field("", max_length=200, description="shown above the table")


@tool("run_sql")
def run_sql(context: ToolContext, args: RunSqlArgs) -> Evidence:
    """Run one SELECT over the workspace's tables, for what no metric query can express. Running a query by hand.

    Main table: the first 1,000 rows; whole and decimal columns are figures, all others groups. The definitions of the
    semantic model do not apply, and a warning says so. Raises `QueryRefused` from the gate, for people who may not
    write SQL too, and `InvalidRequest` when the engine cannot run the statement.
    """
    bound = guard.authorize(
        guard.RawSql(args.sql, context.engine.dialect),
        context.principal,
        model=context.model,
        snapshot=context.snapshot,
    )
    result = context.engine.run(bound)
    number = context.evidence_id.removeprefix("e")
    table = _table(result, f"t{number}", args.title)
    params = params_table(f"p{number}", {"rows": f"{len(table.rows):,}"})
    evidence = Evidence(
        id=context.evidence_id,
        tool="run_sql",
        args=args.model_dump(exclude_defaults=True),
        tables=[table, params],
        facts=_facts(table, params),
        warnings=[_label()],
        sql=bound.sql,
        engine=context.engine.dialect,
        snapshot=context.snapshot.id,
        rows=len(table.rows),
        ms=round(result.ms, 3),
        source_tables=sorted(_model_names(context, bound.tables)),
    )
    for made in evidence.tables:
        made.evidence = evidence.id
    return evidence


def _label() -> Caveat:
    message = (
        "These figures come from SQL written for this question; the definitions of the semantic model do not apply."
    )
    return Caveat(code="raw_sql", message=message)


def _facts(table: ResultTable, params: ResultTable) -> list[Fact]:
    """A single figure is told as one; everything else by how many rows there are."""
    if not table.rows:
        return [Fact(kind="empty", values={}, impact=1.0)]
    figures = [c for c in table.columns if c.role == "measure"]
    if len(table.rows) == 1 and len(table.columns) == 1 and figures:
        return [Fact(kind="total", metric="The result", values={"value": table.ref(0, figures[0].name)}, impact=1.0)]
    count = CellRef(table=params.id, row=row_key(["rows"]), column="value")
    return [Fact(kind="record_list", values={"count": count}, impact=1.0)]


def _table(result: QueryResult, table_id: str, title: str) -> ResultTable:
    if result.table.num_columns == 0 or result.table.num_columns > 100:
        raise LimitReached("This SQL gives too many columns.", code="too_many_columns", hint="Select fewer columns.")
    columns = [_column(field) for field in result.table.schema]
    cut = result.table.slice(0, MOST_ROWS)
    compiled = Compiled(sql="", dialect="duckdb", columns=tuple(columns), tables=())
    kept = QueryResult(cut, result.ms, result.truncated or result.table.num_rows > MOST_ROWS, result.cached)
    return to_table(compiled, kept, table_id=table_id, title=title or "Result of a query", limit=MOST_ROWS + 1)


def _column(field: pa.Field) -> OutputColumn:
    kind = _type(str(field.type))
    role: ColumnRole = "measure" if kind in ("integer", "decimal", "float") else "dimension"
    return OutputColumn(name=field.name, label=humanize(field.name)[:60] or "Value", type=kind, role=role)


def _type(arrow: str) -> ValueType:
    known: list[tuple[tuple[str, ...], ValueType]] = [
        (("int", "uint"), "integer"), (("decimal",), "decimal"), (("double", "float", "half"), "float"),
        (("bool",), "boolean"), (("date",), "date"), (("timestamp",), "datetime"), (("time",), "time"),
    ]  # fmt: skip
    return next((kind for starts, kind in known if arrow.startswith(starts)), "text")


def _model_names(context: ToolContext, stored: tuple[str, ...]) -> set[str]:
    return {name for name, table in context.model.tables.items() if table.source in stored}
