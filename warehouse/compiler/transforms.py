"""What is said about figures beside each other: changes, shares, ranks, running and moving totals."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from store.errors import InvalidRequest
from warehouse.compiler.build import Build, Key, figure_type, key_of
from warehouse.compiler.combine import aggregate, table
from warehouse.compiler.metrics import Figure, quotient
from warehouse.compiler.scope import aliased, column
from warehouse.compiler.stage import Shown, Stage, order, ordered, sorted_key
from warehouse.compiler.time_sql import bucket
from warehouse.model.schema import TimeColumn
from warehouse.query import DimRef, Growth, Moving, Rank, Running, Share

_MOVING: dict[str, type[exp.AggFunc]] = {"avg": exp.Avg, "sum": exp.Sum, "min": exp.Min, "max": exp.Max}


def derived(stage: Stage, shown: Shown) -> exp.Expr:
    """The expression of a derived column over the settled figures. Raises `InvalidRequest` where it has no meaning."""
    assert shown.figure is not None  # derived columns have one
    base = shown.internal.split("_", 3)[2]
    now = column(None, f"__{base}")
    before: exp.Expr = column(None, f"__{base}_prev")
    transform = shown.transform
    if isinstance(transform, Share):
        return quotient(now, _whole(stage, shown.figure, now, partition(stage, transform.within)))
    if isinstance(transform, Rank):
        return _rank(stage, transform, now)
    if isinstance(transform, Running):
        return _running(stage.build, transform, shown.figure, now)
    if isinstance(transform, Moving):
        return _moving(stage.build, transform, shown.figure, now)
    if isinstance(transform, Growth):
        before = _earlier(stage.build, transform, now)
    elif shown.kind == "delta":
        return exp.Sub(this=now, expression=before)
    return quotient(exp.Sub(this=now, expression=before), exp.Abs(this=before.copy()))


def partition(stage: Stage, within: Sequence[DimRef]) -> list[Key]:
    """The keys inside whose values shares and ranks are taken: those asked for, and the period of groups over time."""
    build = stage.build
    groups = [k for k in build.keys if k.ref is not None]
    times = [k for k in build.keys if k.ref is None] if groups else []
    return times + named_keys(build, within)


def named_keys(build: Build, refs: Sequence[DimRef]) -> list[Key]:
    """The keys of the query that `refs` name. Raises `InvalidRequest` with code `not_grouped`."""
    found: list[Key] = []
    for ref in refs:
        wanted = key_of(build.catalog, ref, build.facts[0], "")
        key = next((k for k in build.keys if k.ref is not None and _same(k, wanted)), None)
        if key is None:
            raise InvalidRequest(
                f"The result is not grouped by “{wanted.label}”.",
                code="not_grouped",
                hint="Add it to the dimensions.",
                details={"field": ref.field},
            )
        found.append(key)
    return found


def _same(a: Key, b: Key) -> bool:
    return (a.field.qualified, a.field.role, a.grain, a.part, a.band) == (
        b.field.qualified,
        b.field.role,
        b.grain,
        b.part,
        b.band,
    )


def _whole(stage: Stage, one: Figure, value: exp.Column, within: list[Key]) -> exp.Expr:
    """What shares are shares of: the sum of the groups, or where those do not add up the figure over all of them."""
    build = stage.build
    one_moment = not any(k.is_time for k in build.keys if k not in within)
    sums = one.additive or (one.adds_across and one_moment)
    if sums and not build.doubled(one):
        columns: list[exp.Expr] = [column(None, k.internal) for k in within]
        return exp.Window(this=exp.Sum(this=value.copy()), partition_by=columns)
    distinct = [build.atoms.found[i].measure.agg == "count_distinct" for i in one.atoms]
    if distinct != [True] and not sums:
        need_additive(one, "a share of the total")
    total = overall(stage, one, within)
    if not within:
        return exp.Subquery(this=exp.select(column(None, "__total")).from_(table(total)))
    name = f"{value.name}_total"
    stage.attach(total, "__total", name, [k.internal for k in within])
    return column(None, name)


def overall(stage: Stage, one: Figure, keys: list[Key]) -> str:
    """The name of a subquery with figure `one` by `keys` alone, computed anew, as `__total`."""
    before = stage.parts.last
    aggregate(stage.build, stage.parts, keys, with_prior=False)
    named = [column(None, k.internal) for k in keys]
    query = exp.select(*named, aliased(one.formula.copy(), "__total"))
    name = stage.parts.add("__overall", query.from_(table(stage.parts.last)))
    stage.parts.last = before
    return name


def _rank(stage: Stage, transform: Rank, value: exp.Column) -> exp.Expr:
    within: list[exp.Expr] = [column(None, k.internal) for k in partition(stage, transform.within)]
    terms = [ordered(value, desc=transform.desc)]
    function: exp.Expr = exp.Rank() if transform.ties == "min" else exp.DenseRank()
    if transform.ties == "row":
        function = exp.RowNumber()
        terms += [ordered(sorted_key(stage.build, k), desc=False) for k in stage.build.keys]
    ranked = exp.Window(this=function, partition_by=within, order=order(terms))
    some = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
    return exp.Case(ifs=[exp.If(this=some, true=ranked)])


def _running(build: Build, transform: Running, one: Figure, value: exp.Column) -> exp.Expr:
    _need_grain(build, "A running total")
    need_additive(one, "a running total")
    groups = _groups(build)
    if transform.reset is not None:
        groups.append(_reset(build, transform.reset))
    total = _over(build, exp.Sum(this=value), groups, "UNBOUNDED")
    return exp.cast(total, "bigint") if figure_type(build, one) == "integer" else total


def _reset(build: Build, reset: str) -> exp.Expr:
    kind = TimeColumn(kind="timestamp" if build.grain == "hour" else "date", stored_tz=build.rules.timezone)
    return bucket(column(None, "__t"), reset, kind, build.rules)  # type: ignore[arg-type]  # a grain by its own type


def _moving(build: Build, transform: Moving, one: Figure, value: exp.Column) -> exp.Expr:
    _need_grain(build, "A moving figure")
    if transform.agg == "sum" or (transform.agg == "avg" and not one.adds_across):
        need_additive(one, "a moving figure")
    back = str(transform.n - 1)
    counted = _over(build, exp.Count(this=value.copy()), _groups(build), back)
    made = _over(build, _MOVING[transform.agg](this=value), _groups(build), back)
    if transform.agg == "sum" and figure_type(build, one) == "integer":
        made = exp.cast(made, "bigint")
    least = exp.Literal.number(transform.min_points or transform.n)
    return exp.Case(ifs=[exp.If(this=exp.GTE(this=counted, expression=least), true=made)])


def _earlier(build: Build, transform: Growth, value: exp.Column) -> exp.Expr:
    """The figure of the period before, or of the first one; by the frame, as not every engine's LAG knows NULL."""
    _need_grain(build, "A growth")
    if transform.base == "previous":
        return _over(build, exp.Max(this=value.copy()), _groups(build), "1", "1")
    return _over(build, exp.FirstValue(this=value.copy()), _groups(build), "UNBOUNDED")


def _over(build: Build, function: exp.Expr, groups: list[exp.Expr], start: str, end: str = "CURRENT ROW") -> exp.Expr:
    """`function` over the rows of a group from `start` preceding to `end`, in order of time."""
    times = [k for k in build.keys if k.ref is None]
    spec = exp.WindowSpec(kind="ROWS", start=_edge(start), start_side="PRECEDING", end=_edge(end))
    if end == "1":
        spec.set("end_side", "PRECEDING")
    by_time = order([ordered(column(None, k.internal), desc=False) for k in times])
    return exp.Window(this=function, partition_by=groups, order=by_time, spec=spec)


def _edge(text: str) -> str | exp.Expr:
    return exp.Literal.number(int(text)) if text.isdigit() else text


def _groups(build: Build) -> list[exp.Expr]:
    return [column(None, k.internal) for k in build.keys if k.ref is not None]


def _need_grain(build: Build, what: str) -> None:
    if build.grain is None:
        raise InvalidRequest(
            f"{what} needs periods to run over.", code="no_grain", hint="Ask for it by day, week or month."
        )


def need_additive(one: Figure, what: str) -> None:
    """Refuse (`non_additive`) what only sums and counts have."""
    if not one.additive:
        raise InvalidRequest(
            f"“{one.label}” cannot be added up, so it has no {what.removeprefix('a ')}.",
            code="non_additive",
            hint="Ask for it of a sum or a count.",
            details={"metric": one.metric},
        )
