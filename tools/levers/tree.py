"""Formulas between figures, read off the model: what a figure is made of, and which of them a question is about."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from warehouse.model.schema import Measure, SemanticModel

Op = Literal["+", "-", "*", "/"]
_OPS: dict[type[ast.operator], Op] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_DEEP = 3
_MOST_TREES = 2_000
_UNFIT = 10


@dataclass(frozen=True)
class Node:
    """A figure by name, or two nodes with an operation between them."""

    name: str = ""
    op: Op | None = None
    left: Node | None = None
    right: Node | None = None

    def leaves(self) -> list[str]:
        """Names at the ends, left to right, each once."""
        if self.op is None:
            return [self.name]
        assert self.left is not None and self.right is not None  # an operation has two sides
        return list(dict.fromkeys([*self.left.leaves(), *self.right.leaves()]))

    def value(self, values: Mapping[str, Fraction]) -> Fraction:
        """The node's value. Raises `ZeroDivisionError`."""
        if self.op is None:
            return values[self.name]
        assert self.left is not None and self.right is not None  # an operation has two sides
        a, b = self.left.value(values), self.right.value(values)
        return a + b if self.op == "+" else a - b if self.op == "-" else a * b if self.op == "*" else a / b

    def additive(self) -> bool:
        """Whether a sum or a difference is in it."""
        return self.op in ("+", "-") or any(n is not None and n.additive() for n in (self.left, self.right))

    def said(self, labels: Mapping[str, str], inner: bool = False) -> str:
        """The formula in words: “orders × average order value”."""
        if self.op is None:
            return labels[self.name]
        assert self.left is not None and self.right is not None  # an operation has two sides
        sign = {"*": "×", "/": "÷", "-": "−", "+": "+"}[self.op]
        text = f"{self.left.said(labels, True)} {sign} {self.right.said(labels, True)}"
        return f"({text})" if inner and self.op in ("+", "-") else text


def formulas(model: SemanticModel, name: str) -> Iterator[Node]:
    """Every way in which the model says what a figure is made of, its own definition first."""
    own = definition(model, name)
    if own is not None:
        yield own
    for other, spec in model.metrics.items():
        if spec.kind != "ratio" or spec.where or spec.numerator == spec.denominator:
            continue
        if spec.numerator == name:
            yield Node(op="*", left=Node(str(spec.denominator)), right=Node(other))
    yield from _sums(model, name)


def definition(model: SemanticModel, name: str) -> Node | None:
    """How the model defines a metric out of others; None for measures and for what is only measured as a whole."""
    metric = model.metrics.get(name)
    if metric is None or metric.where:
        return None
    if metric.kind == "ratio":
        return Node(op="/", left=Node(str(metric.numerator)), right=Node(str(metric.denominator)))
    if metric.kind == "derived":
        return _parsed(model, str(metric.expr))
    return Node(str(metric.measure)) if metric.kind == "simple" else None


def _parsed(model: SemanticModel, text: str) -> Node | None:
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    return _node(model, tree)


def _node(model: SemanticModel, tree: ast.expr) -> Node | None:
    if isinstance(tree, ast.Name):
        known = tree.id in model.metrics or model.measure_table(tree.id) is not None
        return Node(tree.id) if known else None
    if not isinstance(tree, ast.BinOp) or type(tree.op) not in _OPS:
        return None
    left, right = _node(model, tree.left), _node(model, tree.right)
    return Node(op=_OPS[type(tree.op)], left=left, right=right) if left and right else None


def _sums(model: SemanticModel, name: str) -> Iterator[Node]:
    """A sum over “a - b” is the sum over a less the sum over b, where both are measures on the same rows."""
    table = model.measure_table(name)
    measure = model.tables[table].measures[name] if table else None
    if table is None or measure is None or measure.agg != "sum":
        return
    try:
        tree = ast.parse(measure.expr or "", mode="eval").body
    except SyntaxError:
        return
    plain = isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Add, ast.Sub))
    if not plain or not isinstance(tree, ast.BinOp):
        return
    sides = [_of_column(model.tables[table].measures, side, measure) for side in (tree.left, tree.right)]
    if sides[0] and sides[1]:
        yield Node(op=_OPS[type(tree.op)], left=Node(sides[0]), right=Node(sides[1]))


def _of_column(measures: Mapping[str, Measure], side: ast.expr, like: Measure) -> str | None:
    if not isinstance(side, ast.Name):
        return None
    return next(
        (n for n, m in measures.items() if m.agg == "sum" and m.expr == side.id and m.where == like.where), None
    )


def trees(model: SemanticModel, target: str, levers: tuple[str, ...]) -> list[Node]:
    """Formulas of the target in which every lever stands by itself, the most fitting first; empty without any."""
    found: dict[Node, None] = {}
    level = [(Node(target), frozenset({target}))]
    for _ in range(_DEEP):
        level = [grown for tree, used in level for grown in _grown(model, tree, used, levers)][:_MOST_TREES]
        found |= {tree: None for tree, _ in level if set(levers) <= set(tree.leaves())}
    return sorted(found, key=lambda t: (_unfit(model, t, levers) + len(t.leaves()), t.additive(), t.leaves()))


def _grown(
    model: SemanticModel, tree: Node, used: frozenset[str], levers: tuple[str, ...]
) -> Iterator[tuple[Node, frozenset[str]]]:
    """The tree with one more of its ends taken apart, in every way that meets no figure twice."""
    for leaf in (n for n in tree.leaves() if n not in levers):
        for made in formulas(model, leaf):
            if not set(made.leaves()) & used:
                yield _replaced(tree, leaf, made), used | set(made.leaves())


def _replaced(tree: Node, leaf: str, made: Node) -> Node:
    if tree.op is None:
        return made if tree.name == leaf else tree
    assert tree.left is not None and tree.right is not None  # an operation has two sides
    return Node(op=tree.op, left=_replaced(tree.left, leaf, made), right=_replaced(tree.right, leaf, made))


def _unfit(model: SemanticModel, tree: Node, levers: tuple[str, ...]) -> int:
    """A penalty where the rest would not stay as it is: costs when more is sold, a margin rate when prices change."""
    rates = [n for n in levers if n in model.metrics and model.metrics[n].kind in ("ratio", "derived")]
    held = [n for n in tree.leaves() if n not in levers]
    if len(rates) < len(levers) and tree.additive():
        return _UNFIT
    touched = {m for n in rates for m in (model.metrics[n].numerator, model.metrics[n].denominator) if m}
    moving = {n for n in touched if n not in held}
    bent = [
        n
        for n in held
        if n in model.metrics
        and model.metrics[n].kind == "ratio"
        and {model.metrics[n].numerator, model.metrics[n].denominator} & moving
        and rates
    ]
    return _UNFIT * len(bent)


def names_in(model: SemanticModel, name: str) -> set[str]:
    """The measures that a figure is computed from in the end."""
    made = definition(model, name)
    return {name} if made is None else {m for n in made.leaves() for m in names_in(model, n)}


def exact(model: SemanticModel, name: str, measured: Mapping[str, Fraction]) -> Fraction:
    """The value of a figure from measured sums and counts, without rounding. Raises `ZeroDivisionError`."""
    if name in measured:
        return measured[name]
    made = definition(model, name)
    assert made is not None  # what has no definition is measured itself
    return made.value({n: exact(model, n, measured) for n in made.leaves()})
