"""From names in a request to tables, fields and measures of the model, so that one module knows how names work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from sqlglot import exp

from store.errors import InvalidRequest, UnknownName, unknown
from warehouse.compiler.expressions import parse, stored_type
from warehouse.compiler.paths import route_or_none
from warehouse.literals import quoted
from warehouse.model.adhoc import humanize, resolve_field, resolve_measure
from warehouse.model.schema import Dimension, Measure, SemanticModel, TimeColumn, ValueType
from warehouse.profile import ColumnProfile, DataProfile, TableProfile
from warehouse.query import DimRef

if TYPE_CHECKING:
    from warehouse.compiler.policies import Rights


@dataclass(frozen=True)
class Field:
    """A named field of a table; `time` is set when it says when."""

    table: str
    name: str
    dimension: Dimension
    time: TimeColumn | None = None
    role: str | None = None

    @property
    def label(self) -> str:
        return self.dimension.label or humanize(self.name)

    @property
    def expr(self) -> str:
        return self.dimension.expr or quoted(self.name)

    @property
    def qualified(self) -> str:
        return f"{self.table}.{self.name}"


def metric_home(model: SemanticModel, name: str) -> str | None:
    """The table whose rows metric or measure `name` is computed from; None when unknown or when there are several."""
    homes = _homes(model, name, ())
    return next(iter(homes)) if len(homes) == 1 else None


def _homes(model: SemanticModel, name: str, seen: tuple[str, ...]) -> set[str]:
    metric = model.metrics.get(name)
    if metric is None or name in seen:
        found = resolve_measure(model, name)
        return {found[0]} if found else set()
    if metric.kind == "derived":
        assert metric.expr is not None  # the model checks it
        parts = [c.name for c in parse(metric.expr, model.expr_dialect).find_all(exp.Column)]
    else:
        named = (metric.measure, metric.numerator, metric.denominator, metric.metric, metric.base)
        parts = [p for p in named if p]
    return {home for part in parts for home in _homes(model, part, (*seen, name))}


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


class Catalog:
    """Look-ups in one model and the profile of its data, as one person sees them; without `rights` nothing is read."""

    def __init__(self, model: SemanticModel, profile: DataProfile, rights: Rights | None = None) -> None:
        self.model = model
        self.profile = profile
        self.rights = rights

    @property
    def digest(self) -> str:
        """Tells the rights of the asker apart; empty when no policy binds them."""
        return self.rights.digest if self.rights else ""

    def table_profile(self, table: str) -> TableProfile | None:
        """The profile of a model table, by the stored name or by its own."""
        source = self.model.tables[table].source
        for name in (source, source.rsplit(".", 1)[-1], table):
            if name in self.profile.tables:
                return self.profile.tables[name]
        return None

    def column_profile(self, table: str, column: str) -> ColumnProfile | None:
        """The profile of a stored column, if known."""
        found = self.table_profile(table)
        return found.columns.get(column) if found else None

    def bounds(self, field: Field) -> tuple[date | None, date | None]:
        """First and last day of a time field in the data: what the calendar says, else what the profile counted."""
        rules = self.model.calendar
        found = self.table_profile(field.table)
        stored = found.columns.get(field.name) if found and field.dimension.expr is None else None
        first, last = _day(stored.min if stored else None), _day(stored.max if stored else None)
        return rules.data_from or first, rules.data_through or last

    def column_type(self, table: str, column: str) -> ValueType:
        """The type of a stored column: what the profile says, else what the model says."""
        stored = self.column_profile(table, column)
        if stored is not None:
            return stored_type(stored.duckdb_type)
        return self.dimension(table, column).type if self.has(table, column) else "decimal"

    def surely_text(self, field: Field) -> bool:
        """Whether a field holds text by the data, or by a dimension of the model; a bare default does not count."""
        stored = self.column_profile(field.table, field.name)
        if stored is not None:
            return stored_type(stored.duckdb_type) == "text"
        return field.name in self.model.tables[field.table].dimensions and field.dimension.type == "text"

    def measure(self, name: str) -> tuple[str, Measure]:
        """The table and measure called `name`. Raises `UnknownName` with near names."""
        found = resolve_measure(self.model, name)
        if found is None:
            raise unknown("metric", name, [*self.model.metrics, *self._measure_names])
        return found

    @cached_property
    def _measure_names(self) -> list[str]:
        return [name for table in self.model.tables.values() for name in table.measures]

    def has(self, table: str, name: str) -> bool:
        """Whether `table` has a dimension, number, time column or key part called `name`."""
        found = self.model.tables[table]
        times = found.time.columns if found.time else {}
        return name in found.dimensions or name in found.numbers or name in times or name in self._keys(table)

    def _keys(self, table: str) -> set[str]:
        found = self.model.tables[table]
        names = {*found.key, *(column for join in found.joins for column in join.on)}
        return {n for n in names if (table, n) not in self.rights.hidden} if self.rights else names

    def dimension(self, table: str, name: str) -> Dimension:
        """Field `name` of `table` as a dimension; key parts count. Raises `UnknownName`."""
        try:
            return resolve_field(self.model, table, name)
        except UnknownName:
            measure = self.model.tables[table].measures.get(name)
            if measure is not None and measure.expr and measure.where is None:
                shared = measure.model_dump(include={"label", "description", "expr", "unit"})
                return Dimension(**shared, type="decimal", groupable=False, sample=0)
            if name not in self._keys(table):
                raise
            stored = self.column_profile(table, name)
            return Dimension(type=stored_type(stored.duckdb_type) if stored else "text", groupable=False, sample=0)

    def field(self, ref: DimRef, root: str | None = None) -> Field:
        """The field meant by `ref`, seen from table `root` when a bare name is in several tables.

        Raises `UnknownName` with near names and `InvalidRequest` with code `ambiguous_name`.
        """
        table, name, role = self._split(ref)
        if table is None:
            table = self._owner(name, root)
        return self.field_of(table, name, role)

    def field_of(self, table: str, name: str, role: str | None = None) -> Field:
        """Field `name` of `table`, with how it says when, if it does. Raises `UnknownName`."""
        dimension = self.dimension(table, name)
        spec = self.model.tables[table].time
        time = spec.columns.get(name) if spec else None
        if time is None and dimension.type in ("date", "datetime"):
            time = TimeColumn(kind="date" if dimension.type == "date" else "timestamp")
        return Field(table, name, dimension, self._as_stored(table, name, time), role)

    def _as_stored(self, table: str, name: str, time: TimeColumn | None) -> TimeColumn | None:
        """What the engine holds decides: a stored DATE is never shifted, a stored TIMESTAMPTZ is an instant."""
        stored = self.column_profile(table, name)
        if time is None or stored is None:
            return time
        kind = stored.duckdb_type.upper()
        if kind == "DATE":
            return time.model_copy(update={"kind": "date"})
        if kind in ("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"):
            return time.model_copy(update={"kind": "instant"})
        return time

    def _split(self, ref: DimRef) -> tuple[str | None, str, str | None]:
        head, dot, tail = ref.field.partition(".")
        if not dot:
            return None, ref.field, ref.role
        if head in self.model.tables:
            return head, tail, ref.role
        target = next((j.to for t in self.model.tables.values() for j in t.joins if j.role == head), None)
        if target is not None:
            return target, tail, head
        if any(self.has(table, ref.field) for table in self.model.tables):
            return None, ref.field, ref.role
        raise unknown("table", head, self.model.tables)

    @cached_property
    def _owners(self) -> dict[str, list[str]]:
        """Field name -> the tables that have one."""
        found: dict[str, list[str]] = {}
        for name, table in self.model.tables.items():
            times = table.time.columns if table.time else {}
            for field in {**table.dimensions, **table.numbers, **times, **dict.fromkeys(self._keys(name))}:
                found.setdefault(field, []).append(name)
        return found

    def _owner(self, name: str, root: str | None) -> str:
        if root is not None and self.has(root, name):
            return root
        owners = list(self._owners.get(name, ()))
        if root is not None and len(owners) > 1:
            owners = [t for t in owners if route_or_none(self.model, root, t) is not None] or owners
        if not owners:
            raise unknown("field", name, self._field_names)
        if len(owners) > 1:
            raise InvalidRequest(
                f"“{name}” could mean several things: {', '.join(f'{t}.{name}' for t in owners)}.",
                code="ambiguous_name",
                hint="Say of which table.",
                details={"candidates": [f"{t}.{name}" for t in owners]},
            )
        return owners[0]

    @cached_property
    def _field_names(self) -> list[str]:
        names: dict[str, None] = {}
        for table in self.model.tables.values():
            names.update(
                dict.fromkeys((*table.dimensions, *table.numbers, *(table.time.columns if table.time else ())))
            )
        return list(names)
