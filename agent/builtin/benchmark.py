"""“How do our stores compare like for like?”: words that ask for a fair comparison, turned into one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agent.brain import PlanContext
from agent.builtin.ahead import shared_args, simple, timed
from agent.builtin.bench import metric_query
from agent.builtin.edits import names_one
from agent.builtin.text import fold
from agent.plan import Decision, Plan, Step
from warehouse.query import Filter, MetricQuery

Planner = Callable[[PlanContext], Decision]

_LIKE = re.compile(
    r"\b(?:like[- ]for[- ]like|lfl|same[- ](?:store|shop|branch|site)|comparable[- ](?:store|shop)s?)\b(?:"
    r" basis)?"
)
_PEERS = r"(?:its |their |the |his |her |our )?(?:other |own )?(?:peers|peer group|rest|others?|competition|colleagues)"
_ASKS = (
    re.compile(
        r"^(?:please |can you |could you )?benchmark(?: (?:our|the|my|all))? (?P<who>.+?)(?: (?:on|by|in|for"
        r"|against each other (?:on|in|by)) (?P<what>.+))?$"
    ),
    re.compile(
        r"^how (?:does|do|did|is|are) (?P<one>.+?) (?:compar(?:e|es|ed|ing)|doing|perform(?:s|ed|ing)?|stack"
        r" up|measure up|stand|rank)(?: up)? (?:to|with|against|among|beside|relative to|compared (?:to|with)"
        rf"|versus|vs) (?:{_PEERS}|(?:the |our |all )?(?:other|rest of the|remaining) (?P<who>.+?))(?: (?:on|in"
        r"|by|in terms of|for) (?P<what>.+))?$"
    ),
    re.compile(
        r"^(?:which|what) (?P<who>.+?) (?:is|are|does|do)? ?(?:really |truly |clearly )?(?:doing (?:better"
        r"|worse) than|better than|worse than|ahead of|behind|lag(?:ging)?(?: behind)?|outperform(?:ing)?"
        rf"|underperform(?:ing)?|beat(?:ing)?|trail(?:ing)?) {_PEERS}(?: (?:on|in|by|in terms of|for)"
        r" (?P<what>.+))?$"
    ),
    re.compile(
        r"^(?:which|what) (?P<who>.+?) (?:underperform|outperform|lag behind|over-?perform)(?: (?:on|in|by|in"
        r" terms of|for) (?P<what>.+))?$"
    ),
    re.compile(
        r"^(?:how (?:do|does|did) |compare |a |give me a |show me a )?(?:fair(?:ly)? )?(?:comparison of"
        r" )?(?:the |our |my )?(?P<who>.+?)(?: compare| comparison)?,? (?:fairly|like for like|on a fair basis"
        r"|with each other fairly)(?: (?:on|in|by|in terms of|for) (?P<what>.+))?$"
    ),
    re.compile(
        r"^(?:fair|like for like) comparison of (?:the |our |my )?(?P<who>.+?)(?: (?:on|in|by|in terms of|for)"
        r" (?P<what>.+))?$"
    ),
)  # fmt: skip
_HEADLINES = ("revenue", "sales", "turnover", "orders", "visits", "amount")
_WORDS = re.compile(
    r"\b(?:what is|what was|what are|how is|how was|show me|give me|tell me|please|our|the|my|growth"
    r"|performance|compare[sd]?|do|does|did|how|a|fairly|on|basis)\b"
)
_MOST_WORDS = 3
_SHOPS = ("store", "shop", "branch", "location", "site")


def benchmarked(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision on a question that compares members with their peers; None for any other question."""
    text = " ".join(re.sub(r"[?!]", " ", fold(context.question).casefold()).split()).rstrip(" .")
    hit = next((h for p in _ASKS if (h := p.match(text))), None)
    if hit is not None:
        found = {k: (v or "").strip() for k, v in hit.groupdict().items()}
        return _read(context, planner, found)
    like = _LIKE.search(text)
    if like is None:
        return None
    rest = " ".join(_WORDS.sub(" ", f"{text[: like.start()]} {text[like.end() :]}").split())
    what, _, who = rest.partition(" by ")
    return _read(context, planner, {"who": who, "what": re.sub(r"^(?:for|of|in) ", "", what)})


def _read(context: PlanContext, planner: Planner, said: dict[str, str]) -> Plan | None:
    """The plan of “one” among “who” on “what”; words that were not said are tried from the usual ones."""
    who, _, on = said.get("who", "").partition(" compare")
    said = {
        **said,
        "who": who.strip(),
        "what": said.get("what") or re.sub(r"^d? ?(?:on|in|by|for) ", "", on).strip(" ,"),
    }
    if len(said["who"].split()) > _MOST_WORDS:
        return None
    whom = [said["who"]] if said["who"] else list(_SHOPS)
    figures = [said["what"]] if said.get("what") else list(_HEADLINES)
    focus = _focus(context, planner, said.get("one", ""))
    if said.get("one") and focus is None:
        return None
    for figure in figures:
        for who in [""] if focus and not said.get("who") else whom:
            query = _query(context, planner, f"{figure} by {who}" if who else figure)
            plan = _plan(query, focus) if query is not None else None
            if plan is not None:
                return plan
    return None


def _query(context: PlanContext, planner: Planner, question: str) -> MetricQuery | None:
    decision = planner(replace(context, question=question, history=()))
    query = metric_query(decision) if isinstance(decision, Plan) else None
    return query if query is not None and simple(query) and not timed(query) else None


def _focus(context: PlanContext, planner: Planner, one: str) -> Filter | None:
    """The member that was named, as the planner finds it among the values."""
    name = re.sub(r"^(?:our|the|my) ", "", one)
    for figure in _HEADLINES if name else ():
        query = _query(context, planner, f"{figure} for {name}")
        filters = [f for f in query.filters if isinstance(f, Filter) and names_one(f)] if query else []
        if len(filters) == 1:
            return filters[0]
    return None


def _plan(query: MetricQuery, focus: Filter | None) -> Plan | None:
    tables = {d.field.rpartition(".")[0] for d in query.dimensions}
    named = [d for d in query.dimensions if not d.field.endswith("_id")] or list(query.dimensions)
    by = named[-1] if named else focus.field if focus else None
    if by is None or len(tables) > 1 or len(named) > 1 or by.grain or by.part:
        return None
    members = _name_of(by.model_dump(mode="json", exclude_defaults=True), focus)
    args: dict[str, Any] = {k: v for k, v in shared_args(query).items() if k in ("metric", "filters", "time_column")}
    args |= members
    step = Step(tool="benchmark", args=args, title="Comparing peers")
    return Plan(intent="benchmark", steps={"s1": step}, assumptions=[], confidence=0.85)


def _name_of(by: dict[str, Any], focus: Filter | None) -> dict[str, Any]:
    """Members by the column that names the one asked about, so that it is among them."""
    if focus is None or focus.field is None:
        return {"by": by}
    return {"by": focus.field.model_dump(mode="json", exclude_defaults=True), "focus": str(focus.values[0])}
