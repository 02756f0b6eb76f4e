"""What a figure is counted in, and the refusal to add up what is counted in different things."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from store.errors import InvalidRequest
from warehouse.compiler.metrics import Atom, Figure, is_linear
from warehouse.compiler.resolve import Catalog
from warehouse.model.schema import Unit
from warehouse.query import Condition, DimRef, Filter, Share

if TYPE_CHECKING:
    from warehouse.compiler.build import Build

_ADDED = ("sum", "avg", "median")


def check_units(build: Build) -> None:
    """Refuse (`mixed_currency`) money whose rows may be of several currencies, unless each group has just one."""
    for one in build.figures:
        _check_parts(build, one)
        for number in one.atoms:
            _check_rows(build, one, build.atoms.found[number])


def _check_rows(build: Build, one: Figure, atom: Atom) -> None:
    column = _currency_column(atom)
    if column is None or only_currency(build.catalog, atom) is not None:
        return
    conditions = (*build.query.filters, *atom.filters)
    if any(_fixes(build.catalog, c, atom.table, column) for c in conditions):
        return
    place = (atom.table, column)
    if place not in _grouped(build):
        raise _mixed(one, column, atom.table)
    shares = [t for t in build.query.transforms if isinstance(t, Share) and t.of in (one.name, one.metric)]
    for share in shares:
        named = {_place(build.catalog, ref, atom.table) for ref in share.within}
        if place not in named:
            raise _mixed(one, column)


def _grouped(build: Build) -> set[tuple[str, str]]:
    return {(k.field.table, k.field.name) for k in build.keys if k.ref is not None and k.part is None}


def _check_parts(build: Build, one: Figure) -> None:
    """Refuse sums and differences of measures in different currencies."""
    if not any(True for _ in one.formula.find_all(exp.Add, exp.Sub)):
        return
    currencies = {_currency(build.catalog, build.atoms.found[i]) for i in one.atoms} - {None}
    if len(currencies) > 1:
        raise _mixed(one, ", ".join(sorted(str(c) for c in currencies)))


def _currency(catalog: Catalog, atom: Atom) -> str | None:
    unit = atom.measure.unit
    if unit is None or atom.measure.agg in ("count", "count_distinct"):
        return None
    return unit.currency or only_currency(catalog, atom) or unit.currency_column


def _currency_column(atom: Atom) -> str | None:
    unit = atom.measure.unit
    return unit.currency_column if unit is not None and atom.measure.agg in _ADDED else None


def only_currency(catalog: Catalog, atom: Atom) -> str | None:
    """The currency of all rows, when the profile of the data knows that there is just one."""
    unit = atom.measure.unit
    if unit is None or unit.currency_column is None:
        return None
    stored = catalog.column_profile(atom.table, unit.currency_column)
    single = stored is not None and stored.distinct_exact and stored.distinct == 1 and not stored.nulls
    return str(stored.values[0]) if single and stored is not None and stored.values else None


def _fixes(catalog: Catalog, condition: Condition, table: str, column: str) -> bool:
    """Whether a condition leaves one currency."""
    if not isinstance(condition, Filter) or condition.field is None:
        return False
    one = condition.op in ("=", "in") and len(set(condition.values)) == 1
    return one and _place(catalog, condition.field, table) == (table, column)


def _place(catalog: Catalog, ref: DimRef, table: str) -> tuple[str, str]:
    field = catalog.field(ref, table)
    return field.table, field.name


def _mixed(one: Figure, column: str, table: str | None = None) -> InvalidRequest:
    return InvalidRequest(
        f"“{one.label}” is in several currencies, which cannot be added up.",
        code="mixed_currency",
        hint="Group by the currency, ask for one of them, or state exchange rates.",
        details={"metric": one.metric, "currency": column, **({"field": f"{table}.{column}"} if table else {})},
    )


def unit_of(catalog: Catalog, one: Unit | None, formula: exp.Expr, used: Sequence[Atom]) -> Unit | None:
    """The unit of a figure: the metric's own (`one`), else what its measures make together."""
    if one is not None:
        return one
    units = [_unit(catalog, a) for a in used]
    if isinstance(formula, exp.Div):
        return _unit_of_ratio(catalog, formula, used)
    if len(set(units)) == 1 and (is_linear(formula) or len(used) == 1):
        return units[0]
    return None


def _unit(catalog: Catalog, atom: Atom) -> Unit | None:
    known = only_currency(catalog, atom)
    return Unit(currency=known) if known is not None else atom.measure.unit


def _unit_of_ratio(catalog: Catalog, formula: exp.Div, used: Sequence[Atom]) -> Unit | None:
    """Money over a count stays money; money over money, or a part over its whole, is a ratio."""
    names = {a.name for a in used}
    money = [bool(a.measure.unit and (a.measure.unit.currency or a.measure.unit.currency_column)) for a in used]
    if len(names) == 1 or (len(money) > 1 and all(money)) or used[0].conversion is not None:
        return Unit(ratio=True)
    plain = isinstance(formula.this, exp.Cast) and isinstance(formula.this.this, exp.Column)
    return _unit(catalog, used[0]) if plain and money[0] and not any(money[1:]) else None
