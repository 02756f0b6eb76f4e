"""The way from a typed request to SQL with its meaning: resolve, aggregate each fact alone, combine, cut, explain."""

from __future__ import annotations

from datetime import datetime

from store.principal import Principal
from warehouse.compiled import Compiled
from warehouse.compiler.build import prepare
from warehouse.compiler.calendar_math import within_calendar
from warehouse.compiler.calendars import on_the_clock
from warehouse.compiler.listing import compile_values
from warehouse.compiler.notes import add_time_notes, partial_starts, period_of
from warehouse.compiler.output import output_columns
from warehouse.compiler.period_labels import iso
from warehouse.compiler.policies import catalog_for
from warehouse.compiler.probes import probes
from warehouse.compiler.render import render
from warehouse.compiler.results import select
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile
from warehouse.query import MetricQuery


@within_calendar()
def compile_query(
    model: SemanticModel,
    query: MetricQuery,
    *,
    profile: DataProfile,
    as_of: datetime,
    dialect: str = "duckdb",
    principal: Principal | None = None,
) -> Compiled:
    """The SQL of a metric query, one row per group, with labels, units, lineage and notes.

    `as_of` is now; a naive one is on the business clock. `principal` is who asks; without one the model's policies see
    nobody, who has no attributes. Raises `UnknownName` with near names, `InvalidRequest` with the code of the rule that
    refused, and `QueryRefused` with code `policy_no_path` or `policy_attribute`.
    """
    catalog = catalog_for(on_the_clock(model, query.time), profile, principal)
    if not query.metrics:
        return compile_values(catalog, query, as_of, dialect)
    build = prepare(catalog, query, as_of)
    statement, shown = select(build)
    partial = partial_starts(build)
    add_time_notes(build, partial)
    record = build.record
    return Compiled(
        sql=render(statement, dialect),
        dialect=dialect,
        columns=output_columns(build, shown),
        tables=tuple(record.tables),
        notes=tuple(record.notes.values()),
        period=period_of(build, build.window),
        prior=period_of(build, build.prior),
        partial_periods=tuple(str(iso(p)) for p in partial),
        filter_columns=tuple(record.filters),
        join_path=tuple(record.joined),
        probes=tuple(probes(build, dialect)),
        policies=tuple(record.policies),
        policy_digest=catalog.digest,
    )
