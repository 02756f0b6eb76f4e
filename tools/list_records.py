"""The tool for “which ones” and “show me”: rows of a table with the columns that were asked for."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from tools.conditions import filter_params
from tools.evidence import Caveat, CellRef, Evidence, Fact, row_key
from tools.params import params_table
from tools.registry import ToolContext, tool
from tools.run import join_check, run
from warehouse.compiler import compile_records
from warehouse.query import RecordQuery


class ListRecordsArgs(BaseModel):
    """A record listing and the title of its table."""

    model_config = ConfigDict(extra="forbid")

    query: RecordQuery
    title: str = Field("", description="shown above the table")


@tool("list_records")
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
    values = {"rows": f"{len(ran.table.rows):,}"} | ({"period": compiled.period.label} if compiled.period else {})
    params = params_table(f"p{number}", values | filter_params(query.filters))
    count = CellRef(table=params.id, row=row_key(["rows"]), column="value")
    warnings = [Caveat(code=n.code, message=n.text) for n in compiled.notes]
    if ran.table.truncated:
        warnings.append(Caveat(code="limited", message=f"Only the first {len(ran.table.rows):,} {plural} are shown."))
    evidence = Evidence(
        id=context.evidence_id,
        tool="list_records",
        args={"query": query.model_dump(mode="json", exclude_defaults=True)},
        tables=[ran.table, params],
        facts=[Fact(kind="record_list" if ran.table.rows else "empty", values={"count": count}, impact=1.0)],
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
