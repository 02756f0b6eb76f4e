"""Who did what when: the rows that cohorts and funnels are counted from, cut to what the asker may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlglot import exp

from store.errors import InvalidRequest, unknown
from store.principal import Principal
from warehouse.compiled import Compiled, OutputColumn, Period
from warehouse.compiler.build import key_of
from warehouse.compiler.conditions import conditions, where_text
from warehouse.compiler.leaf import key_value
from warehouse.compiler.policies import catalog_for
from warehouse.compiler.records import in_window
from warehouse.compiler.render import render
from warehouse.compiler.resolve import Catalog, Field
from warehouse.compiler.scope import Record, Scope, aliased, column, time_kind
from warehouse.compiler.time_sql import local
from warehouse.journeys import Activity, Step
from warehouse.model.adhoc import resolve_measure
from warehouse.model.schema import Measure, SemanticModel
from warehouse.profile import DataProfile
from warehouse.query import Condition, DimRef, TimeWindow


class Journey:
    """One statement in the making: a resolved model, what it reads, and the scopes of its branches."""

    def __init__(
        self, model: SemanticModel, profile: DataProfile, as_of: datetime, principal: Principal | None, dialect: str
    ) -> None:
        self.catalog: Catalog = catalog_for(model, profile, principal)
        self.record = Record()
        self.as_of = as_of
        self.dialect = dialect
        self.period: Period | None = None
        self._first: Scope | None = None

    def scope(self, table: str) -> Scope:
        """A scope on `table`; all share their aliases. Raises `UnknownName`."""
        if table not in self.catalog.model.tables:
            raise unknown("table", table, self.catalog.model.tables)
        if self._first is None:
            self._first = Scope(self.catalog, self.record, table)
            return self._first
        return self._first.child(table)

    def keep(self, scope: Scope, time: TimeWindow | None) -> list[exp.Expr]:
        """The conditions of a period, which is remembered."""
        inside, period = in_window(scope, time, self.as_of)
        self.period = self.period or period
        return inside

    def done(self, statement: exp.Query, columns: Sequence[OutputColumn]) -> Compiled:
        """The finished statement, ready for the gate."""
        record = self.record
        return Compiled(
            sql=render(statement, self.dialect),
            dialect=self.dialect,
            columns=tuple(columns),
            tables=tuple(record.tables),
            notes=tuple(record.notes.values()),
            period=self.period,
            filter_columns=tuple(record.filters),
            join_path=tuple(record.joined),
            policies=tuple(record.policies),
            policy_digest=self.catalog.digest,
        )


def who(scope: Scope, entity: str) -> exp.Expr:
    """The entity of each row: the row's own column where it has one, so that nothing is joined for an id."""
    field = scope.catalog.field(DimRef(field=entity), scope.root)
    if field.table != scope.root:
        for join in scope.model.tables[scope.root].joins:
            own = next((mine for mine, theirs in join.on.items() if theirs == field.name), None)
            if join.to == field.table and own is not None:
                return column(scope.alias, own)
    return scope.value(field)


def when(scope: Scope, named: str | None) -> Field:
    """The time field of a scope, the table's own unless one is named."""
    return scope.catalog.field(DimRef(field=named), scope.root) if named else scope.default_time()


def moment(scope: Scope, field: Field) -> exp.Expr:
    """The time of each row on the business clock."""
    return exp.cast(local(scope.value(field), time_kind(field), scope.model.calendar), "timestamp")


def counted(scope: Scope, measure: str | None, filters: Sequence[Condition]) -> list[exp.Expr]:
    """The conditions of a measure and of filters. Raises `InvalidRequest` for a measure of another table."""
    found = conditions(scope, filters)
    if measure is None:
        return found
    own = measure_of(scope, measure)
    return [*([where_text(scope, own.where, scope.alias)] if own.where else []), *found]


def measure_of(scope: Scope, name: str) -> Measure:
    """The measure `name` of the scope's own table. Raises `UnknownName`, or `InvalidRequest` with `wrong_table`."""
    resolved = resolve_measure(scope.model, name)
    if resolved is None:
        raise unknown("measure", name, scope.model.tables[scope.root].measures)
    if resolved[0] != scope.root:
        raise InvalidRequest(
            f"“{name}” is not counted on {scope.root.replace('_', ' ')}.",
            code="wrong_table",
            hint="Use a figure of the same table.",
        )
    return resolved[1]


def group_value(scope: Scope, by: DimRef) -> exp.Expr:
    """The value that a row is grouped by. Raises `InvalidRequest` with code `personal` for personal data."""
    key = key_of(scope.catalog, by, scope.root, "__g")
    if key.field.dimension.pii:
        raise InvalidRequest(
            f"“{key.label}” is personal data, so I do not split by it.", code="personal", hint="Choose another split."
        )
    return key_value(scope, key, scope.root)


def group_column(scope: Scope, by: DimRef) -> OutputColumn:
    """The output column of a group."""
    key = key_of(scope.catalog, by, scope.root, "__g")
    return OutputColumn(name="grp", label=key.label, type=key.type, role="dimension", grain=key.grain or key.part)


def rows(scope: Scope, items: dict[str, exp.Expr], where: Sequence[exp.Expr], needed: Sequence[str]) -> exp.Select:
    """SELECT `items` over the rows of a scope that meet the conditions and know all of `needed`."""
    known = [exp.Not(this=exp.Is(this=items[n].copy(), expression=exp.Null())) for n in needed]
    query = exp.select(*(aliased(v.copy(), n) for n, v in items.items())).from_(scope.source(), copy=False)
    for join in scope.joins:
        query.join(join, copy=False)
    return query.where(*where, *known, copy=False)


def active_rows(journey: Journey, activity: Activity, scope: Scope) -> list[exp.Expr]:
    """The conditions that make a row of the scope an activity, up to what today means."""
    until = TimeWindow(column=activity.time_column, end=journey.as_of)
    return [*counted(scope, activity.measure, activity.filters), *journey_past(journey, scope, until)]


def journey_past(journey: Journey, scope: Scope, until: TimeWindow) -> list[exp.Expr]:
    """Nothing that lies in the future of what today means."""
    return in_window(scope, until, journey.as_of)[0]


def step_rows(journey: Journey, scope: Scope, step: Step, shared: Sequence[Condition]) -> list[exp.Expr]:
    """The conditions that make a row of the scope a step, up to what today means."""
    until = TimeWindow(column=step.time_column, end=journey.as_of)
    return [*counted(scope, step.measure, (*shared, *step.filters)), *journey_past(journey, scope, until)]
