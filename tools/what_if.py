"""The tool for “what if …?”: exact arithmetic on the formulas of the model, never a forecast."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from store.errors import InvalidRequest, NotEnough, unknown
from tools.derive import number
from tools.evidence import Evidence
from tools.levers import report
from tools.levers.sums import needed, shares
from tools.levers.tree import Node, exact, formulas, names_in, trees
from tools.registry import ToolContext, tool
from tools.run import fetch
from warehouse.compiled import Compiled, OutputColumn
from warehouse.compiler import compile_query
from warehouse.query import Condition, MetricQuery, MetricRef, Number, Span, TimeWindow

_SAME = Fraction(1, 10**9)
_MOST_WAYS = 4
_MONTHS_SEEN = 24


class Change(BaseModel):
    """One supposed change: `by` a share (0.05 is 5 % more), `to` a value, or `add` to it; exactly one of them."""

    model_config = ConfigDict(extra="forbid")

    metric: str
    by: Number | None = None
    to: Number | None = None
    add: Number | None = None

    @model_validator(mode="after")
    def _one(self) -> Change:
        if sum(v is not None for v in (self.by, self.to, self.add)) != 1:
            raise ValueError("give exactly one of `by`, `to` and `add`")
        return self

    def applied(self, base: Fraction) -> Fraction:
        """The value after the change."""
        if self.to is not None:
            return Fraction(self.to)
        return base * (1 + Fraction(self.by)) if self.by is not None else base + Fraction(self.add or 0)


class WhatIfArgs(BaseModel):
    """The figure, and what is supposed to change; or with `goal` the value it should reach, by `levers` or any.

    The base is what was in `time`, by default the last whole month.
    """

    model_config = ConfigDict(extra="forbid")

    metric: str
    changes: tuple[Change, ...] = Field((), max_length=4)
    goal: Change | None = None
    levers: tuple[str, ...] = Field((), max_length=4)
    filters: tuple[Condition, ...] = Field((), max_length=100)
    time: TimeWindow = TimeWindow(last=Span(n=1, unit="month"))

    @model_validator(mode="after")
    def _one_question(self) -> WhatIfArgs:
        if bool(self.changes) == (self.goal is not None):
            raise ValueError("give either `changes` or a `goal`")
        return self


@dataclass
class Supposed:
    """A worked-out question: the formula, figures before and after, what each lever made, what a goal would take."""

    context: ToolContext
    args: WhatIfArgs
    tree: Node
    base: dict[str, Fraction]
    columns: dict[str, OutputColumn]
    compiled: Compiled
    seen: dict[str, tuple[Fraction, Fraction]]
    new: dict[str, Fraction] = field(default_factory=dict)
    effects: list[Fraction] = field(default_factory=list)
    ways: list[tuple[str, Fraction, Node]] = field(default_factory=list)
    ms: float = 0.0


@tool(
    "what_if",
    example="What if average order value rises by 5% and orders fall by 10%?",
    needs="a formula of the model that links the figures, such as average order value = revenue ÷ orders",
)
def what_if(context: ToolContext, args: WhatIfArgs) -> Evidence:
    """Work out what a figure would be if others changed, or what they would have to be for a goal. Doing the sums.

    Main table: one row per figure with base, new and change; for a goal one row per lever with what it would have to
    be. Raises `InvalidRequest` with the code `no_formula` when the model links them by none, `NotEnough` without data.
    """
    model = context.model
    for name in (args.metric, *args.levers, *(c.metric for c in args.changes)):
        if name not in model.metrics and model.measure_table(name) is None:
            raise unknown("metric", name, [*model.metrics, *(m for t in model.tables.values() for m in t.measures)])
    levers = tuple(c.metric for c in args.changes) or args.levers
    if args.metric in levers:
        raise InvalidRequest("The figure cannot be its own lever.", code="same_figure", hint="Ask what drives it.")
    found = [(levers, _tree(context, args.metric, levers))] if levers else _ways(context, args.metric)
    measures = {m for _, tree in found for n in (*tree.leaves(), args.metric) for m in names_in(model, n)}
    supposed = _measured(context, args, [tree for _, tree in found], sorted(measures))
    _check(supposed, args.metric, [tree for _, tree in found])
    if args.goal is not None:
        _for_goal(supposed, args.goal, found)
    else:
        _changed(supposed, levers)
    return report.evidence(supposed)


def _tree(context: ToolContext, target: str, levers: tuple[str, ...]) -> Node:
    found = trees(context.model, target, levers)
    if not found:
        labels = " and ".join(label(context, n).lower() for n in levers)
        raise InvalidRequest(
            f"I know no formula that links {label(context, target).lower()} and {labels}.",
            code="no_formula",
            hint=f"Add one to the model, or ask what moves with {label(context, target).lower()}: that "
            f"measures how they "
            "move together.",
        )
    return found[0]


def _ways(context: ToolContext, target: str) -> list[tuple[tuple[str, ...], Node]]:
    """Each figure that the target is made of directly, with its formula: what a goal can be reached by."""
    found: dict[str, Node] = {}
    for made in formulas(context.model, target):
        for leaf in made.leaves():
            if made.op is not None and leaf not in found:
                found[leaf] = made
    if not found:
        raise InvalidRequest(
            f"I know no formula for {label(context, target).lower()}, so I cannot say what it would take.",
            code="no_formula",
            hint="Add a ratio to the model, such as revenue per order.",
        )
    return [((n,), tree) for n, tree in found.items()]


def label(context: ToolContext, name: str) -> str:
    """What people call a figure."""
    table = context.model.measure_table(name)
    spec = context.model.metrics.get(name) or (context.model.tables[table].measures[name] if table else None)
    return (spec.label if spec else None) or name.replace("_", " ").capitalize()


def _measured(context: ToolContext, args: WhatIfArgs, wanted: list[Node], measures: list[str]) -> Supposed:
    """Sums and counts of the base period, and every figure of the formulas worked out from them without rounding."""
    shown = list(dict.fromkeys([args.metric, *(n for tree in wanted for n in tree.leaves()), *measures]))
    query = MetricQuery(metrics=tuple(MetricRef(metric=m) for m in shown), filters=args.filters, time=args.time)
    made = compile_query(
        context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
    )
    result = fetch(context, made)
    cells = [c.to_pylist()[0] if len(c) else None for c in result.table.columns]
    columns = dict(zip(shown, made.columns, strict=True))
    values = dict(zip(shown, cells, strict=True))
    missing = [m for m in measures if number(values[m]) is None]
    period = made.period.label if made.period else "that period"
    if missing:
        raise NotEnough(f"There is no {columns[missing[0]].label.lower()} in {period}.", code="too_few_rows")
    base = {m: Fraction(number(values[m]) or Decimal(0)) for m in measures}
    return Supposed(context, args, wanted[0], base, columns, made, {}, ms=result.ms)


def _check(supposed: Supposed, target: str, wanted: list[Node]) -> None:
    """Work out every figure, and hold the formulas to the target's own value: none may be off."""
    model = supposed.context.model
    try:
        for name in dict.fromkeys([target, *(n for tree in wanted for n in tree.leaves())]):
            supposed.base[name] = exact(model, name, supposed.base)
        off = [
            t
            for t in wanted
            if abs(t.value(supposed.base) - supposed.base[target]) > _SAME * abs(supposed.base[target])
        ]
    except ZeroDivisionError as error:
        raise NotEnough("There is nothing to divide by in that period.", code="no_variation") from error
    if off:
        raise InvalidRequest(
            "The formula of the model does not hold on the data, so I do not calculate with it.",
            code="no_formula",
            hint="Check the conditions of the figures in the model.",
        )
    supposed.seen = _range_seen(supposed, [n for tree in wanted for n in tree.leaves()])


def _range_seen(supposed: Supposed, names: list[str]) -> dict[str, tuple[Fraction, Fraction]]:
    """The lowest and highest month of each figure in the last two years, when the base is a month."""
    period = supposed.compiled.period
    last = supposed.args.time.last
    if period is None or last is None or (last.n, last.unit) != (1, "month"):
        return {}
    context, shown = supposed.context, list(dict.fromkeys(names))
    query = MetricQuery(
        metrics=tuple(MetricRef(metric=n) for n in shown),
        filters=supposed.args.filters,
        time=TimeWindow(grain="month", last=Span(n=_MONTHS_SEEN, unit="month")),
    )
    made = compile_query(
        context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
    )
    result = fetch(context, made)
    supposed.ms += result.ms
    found: dict[str, tuple[Fraction, Fraction]] = {}
    for position, name in enumerate(shown, start=1):
        values = [Fraction(n) for v in result.table.column(position).to_pylist() if (n := number(v)) is not None]
        if len(values) >= _MONTHS_SEEN // 4:
            found[name] = (min(values), max(values))
    return found


def _changed(supposed: Supposed, levers: tuple[str, ...]) -> None:
    supposed.new = dict(supposed.base)
    for change in supposed.args.changes:
        after = change.applied(supposed.base[change.metric])
        ratio = supposed.columns[change.metric].unit
        if ratio is not None and ratio.ratio and not 0 <= after <= 1 and 0 <= supposed.base[change.metric] <= 1:
            raise InvalidRequest(
                f"{label(supposed.context, change.metric)} is a share: it cannot be {float(after):.0%}.",
                code="unit_clash",
                hint="Give it as a percentage between 0 and 100.",
            )
        supposed.new[change.metric] = after
    try:
        supposed.new[supposed.args.metric] = supposed.tree.value(supposed.new)
        supposed.effects = shares(supposed.tree, supposed.base, supposed.new, levers)
    except ZeroDivisionError as error:
        raise InvalidRequest("Then there would be nothing to divide by.", code="no_variation") from error


def _for_goal(supposed: Supposed, goal: Change, found: list[tuple[tuple[str, ...], Node]]) -> None:
    """What each lever alone would have to be for the goal; those that cannot do it are left out."""
    wanted = goal.applied(supposed.base[supposed.args.metric])
    supposed.new = {supposed.args.metric: wanted}
    pairs = [(n, tree) for names, tree in found for n in names]
    for name, tree in pairs[:_MOST_WAYS]:
        value = needed(tree, supposed.base, name, wanted)
        if value is not None and value >= 0:
            supposed.ways.append((name, value, tree))
    if not supposed.ways:
        raise InvalidRequest("No value of these figures reaches that goal.", code="no_variation")


def described(supposed: Supposed) -> dict[str, Any]:
    """Labels of all figures in small letters, by name."""
    return {n: label(supposed.context, n).lower() for n in (*supposed.base, *supposed.columns)}
