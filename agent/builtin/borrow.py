"""Filters, splits and periods of a skill's question, read by the planner of figures, so that words mean one thing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from agent.brain import PlanContext
from agent.builtin.bench import metric_query
from agent.builtin.dates import Today, read_period
from agent.builtin.days import Period
from agent.builtin.text import fold
from agent.plan import Assumption, Clarify, Decision, Decline, Option, Plan, Step
from warehouse.query import Filter, MetricQuery, TimeWindow

Planner = Callable[[PlanContext], Decision]
_SIDES = re.compile(r"\b(?:vs|versus|against|compared (?:to|with)|or|and|than|to)\b")
_OF_PERIOD = re.compile(r"(?:(?:in|during|from|since|for|of|over|within) )?(?:the )?$")


@dataclass(frozen=True)
class Borrowed:
    """What the rest of a question says as a metric query, and the chips that go with it."""

    query: MetricQuery
    chips: list[Assumption]

    @property
    def shared(self) -> dict[str, Any]:
        """Filters, and the first split, as arguments of a skill."""
        found: dict[str, Any] = {}
        if self.query.filters:
            found["filters"] = [f.model_dump(mode="json", exclude_defaults=True) for f in self.query.filters]
        if self.query.dimensions:
            found["by"] = self.query.dimensions[0].model_dump(mode="json", exclude_defaults=True)
        return found

    @property
    def window(self) -> dict[str, Any] | None:
        """The period as an argument of a skill; None without one."""
        return window(self.query.time)


def lend(borrowing: Borrowed, args: dict[str, Any], period: str) -> list[Assumption]:
    """Put what was borrowed into the arguments of a skill, its period as `period` unless one is given; the chips."""
    args |= borrowing.shared
    if borrowing.window is not None and period not in args:
        args[period] = borrowing.window
    return borrowing.chips


def plain_text(question: str) -> str:
    """A question in small letters without its last mark."""
    return " ".join(re.sub(r"[?!,]", " ", fold(question).casefold()).split()).rstrip(" .")


def window(time: TimeWindow | None) -> dict[str, Any] | None:
    """A bounded period as an argument."""
    if time is None or not (time.start or time.end or time.last or time.to_date):
        return None
    return time.model_copy(update={"grain": None, "fill": True}).model_dump(mode="json", exclude_defaults=True)


def borrowed(
    context: PlanContext, planner: Planner, figure: str, rest: str, *, cut: bool = False
) -> Borrowed | Decision:
    """“orders” and “by segment in Germany” as the planner reads them together; its question or decline otherwise.

    With `cut` a split of which a plain answer would show only the first is taken as well.
    """
    decision = planner(replace(context, question=f"{figure} {rest}".strip(), history=()))
    query = metric_query(decision) if isinstance(decision, Plan) else None
    if not isinstance(decision, Plan) or query is None:
        return decision
    if cut and len({d.field.split(".", 1)[0] for d in query.dimensions}) == 1:
        filters = tuple(f for f in query.filters if not (isinstance(f, Filter) and f.op == "not_null"))
        query = query.model_copy(update={"dimensions": query.dimensions[-1:], "filters": filters})  # a key and its name
    ranked = query.top is not None and not cut
    simple = len(query.metrics) == 1 and not (ranked or query.having or query.transforms or query.compare)
    if not simple or len(query.dimensions) > 1:
        return Decline(reason="That asks for more than one thing at a time.", code="not_understood", nearest=[])
    kept = [c for c in decision.assumptions if c.key not in ("metric", "period")]
    return Borrowed(query, [c.model_copy(update={"options": []}) for c in kept])


def periods(text: str, context: PlanContext, today: Today) -> tuple[list[Period], str]:
    """Periods said in a text, in their order, and what is left of it without them."""
    found: list[Period] = []
    rest: list[str] = []
    words = text.split()
    at = 0
    while at < len(words):
        hit = read_period(" ".join(words[at:]), today)
        if hit is not None and hit[0].period.start is not None and hit[0].period.end is not None:
            found.append(hit[0].period)
            at += len(" ".join(words[at:])[: hit[1]].split())
            while rest and _OF_PERIOD.fullmatch(f"{rest[-1]} "):
                rest.pop()
            continue
        rest.append(words[at])
        at += 1
    return found, " ".join(rest)


def as_window(period: Period) -> dict[str, Any]:
    """A period of days as an argument."""
    return {"start": str(period.start), "end": str(period.end)}


def one_step(tool: str, args: dict[str, Any], title: str, intent: str, chips: list[Assumption]) -> Plan:
    """A plan of a single skill."""
    return Plan(intent=intent, steps={"s1": Step(tool=tool, args=args, title=title)}, assumptions=chips, confidence=0.9)


def chip(key: str, label: str, value: str, display: str, choices: dict[str, tuple[str, dict[str, Any]]]) -> Assumption:
    """A choice of a skill's arguments: `choices` has the label and the changed arguments by value."""
    options = [
        Option(value=v, label=text, patch={"steps": {"s1": {"args": args}}}) for v, (text, args) in choices.items()
    ]
    return Assumption(key=key, label=label, value=value, display=display, options=options if len(options) > 1 else [])


def unasked(decision: Decision) -> Decision | None:
    """A question back or a decline as it is; None for a plan that is no figure."""
    return decision if isinstance(decision, (Clarify, Decline)) else None
