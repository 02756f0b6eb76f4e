"""Rows of one table as people ask for them: which columns, which rows, what they are related to, in a fixed order."""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from store.errors import InvalidRequest, unknown
from store.principal import Principal
from warehouse.compiled import Compiled, Lineage, OutputColumn, Period
from warehouse.compiler.belonging import marker
from warehouse.compiler.build import Key, key_of, unique_names
from warehouse.compiler.calendar_math import within_calendar
from warehouse.compiler.calendars import on_the_clock
from warehouse.compiler.conditions import conditions, exists
from warehouse.compiler.dialects import in_byte_order
from warehouse.compiler.leaf import key_value
from warehouse.compiler.paths import children, no_path, route
from warehouse.compiler.period_labels import iso
from warehouse.compiler.periods import local_now, resolve_window
from warehouse.compiler.policies import catalog_for
from warehouse.compiler.render import render
from warehouse.compiler.resolve import Catalog
from warehouse.compiler.scope import Record, Scope, aliased, column, time_kind
from warehouse.compiler.time_sql import within
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile
from warehouse.query import DimRef, RecordQuery, Related, TimeWindow

_MOST_DEFAULT = 10


@within_calendar()
def compile_records(
    model: SemanticModel,
    query: RecordQuery,
    *,
    profile: DataProfile,
    as_of: datetime,
    dialect: str = "duckdb",
    principal: Principal | None = None,
) -> Compiled:
    """The SQL that lists rows of `query.table`, one row per record (or per distinct combination).

    `principal` is who asks, see `compile_query`. Raises `UnknownName` with near names, `InvalidRequest` and
    `QueryRefused` with the code of the rule that refused.
    """
    return list_records(catalog_for(on_the_clock(model, query.time), profile, principal), query, as_of, dialect)


def list_records(catalog: Catalog, query: RecordQuery, as_of: datetime, dialect: str) -> Compiled:
    """Like `compile_records`, for a model that is resolved already."""
    model, record = catalog.model, Record()
    if query.table not in model.tables:
        raise unknown("table", query.table, model.tables)
    scope = Scope(catalog, record, query.table)
    refs = query.columns or default_columns(model, query.table)
    keys = unique_names([key_of(catalog, ref, query.table, f"__d{i}") for i, ref in enumerate(refs)], set())
    values = {k.internal: key_value(scope, k, query.table) for k in keys}
    where = conditions(scope, query.filters)
    where += [_related(scope, r, as_of) for r in query.related]
    inside, period = in_window(scope, query.time, as_of)
    extra = {} if query.distinct else _order_values(scope, query, keys)
    statement = exp.select(*(aliased(v, n) for n, v in (values | extra).items()))
    statement = statement.from_(scope.source(), copy=False)
    for join in scope.joins:
        statement.join(join, copy=False)
    statement.where(*inside, *where, copy=False)
    if query.distinct:
        statement.distinct(copy=False)
    outer = exp.select(*(aliased(column(None, k.internal), k.name) for k in keys))
    outer = outer.from_(exp.Table(this=exp.to_identifier("__rows", quoted=True)), copy=False)
    outer = outer.with_(exp.to_identifier("__rows", quoted=True), as_=statement, copy=False)
    outer = outer.order_by(*_ordering(catalog, query, keys, extra), copy=False).limit(query.limit, copy=False)
    return Compiled(
        sql=render(outer, dialect),
        dialect=dialect,
        columns=tuple(_column(scope, k, values[k.internal]) for k in keys),
        tables=tuple(record.tables),
        notes=tuple(record.notes.values()),
        period=period,
        filter_columns=tuple(record.filters),
        join_path=tuple(record.joined),
        policies=tuple(record.policies),
        policy_digest=catalog.digest,
    )


def default_columns(model: SemanticModel, table: str) -> tuple[DimRef, ...]:
    """What a row shows when nobody says: key, name, date, then dimensions and numbers that are not personal."""
    found = model.tables[table]
    names = [*found.key]
    if found.name_column:
        names.append(found.name_column)
    if found.time is not None:
        names.append(found.time.default)
    names += [n for n, d in found.dimensions.items() if d.groupable and not d.pii]
    names += list(found.numbers)
    if not names:
        names = list(found.dimensions)
    if not names:
        raise InvalidRequest(f"The table “{table}” has no columns to show.", code="no_columns")
    shown = list(dict.fromkeys(names))[:_MOST_DEFAULT]
    return tuple(DimRef(field=f"{table}.{name}") for name in shown)


def in_window(scope: Scope, time: TimeWindow | None, as_of: datetime) -> tuple[list[exp.Expr], Period | None]:
    """The conditions that keep a scope's rows in a window of time, and the window for people."""
    rules = scope.model.calendar
    window = resolve_window(time, as_of, rules)
    if time is None or (window.start is None and window.end is None):
        return [], None
    field = scope.catalog.field(DimRef(field=time.column), scope.root) if time.column else scope.default_time()
    kind, value = time_kind(field), scope.value(field)
    scope.record.filters.update(dict.fromkeys(scope.reads(value)))
    partial = window.end is not None and window.end > local_now(as_of, rules)
    start, end = iso(window.start), iso(window.end)
    period = Period(start=start, end=end, label=window.label, partial=partial, column=field.qualified)
    return within(value, window.start, window.end, kind, rules), period


def _related(scope: Scope, related: Related, as_of: datetime) -> exp.Expr:
    """Whether a record has (or lacks) rows of another table that meet the filters."""
    if related.table not in scope.model.tables:
        raise unknown("table", related.table, scope.model.tables)
    if related.table != scope.root and route(scope.model, scope.root, related.table) is not None:
        test: exp.Expr = _parent(scope, related, as_of)
    else:
        found = children(scope.model, scope.root, related.table)
        if found is None:
            raise no_path(scope.model, scope.root, related.table)
        test = exists(scope, *found, lambda sub: _inner(sub, related, as_of))
    return test if related.exists else exp.Not(this=test)


def _inner(sub: Scope, related: Related, as_of: datetime) -> list[exp.Expr]:
    if sub.root != related.table:
        sub.reach(related.table)
    return conditions(sub, related.filters) + in_window(sub, related.time, as_of)[0]


def _parent(scope: Scope, related: Related, as_of: datetime) -> exp.Expr:
    """The table a record belongs to: there is such a row, and it meets the filters."""
    alias = scope.reach(related.table)
    there = exp.Not(this=exp.Is(this=column(alias, marker(scope.model, related.table)), expression=exp.Null()))
    tests = conditions(scope, related.filters) + in_window(scope, related.time, as_of)[0]
    met = [exp.Coalesce(this=exp.paren(t), expressions=[exp.false()]) for t in tests]
    return exp.paren(exp.and_(there, *met))


def _order_values(scope: Scope, query: RecordQuery, keys: list[Key]) -> dict[str, exp.Expr]:
    """Values to sort by that are not shown: fields named in the order, and the table's key for a fixed order."""
    shown = {k.name for k in keys} | {k.field.qualified for k in keys} | {k.field.name for k in keys}
    wanted = [o.by for o in query.order if o.by not in shown]
    found: dict[str, exp.Expr] = {}
    for number, name in enumerate(wanted):
        found[f"__o{number}"] = key_value(scope, key_of(scope.catalog, DimRef(field=name), scope.root, ""), scope.root)
    for number, part in enumerate(scope.model.tables[scope.root].key):
        if not any(k.field.qualified == f"{scope.root}.{part}" for k in keys):
            found[f"__k{number}"] = column(scope.alias, part)
    return found


def _ordering(catalog: Catalog, query: RecordQuery, keys: list[Key], extra: dict[str, exp.Expr]) -> list[exp.Ordered]:
    hidden = iter(n for n in extra if n.startswith("__o"))
    wanted: dict[str, bool] = {}
    for order in query.order:
        key = next((k for k in keys if order.by in (k.name, k.field.qualified, k.field.name)), None)
        if key is None and query.distinct:
            raise unknown("column of this list", order.by, [k.name for k in keys])
        wanted.setdefault(key.internal if key else next(hidden), order.desc)
    rest = [n for n in extra if n.startswith("__k")] + [k.internal for k in keys]
    for name in rest:
        wanted.setdefault(name, False)
    texts = {k.internal for k in keys if k.type == "text" and catalog.surely_text(k.field)}
    columns = {n: in_byte_order(column(None, n)) if n in texts else column(None, n) for n in wanted}
    return [exp.Ordered(this=columns[n], desc=d, nulls_first=False) for n, d in wanted.items()]


def _column(scope: Scope, key: Key, value: exp.Expr) -> OutputColumn:
    return OutputColumn(
        name=key.name,
        label=key.label,
        type=key.type,
        role="record",
        unit=key.field.dimension.unit if key.part is None else None,
        grain=key.grain or key.part or ("band" if key.band else None),
        lineage=Lineage(columns=scope.reads(value)),
    )
