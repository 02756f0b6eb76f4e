"""The tool for “which ones” and “show me”: rows of a table with the columns that were asked for."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from store.errors import PlainsayError
from tools.conditions import filter_params
from tools.evidence import Caveat, CellRef, Evidence, Fact, row_key
from tools.params import params_table
from tools.registry import ToolContext, tool
from tools.run import fetch, join_check, run
from warehouse.compiler import compile_query, compile_records
from warehouse.model.adhoc import adhoc_name
from warehouse.model.schema import Aggregation
from warehouse.query import MetricQuery, MetricRef, RecordQuery


class ListRecordsArgs(BaseModel):
    """A record listing and the title of its table."""

    model_config = ConfigDict(extra="forbid")

    query: RecordQuery
    title: str = Field("", description="shown above the table")


@tool("list_records", example="Show the ten latest orders", needs="any table")
def list_records(context: ToolContext, args: ListRecordsArgs) -> Evidence:
    """List rows of one table with its own columns and those of tables it belongs to. Looking up the records.

    Main table: one row per record, in the order asked. Raises what the compiler, the gate and the engine raise.
    """
    query = args.query
    compiled = compile_records(
        context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
    )
    number = context.evidence_id.removeprefix("e")
    table = context.model.tables[query.table]
    plural = table.records or table.label or query.table
    ran = run(context, compiled, table_id=f"t{number}", title=args.title or plural.capitalize(), limit=query.limit)
    every = _in_all(context, query) if ran.table.truncated else None
    values = {"rows": f"{len(ran.table.rows):,}"} | ({"all": f"{every:,}"} if every else {})
    values |= {"period": compiled.period.label} if compiled.period else {}
    params = params_table(f"p{number}", values | filter_params(query.filters))
    count = CellRef(table=params.id, row=row_key(["rows"]), column="value")
    told = {"count": count}
    if every:
        told["all"] = CellRef(table=params.id, row=row_key(["all"]), column="value")
    warnings = [Caveat(code=n.code, message=n.text) for n in compiled.notes]
    if ran.table.truncated:
        shown = f"{len(ran.table.rows):,}{f' of {every:,}' if every else ''} {plural} are"
        message = f"Only the first {shown if len(ran.table.rows) > 1 else 'one is'} shown."
        warnings.append(Caveat(code="limited", message=message))
    evidence = Evidence(
        id=context.evidence_id,
        tool="list_records",
        args={"query": query.model_dump(mode="json", exclude_defaults=True)},
        tables=[ran.table, params],
        facts=[Fact(kind="record_list" if ran.table.rows else "empty", values=told, impact=1.0)],
        warnings=warnings,
        checks=[join_check(context, compiled)],
        sql=compiled.sql,
        engine=context.engine.dialect,
        snapshot=context.snapshot.id,
        rows=len(ran.table.rows),
        ms=round(ran.result.ms, 3),
        source_tables=list(compiled.tables),
    )
    for made in evidence.tables:
        made.evidence = evidence.id
    return evidence


def _in_all(context: ToolContext, query: RecordQuery) -> int | None:
    """How many records meet the conditions of a listing that was cut; None where a count would not mean the same."""
    table = context.model.tables[query.table]
    if query.distinct or query.related or not table.key:
        return None
    agg: Aggregation = "count_distinct" if len(table.key) == 1 else "count"
    one = MetricRef(metric=adhoc_name(agg, query.table, table.key[0]), alias="records")
    try:
        counted = MetricQuery(metrics=(one,), filters=query.filters, time=query.time)
        compiled = compile_query(
            context.model, counted, profile=context.profile, as_of=context.as_of, principal=context.principal
        )
        found = fetch(context, compiled).table.column(0).to_pylist()
    except PlainsayError:
        return None
    return int(found[0]) if found and found[0] is not None else None
