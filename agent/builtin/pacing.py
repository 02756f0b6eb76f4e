"""“Will we reach 6 million this month?”: a goal, a figure and a running period, read into a pace to be told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agent.brain import PlanContext
from agent.builtin.ahead import shared_args, simple, turned
from agent.builtin.bench import metric_query
from agent.builtin.insights import first_period, today_of
from agent.builtin.text import fold
from agent.plan import Assumption, Clarify, Decision, Option, Plan, Step

Planner = Callable[[PlanContext], Decision]

_ASKS = re.compile(
    r"\b(?:on (?:track|pace|target|course|schedule|plan)|pacing|(?:our |the |my )?(?:run|pace) rate"
    r"|how (?:likely|probable) (?:is it that|are we)?.{0,60}\b(?:reach|hit|meet|make|achieve|get to|beat)\w*"
    r"|chances? (?:of|that|to).{0,60}\b(?:reach|hit|meet|mak|achiev|get|beat)\w*"
    r"|(?:what|how much|how many).{0,40}\b(?:need(?:ed)?|required|must|have to)\b.{0,60}\b(?:reach|hit"
    r"|meet|make|achieve|get to)"
    r"|(?:behind|ahead of|against|versus|vs|compared (?:to|with)|towards?) (?:our |the |my |plan and )?"
    r"(?:goal|target|plan|budget|quota|schedule)"
    r"|stay(?:ing)? (?:within|below|under)|(?:goal|target|quota)s? (?:for|of|is|this))\b"
)
_REACH = re.compile(
    r"\b(?:will|can|do|are|going to|likely to|gonna|should)\b.{0,60}\b(?:reach|hit|meet|achieve|get to|beat"
    r"|make(?= (?:[$€£]|\d|our|it\b|the (?:goal|target|plan))))\b"
)
_AMOUNT = re.compile(
    r"(?P<sign>[$€£])? ?(?P<n>\d[\d,]*(?:\.\d+)?) ?(?P<scale>k|m|mio|mn|b|bn|thousand|million"
    r"|billion)?\b(?P<percent> ?%| percent)?"
    r"(?: (?:dollars|usd|euros?|pounds?))?"
)
_SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mio": 1e6,
    "mn": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
}
_LAST_YEAR = re.compile(
    r"\b(?:(?:more |growth |higher |up )?(?:than|over|on|versus|vs|compared (?:to|with)|as|of)? ?(?:in )?(?:the )?"
    r"(?:same (?:\w+ )?)?last year(?:'s)?(?: (?:figure|number|result|total|level|revenue|sales))?"
    r"|(?:the )?same \w+ (?:a year (?:ago|before|earlier)|last year)|year (?:over|on) year)\b"
)
_NOISE = re.compile(
    r"\b(?:please|can you|could you|tell me|show me|whether|if|are|is|am|was|were|be|being|will|would"
    r"|can|could|shall|should"
    r"|do|does|did|we|i|they|our|my|the|a|an|it|that|to|of|on|and|still|likely"
    r"|going|gonna|expect(?:ed)?"
    r"|how|much|many|what|which|far|along|off|need(?:s|ed)?|required|must|have|has|per day|each day"
    r"|a day|daily|every day|day"
    r"|chances?|probab(?:le|ility)|odds|reach(?:ing|ed)?|hit(?:ting)?|meet(?:ing)?|mak(?:e|ing)|achiev(?:e|ing)|attain"
    r"|get(?:ting)?|beat(?:ing)?|track|pace|pacing|target|course|schedule|plan|goals?|quota|budget|run rate|rate|behind"
    r"|ahead|against|versus|vs|towards?|compared|so far|yet|now|currently|end up|least|more|than|over|up|growth|grow"
    r"|stay(?:ing)?|within|below|under|limit|higher|there|this|current|period|doing|looking|stand|standing)\b"
)
_LOOSE = re.compile(r"^(?:(?:for|in|at|by|with|from) )+|(?:(?:for|in|at|by|with|from) )+$")
_PERIODS = ("week", "month", "quarter", "year")
_UNIT = re.compile(r"\b(?:this |the |current |our |end of (?:the |this )?|by )?(week|month|quarter|year)(?:'s|ly)?\b")
_HEADLINES = ("revenue", "sales", "turnover", "amount", "orders")


def paced(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision on a question about reaching a goal in the running period; None for any other question."""
    text = " ".join(re.sub(r"[?!]", " ", fold(context.question).casefold()).split()).rstrip(" .")
    goal, rest = _goal(text)
    reach = _REACH.search(text) and (goal or re.search(r"\b(?:goal|target|plan|quota|budget)\b", text))
    if not _ASKS.search(text) and not reach:
        return None
    period, rest = _period(rest, context)
    if period is None:
        return None
    subject = " ".join(_NOISE.sub(" ", rest.replace(",", " ")).split())
    subject = _LOOSE.sub(
        "", re.sub(r"\b(?:for|in|at|by|with|from) (?=(?:for|in|at|by|with|from)\b)", "", f"{subject} ")
    ).strip()
    for figure in [subject] if subject else list(_HEADLINES):
        decision = planner(replace(context, question=figure, history=()))
        made = turned(decision, lambda plan: _plan(plan, goal or {"growth": 0.0}, period))
        if isinstance(made, Plan):
            return made if goal else _which_goal(made, period)
        if made is not None and goal:
            return made
    return None


def _goal(text: str) -> tuple[dict[str, float], str]:
    """The goal as an argument, empty when none was said, and the text without it."""
    last_year = _LAST_YEAR.search(text)
    rest = _LAST_YEAR.sub(" ", text)
    for hit in _AMOUNT.finditer(rest):
        number = float(hit["n"].replace(",", ""))
        left = f"{rest[: hit.start()]} {rest[hit.end() :]}"
        if hit["percent"]:
            return {"growth": number / 100}, left
        if not hit["scale"] and not hit["sign"] and 2000 <= number <= 2100 and "," not in hit["n"]:
            continue
        return {"goal": number * _SCALES.get(hit["scale"] or "", 1.0)}, left
    return ({"growth": 0.0}, rest) if last_year else ({}, rest)


def _period(text: str, context: PlanContext) -> tuple[str | None, str]:
    """The running period meant (a month when none was said) and the text without it; None for one that "
    "is not running."""
    said, rest = first_period(text, today_of(context))
    if said is not None and said.period.start is not None and said.period.end is not None:
        unit, today = said.period.unit or said.to_date, context.as_of.date()
        running = said.period.start <= today
        ended = said.period.end < today and (today - said.period.end).days > 1
        return (unit, rest) if unit in _PERIODS and running and not ended else (None, text)
    hit = _UNIT.search(text)
    if hit is not None:
        return hit[1], f"{text[: hit.start()]} {text[hit.end() :]}"
    return "month", text


def _plan(plan: Plan, goal: dict[str, float], period: str) -> Plan | None:
    query = metric_query(plan)
    if query is None or not simple(query) or query.dimensions:
        return None
    args: dict[str, Any] = {k: v for k, v in shared_args(query).items() if k != "grain"} | goal | {"period": period}
    chips = [c.model_copy(update={"options": []}) for c in plan.assumptions if c.key not in ("period", "horizon")]
    options = [Option(value=p, label=f"This {p}", patch={"steps": {"s1": {"args": {"period": p}}}}) for p in _PERIODS]
    chip = Assumption(key="period", label="Period", value=period, display=f"This {period}", options=options)
    step = Step(tool="pacing", args=args, title="Holding it to plan")
    return Plan(intent="pacing", steps={"s1": step}, assumptions=[*chips, chip], confidence=0.9)


def _which_goal(plan: Plan, period: str) -> Clarify:
    """No goal was said: last year's figure, or a growth on it; any number can be typed."""
    choices = {0.0: f"As much as the same {period} last year", 0.05: "Five percent more", 0.1: "Ten percent more"}
    options = []
    for growth, label in choices.items():
        step = plan.steps["s1"].model_copy(update={"args": {**plan.steps["s1"].args, "growth": growth}})
        patch = plan.model_copy(update={"steps": {"s1": step}}).model_dump(mode="json")
        options.append(Option(value=f"{growth:g}", label=label, patch=patch))
    question = f"I know no goal for this {period}. What is it? You can also ask with a number."
    return Clarify(question=question, options=options)
