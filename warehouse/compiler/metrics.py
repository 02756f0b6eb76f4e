"""Metrics taken apart into aggregations of one table each and a formula over them, so they hold at any level."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sqlglot import exp

from store.errors import InvalidRequest
from warehouse.compiler.expressions import parse_formula, substitute
from warehouse.compiler.resolve import Catalog
from warehouse.model.adhoc import humanize, output_name
from warehouse.model.schema import Measure, Metric, SemiAdditive, Stretch, Unit
from warehouse.query import Condition, Grain, MetricRef

_ADDITIVE = ("sum", "count")


@dataclass(frozen=True)
class Rolling:
    """Which time a cumulative figure covers at the end of a period: since a reset, a stretch back, or all before."""

    reset: Grain | None = None
    window: Stretch | None = None


@dataclass(frozen=True)
class Conversion:
    """Who (`entity`, as `table.column`) did `base` first, and `then` in less than `within`."""

    entity: str
    base: str
    then: str
    within: Stretch


@dataclass(frozen=True)
class Source:
    """Rows that are aggregated in one go: a table, read plainly or in a way that needs a SELECT of its own."""

    table: str
    semi: SemiAdditive | None = None
    rolling: Rolling | None = None
    conversion: Conversion | None = None


@dataclass(frozen=True)
class Atom:
    """One aggregation: a measure of a table over the rows that meet `wheres` (model text) and `filters` (asked)."""

    table: str
    name: str
    measure: Measure
    wheres: tuple[str, ...] = ()
    filters: tuple[Condition, ...] = ()
    rolling: Rolling | None = None
    conversion: Conversion | None = None

    @property
    def source(self) -> Source:
        return Source(self.table, self.measure.semi_additive, self.rolling, self.conversion)

    @property
    def fills_with_zero(self) -> bool:
        if self.measure.blank == "unknown":
            return False
        return self.measure.agg in ("sum", "count", "count_distinct") and self.measure.semi_additive is None

    @property
    def identity(self) -> tuple[Source, str, tuple[str, ...], tuple[Condition, ...]]:
        return self.source, self.name, self.wheres, self.filters


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
    adds_across: bool = False


@dataclass
class Atoms:
    """All aggregations of a query, each once."""

    found: list[Atom] = field(default_factory=list)
    _index: dict[tuple[Source, str, tuple[str, ...], tuple[Condition, ...]], int] = field(default_factory=dict)

    def add(self, atom: Atom) -> int:
        """The number of `atom`, which is added when it is new."""
        if atom.identity not in self._index:
            self._index[atom.identity] = len(self.found)
            self.found.append(atom)
        return self._index[atom.identity]

    def tables(self) -> list[str]:
        return list(dict.fromkeys(a.table for a in self.found))

    def sources(self) -> list[Source]:
        return list(dict.fromkeys(a.source for a in self.found))


def figure(catalog: Catalog, atoms: Atoms, ref: MetricRef) -> Figure:
    """The figure that `ref` asks for; its aggregations join `atoms`. Raises `UnknownName` and `InvalidRequest`."""
    formula = _asked(catalog, atoms, ref)
    numbers = tuple(dict.fromkeys(_atom_numbers(formula)))
    used = [atoms.found[i] for i in numbers]
    metric = None if ref.combined else catalog.model.metrics.get(ref.metric)
    unit = unit_of(formula, used) if ref.formula is not None else metric.unit if metric else None
    return Figure(
        name=output_name(ref.alias or ref.metric),
        metric=ref.metric,
        label=_label(catalog, ref, metric),
        formula=formula,
        atoms=numbers,
        text=_written(ref) if ref.combined else _text(catalog, ref.metric, metric),
        unit=unit,
        decimals=_decimals(metric, used),
        good=(metric.good if metric else None) or (used[0].measure.good if len(used) == 1 else None),
        additive=is_linear(formula) and all(_adds(a) for a in used),
        adds_across=is_linear(formula) and all(_adds_across(a) for a in used),
    )


def _asked(catalog: Catalog, atoms: Atoms, ref: MetricRef) -> exp.Expr:
    """The formula of a request: a metric, one metric per another, or arithmetic over its parts."""
    if ref.formula is not None:
        tree = parse_formula(ref.formula, catalog.model.expr_dialect)
        parts = {f"p{n}": part for n, part in enumerate(ref.parts)}
        unused = parts.keys() ^ {c.name for c in tree.find_all(exp.Column)}
        if unused:
            raise InvalidRequest("The formula and its parts do not fit each other.", code="bad_formula")
        made = {n: _formula(_Reading(catalog, atoms, (*ref.where, *p.where)), p.metric) for n, p in parts.items()}
        return _safe(substitute(tree, lambda node: exp.paren(made[node.name].copy())))
    formula = _formula(_Reading(catalog, atoms, ref.where), ref.metric)
    if ref.per is None:
        return formula
    return quotient(formula, _formula(_Reading(catalog, atoms, ref.per_where), ref.per))


def _written(ref: MetricRef) -> str:
    """The request's own arithmetic as people read it."""
    text = ref.formula or f"p0 / {ref.per}"
    names = [p.metric for p in ref.parts] or [ref.metric]
    return re.sub(r"\bp(\d+)\b", lambda m: names[int(m[1])], text)


def unit_of(formula: exp.Expr, atoms: list[Atom]) -> Unit | None:
    """The unit of arithmetic: sums keep it, division by the same unit ends it, “* 100” of a plain ratio is percent."""
    known = {a.measure.unit for a in atoms}
    one = known.pop() if len(known) == 1 else None
    plain = formula.unnest()
    if is_linear(plain):
        return one if one is None or not (one.ratio or one.percent) else None
    if isinstance(plain, exp.Mul) and any(isinstance(s, exp.Literal) and s.this == "100" for s in _sides(plain)):
        return Unit(percent=True)
    return None


def _sides(node: exp.Binary) -> tuple[exp.Expr, exp.Expr]:
    return node.this, node.expression


@dataclass(frozen=True)
class _Reading:
    """How far the reading of a metric has come: the conditions met on the way, and the names passed."""

    catalog: Catalog
    atoms: Atoms
    filters: tuple[Condition, ...] = ()
    wheres: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    rolling: Rolling | None = None

    def add(self, table: str, name: str, measure: Measure, conversion: Conversion | None = None) -> exp.Column:
        """The column of a measure under these conditions."""
        atom = Atom(table, name, measure, self.wheres, self.filters, self.rolling, conversion)
        return atom_column(self.atoms.add(atom))


def _formula(at: _Reading, name: str) -> exp.Expr:
    metric = at.catalog.model.metrics.get(name)
    if metric is None or (metric.measure == name and name in at.seen):
        table, measure = at.catalog.measure(name)
        check_measure(name, measure)
        return at.add(table, name, measure)
    if name in at.seen:
        raise _cycle(name, at.seen)
    own = (metric.where,) if metric.where else ()
    inside = replace(at, wheres=(*at.wheres, *own), seen=(*at.seen, name))
    if metric.kind == "simple":
        return _formula(inside, metric.measure or "")
    if metric.kind == "ratio":
        return quotient(_formula(inside, metric.numerator or ""), _formula(inside, metric.denominator or ""))
    if metric.kind == "cumulative":
        return _cumulative(inside, metric)
    if metric.kind == "conversion":
        return _conversion(inside, metric)
    tree = parse_formula(metric.expr or "", at.catalog.model.expr_dialect)
    return _safe(substitute(tree, lambda node: _formula(inside, node.name)))


def _cumulative(at: _Reading, metric: Metric) -> exp.Expr:
    if at.rolling is not None:
        raise InvalidRequest(
            f"“{metric.metric}” is cumulative already.", code="not_supported", hint="Accumulate a plain metric."
        )
    return _formula(replace(at, rolling=Rolling(metric.reset, metric.window)), metric.metric or "")


def _conversion(at: _Reading, metric: Metric) -> exp.Expr:
    """Converted entities over entities, both counted by one SELECT of the base events."""
    assert metric.entity and metric.base and metric.then and metric.within  # the model checks it
    table, base = at.catalog.measure(metric.base)
    at.catalog.measure(metric.then)
    rule = Conversion(metric.entity, metric.base, metric.then, metric.within)
    if at.rolling is not None:
        raise InvalidRequest("A conversion cannot be accumulated.", code="non_additive", hint="Ask for it by period.")
    counted = Measure(label=base.label, agg="count")
    converted = f"{metric.then} after {metric.base}"
    return quotient(at.add(table, converted, counted, rule), at.add(table, metric.base, counted, rule))


def check_measure(name: str, measure: Measure) -> None:
    """Refuse (`non_additive`) a sum of rates or prices, however the model came to hold it."""
    rate = measure.additive == "none" or (measure.unit is not None and (measure.unit.percent or measure.unit.ratio))
    if measure.agg == "sum" and rate:
        raise InvalidRequest(
            f"Adding up “{measure.label or humanize(name)}” would give a number without meaning.",
            code="non_additive",
            hint="Ask for its average instead.",
            details={"measure": name},
        )


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


def is_linear(formula: exp.Expr) -> bool:
    """Whether sums of parts give the sum of the whole: sums, differences and fixed multiples of columns only."""
    if isinstance(formula, exp.Column):
        return True
    if isinstance(formula, (exp.Paren, exp.Neg)):
        return is_linear(formula.this)
    if isinstance(formula, (exp.Add, exp.Sub)):
        return is_linear(formula.this) and is_linear(formula.expression)
    if isinstance(formula, exp.Mul):
        sides = (formula.this, formula.expression)
        return any(isinstance(s, exp.Literal) for s in sides) and any(is_linear(s) for s in sides)
    return False


def _adds(atom: Atom) -> bool:
    plain = atom.measure.semi_additive is None and atom.rolling is None and atom.conversion is None
    return plain and atom.measure.agg in _ADDITIVE and atom.measure.additive == "all"


def _adds_across(atom: Atom) -> bool:
    """Whether groups of one moment add up, though moments may not."""
    return atom.conversion is None and atom.measure.agg in _ADDITIVE and atom.measure.additive == "all"


def _label(catalog: Catalog, ref: MetricRef, metric: Metric | None) -> str:
    plain = ":" in ref.metric and ref.alias == output_name(ref.metric)
    if ref.alias is not None and not plain:
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
    if metric.kind == "cumulative":
        since = f"over {metric.window.n} {metric.window.unit}s" if metric.window else f"since the {metric.reset} began"
        return f"{metric.metric} {since if metric.window or metric.reset else 'to date'}"
    if metric.kind == "conversion":
        assert metric.within is not None  # the model checks it
        return f"{metric.then} within {metric.within.n} {metric.within.unit}s of {metric.base}, per {metric.entity}"
    return f"{metric.measure}" + (f" where {metric.where}" if metric.where else "")


def _decimals(metric: Metric | None, used: list[Atom]) -> int | None:
    if metric is not None and metric.decimals is not None:
        return metric.decimals
    return used[0].measure.decimals if len(used) == 1 else None


def _cycle(name: str, seen: tuple[str, ...]) -> InvalidRequest:
    way = " → ".join((*seen[seen.index(name) :], name))
    return InvalidRequest(f"The metric “{name}” is defined by itself: {way}.", code="metric_cycle")
