"""Arithmetic of supposed changes: what each of several made, and what one would have to be for a goal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import permutations

from tools.levers.tree import Node


def shares(
    tree: Node, base: Mapping[str, Fraction], new: Mapping[str, Fraction], levers: Sequence[str]
) -> list[Fraction]:
    """What each lever contributed to the change; they add up to it exactly.

    By logarithmic means where the figure is a product of the levers and something held, else averaged over the orders
    in which they could be pulled (Shapley).
    """
    before, after = tree.value(base), tree.value(new)
    if len(levers) == 1:
        return [after - before]
    factors = [new[n] / base[n] if base[n] else None for n in levers]
    product = math.prod(f for f in factors if f is not None)
    known = None not in factors and before > 0 and after > 0 and min(f for f in factors if f is not None) > 0
    if known and after == before * product and after != before:
        mean = float(after - before) / math.log(after / before)
        parts = [Fraction(mean * math.log(f)) for f in factors if f is not None]
        return [*parts[:-1], after - before - sum(parts[:-1], Fraction(0))]
    return _averaged(tree, base, new, levers)


def _averaged(
    tree: Node, base: Mapping[str, Fraction], new: Mapping[str, Fraction], levers: Sequence[str]
) -> list[Fraction]:
    orders = list(permutations(range(len(levers))))
    parts = [Fraction(0)] * len(levers)
    for order in orders:
        now = dict(base)
        for i in order:
            before = tree.value(now)
            now[levers[i]] = new[levers[i]]
            parts[i] += tree.value(now) - before
    return [p / len(orders) for p in parts]


def needed(tree: Node, base: Mapping[str, Fraction], lever: str, goal: Fraction) -> Fraction | None:
    """What the lever would have to be for the figure to reach the goal; None where no value does.

    Every formula is linear in one lever, or in its inverse, so that three points say which and give the answer exactly.
    """
    x = base[lever] or Fraction(1)
    try:
        a, b, c = (tree.value({**base, lever: n * x}) for n in (1, 2, 4))
    except ZeroDivisionError:
        return None
    if c - b == 2 * (b - a):
        return x + (goal - a) * x / (b - a) if b != a else None
    if 2 * (c - b) == b - a:
        k = (a - b) * 2 * x
        rest = a - k / x
        return k / (goal - rest) if goal != rest else None
    return None
