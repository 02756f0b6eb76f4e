"""Leaves put together by UNION ALL and MAX, so that two facts are never joined and an empty key is one group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlglot import exp

from warehouse.compiler.build import OFFSET, Build, Key, every_period, rolled
from warehouse.compiler.calendar_math import MONTHS
from warehouse.compiler.conversions import conversion_leaf
from warehouse.compiler.dialects import typed_null
from warehouse.compiler.leaf import Fold, Range, Shape, draft, plain_leaf
from warehouse.compiler.levels import level_leaf
from warehouse.compiler.metrics import Source, atom_column, prior_formula
from warehouse.compiler.scope import aliased, column, time_kind
from warehouse.compiler.time_sql import bound, bucket, instants, offset_minutes, period_key, series
from warehouse.model.schema import TimeColumn, ValueType
from warehouse.query import Growth, Moving


@dataclass(frozen=True)
class _Branch:
    """A subquery to put together with others: which source's aggregations (None: keys only), under which prefix."""

    name: str
    source: Source | None = None
    prefix: str = "__m"


@dataclass
class Parts:
    """Named subqueries in order, and the name of the one that holds the figures."""

    named: dict[str, exp.Query] = field(default_factory=dict)
    last: str = ""

    def add(self, wanted: str, query: exp.Query) -> str:
        """The name given to `query`: the wanted one unless it is taken."""
        name, number = wanted, 1
        while name in self.named:
            number += 1
            name = f"{wanted}_{number}"
        self.named[name] = query
        self.last = name
        return name


def aggregate(build: Build, parts: Parts, keys: list[Key], *, with_prior: bool, fold: Fold | None = None) -> None:
    """Add the subqueries whose last has `keys` and one settled column per aggregation, prior ones as `__p`."""
    spine = _has_spine(build, keys)
    grained = build.grain is not None and any(k.ref is None for k in keys)
    prior = with_prior and ((grained and bool(build.periods)) or (not grained and build.prior_known))
    alone = len(build.sources) == 1 and not spine and not prior
    shape = Shape(keys, alone=alone, fold=fold)
    branches: list[_Branch] = []
    for source in build.sources:
        covers = _now(build, parts, source, grained=grained)
        branches.append(_Branch(parts.add(f"__{source.table}", leaf(build, source, covers, shape)), source))
    if prior:
        before = replace(shape, prefix="__p")
        for source in build.sources:
            query = leaf(build, source, _before(build, parts, source, grained=grained), before)
            branches.append(_Branch(parts.add(f"__{source.table}_prior", query), source, "__p"))
    if alone:
        return
    if spine:
        branches.append(_Branch(_add_spine(build, parts, [b.name for b in branches], keys)))
    parts.add("__together", _together(build, branches, keys, prior))


def leaf(build: Build, source: Source, covers: Range, shape: Shape) -> exp.Select:
    """The aggregations of one source by the keys of `shape`."""
    made = draft(build, source, covers, shape)
    if source.conversion is not None:
        return conversion_leaf(made)
    return level_leaf(made) if source.semi is not None else plain_leaf(made)


def _has_spine(build: Build, keys: list[Key]) -> bool:
    time = build.query.time
    looking_back = any(isinstance(t, Moving | Growth) for t in build.query.transforms)
    asked = time is not None and (time.fill or looking_back) and any(k.ref is None for k in keys)
    return asked and build.span is not None


def _now(build: Build, parts: Parts, source: Source, *, grained: bool) -> Range:
    """The time a source covers: the window, or for a cumulative figure what leads up to its end or each period's."""
    if source.rolling is None:
        return Range(build.lead or build.window.start if grained else build.window.start, build.window.end)
    if grained:
        rows = [(b.start, *rolled(build, source.rolling, b.start, b.end)) for b in every_period(build)]
        return Range(against=parts.add(f"__{source.table}_periods", _ranges(build, source.table, rows)))
    end = build.window.end or build.after_last or build.cutoff
    assert end is not None  # a cumulative figure always has its time, and time its cutoff
    return Range(*rolled(build, source.rolling, build.window.start, end))


def _before(build: Build, parts: Parts, source: Source, *, grained: bool) -> Range:
    """The same for what is compared with."""
    if not grained:
        assert build.prior is not None and build.prior.end is not None  # a known prior has bounds
        start, end = build.prior.start, build.prior.end
        return Range(*rolled(build, source.rolling, start, end)) if source.rolling else Range(start, end)
    assert build.periods is not None  # only a comparison by period comes here
    known = [(b.start, b.prior_start, b.prior_end) for b in build.periods if b.prior_start and b.prior_end]
    if source.rolling is not None:
        known = [(at, *rolled(build, source.rolling, start, end)) for at, start, end in known]
    return Range(against=parts.add(f"__{source.table}_periods", _ranges(build, source.table, known)))


def _ranges(build: Build, fact: str, rows: Sequence[tuple[datetime, datetime, datetime]]) -> exp.Select:
    """Periods with the range of time that is looked at for each, as rows."""
    assert build.grain is not None  # only periods have ranges
    grain, kind = build.grain, time_kind(build.times[fact])
    if not rows:
        day: ValueType = "datetime" if build.grain == "hour" else "date"
        at: ValueType = "date" if kind.kind == "date" else "datetime"
        types = {"__t": day, "__start": at, "__end": at}
        nothing = (aliased(typed_null(t), n) for n, t in types.items())
        return exp.select(*nothing).where(exp.false())
    made = [
        exp.Tuple(expressions=[period_key(at, grain), bound(start, kind, build.rules), bound(end, kind, build.rules)])
        for at, start, end in rows
    ]
    return _listed(made, "__t", "__start", "__end")


def _listed(rows: list[exp.Tuple], *names: str) -> exp.Select:
    columns = [exp.to_identifier(n, quoted=True) for n in names]
    alias = exp.TableAlias(this=exp.to_identifier("__period", quoted=True), columns=columns)
    return exp.select(*(column("__period", n) for n in names)).from_(exp.Values(expressions=rows, alias=alias))


def _add_spine(build: Build, parts: Parts, branches: list[str], keys: list[Key]) -> str:
    """All periods, for each group that has any row, so that a period without data is a row too."""
    assert build.span is not None and build.grain is not None  # a spine has both
    periods = parts.add("__periods", _every_period(build))
    others = [k for k in keys if k.ref is not None]
    named = [k.internal for k in others]
    times = [column(None, k.internal) for k in keys if k.ref is None]
    groups = [_from(b).select(*(column(None, n) for n in named)) for b in branches]
    if not others:
        some = exp.or_(*(exp.Exists(this=_from(b).select(exp.Literal.number(1))) for b in branches))
        spine = exp.select(*times).from_(table(periods)).where(some)
    else:
        union: exp.Query = groups[0].distinct() if len(groups) == 1 else exp.union(*groups, distinct=True)
        listed = exp.Subquery(this=union, alias=exp.TableAlias(this=exp.to_identifier("__groups", quoted=True)))
        spine = exp.select(*times, *(column(None, n) for n in named)).from_(table(periods))
        spine = spine.join(listed, join_type="CROSS")
    return parts.add("__every_period", spine)


def _every_period(build: Build) -> exp.Select:
    assert build.span is not None and build.grain is not None  # a spine has both
    start, last = build.lead or build.span[0], build.span[1]
    if build.rules.weekly is not None and build.grain in MONTHS:
        starts = [period_key(b.start, build.grain) for b in every_period(build)]
        return _listed([exp.Tuple(expressions=[s]) for s in starts], "__t")
    if not any(k.internal == OFFSET for k in build.keys):
        return exp.select(aliased(series(start, last, build.grain, build.rules), "__t"))
    hours = exp.select(aliased(instants(start, last, build.rules), "__u"))
    at, kind = column(None, "__u"), TimeColumn(kind="timestamp", stored_tz="UTC")
    items = {"__t": bucket(at, "hour", kind, build.rules), OFFSET: offset_minutes(at, kind, build.rules)}
    inner = exp.Subquery(this=hours, alias=exp.TableAlias(this=exp.to_identifier("__hours", quoted=True)))
    return exp.select(*(aliased(v, n) for n, v in items.items())).from_(inner)


def _together(build: Build, branches: list[_Branch], keys: list[Key], prior: bool) -> exp.Select:
    numbers = range(len(build.atoms.found))
    prefixes = ("__m", "__p") if prior else ("__m",)
    columns = [(i, p) for p in prefixes for i in numbers]
    names = [k.internal for k in keys]
    rows = [_branch(build, b, names, columns) for b in branches]
    union = exp.union(*rows, distinct=False) if len(rows) > 1 else rows[0]
    source = exp.Subquery(this=union, alias=exp.TableAlias(this=exp.to_identifier("__rows", quoted=True)))
    query = exp.select(*(column(None, n) for n in names)).from_(source)
    query = query.select(*(aliased(_merged(build, i, p, bool(keys)), f"{p}{i}") for i, p in columns), copy=False)
    return query.group_by(*(column(None, n) for n in names), copy=False) if names else query


def _branch(build: Build, branch: _Branch, keys: list[str], columns: list[tuple[int, str]]) -> exp.Select:
    def value(number: int, prefix: str) -> exp.Expr:
        wanted = f"{prefix}{number}"
        here = prefix == branch.prefix and build.atoms.found[number].source == branch.source
        if here:
            return column(None, wanted)
        return aliased(typed_null(build.types.get(number)), wanted)

    return _from(branch.name).select(*(column(None, k) for k in keys), *(value(i, p) for i, p in columns))


def _merged(build: Build, number: int, prefix: str, grouped: bool) -> exp.Expr:
    largest = exp.Max(this=atom_column(number, prefix))
    if not build.atoms.found[number].fills_with_zero:
        return largest
    filled = exp.Coalesce(this=largest, expressions=[exp.Literal.number(0)])
    counted = build.atoms.found[number].measure.agg != "sum"
    if grouped or (counted and build.covered):
        return filled
    rows = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(0))
    return exp.Case(ifs=[exp.If(this=rows, true=filled)])


def figures(build: Build, keys: list[Key]) -> dict[str, exp.Expr]:
    """Expressions over the last subquery: `__v0` … for the figures, `__v0_prev` for those of the prior period."""
    found: dict[str, exp.Expr] = {}
    for number, one in enumerate(build.figures):
        found[f"__v{number}"] = one.formula.copy()
        if build.query.compare is not None:
            found[f"__v{number}_prev"] = _prior_value(build, one.formula, keys)
    return found


def _prior_value(build: Build, formula: exp.Expr, keys: list[Key]) -> exp.Expr:
    grained = build.grain is not None and any(k.ref is None for k in keys)
    if not grained:
        return prior_formula(formula) if build.prior_known else exp.cast(exp.null(), "double")
    assert build.grain is not None  # grained
    known = [b for b in build.periods or [] if b.prior_start is not None]
    if not known:
        return exp.cast(exp.null(), "double")
    unknown = [b for b in build.periods or [] if b.prior_start is None]
    if not unknown:
        return prior_formula(formula)
    listed = exp.In(this=column(None, "__t"), expressions=[period_key(b.start, build.grain) for b in unknown])
    return exp.Case(ifs=[exp.If(this=exp.Not(this=listed), true=prior_formula(formula))])


def _from(name: str) -> exp.Select:
    return exp.Select().from_(table(name))


def table(name: str) -> exp.Table:
    """A quoted reference to a table or CTE of the statement."""
    return exp.Table(this=exp.to_identifier(name, quoted=True))
