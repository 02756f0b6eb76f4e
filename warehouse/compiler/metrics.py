"""Metrics taken apart into aggregations of one table each and a formula over them, so they hold at any level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from store.errors import InvalidRequest
from warehouse.compiler.expressions import parse_formula, substitute
from warehouse.compiler.resolve import Catalog
from warehouse.model.adhoc import humanize, output_name
from warehouse.model.schema import Measure, Metric, Unit
from warehouse.query import Condition, MetricRef

_ADDITIVE = ("sum", "count")


@dataclass(frozen=True)
class Atom:
    """One aggregation: a measure of a table over the rows that meet `wheres` (model text) and `filters` (asked)."""

    table: str
    name: str
    measure: Measure
    wheres: tuple[str, ...] = ()
    filters: tuple[Condition, ...] = ()

    @property
    def fills_with_zero(self) -> bool:
        return self.measure.agg in ("sum", "count", "count_distinct")

    @property
    def identity(self) -> tuple[str, str, tuple[str, ...], tuple[Condition, ...]]:
        return self.table, self.name, self.wheres, self.filters


@dataclass(frozen=True)
class Figure:
    """A requested metric: its formula over `__m0`, `__m1` … and what people need to know about it."""

    name: str
    metric: str
    label: str
    formula: exp.Expr
    atoms: tuple[int, ...]
    text: str
    unit: Unit | None
    decimals: int | None
    good: str | None
    additive: bool


@dataclass
class Atoms:
    """All aggregations of a query, each once."""

    found: list[Atom] = field(default_factory=list)
    _index: dict[tuple[str, str, tuple[str, ...], tuple[Condition, ...]], int] = field(default_factory=dict)

    def add(self, atom: Atom) -> int:
        """The number of `atom`, which is added when it is new."""
        if atom.identity not in self._index:
            self._index[atom.identity] = len(self.found)
            self.found.append(atom)
        return self._index[atom.identity]

    def tables(self) -> list[str]:
        return list(dict.fromkeys(a.table for a in self.found))


def figure(catalog: Catalog, atoms: Atoms, ref: MetricRef) -> Figure:
    """The figure that `ref` asks for; its aggregations join `atoms`. Raises `UnknownName` and `InvalidRequest`."""
    formula = _formula(catalog, atoms, ref.metric, (), ref.where, ())
    if ref.per is not None:
        formula = quotient(formula, _formula(catalog, atoms, ref.per, (), (), ()))
    numbers = tuple(dict.fromkeys(_atom_numbers(formula)))
    used = [atoms.found[i] for i in numbers]
    metric = catalog.model.metrics.get(ref.metric) if ref.per is None else None
    return Figure(
        name=output_name(ref.alias or ref.metric),
        metric=ref.metric,
        label=_label(catalog, ref, metric),
        formula=formula,
        atoms=numbers,
        text=_text(catalog, ref.metric, metric) if ref.per is None else f"{ref.metric} / {ref.per}",
        unit=_unit(metric, formula, used),
        decimals=_decimals(metric, used),
        good=(metric.good if metric else None) or (used[0].measure.good if len(used) == 1 else None),
        additive=_linear(formula) and all(_adds(a) for a in used),
    )


def _formula(
    catalog: Catalog,
    atoms: Atoms,
    name: str,
    wheres: tuple[str, ...],
    filters: tuple[Condition, ...],
    seen: tuple[str, ...],
) -> exp.Expr:
    metric = catalog.model.metrics.get(name)
    if metric is None or (metric.measure == name and name in seen):
        table, measure = catalog.measure(name)
        return atom_column(atoms.add(Atom(table, name, measure, wheres, filters)))
    if name in seen:
        raise _cycle(name, seen)

    def of(part: str) -> exp.Expr:
        own = (metric.where,) if metric is not None and metric.where else ()
        return _formula(catalog, atoms, part, (*wheres, *own), filters, (*seen, name))

    if metric.kind == "simple":
        return of(metric.measure or "")
    if metric.kind == "ratio":
        return quotient(of(metric.numerator or ""), of(metric.denominator or ""))
    tree = substitute(parse_formula(metric.expr or "", catalog.model.expr_dialect), lambda node: of(node.name))
    return _safe(tree)


def _safe(tree: exp.Expr) -> exp.Expr:
    """Divisions that give no value for a zero divisor; the ones inside a part are safe already."""

    def visit(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Div) and not isinstance(node.expression, exp.Nullif):
            return quotient(node.this, node.expression)
        return node

    safe: exp.Expr = tree
    for node in list(tree.find_all(exp.Div)):
        made = visit(node)
        if made is not node:
            if node is safe:
                safe = made
            else:
                node.replace(made)
    return safe


def quotient(top: exp.Expr, bottom: exp.Expr) -> exp.Expr:
    """top / bottom as a double, empty when the bottom is zero."""
    return exp.Div(
        this=exp.cast(top.copy(), "double"),
        expression=exp.Nullif(this=bottom.copy(), expression=exp.Literal.number(0)),
    )


def atom_column(number: int, prefix: str = "__m") -> exp.Column:
    """The column of an aggregation; `prefix` tells current (`__m`) from prior (`__p`)."""
    return exp.column(f"{prefix}{number}", quoted=True)


def prior_formula(formula: exp.Expr) -> exp.Expr:
    """The formula over the aggregations of the prior period."""
    return substitute(formula.copy(), lambda node: exp.column("__p" + node.name.removeprefix("__m"), quoted=True))


def _atom_numbers(formula: exp.Expr) -> Iterator[int]:
    return (int(c.name.removeprefix("__m")) for c in formula.find_all(exp.Column))


def _linear(formula: exp.Expr) -> bool:
    """Whether sums of parts give the sum of the whole: sums, differences and fixed multiples of columns only."""
    if isinstance(formula, exp.Column):
        return True
    if isinstance(formula, (exp.Paren, exp.Neg)):
        return _linear(formula.this)
    if isinstance(formula, (exp.Add, exp.Sub)):
        return _linear(formula.this) and _linear(formula.expression)
    if isinstance(formula, exp.Mul):
        sides = (formula.this, formula.expression)
        return any(isinstance(s, exp.Literal) for s in sides) and any(_linear(s) for s in sides)
    return False


def _adds(atom: Atom) -> bool:
    return atom.measure.agg in _ADDITIVE and atom.measure.additive == "all"


def _label(catalog: Catalog, ref: MetricRef, metric: Metric | None) -> str:
    if ref.alias is not None:
        return humanize(ref.alias)
    described = metric or catalog.measure(ref.metric)[1]
    return described.label or humanize(ref.metric)


def _text(catalog: Catalog, name: str, metric: Metric | None) -> str:
    """The formula as people read it."""
    if metric is None:
        measure = catalog.measure(name)[1]
        inside = "rows" if measure.agg == "count" and measure.expr is None else measure.expr or ""
        return f"{measure.agg.replace('_', ' ')} of {inside}" + (f" where {measure.where}" if measure.where else "")
    if metric.kind == "ratio":
        return f"{metric.numerator} / {metric.denominator}"
    if metric.kind == "derived":
        return metric.expr or ""
    return f"{metric.measure}" + (f" where {metric.where}" if metric.where else "")


def _unit(metric: Metric | None, formula: exp.Expr, used: list[Atom]) -> Unit | None:
    if metric is not None and metric.unit is not None:
        return metric.unit
    units = [a.measure.unit for a in used]
    if isinstance(formula, exp.Div):
        return _unit_of_ratio(formula, used)
    if len(set(units)) == 1 and (_linear(formula) or len(used) == 1):
        return units[0]
    return None


def _unit_of_ratio(formula: exp.Div, used: list[Atom]) -> Unit | None:
    """Money over a count stays money; money over money, or a part over its whole, is a ratio."""
    names = {a.name for a in used}
    money = [bool(a.measure.unit and a.measure.unit.currency) for a in used]
    if len(names) == 1 or (len(money) > 1 and all(money)):
        return Unit(ratio=True)
    plain = isinstance(formula.this, exp.Cast) and isinstance(formula.this.this, exp.Column)
    return used[0].measure.unit if plain and money[0] and not any(money[1:]) else None


def _decimals(metric: Metric | None, used: list[Atom]) -> int | None:
    if metric is not None and metric.decimals is not None:
        return metric.decimals
    return used[0].measure.decimals if len(used) == 1 else None


def _cycle(name: str, seen: tuple[str, ...]) -> InvalidRequest:
    way = " → ".join((*seen[seen.index(name) :], name))
    return InvalidRequest(f"The metric “{name}” is defined by itself: {way}.", code="metric_cycle")
