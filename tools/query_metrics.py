"""The tool most answers come from: metrics by dimensions and time, with totals, facts and a chart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from pydantic import BaseModel, ConfigDict, Field

from store.errors import InvalidRequest, QueryRefused
from tools.calendar_names import name_parts, name_periods
from tools.charts import metric_chart
from tools.conditions import filter_params
from tools.currencies import compiled_apart, unknown_currencies
from tools.evidence import Caveat, Column, Evidence, ResultTable
from tools.facts import Tables, metric_facts
from tools.lost_rows import lost_rows
from tools.params import params_table
from tools.privacy.hide import hide
from tools.registry import ToolContext, tool
from tools.run import KEY_ROLES, Ran, caveats, join_check, run
from tools.still_filling import still_filling
from warehouse.compiled import Compiled
from warehouse.compiler import compile_query
from warehouse.model.adhoc import output_name
from warehouse.query import MetricQuery


class QueryMetricsArgs(BaseModel):
    """A metric query and the title of its table."""

    model_config = ConfigDict(extra="forbid")

    query: MetricQuery
    title: str = Field("", description="shown above the table")


_MOST_NAMED = 4


@tool(
    "query_metrics", example="What was revenue by region last quarter?", needs="a table with numbers or things to count"
)
def query_metrics(context: ToolContext, args: QueryMetricsArgs) -> Evidence:
    """Compute metrics by dimensions and time from the semantic model, without writing SQL. Adding up the figures.

    Main table: one row per group, columns as in `MetricQuery`. A second table holds the figures over all groups when
    there are groups without a time grain. Raises what the compiler, the gate and the engine raise.
    """
    query, compiled, apart = compiled_apart(context, args.query)
    number = context.evidence_id.removeprefix("e")
    title = args.title or title_of(compiled)
    with ThreadPoolExecutor(max_workers=1) as beside:
        overall = beside.submit(_overall, context, query, f"t{number}o")
        main = run(context, compiled, table_id=f"t{number}", title=title, limit=query.limit)
        total = overall.result()
    kept_back = _kept_back(context, query, main, total)
    name_parts(main.table, query.dimensions)
    name_periods(main.table, context.model, query.time)
    params = params_table(f"p{number}", asked(query, compiled, len(main.table.rows)))
    evidence = Evidence(
        id=context.evidence_id,
        tool="query_metrics",
        args={"query": query.model_dump(mode="json", exclude_defaults=True)},
        sql=";\n\n".join(r.compiled.sql for r in (main, total) if r is not None),
        engine=context.engine.dialect,
        snapshot=context.snapshot.id,
        rows=len(main.table.rows),
        ms=round(main.result.ms + (total.result.ms if total else 0.0), 3),
        source_tables=list(compiled.tables),
        checks=[join_check(context, compiled)],
        warnings=[
            *(Caveat(code=n.code, message=n.text) for n in caveats(context, compiled)),
            *lost_rows(context, query, compiled),
            *still_filling(context, query, compiled),
            *apart,
            *unknown_currencies(context, args.query, compiled),
            *kept_back,
            *([] if kept_back else _unknown(main.table)),
        ],
    )
    lead = leading_measure(query, main.table)
    tables = Tables(main.table, total.table if total else None, params)
    derived, facts = metric_facts(tables, lead, f"d{number}")
    evidence.tables = [main.table, *([total.table] if total else []), *derived, params]
    for table in evidence.tables:
        table.evidence = evidence.id
    evidence.facts = facts
    chart = metric_chart(main.table, lead, f"c{number}")
    evidence.charts = [chart] if chart else []
    return evidence


def _unknown(table: ResultTable) -> list[Caveat]:
    """Names the few groups of which a sum is not known, though it is of others: their source does not tell it."""
    groups = [c for c in table.columns if c.role in KEY_ROLES]
    sums = [c for c in table.columns if c.role not in KEY_ROLES and c.additive]
    if len(sums) != 1 or [c.role for c in groups] != ["dimension"]:
        return []
    who, at = table.column_index(groups[0].name), table.column_index(sums[0].name)
    names = [str(row[who]) for row in table.rows if row[at] is None and row[who] is not None]
    if not names or len(names) == len(table.rows):
        return []
    told = ", ".join(names[:_MOST_NAMED]) + (" and others" if len(names) > _MOST_NAMED else "")
    return [Caveat(code="unknown_groups", message=f"{sums[0].label} is not known for {told}: the data do not tell.")]


def _overall(context: ToolContext, query: MetricQuery, table_id: str) -> Ran | None:
    """The same metrics over all groups: what a share is a share of, and the average a group is held against."""
    grouped_by_time = query.time is not None and query.time.grain is not None
    if not query.metrics or not query.dimensions or grouped_by_time or query.having:
        return None
    whole = MetricQuery(metrics=query.metrics, filters=query.filters, time=query.time)
    try:
        compiled = compile_query(
            context.model, whole, profile=context.profile, as_of=context.as_of, principal=context.principal
        )
    except InvalidRequest as error:
        if error.code != "mixed_currency":
            raise
        return None  # split by currency the figure is right; over all of them there is none
    return run(context, compiled, table_id=table_id, title="All groups together", limit=whole.limit)


def _kept_back(context: ToolContext, query: MetricQuery, main: Ran, total: Ran | None) -> list[Caveat]:
    """Empties what is about too few people, in the rows and in the figures over all of them.

    Raises `QueryRefused` when nothing is left to show.
    """
    found = [hide(context, query, main)]
    figures = [i for i, c in enumerate(main.table.columns) if c.role not in KEY_ROLES]
    if found[0] is not None and all(row[i] is None for row in main.table.rows for i in figures):
        raise QueryRefused(found[0].message, code="small_cells", hint="Ask about longer periods, or larger groups.")
    if total is not None:
        whole = MetricQuery(metrics=query.metrics, filters=query.filters, time=query.time)
        found.append(hide(context, whole, total))
    return [c for c in found if c is not None][:1]


def leading_measure(query: MetricQuery, table: ResultTable) -> Column | None:
    """The figure the answer is about: the one that ranks or orders the rows, else the first."""
    measures = {c.name: c for c in table.columns if c.role == "measure"}
    ranked_by = [query.top.by] if query.top else [o.by for o in query.order]
    named = (measures.get(n) or measures.get(output_name(n) if ":" in n else n) for n in ranked_by)
    return next((m for m in named if m is not None), next(iter(measures.values()), None))


def title_of(compiled: Compiled) -> str:
    """ "Net revenue by channel" from the output columns."""
    figures = [c.label for c in compiled.columns if c.role == "measure"]
    groups = [c.label.lower() for c in compiled.columns if c.role in ("dimension", "time")]
    head = " and ".join(figures[:2]) + (" and more" if len(figures) > 2 else "")
    by = " and ".join(groups)
    if not figures:
        return by[:1].upper() + by[1:]
    return f"{head} by {by}" if groups else head


def asked(query: MetricQuery, compiled: Compiled, rows: int) -> dict[str, str]:
    """The parameters of a query in words: period, prior period, how many were asked for and found, filter values."""
    values: dict[str, str] = {}
    if compiled.period is not None:
        values["period"] = compiled.period.label
    if compiled.prior is not None:
        values["prior"] = compiled.prior.label
    if query.top is not None:
        values["top_n"] = str(query.top.n)
    return values | {"rows": f"{rows:,}"} | filter_params(query.filters)
