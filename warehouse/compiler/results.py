"""From figures to the rows a person asked for: changes, shares and ranks over all groups, then cuts, then order."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from store.errors import InvalidRequest, unknown
from warehouse.compiler.build import Build, Key, figure_type, key_of
from warehouse.compiler.combine import Parts, aggregate, figures, table
from warehouse.compiler.dialects import in_byte_order
from warehouse.compiler.metrics import Figure, quotient
from warehouse.compiler.scope import column
from warehouse.compiler.time_sql import literal
from warehouse.model.adhoc import output_name
from warehouse.query import Having, TopN, Transform

_COMPARISONS: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}


@dataclass(frozen=True)
class Shown:
    """An output column: its name, its internal name, and what it shows (a key, a figure, or something derived)."""

    name: str
    internal: str
    key: Key | None = None
    figure: Figure | None = None
    kind: str | None = None


@dataclass
class Stage:
    """Where the pipeline stands: the subqueries so far, and an expression over the last one for every column."""

    build: Build
    parts: Parts
    shown: list[Shown]
    values: dict[str, exp.Expr]
    aliases: dict[str, str]

    def settle(self, name: str) -> None:
        """Make the present expressions the columns of a subquery, so that later steps may filter by them."""
        items = (exp.alias_(v, n, quoted=True) for n, v in self.values.items())
        self.parts.add(name, exp.select(*items).from_(table(self.parts.last)))
        self.values = {n: column(None, n) for n in self.values}

    def named(self, wanted: str) -> Shown:
        """The output column that a request calls `wanted`. Raises `UnknownName` with near names."""
        internal = self.aliases.get(wanted)
        found = next((s for s in self.shown if s.internal == internal), None)
        if found is None:
            raise unknown("column of this result", wanted, [s.name for s in self.shown])
        return found


def select(build: Build) -> tuple[exp.Query, list[Shown]]:
    """The whole statement and its output columns in order."""
    parts = Parts()
    aggregate(build, parts, build.keys, with_prior=build.query.compare is not None)
    values: dict[str, exp.Expr] = {k.internal: column(None, k.internal) for k in build.keys}
    values |= figures(build, build.keys)
    stage = Stage(build, parts, _shown(build), values, {})
    stage.aliases = _aliases(build, stage.shown)
    derived = [s for s in stage.shown if s.kind is not None and s.kind != "prev"]
    if derived:
        stage.settle("__figures")
        stage.values |= {s.internal: _derived(stage, s) for s in derived}
    if build.query.having or _needs_window(stage):
        stage.settle("__results")
    _apply_having(stage)
    return _finish(stage), stage.shown


def _shown(build: Build) -> list[Shown]:
    shown = [Shown(k.name, k.internal, key=k) for k in build.keys]
    compare = build.query.compare
    for number, one in enumerate(build.figures):
        shown.append(Shown(one.name, f"__v{number}", figure=one))
        for kind in compare.show if compare else ():
            shown.append(Shown(f"{one.name}.{kind}", f"__v{number}_{kind}", figure=one, kind=kind))
    for transform in build.query.transforms:
        of, internal = _subject(build, transform)
        shown.append(
            Shown(f"{of.name}.{transform.kind}", f"{internal}_{transform.kind}", figure=of, kind=transform.kind)
        )
    return shown


def _subject(build: Build, transform: Transform) -> tuple[Figure, str]:
    wanted = output_name(transform.of)
    for number, one in enumerate(build.figures):
        if wanted == one.name or transform.of == one.metric:
            return one, f"__v{number}"
    raise unknown("metric of this query", transform.of, [f.name for f in build.figures])


def _aliases(build: Build, shown: list[Shown]) -> dict[str, str]:
    """Every way a request may call an output column -> its internal name; exact output names win."""
    found: dict[str, str] = {}
    for one in shown:
        if one.key is not None:
            found.setdefault(one.key.field.qualified, one.internal)
            found.setdefault(one.key.field.name, one.internal)
            if one.key.ref is not None:
                found.setdefault(one.key.ref.field, one.internal)
        elif one.figure is not None:
            suffix = f".{one.kind}" if one.kind else ""
            found.setdefault(one.figure.metric + suffix, one.internal)
    return found | {s.name: s.internal for s in shown}


def _derived(stage: Stage, shown: Shown) -> exp.Expr:
    base = shown.internal.removesuffix(f"_{shown.kind}")
    now, before = column(None, base), column(None, f"{base}_prev")
    if shown.kind == "delta":
        return exp.Sub(this=now, expression=before)
    if shown.kind == "growth":
        return quotient(exp.Sub(this=now, expression=before), exp.Abs(this=before.copy()))
    transform = next(t for t in stage.build.query.transforms if _shown_by(stage.build, t, shown))
    return _transformed(stage, transform, shown, now)


def _shown_by(build: Build, transform: Transform, shown: Shown) -> bool:
    return transform.kind == shown.kind and _subject(build, transform)[0] is shown.figure


def _transformed(stage: Stage, transform: Transform, shown: Shown, value: exp.Column) -> exp.Expr:
    assert shown.figure is not None  # derived columns have one
    within = _within(stage.build)
    if transform.kind == "share":
        return quotient(value, _whole(stage, shown.figure, value, within))
    if transform.kind == "rank":
        function = exp.Rank() if transform.ties == "min" else exp.DenseRank()
        ranked = exp.Window(this=function, partition_by=within, order=_order([_ordered(value, transform.desc)]))
        some = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
        return exp.Case(ifs=[exp.If(this=some, true=ranked)])
    _need_additive(shown.figure, "a running total")
    return _running(stage.build, value, whole=figure_type(stage.build, shown.figure) == "integer")


def _whole(stage: Stage, one: Figure, value: exp.Column, within: list[exp.Expr]) -> exp.Expr:
    """What shares are shares of: the sum of the groups, or for distinct counts the count over all of them."""
    if one.additive:
        return exp.Window(this=exp.Sum(this=value.copy()), partition_by=within)
    distinct = [stage.build.atoms.found[i].measure.agg == "count_distinct" for i in one.atoms]
    if distinct != [True] or within:
        _need_additive(one, "a share of the total")
    return exp.Subquery(this=exp.select(column(None, "__total")).from_(table(_overall(stage, one, []))))


def _overall(stage: Stage, one: Figure, keys: list[Key]) -> str:
    """The name of a subquery with figure `one` by `keys` alone, computed anew, as `__total`."""
    before = stage.parts.last
    aggregate(stage.build, stage.parts, keys, with_prior=False)
    named = [column(None, k.internal) for k in keys]
    query = exp.select(*named, exp.alias_(one.formula.copy(), "__total", quoted=True))
    name = stage.parts.add("__overall", query.from_(table(stage.parts.last)))
    stage.parts.last = before
    return name


def _within(build: Build) -> list[exp.Expr]:
    """Shares and ranks of groups over time are taken in each period, else over all rows."""
    groups = [k for k in build.keys if k.ref is not None]
    return [column(None, "__t")] if build.grain is not None and groups else []


def _running(build: Build, value: exp.Column, *, whole: bool) -> exp.Expr:
    if build.grain is None:
        raise InvalidRequest(
            "A running total needs periods to run over.", code="no_grain", hint="Ask for it by day, week or month."
        )
    groups = [column(None, k.internal) for k in build.keys if k.ref is not None]
    spec = exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW")
    order = _order([_ordered(column(None, "__t"), False)])
    total = exp.Window(this=exp.Sum(this=value), partition_by=groups, order=order, spec=spec)
    return exp.cast(total, "bigint") if whole else total


def _need_additive(one: Figure, what: str) -> None:
    if not one.additive:
        raise InvalidRequest(
            f"“{one.label}” cannot be added up, so it has no {what.removeprefix('a ')}.",
            code="non_additive",
            hint="Ask for it of a sum or a count.",
            details={"metric": one.metric},
        )


def _apply_having(stage: Stage) -> None:
    if not stage.build.query.having:
        return
    tests = [_having(stage, h) for h in stage.build.query.having]
    query = exp.select(*(column(None, n) for n in stage.values)).from_(table(stage.parts.last))
    stage.parts.add("__kept", query.where(*tests))


def _having(stage: Stage, having: Having) -> exp.Expr:
    found = stage.named(having.column)
    return _COMPARISONS[having.op](this=column(None, found.internal), expression=literal(having.value))


def _needs_window(stage: Stage) -> bool:
    """Whether the top needs ranks; a plain cut is ORDER BY and LIMIT."""
    top = stage.build.query.top
    return top is not None and (bool(top.per) or top.ties == "keep" or bool(stage.build.query.order) or _series(stage))


def _series(stage: Stage) -> bool:
    """With a time grain and groups, the top keeps whole groups with all their periods."""
    build = stage.build
    grouped = any(k.ref is not None for k in build.keys)
    return build.grain is not None and grouped and build.query.top is not None and not build.query.top.per


def _finish(stage: Stage) -> exp.Query:
    build, top = stage.build, stage.build.query.top
    if top is not None and _needs_window(stage):
        _add_rank(stage, top)
    items = (exp.alias_(stage.values[s.internal], s.name, quoted=True) for s in stage.shown)
    query = exp.select(*items).from_(table(stage.parts.last))
    if top is not None and _needs_window(stage):
        limit = exp.LTE(this=column(None, "__rank"), expression=literal(top.n))
        query = query.where(limit, copy=False)
    ordering = _ordering(stage)
    if ordering:
        query = query.order_by(*ordering, copy=False)
    rows = build.query.limit
    if top is not None and not _needs_window(stage):
        rows = min(rows, top.n)
    query = query.limit(rows, copy=False)
    for name, part in stage.parts.named.items():
        query = query.with_(exp.to_identifier(name, quoted=True), as_=part, copy=False)
    return query


def _add_rank(stage: Stage, top: TopN) -> None:
    """Add column `__rank`: the place of a row, or of its whole group over time, within each value of `per`."""
    if _series(stage):
        _add_group_rank(stage, top)
        return
    per: list[exp.Expr] = [column(None, k.internal) for k in _per_keys(stage, top)]
    by = column(None, stage.named(top.by).internal)
    rank = _place(by, [_sorted_key(k) for k in stage.build.keys], top, per)
    query = exp.select(*(column(None, n) for n in stage.values), exp.alias_(rank, "__rank", quoted=True))
    stage.parts.add("__ranked", query.from_(table(stage.parts.last)))


def _add_group_rank(stage: Stage, top: TopN) -> None:
    """Rank groups by their figure over the whole time, so that a group keeps or loses all its periods."""
    found = stage.named(top.by)
    if found.figure is None or found.kind is not None:
        raise InvalidRequest(
            "Groups over time can only be ranked by a figure of their own.",
            code="invalid_top",
            hint="Rank by the metric itself, or ask without periods.",
            details={"by": top.by},
        )
    keys = [k for k in stage.build.keys if k.ref is not None]
    names = [k.internal for k in keys]
    overall, before = _overall(stage, found.figure, keys), stage.parts.last
    rank = _place(column(None, "__total"), [_sorted_key(k) for k in keys], top, [])
    query = exp.select(*(column(None, n) for n in names), exp.alias_(rank, "__rank", quoted=True))
    places = stage.parts.add("__places", query.from_(table(overall)))
    same = exp.and_(*(exp.NullSafeEQ(this=column(before, n), expression=column(places, n)) for n in names))
    joined = exp.select(*(column(before, n) for n in stage.values), column(places, "__rank"))
    joined = joined.from_(table(before)).join(exp.Join(this=table(places), on=same))
    stage.parts.add("__ranked", joined)


def _sorted_key(key: Key) -> exp.Column:
    """A key to sort by; text goes by its bytes, so that a tie is broken alike on every engine."""
    found = column(None, key.internal)
    if key.type == "text":
        in_byte_order(found)
    return found


def _place(by: exp.Expr, keys: list[exp.Column], top: TopN, per: list[exp.Expr]) -> exp.Expr:
    ordered = [_ordered(by, not top.bottom)]
    if top.ties == "cut":
        ordered += [_ordered(k, False) for k in keys]
    function = exp.RowNumber() if top.ties == "cut" else exp.Rank()
    return exp.Window(this=function, partition_by=per, order=_order(ordered))


def _per_keys(stage: Stage, top: TopN) -> list[Key]:
    root = stage.build.facts[0]
    wanted = [key_of(stage.build.catalog, ref, root, "") for ref in top.per]
    return [k for w in wanted for k in stage.build.keys if k.ref is not None and _same(k, w)]


def _same(a: Key, b: Key) -> bool:
    return (a.field.qualified, a.field.role, a.grain, a.part) == (b.field.qualified, b.field.role, b.grain, b.part)


def _ordering(stage: Stage) -> list[exp.Ordered]:
    """What was asked, else time, else the largest first figure; then all keys, so that the order is always the same."""
    query, keys = stage.build.query, stage.build.keys
    times = [k for k in keys if k.is_time or k.part is not None]
    wanted: list[tuple[str, bool]] = []
    if query.order:
        wanted = [(stage.named(o.by).name, o.desc) for o in query.order]
    elif query.top is not None and not _series(stage):
        wanted = [(k.name, False) for k in _per_keys(stage, query.top)]
        wanted.append((stage.named(query.top.by).name, not query.top.bottom))
    elif times:
        wanted = [(k.name, False) for k in times]
    elif keys:
        wanted = [(stage.build.figures[0].name, True)]
    wanted += [(k.name, False) for k in keys]
    once: dict[str, bool] = {}
    for name, desc in wanted:
        once.setdefault(name, desc)
    texts = {k.name: k.internal for k in keys if k.type == "text"}
    columns = {name: column(None, name) for name in once}
    return [_ordered(in_byte_order(c, texts[n]) if n in texts else c, once[n]) for n, c in columns.items()]


def _ordered(value: exp.Expr, desc: bool) -> exp.Ordered:
    return exp.Ordered(this=value.copy(), desc=desc, nulls_first=False)


def _order(items: list[exp.Ordered]) -> exp.Order:
    return exp.Order(expressions=items)
