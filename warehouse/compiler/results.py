"""From figures to the rows a person asked for: changes, shares and ranks over all groups, then cuts, then order."""

from __future__ import annotations

from sqlglot import exp

from store.errors import unknown
from warehouse.compiler.build import Build
from warehouse.compiler.combine import Parts, aggregate, figures, table
from warehouse.compiler.leaf import Fold
from warehouse.compiler.metrics import Figure
from warehouse.compiler.scope import column
from warehouse.compiler.stage import Shown, Stage
from warehouse.compiler.time_sql import literal, period_key
from warehouse.compiler.tops import check_others, finish, kept_groups, needs_window
from warehouse.compiler.transforms import derived
from warehouse.model.adhoc import output_name
from warehouse.query import Having, Moving, Transform

_COMPARISONS: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}


def select(build: Build) -> tuple[exp.Query, list[Shown]]:
    """The whole statement and its output columns in order."""
    top = build.query.top
    if top is None or not top.others:
        stage = evaluate(build, Parts(), None)
        return finish(stage), stage.shown
    check_others(build, top)
    ranked = evaluate(build, Parts(), None)
    fold = kept_groups(ranked, top)
    stage = evaluate(build, ranked.parts, fold)
    return finish(stage, fold), stage.shown


def evaluate(build: Build, parts: Parts, fold: Fold | None) -> Stage:
    """Figures, changes, transforms and conditions on them; with `fold` what was cut is one group."""
    aggregate(build, parts, build.keys, with_prior=build.query.compare is not None, fold=fold)
    values: dict[str, exp.Expr] = {k.internal: column(None, k.internal) for k in build.keys}
    values |= figures(build, build.keys)
    stage = Stage(build, parts, _shown(build), values, {})
    stage.aliases = _aliases(build, stage.shown)
    moving = [s for s in stage.shown if isinstance(s.transform, Moving)]
    others = [s for s in stage.shown if s.kind not in (None, "prev") and s not in moving]
    for name, wanted in (("__figures", moving), ("__moving" if moving else "__figures", others)):
        if wanted:
            stage.settle(name)
            if wanted is others:
                _drop_lead(stage)
            made = {s.internal: derived(stage, s) for s in wanted}
            stage.values |= made
    if moving and not others:
        stage.settle("__moving")
        _drop_lead(stage)
    if build.query.having or needs_window(stage) or fold is not None:
        stage.settle("__results")
    _apply_having(stage)
    return stage


def _drop_lead(stage: Stage) -> None:
    """Leave out the periods that were only there for moving figures to look back on."""
    build = stage.build
    if build.lead is None or build.span is None or build.grain is None:
        return
    shown = exp.GTE(this=column(None, "__t"), expression=period_key(build.span[0], build.grain))
    query = exp.select(*(column(None, n) for n in stage.values)).from_(table(stage.parts.last))
    stage.parts.add("__in_window", query.where(shown))


def _shown(build: Build) -> list[Shown]:
    shown = [Shown(k.name, k.internal, key=k) for k in build.keys]
    compare = build.query.compare
    for number, one in enumerate(build.figures):
        shown.append(Shown(one.name, f"__v{number}", figure=one))
        for kind in compare.show if compare else ():
            shown.append(Shown(f"{one.name}.{kind}", f"__v{number}_{kind}", figure=one, kind=kind))
    for transform in build.query.transforms:
        of, internal = _subject(build, transform)
        taken = [s.name for s in shown]
        again = sum(name.startswith(f"{of.name}.{transform.kind}") for name in taken)
        named = f"{transform.kind}_{again + 1}" if again else transform.kind
        shown.append(Shown(f"{of.name}.{named}", f"{internal}_{named}", None, of, transform.kind, transform))
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


def _apply_having(stage: Stage) -> None:
    if not stage.build.query.having:
        return
    tests = [_having(stage, h) for h in stage.build.query.having]
    query = exp.select(*(column(None, n) for n in stage.values)).from_(table(stage.parts.last))
    stage.parts.add("__kept", query.where(*tests))


def _having(stage: Stage, having: Having) -> exp.Expr:
    found = stage.named(having.column)
    return _COMPARISONS[having.op](this=column(None, found.internal), expression=literal(having.value))
