"""What each entity did, counted by the engine: days, sums and gaps per customer, so that no tool pulls events."""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from store.principal import Principal
from warehouse.compiled import Compiled, Lineage, OutputColumn
from warehouse.compiler.build import Build, prepare
from warehouse.compiler.calendar_math import within_calendar
from warehouse.compiler.calendars import on_the_clock
from warehouse.compiler.notes import period_of
from warehouse.compiler.output import output_columns
from warehouse.compiler.policies import catalog_for
from warehouse.compiler.render import render
from warehouse.compiler.results import select
from warehouse.compiler.scope import aliased, column
from warehouse.compiler.time_sql import literal
from warehouse.entity_query import EntityQuery, PerEntity
from warehouse.model.schema import SemanticModel, Unit, ValueType
from warehouse.profile import DataProfile
from warehouse.query import Filter, Having, MetricQuery, TimeWindow

_LOG = "__log"
_ID, _DAY, _AMOUNT, _EVENTS, _BY = "__id", "__day", "__amount", "__events", "__by"
_TYPES: dict[str, ValueType] = {"days": "integer", "events": "integer", "first": "date", "last": "date"}


@within_calendar()
def compile_entities(
    model: SemanticModel,
    query: EntityQuery,
    *,
    profile: DataProfile,
    as_of: datetime,
    dialect: str = "duckdb",
    principal: Principal | None = None,
) -> Compiled:
    """The SQL of an entity query: one row per entity in the order of its id (figures, or its value), or the gaps.

    Days are those of the business clock. Raises what `compile_query` raises.
    """
    base = _by_day(query)
    catalog = catalog_for(on_the_clock(model, base.time), profile, principal)
    build = prepare(catalog, base, as_of)
    statement, shown = select(build)
    columns = output_columns(build, shown)
    log = _log(statement, [s.name for s in shown])
    if query.by is not None:
        made, outputs = _main_value(log, columns)
    else:
        made, outputs = _per_entity(log, query, columns) if query.columns else _gaps(log)
    return Compiled(
        sql=render(made, dialect), dialect=dialect, columns=tuple(outputs), period=period_of(build, build.window),
        **_read(build),
    )  # fmt: skip


def _read(build: Build) -> dict[str, tuple[str, ...] | str]:
    """Which tables, joins and policies the statement stands on."""
    record = build.record
    return {
        "tables": tuple(record.tables), "filter_columns": tuple(record.filters), "join_path": tuple(record.joined),
        "policies": tuple(record.policies), "policy_digest": build.catalog.digest,
    }  # fmt: skip


def _by_day(query: EntityQuery) -> MetricQuery:
    """One row per entity and active day; rows of nobody are left out."""
    window = TimeWindow(column=query.time_column, grain="day", fill=False, start=query.start, end=query.end)
    metrics = (
        query.amount.model_copy(update={"alias": "amount"}),
        query.events.model_copy(update={"alias": "events"}),
    )
    somebody = Filter(field=query.entity, op="not_null")
    split = (query.by,) if query.by is not None else ()
    return MetricQuery(
        metrics=metrics, dimensions=(query.entity, *split), filters=(somebody, *query.filters),
        having=(Having(column="events", op=">", value=0),), time=window, limit=1,
    )  # fmt: skip


def _log(statement: exp.Query, names: list[str]) -> exp.Query:
    """The statement without order and limit, its columns under names of our own."""
    statement.set("order", None)
    statement.set("limit", None)
    day = names.index("day")
    rest = [n for n in names if n not in ("day", "amount", "events")]
    renamed = {names[day]: _DAY, rest[0]: _ID, "amount": _AMOUNT, "events": _EVENTS}
    renamed |= dict.fromkeys(rest[1:2], _BY)
    inner = exp.Subquery(this=statement, alias=exp.TableAlias(this=exp.to_identifier("__rows", quoted=True)))
    return exp.select(*(aliased(column(None, old), new) for old, new in renamed.items())).from_(inner, copy=False)


def _per_entity(
    log: exp.Query, query: EntityQuery, columns: tuple[OutputColumn, ...]
) -> tuple[exp.Query, list[OutputColumn]]:
    made = exp.select(column(None, _ID), *(aliased(_figure(c), c.name) for c in query.columns))
    made = made.from_(_named(_LOG), copy=False)
    made = made.with_(exp.to_identifier(_LOG, quoted=True), as_=log, copy=False)
    made = made.group_by(column(None, _ID), copy=False).order_by(column(None, _ID), copy=False)
    who = next(c for c in columns if c.role == "dimension")
    amount = next(c for c in columns if c.name == "amount")
    return made, [who.model_copy(update={"name": _ID}), *(_output(c, amount) for c in query.columns)]


def _main_value(log: exp.Query, columns: tuple[OutputColumn, ...]) -> tuple[exp.Query, list[OutputColumn]]:
    """The value of each entity with most of its events; of equals the first by name, so that it is always the same."""
    many = aliased(exp.Sum(this=column(None, _EVENTS)), "__many")
    counted = exp.select(column(None, _ID), column(None, _BY), many)
    counted = counted.from_(_named(_LOG), copy=False)
    counted = counted.group_by(column(None, _ID), column(None, _BY), copy=False)
    place = exp.Window(
        this=exp.RowNumber(), partition_by=[column(None, _ID)],
        order=exp.Order(expressions=[
            exp.Ordered(this=column(None, "__many"), desc=True), exp.Ordered(this=column(None, _BY)),
        ]),
    )  # fmt: skip
    ranked = exp.select(column(None, _ID), column(None, _BY), aliased(place, "__place")).from_(_named("__counted"))
    made = exp.select(column(None, _ID), column(None, _BY)).from_(_named("__ranked"), copy=False)
    made = made.where(exp.EQ(this=column(None, "__place"), expression=exp.Literal.number(1)), copy=False)
    for name, part in ((_LOG, log), ("__counted", counted), ("__ranked", ranked)):
        made = made.with_(exp.to_identifier(name, quoted=True), as_=part, copy=False)
    who, value = (c for c in columns if c.role == "dimension")
    outputs = [who.model_copy(update={"name": _ID}), value.model_copy(update={"name": _BY})]
    return made.order_by(column(None, _ID), copy=False), outputs


def _named(name: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name, quoted=True))


def _figure(wanted: PerEntity) -> exp.Expr:
    """An aggregate over the days of the figure's own window."""
    day = column(None, _DAY)
    tests: list[exp.Expr] = []
    if wanted.start is not None:
        tests.append(exp.GTE(this=day.copy(), expression=literal(wanted.start)))
    if wanted.end is not None:
        tests.append(exp.LT(this=day.copy(), expression=literal(wanted.end)))

    def inside(value: exp.Expr) -> exp.Expr:
        return exp.Case(ifs=[exp.If(this=exp.and_(*tests), true=value)]) if tests else value

    if wanted.take == "days":
        return exp.Count(this=inside(day.copy()))
    if wanted.take in ("first", "last"):
        return (exp.Min if wanted.take == "first" else exp.Max)(this=inside(day.copy()))
    if wanted.take == "first_amount":
        return exp.ArgMin(this=inside(column(None, _AMOUNT)), expression=inside(day.copy()))
    value = column(None, _AMOUNT if wanted.take == "amount" else _EVENTS)
    return exp.Coalesce(this=exp.Sum(this=inside(value)), expressions=[exp.Literal.number(0)])


def _output(wanted: PerEntity, amount: OutputColumn) -> OutputColumn:
    if wanted.take in _TYPES:
        unit = Unit(name="day") if wanted.take == "days" else None
        kind = _TYPES[wanted.take]
        return OutputColumn(name=wanted.name, label=wanted.name, type=kind, role="measure", unit=unit)
    return amount.model_copy(update={"name": wanted.name, "lineage": Lineage(measures=amount.lineage.measures)})


def _gaps(log: exp.Query) -> tuple[exp.Query, list[OutputColumn]]:
    """How many days lie between two active days of the same entity: their number, median and 90th percentile."""
    before = exp.Window(
        this=exp.Lag(this=column(None, _DAY)), partition_by=[column(None, _ID)],
        order=exp.Order(expressions=[exp.Ordered(this=column(None, _DAY))]),
    )  # fmt: skip
    gap = exp.DateDiff(this=column(None, _DAY), expression=before, unit=exp.var("DAY"))
    inner = exp.select(aliased(gap, "__gap")).from_(_named(_LOG))
    inner = inner.with_(exp.to_identifier(_LOG, quoted=True), as_=log, copy=False)
    source = exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("__gaps", quoted=True)))
    found = column(None, "__gap")
    figures = {"gaps": exp.Count(this=found), "median": _quantile(found, "0.5"), "p90": _quantile(found, "0.9")}
    made = exp.select(*(aliased(f, n) for n, f in figures.items())).from_(source, copy=False)
    day = Unit(name="day")
    kinds: dict[str, ValueType] = {"gaps": "integer", "median": "float", "p90": "float"}
    return made, [OutputColumn(name=n, label=n, type=k, role="measure", unit=day) for n, k in kinds.items()]


def _quantile(value: exp.Expr, share: str) -> exp.Expr:
    return exp.PercentileCont(this=value.copy(), expression=exp.Literal.number(share))
