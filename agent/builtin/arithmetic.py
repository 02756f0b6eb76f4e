"""Arithmetic in words: “(sales - returns) / sales * 100” as a formula over figures that are planned alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.builtin.patches import dump
from agent.plan import Plan, Step
from warehouse.query import AnyOf, Condition, DimRef, Filter, MetricPart, MetricQuery, MetricRef, Order, TopN

_OPERATORS = re.compile(
    r"\s*(\(|\)|\*|/|\+|×|÷|(?<=\s)[-–−](?=\s)|\bdivided by\b|\bminus\b|\bless the\b|\bplus\b|\bmultiplied by\b"
    r"|\btimes(?= \d))\s*",
    re.I,
)
_SIGNS = {"×": "*", "÷": "/", "–": "-", "−": "-", "divided by": "/", "minus": "-", "less the": "-", "plus": "+",
          "multiplied by": "*", "times": "*"}  # fmt: skip
_NUMBER = re.compile(r"\d+(?:\.\d+)?%?")
_MOST = 6


@dataclass(frozen=True)
class Formula:
    """Arithmetic over `p0`, `p1` …, and the words each of them stands for."""

    text: str
    operands: tuple[str, ...]


def formula_of(body: str) -> Formula | None:
    """The formula that a text spells; None for a text without arithmetic and for one that does not close."""
    pieces = [p.strip() for p in _OPERATORS.split(body) if p.strip()]
    operands: list[str] = []
    written: list[str] = []
    for piece in pieces:
        sign = _SIGNS.get(piece.casefold(), piece)
        if sign in "()*/+-":
            written.append(sign)
        elif _NUMBER.fullmatch(piece):
            written.append(piece.rstrip("%"))
        else:
            if piece not in operands:
                operands.append(piece)
            written.append(f"p{operands.index(piece)}")
    if not 0 < len(operands) <= _MOST or not _well_formed(written) or len(written) < _SHORTEST:
        return None
    return Formula(" ".join(written), tuple(operands))


_SHORTEST = 3


def _well_formed(pieces: Sequence[str]) -> bool:
    """Whether operands and signs take turns and every bracket closes."""
    depth, wants = 0, True
    for piece in pieces:
        if piece == "(":
            if not wants:
                return False
            depth += 1
        elif piece == ")":
            depth -= 1
            if wants or depth < 0:
                return False
        elif piece in ("*", "/", "+", "-"):
            if wants:
                return False
            wants = True
        elif not wants:
            return False
        else:
            wants = False
    return depth == 0 and not wants


def single(plan: Plan) -> MetricQuery | None:
    """The query of a plan of one step with one figure; None for any other plan."""
    step = plan.steps.get("s1")
    if step is None or step.tool != "query_metrics" or len(plan.steps) > 1:
        return None
    query = MetricQuery.model_validate(step.args["query"])
    return query if len(query.metrics) == 1 and not query.metrics[0].combined else None


def combined(plans: Sequence[Plan], formula: str, alias: str, title: str) -> Plan | None:
    """One plan whose figure is `formula` over the figures of `plans`; None when their rows are not the same."""
    queries = [q for p in plans if (q := single(p)) is not None]
    if len(queries) != len(plans) or not _alike(queries):
        return None
    shared = tuple(f for f in queries[0].filters if all(f in q.filters for q in queries))
    parts = []
    for query in queries:
        own = tuple(f for f in query.filters if f not in shared)
        if {f for c in own for f in fields(c)} & {f for c in shared for f in fields(c)}:
            return None
        parts.append(MetricPart(metric=query.metrics[0].metric, where=(*query.metrics[0].where, *own)))
    one = MetricRef(metric=parts[0].metric, alias=alias, formula=formula, parts=tuple(parts))
    made = _shaped(queries[0], one, shared)
    step = Step(tool="query_metrics", args={"query": dump(made)}, title=title)
    hints = {**plans[0].hints, "metric": alias}
    chips = [c for c in plans[0].assumptions if c.key == "today"]
    intent = "total" if plans[0].intent == "count" else plans[0].intent
    return Plan(intent=intent, steps={"s1": step}, assumptions=chips, confidence=0.8, hints=hints)


def _shaped(first: MetricQuery, one: MetricRef, shared: tuple[Condition, ...]) -> MetricQuery:
    top = first.top and TopN.model_validate(first.top.model_dump() | {"by": one.column})
    was = first.metrics[0].column
    order = tuple(Order(by=one.column if o.by == was else o.by, desc=o.desc) for o in first.order)
    update = {"metrics": (one,), "filters": shared, "order": order, "top": top}
    return MetricQuery.model_validate(first.model_copy(update=update).model_dump())


def _alike(queries: Sequence[MetricQuery]) -> bool:
    """Whether all have the same groups, time and cut, and nothing else but their conditions."""
    first = queries[0]
    cuts = {(q.top.n, q.top.bottom, q.top.per) if q.top else None for q in queries}
    plain = not any(q.having or q.compare or q.transforms for q in queries)
    return plain and len(cuts) == 1 and all(q.dimensions == first.dimensions and q.time == first.time for q in queries)


def fields(condition: Condition) -> Iterator[DimRef]:
    """The fields that a condition limits."""
    each = condition.any_of if isinstance(condition, AnyOf) else (condition,)
    return (f.field for f in each if isinstance(f, Filter) and f.field is not None)
