"""The rows that stay: the largest of all, of each group, or whole groups over time, and what becomes of the others."""

from __future__ import annotations

from sqlglot import exp

from store.errors import InvalidRequest
from warehouse.compiler.build import Build, Key
from warehouse.compiler.combine import table
from warehouse.compiler.dialects import in_byte_order
from warehouse.compiler.leaf import OTHERS, Fold
from warehouse.compiler.notes import partial_starts, whole_periods
from warehouse.compiler.scope import aliased, column
from warehouse.compiler.stage import Stage, is_text, order, ordered, sorted_key
from warehouse.compiler.time_sql import literal, period_key
from warehouse.compiler.transforms import named_keys, overall
from warehouse.query import Rank, TopN


def needs_window(stage: Stage) -> bool:
    """Whether the top needs ranks; a plain cut is ORDER BY and LIMIT."""
    top = stage.build.query.top
    if top is None:
        return False
    return bool(top.per or top.complete or stage.build.query.order) or top.ties == "keep" or _series(stage)


def _series(stage: Stage) -> bool:
    """With a time grain and groups, the top keeps whole groups with all their periods."""
    build = stage.build
    grouped = any(k.ref is not None for k in build.keys)
    return build.grain is not None and grouped and build.query.top is not None and not build.query.top.per


def check_others(build: Build, top: TopN) -> None:
    """Refuse what has no meaning beside “Other”: keys that cannot be called so, ranks, conditions on groups."""
    keys = folded_keys(build, top)
    ranked = any(isinstance(t, Rank) for t in build.query.transforms)
    if not keys or any(k.type != "text" for k in keys) or ranked or build.query.having:
        raise InvalidRequest(
            "What is left over can only be shown as “Other” beside names, without ranks and conditions on groups.",
            code="invalid_top",
            hint="Group by names, or leave the others out.",
        )


def folded_keys(build: Build, top: TopN) -> list[Key]:
    """The keys whose values are cut: all groups but those that the top is taken in."""
    per = named_keys(build, top.per)
    return [k for k in build.keys if k.ref is not None and k not in per]


def kept_groups(stage: Stage, top: TopN) -> Fold:
    """The groups that stay, as a subquery with their keys and place."""
    if not needs_window(stage):
        stage.settle("__results")
    _add_rank(stage, top)
    keys = [k.internal for k in stage.build.keys if k.ref is not None]
    query = exp.select(*(column(None, n) for n in keys), exp.alias_(exp.Max(this=column(None, "__rank")), "__rank"))
    query = query.from_(table(stage.parts.last)).where(_within(top)).group_by(*(column(None, n) for n in keys))
    name = stage.parts.add("__kept", query)
    return Fold(name, frozenset(k.internal for k in folded_keys(stage.build, top)))


def finish(stage: Stage, fold: Fold | None = None) -> exp.Query:
    """The statement: the columns that were asked for, cut, in order. With `fold` the cut is made already."""
    build = stage.build
    top = build.query.top if fold is None else None
    if top is not None and needs_window(stage):
        _add_rank(stage, top)
    items = (aliased(stage.values[s.internal], s.name) for s in stage.shown)
    query = exp.select(*items).from_(table(stage.parts.last))
    if top is not None and needs_window(stage):
        query = query.where(_within(top), copy=False)
    ordering = _ordering(stage, fold)
    if ordering:
        query = query.order_by(*ordering, copy=False)
    rows = build.query.limit
    if top is not None and not needs_window(stage):
        rows = min(rows, top.n)
    query = query.limit(rows, copy=False)
    for name, part in stage.parts.named.items():
        query = query.with_(exp.to_identifier(name, quoted=True), as_=part, copy=False)
    return query


def _within(top: TopN) -> exp.Expr:
    return exp.LTE(this=column(None, "__rank"), expression=literal(top.n))


def _add_rank(stage: Stage, top: TopN) -> None:
    """Add column `__rank`: the place of a row, or of its whole group over time, within each value of `per`."""
    if _series(stage):
        _add_group_rank(stage, top)
        return
    per: list[exp.Expr] = [column(None, k.internal) for k in named_keys(stage.build, top.per)]
    by = column(None, stage.named(top.by).internal)
    rank = _place(by, [sorted_key(stage.build, k) for k in stage.build.keys], top, per)
    query = exp.select(*(column(None, n) for n in stage.values), aliased(rank, "__rank"))
    query = query.from_(table(stage.parts.last))
    cut = _cut_periods(stage.build) if top.complete else None
    stage.parts.add("__ranked", query.where(cut) if cut is not None else query)


def _cut_periods(build: Build) -> exp.Expr | None:
    """That a row's period is covered wholly; None without a period, and where none is."""
    grain, partial, key = build.grain, partial_starts(build), next((k for k in build.keys if k.is_time), None)
    if key is None or grain is None or not partial or not whole_periods(build, partial):
        return None
    return exp.not_(exp.In(this=column(None, key.internal), expressions=[period_key(p, grain) for p in partial]))


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
    whole, before = overall(stage, found.figure, keys), stage.parts.last
    rank = _place(column(None, "__total"), [sorted_key(stage.build, k) for k in keys], top, [])
    query = exp.select(*(column(None, n) for n in names), aliased(rank, "__rank"))
    places = stage.parts.add("__places", query.from_(table(whole)))
    same = exp.and_(*(exp.NullSafeEQ(this=column(before, n), expression=column(places, n)) for n in names))
    joined = exp.select(*(column(before, n) for n in stage.values), column(places, "__rank"))
    joined = joined.from_(table(before)).join(exp.Join(this=table(places), on=same))
    stage.parts.add("__ranked", joined)


def _place(by: exp.Expr, keys: list[exp.Column], top: TopN, per: list[exp.Expr]) -> exp.Expr:
    terms = [ordered(by, desc=not top.bottom)]
    if top.ties == "cut":
        terms += [ordered(k, desc=False) for k in keys]
    function = exp.RowNumber() if top.ties == "cut" else exp.Rank()
    return exp.Window(this=function, partition_by=per, order=order(terms))


def _ordering(stage: Stage, fold: Fold | None) -> list[exp.Ordered]:
    """What was asked, else time, else the largest first figure; then all keys, so that the order is always the same."""
    query, keys = stage.build.query, stage.build.keys
    times = [k for k in keys if k.is_time or k.part is not None or k.band is not None]
    wanted: list[tuple[str, bool]] = []
    if query.order:
        wanted = [(stage.named(o.by).name, o.desc) for o in query.order]
    elif query.top is not None and not _series(stage):
        wanted = [(k.name, False) for k in named_keys(stage.build, query.top.per)]
        wanted.append((stage.named(query.top.by).name, not query.top.bottom))
    elif times:
        wanted = [(k.name, False) for k in times]
    elif keys:
        wanted = [(stage.build.figures[0].name, True)]
    wanted += [(k.name, False) for k in keys]
    once: dict[str, bool] = {}
    for name, desc in wanted:
        once.setdefault(name, desc)
    texts = {k.name: k.internal for k in keys if is_text(stage.build, k)}
    columns = {name: column(None, name) for name in once}
    terms = [ordered(in_byte_order(c, texts[n]) if n in texts else c, desc=once[n]) for n, c in columns.items()]
    if fold is None:
        return terms
    first = [
        n
        for n, _ in wanted[
            : sum(k.is_time for k in keys) + len(stage.build.query.top.per if stage.build.query.top else ())
        ]
    ]
    return terms[: len(first)] + _others_last(keys, fold) + terms[len(first) :]


def _others_last(keys: list[Key], fold: Fold) -> list[exp.Ordered]:
    """Named groups before the one that holds all others."""
    named = [
        exp.EQ(this=column(None, k.internal), expression=exp.Literal.string(OTHERS))
        for k in keys
        if k.internal in fold.keys
    ]
    test = exp.If(this=exp.and_(*named), true=exp.Literal.number(1))
    return [ordered(exp.Case(ifs=[test], default=exp.Literal.number(0)), desc=False)]
