"""“When will revenue hit 50 million this year?”: a figure, a goal and how it is counted, read into a day to find."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agent.brain import PlanContext
from agent.builtin.ahead import shared_args, simple, turned
from agent.builtin.bench import metric_query
from agent.builtin.one_figure import only_figure
from agent.builtin.text import fold
from agent.plan import Assumption, Decision, Option, Plan, Step

Planner = Callable[[PlanContext], Decision]

_WHEN = re.compile(
    r"^(?:(?:and|so|please|can you|could you|tell|me|us|show|estimate|predict|forecast) )*"
    r"(?:(?:by |until )?when|(?:by|on|in) (?:what|which) (?:date|day|week|month|quarter|year|time)"
    r"|how (?:long|soon|many (?:days|weeks|months|quarters|years))"
    r"(?: will it take| does it take| until| till| before)?)\b"
)
_DEED = re.compile(
    r"\b(?:reach(?:es)?|hit(?:s)?|pass(?:es)?|exceed(?:s)?|cross(?:es)?|surpass(?:es)?|top(?:s)?|get(?:s)? (?:up )?to"
    r"|arrive(?:s)? at|attain(?:s)?|(?P<down>(?:drop|fall|sink|go|get|be|come)(?:s)? (?:down )?(?:below|under|to)"
    r"|undercut)|be (?:above|over|at)|go (?:above|over)|have|break(?:s)?|make|achieve(?:s)?)\b"
)
_AMOUNT = re.compile(
    r"(?P<sign>[$€£])? ?(?P<n>\d[\d,]*(?:\.\d+)?) ?(?P<scale>k|m|mio|mn|b|bn|thousand|million|billion)?\b"
    r"(?P<percent> ?%| percent)?(?: (?:dollars|usd|euros?|pounds?)\b)?"
)
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mio": 1e6, "mn": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9,
           "billion": 1e9}  # fmt: skip
_PER = re.compile(
    r"\b(?:(?P<a>daily|weekly|monthly|quarterly|yearly|annual)|(?:a|per|each|every|in a(?: single)?|in one) "
    r"(?P<b>day|week|month|quarter|year))\b"
)
_NAMED = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year",
          "annual": "year"}  # fmt: skip
_SINCE = re.compile(
    r"\b(?:(?:in|during|for|within) )?(?:this|the current|the running) (?P<since>week|month|quarter|year)\b"
    r"|\b(?P<ever>in total|overall|altogether|ever|all time|since the (?:beginning|start)|cumulative(?:ly)?|so far)\b"
)
_NOISE = re.compile(
    r"\b(?:will|would|do|does|did|can|could|are|is|be|it|take|until|till|before|we|i|they|you|our|my|the|a|an|going"
    r"|likely|expect(?:ed)?|to|its|for us|of|at|this rate|pace|first|finally|mark|goal|target|total(?= of\b)|in)\b"
)
_CHOICES = {"month": "This month", "quarter": "This quarter", "year": "This year", "start": "Since the data begin"}


def reaching(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision on a question about when a goal is reached; None for any other question."""
    text = " ".join(re.sub(r"[?!]", " ", fold(context.question).casefold()).split()).rstrip(" .")
    asked = _WHEN.match(text)
    deed = _DEED.search(text, asked.end()) if asked else None
    amount = _AMOUNT.search(text, deed.end()) if deed else None
    if asked is None or deed is None or amount is None:
        return None
    goal: dict[str, Any] = {"goal": _number(amount)}
    rest = f"{text[asked.end() : deed.start()]} {text[deed.end() : amount.start()]} {text[amount.end() :]}"
    if deed["down"]:
        goal["below"] = True
    per, since = _PER.search(rest), _SINCE.search(rest)
    if per:
        goal["per"] = _NAMED.get(per["a"] or "", per["b"])
        rest = _PER.sub(" ", rest)
    elif since:
        goal["since"] = since["since"] or "start"
        rest = _SINCE.sub(" ", rest)
    return _decided(context, planner, " ".join(_NOISE.sub(" ", rest).split()), goal)


def _number(amount: re.Match[str]) -> float:
    value = float(amount["n"].replace(",", "")) * _SCALES.get(amount["scale"] or "", 1.0)
    return value / 100 if amount["percent"] else value


def _decided(context: PlanContext, planner: Planner, subject: str, goal: dict[str, Any]) -> Decision | None:
    for figure in [subject, f"number of {subject}"] if subject else ["revenue"]:
        decision = planner(replace(context, question=figure, history=()))
        made = turned(decision, lambda plan: _plan(plan, goal))
        if made is not None:
            return made
    only = only_figure(context, subject)
    return _reach(only | goal, [], goal) if only is not None else None


def _plan(plan: Plan, goal: dict[str, Any]) -> Plan | None:
    query = metric_query(plan)
    if query is None or not simple(query) or query.dimensions:
        return None
    args = {k: v for k, v in shared_args(query).items() if k != "grain"} | goal
    chips = [c.model_copy(update={"options": []}) for c in plan.assumptions if c.key not in ("period", "horizon")]
    return _reach(args, chips, goal)


def _reach(args: dict[str, Any], chips: list[Assumption], goal: dict[str, Any]) -> Plan:
    """A plan to find the day; the last assumption is how the figure is counted."""
    options = [
        Option(value=since, label=label, patch={"steps": {"s1": {"args": {"since": since, "per": None}}}})
        for since, label in _CHOICES.items()
    ]
    options.append(
        Option(value="per", label="A single month", patch={"steps": {"s1": {"args": {"per": "month", "since": None}}}})
    )
    value = "per" if "per" in goal else goal.get("since", "year")
    display = f"A single {goal['per']}" if "per" in goal else _CHOICES.get(value, f"This {value}")
    chip = Assumption(key="since", label="Counted", value=value, display=display, options=options)
    step = Step(tool="reach", args=args, title="Finding the day")
    shown = [] if goal.get("below") else [chip]
    return Plan(intent="reach", steps={"s1": step}, assumptions=[*chips, *shown], confidence=0.85)
