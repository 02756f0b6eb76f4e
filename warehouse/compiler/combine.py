"""Leaves put together by UNION ALL and MAX, so that two facts are never joined and an empty key is one group."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from warehouse.compiler.build import Build, Key
from warehouse.compiler.dialects import typed_null
from warehouse.compiler.leaf import Range, leaf
from warehouse.compiler.metrics import atom_column, prior_formula
from warehouse.compiler.periods import Bucket
from warehouse.compiler.scope import column, time_kind
from warehouse.compiler.time_sql import bound, period_key, series
from warehouse.model.schema import ValueType


@dataclass(frozen=True)
class _Branch:
    """A subquery to put together with others: whose aggregations it holds (None: keys only), under which prefix."""

    name: str
    fact: str | None = None
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


def aggregate(build: Build, parts: Parts, keys: list[Key], *, with_prior: bool) -> None:
    """Add the subqueries whose last has `keys` and one settled column per aggregation, prior ones as `__p`."""
    spine = _has_spine(build, keys)
    grained = build.grain is not None and any(k.ref is None for k in keys)
    prior = with_prior and ((grained and bool(build.periods)) or (not grained and build.prior_known))
    alone = len(build.facts) == 1 and not spine and not prior
    now = Range(build.window.start, build.window.end)
    branches: list[_Branch] = []
    for fact in build.facts:
        name = parts.add(f"__{fact}", leaf(build, fact, now, alone=alone, keys=keys))
        branches.append(_Branch(name, fact))
    if prior:
        for fact in build.facts:
            branches.append(_Branch(_add_prior(build, parts, fact, keys, grained), fact, "__p"))
    if alone:
        return
    if spine:
        branches.append(_Branch(_add_spine(build, parts, [b.name for b in branches], keys)))
    parts.add("__together", _together(build, branches, keys, prior))


def _has_spine(build: Build, keys: list[Key]) -> bool:
    time = build.query.time
    asked = time is not None and time.fill and any(k.ref is None for k in keys)
    return asked and build.span is not None


def _add_prior(build: Build, parts: Parts, fact: str, keys: list[Key], grained: bool) -> str:
    if not grained:
        assert build.prior is not None  # a known prior has bounds
        covers = Range(build.prior.start, build.prior.end)
    else:
        periods = parts.add(f"__{fact}_periods", _periods(build, fact))
        covers = Range(against=periods)
    query = leaf(build, fact, covers, prefix="__p", alone=False, keys=keys)
    return parts.add(f"__{fact}_prior", query)


def _periods(build: Build, fact: str) -> exp.Select:
    """Every current period with the range it is compared with, as rows."""
    assert build.periods is not None and build.grain is not None  # only a comparison by period comes here
    kind = time_kind(build.times[fact])

    def row(b: Bucket) -> exp.Tuple:
        assert b.prior_start is not None and b.prior_end is not None  # filtered below
        assert build.grain is not None  # asserted above
        bounds = (bound(b.prior_start, kind, build.rules), bound(b.prior_end, kind, build.rules))
        return exp.Tuple(expressions=[period_key(b.start, build.grain), *bounds])

    rows = [row(b) for b in build.periods if b.prior_start is not None]
    if not rows:
        day: ValueType = "datetime" if build.grain == "hour" else "date"
        at: ValueType = "date" if kind.kind == "date" else "datetime"
        types = {"__t": day, "__start": at, "__end": at}
        nothing = (exp.alias_(typed_null(t), n, quoted=True) for n, t in types.items())
        return exp.select(*nothing).where(exp.false())
    names = [exp.to_identifier(n, quoted=True) for n in ("__t", "__start", "__end")]
    table = exp.Values(
        expressions=rows, alias=exp.TableAlias(this=exp.to_identifier("__period", quoted=True), columns=names)
    )
    return exp.select(*(column("__period", n) for n in ("__t", "__start", "__end"))).from_(table)


def _add_spine(build: Build, parts: Parts, branches: list[str], keys: list[Key]) -> str:
    """All periods, for each group that has any row, so that a period without data is a row too."""
    assert build.span is not None and build.grain is not None  # a spine has both
    periods = parts.add(
        "__periods", exp.select(exp.alias_(series(*build.span, build.grain, build.rules), "__t", quoted=True))
    )
    others = [k for k in keys if k.ref is not None]
    named = [k.internal for k in others]
    groups = [_from(b).select(*(column(None, n) for n in named)) for b in branches]
    if not others:
        some = exp.or_(*(exp.Exists(this=_from(b).select(exp.Literal.number(1))) for b in branches))
        spine = exp.select(column(None, "__t")).from_(table(periods)).where(some)
    else:
        union: exp.Query = groups[0].distinct() if len(groups) == 1 else exp.union(*groups, distinct=True)
        listed = exp.Subquery(this=union, alias=exp.TableAlias(this=exp.to_identifier("__groups", quoted=True)))
        spine = exp.select(column(None, "__t"), *(column(None, n) for n in named)).from_(table(periods))
        spine = spine.join(listed, join_type="CROSS")
    return parts.add("__every_period", spine)


def _together(build: Build, branches: list[_Branch], keys: list[Key], prior: bool) -> exp.Select:
    numbers = range(len(build.atoms.found))
    prefixes = ("__m", "__p") if prior else ("__m",)
    columns = [(i, p) for p in prefixes for i in numbers]
    names = [k.internal for k in keys]
    rows = [_branch(build, b, names, columns) for b in branches]
    union = exp.union(*rows, distinct=False) if len(rows) > 1 else rows[0]
    source = exp.Subquery(this=union, alias=exp.TableAlias(this=exp.to_identifier("__rows", quoted=True)))
    query = exp.select(*(column(None, n) for n in names)).from_(source)
    query = query.select(
        *(exp.alias_(_merged(build, i, p, bool(keys)), f"{p}{i}", quoted=True) for i, p in columns), copy=False
    )
    return query.group_by(*(column(None, n) for n in names), copy=False) if names else query


def _branch(build: Build, branch: _Branch, keys: list[str], columns: list[tuple[int, str]]) -> exp.Select:
    def value(number: int, prefix: str) -> exp.Expr:
        wanted = f"{prefix}{number}"
        here = prefix == branch.prefix and build.atoms.found[number].table == branch.fact
        if here:
            return column(None, wanted)
        return exp.alias_(typed_null(build.types.get(number)), wanted, quoted=True)

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
