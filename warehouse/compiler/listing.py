"""The distinct values of dimensions, for a query that asks for no figure at all."""

from __future__ import annotations

from datetime import datetime

from store.errors import InvalidRequest
from warehouse.compiled import Compiled
from warehouse.compiler.paths import no_path, route_or_none
from warehouse.compiler.records import list_records
from warehouse.compiler.resolve import Catalog
from warehouse.query import DimRef, MetricQuery, Order, RecordQuery


def compile_values(catalog: Catalog, query: MetricQuery, as_of: datetime, dialect: str) -> Compiled:
    """One row per combination of values, in order of the values. Raises what `list_records` raises."""
    if query.compare or query.transforms or query.having:
        raise InvalidRequest("A comparison or a share needs a metric.", code="no_metric", hint="Say of which figure.")
    refs = list(query.dimensions)
    table = _base(catalog, refs)
    if query.time is not None and query.time.grain is not None:
        raise InvalidRequest("A list of values has no periods.", code="no_metric", hint="Ask for a figure over time.")
    records = RecordQuery(
        table=table,
        columns=query.dimensions,
        filters=query.filters,
        time=query.time,
        distinct=True,
        order=tuple(Order(by=o.by, desc=o.desc) for o in query.order),
        limit=min(query.limit, query.top.n) if query.top else query.limit,
    )
    made = list_records(catalog, records, as_of, dialect)
    columns = tuple(c.model_copy(update={"role": "time" if c.grain else "dimension"}) for c in made.columns)
    return made.model_copy(update={"columns": columns})


def _base(catalog: Catalog, refs: list[DimRef]) -> str:
    """The one of the dimensions' tables from which many-to-one joins lead to all the others."""
    tables = list(dict.fromkeys(catalog.field(ref).table for ref in refs))
    for table in tables:
        if all(route_or_none(catalog.model, table, other) is not None for other in tables):
            return table
    raise no_path(catalog.model, tables[0], tables[1])
