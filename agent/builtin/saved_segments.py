"""“Save them as at-risk customers” and “forget at-risk customers”: the one thing a question may change, and undo."""

from __future__ import annotations

import re
from typing import Any

from agent.brain import PlanContext
from agent.builtin.borrow import Planner, one_step, plain_text
from agent.builtin.customers import about_customers
from agent.plan import Decision, Decline, Plan
from tools.segments.shelf import home_of, saved_names

_SKILLS = ("segments", "churn_risk", "lifetime_value")
_SAVE = re.compile(
    r"^(?:please |can you |could you |now |and )*(?:save|remember|keep|store|name|label|call|mark|tag) (?P<what>.*?)"
    r"(?: (?:as|under(?: the name)?)(?: the)?(?: segment| group)?:? (?P<name>.+))$",
    re.I,
)
_CALL = re.compile(
    r"^(?:please |now |and )*(?:call|name) (?P<what>them|these|those|it|this)(?: customers?| segment| group)?"
    r" (?P<name>.+)$",
    re.I,
)
_FORGET = re.compile(
    r"^(?:please |can you |could you )*(?:forget|unsave|undo)(?: the)?(?: saved)?(?: segment| group)? (?P<name>.+)$",
    re.I,
)
_COUNT = re.compile(r"^how many (?P<name>.+?)(?: (?:are there|do we have|have we|there are|are in it))?$", re.I)
_THEM = re.compile(
    r"^(?:(?:all|of|the|these|those|this|that|them|it|list|result|segment|group|customers?|people|ones?|answer)\b ?)*$",
    re.I,
)


def kept(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision on a text that names a segment or forgets one; None for any other text."""
    text = " ".join(context.question.split()).rstrip(" .!?")
    forget = _FORGET.match(text)
    if forget is not None and (label := _saved(_bare(forget["name"]), context)) is not None:
        return one_step("forget_segment", {"name": label}, "Forgetting the segment", "forget_segment", [])
    counted = _COUNT.match(text)
    if counted is not None and (label := _saved(_bare(counted["name"]), context)) is not None:
        return _count(label, context)
    asked = _SAVE.match(text) or _CALL.match(text)
    if asked is None or not (name := _bare(asked["name"])):
        return None
    source = _last(context) if _THEM.match(asked["what"]) else _named(asked["what"], context, planner)
    if source is None:
        if not _THEM.match(asked["what"]):
            return None
        reason = "There is no list of customers in this conversation yet that could be saved."
        return Decline(reason=reason, code="no_context", nearest=["Which customers are at risk?"])
    tool, args = source
    return one_step(
        "save_segment", {"name": name, "skill": tool, "args": args}, "Saving the segment", "save_segment", []
    )


def _count(label: str, context: PlanContext) -> Plan | None:
    """How many are in a saved segment."""
    home = home_of(context.model, label)
    if home is None:
        return None
    table = context.model.tables[home]
    counts = [n for n, m in table.measures.items() if m.agg == "count" and m.where is None and m.expr is None]
    metric = counts[0] if counts else f"count_distinct:{home}.{table.key[0]}" if table.key else None
    if metric is None:
        return None
    query = {"metrics": [{"metric": metric}], "filters": [{"term": label}]}
    return one_step("query_metrics", {"query": query}, "Counting the members", "count", [])


def _bare(name: str) -> str:
    return name.strip(" \t\"'“”‘’.!?")


def _saved(name: str, context: PlanContext) -> str | None:
    """The label of the saved segment meant by a name."""

    def plain(text: str) -> str:
        return re.sub(r"[^a-z0-9]+", " ", text.casefold()).strip()

    return next((label for label in saved_names(context.model) if plain(label) == plain(name)), None)


def _last(context: PlanContext) -> tuple[str, dict[str, Any]] | None:
    """The skill and arguments of the latest list of customers in the thread."""
    for turn in reversed(context.history):
        step = next(iter(turn.plan.steps.values()), None) if turn.plan is not None else None
        if step is not None and turn.status == "answered" and step.tool in _SKILLS:
            return step.tool, _plain(step.args)
    return None


def _named(what: str, context: PlanContext, planner: Planner) -> tuple[str, dict[str, Any]] | None:
    """A list of customers named in the same breath: “save the lost customers as sleepers”."""
    decision = about_customers(context.asking(plain_text(what)), planner)
    step = next(iter(decision.steps.values()), None) if isinstance(decision, Plan) else None
    return (step.tool, _plain(step.args)) if step is not None else None


def _plain(args: dict[str, Any]) -> dict[str, Any]:
    """What finds the people, without what only shows them."""
    return {n: v for n, v in args.items() if n not in ("most", "order", "show_names", "who")}
