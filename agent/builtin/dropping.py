"""“Where do visitors drop out?”: questions about steps, read into a funnel over the steps that the data know."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from agent.brain import PlanContext
from agent.builtin.borrow import (
    Borrowed,
    Planner,
    as_window,
    borrowed,
    chip,
    lend,
    one_step,
    periods,
    plain_text,
    unasked,
)
from agent.builtin.dates import Today
from agent.builtin.days import Period, add, floor
from agent.builtin.lexicon import lexicon_of
from agent.builtin.text import stem
from agent.plan import Assumption, Decision
from ingestion.events.wording import deeds
from tools.funnels.events import Events, candidates, plain

_FUNNEL = re.compile(
    r"\b(?:funnels?|drop(?:s|ped|ping)?[ -]?(?:off|out|away)|(?:people|visitors?|users?|customers?|shoppers?|visits?)"
    r" (?:drop|abandon|give up|leave|quit|bail)\b|abandon(?:s|ed|ment|ing)?|(?:checkout|cart"
    r"|basket) (?:abandon\w*|conversion)"
    r"|convert(?:s|ed)? from|conversion from|time to convert|how long (?:does it take|do \w+ take) (?:from"
    r"|to (?:convert|buy|pay|check))"
    r"|(?:go|goes|get|gets|got|come|make it|went|move) (?:on )?from .+ to .+"
    r"|(?:is|are|was|has) (?:the )?(?:checkout|conversion|cart|payment)\b.* (?:worse|better|slower|changed)"
    r"|lose (?:the )?most (?:visitors?|users?|customers?|people|visits?)|(?:which|what) step)\b"
)
_FROM = re.compile(r"\bfrom (?:the |a )?(?=[\w ]+? to )")
_TO = re.compile(r" to (?:the |a )?(?P<b>[\w ]+?)(?= (?:by|in|on|for|this|last|within|since|per|during)\b|$)")
_WHO_THEN = re.compile(
    r"^(?:how many|what (?:share|percentage|percent|part) of|which share of)(?: of)? (?:the |our )?"
    r"(?:people|visitors?|users?|customers?|shoppers?|visits?) (?:who|that|which) (?P<a>[\w ]+?) "
    r"(?:(?:then|also|go on to|end up|finally|actually) )*"
    r"(?P<b>buy|bought|paid|pay|purchased?|ordered|order|checked out|check ?out|converted|convert)(?:ing|s)?$"
)
_WITHIN = re.compile(r"\bwithin (?P<n>\d{1,4}|an?|one) (?P<u>hour|day|week|month)s?\b")
_ANY_ORDER = re.compile(r"\bin any order\b")
_THAN = re.compile(
    r"\b(?:than|compared (?:to|with)|vs|versus|against) (?:the )?(?:last|previous|prior) (?P<u>week|month)\b"
)
_MEANS = {"buy": "pay", "bought": "pay", "buying": "pay", "purchase": "pay", "purchased": "pay", "payment": "pay",
          "paid": "pay", "paying": "pay", "order": "pay", "viewed": "view", "look": "view", "product": "view",
          "basket": "cart", "checking": "checkout"}  # fmt: skip
_NOISE = re.compile(
    r"\b(?:where|do|does|did|is|are|was|has|the|our|my|most|we|they|people|visitors?|users?|customers?"
    r"|shoppers?|visits?"
    r"|drop(?:s|ped|ping)?|off|out|away|funnels?|show|me|give|what|which|step|steps|how|many|much|long"
    r"|take[sn]?|it|abandon\w*"
    r"|give up|leave|quit|bail|convert(?:s|ed|ing)?|conversions?|rates?|worse|better|slower|changed|change"
    r"|than|lose|losing|go(?:es)?"
    r"|get|gets|got|on|to|from|through|of|checkout|cart|basket|payment|purchase|a|an|in|time|during|at|between"
    r"|and|then|for each"
    r"|purchasing|buy(?:ing)?|process|make|made|went|move|come|there|share|percentage|percent|who|that|please"
    r"|can|you|tell|website"
    r"|before|ever|finally|really|eventually|site|online|web|app|shop|breakdown|analysis|analy[sz]e|vs|versus|against|compared|with|why|early|along|way)\b"
)
_QUALIFIER = re.compile(r"\b(?:by|per|for|on|in) (?:the |each )?\w+(?: \w+)?$")


def dropping(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision on a question about steps; None for any other question."""
    text = plain_text(context.question)
    text = _WHO_THEN.sub(r"funnel from \g<a> to \g<b>", text)
    hit = _FUNNEL.search(text)
    if hit is None or lexicon_of(context.model).lookup((stem(hit.group().split()[0]),)):
        return None
    found = candidates(context.model, context.profile)
    if not found:
        return one_step("funnel", {}, "Following them through the steps", "funnel", []) if _plain_funnel(text) else None
    events = found[0]
    args, text = _steps(text, events, context)
    text = _window(text, args)
    text = _times(text, args, context, events)
    rest = _rest(text)
    chips: list[Assumption] = []
    if rest:
        decision = borrowed(context, planner, _figure(context, events), rest)
        if not isinstance(decision, Borrowed):
            return unasked(decision)
        chips = lend(decision, args, "time")
    return one_step("funnel", args, "Following them through the steps", "funnel", [*chips, _order_chip(args, events)])


def _plain_funnel(text: str) -> bool:
    return re.search(r"\bfunnel|drop(?:s|ped|ping)?[ -]?(?:off|out)|abandon|visitors?\b", text) is not None


def _steps(text: str, events: Events, context: PlanContext) -> tuple[dict[str, Any], str]:
    """The first and last step that were said, by the data's own names where they have them."""
    start, values = _FROM.search(text), _values(events, context)
    if start is None:
        return {}, text
    ways: list[tuple[int, list[str], int]] = []
    at = _TO.search(text, start.end())
    while at is not None:  # “from add to cart to pay”: a step may itself say “to”
        names = [_named(text[start.end() : at.start()].strip(), values), _named(at["b"].strip(), values)]
        known = {n for n in names if n in values.values()}
        ways.append((-len(known), names, at.end()))
        at = _TO.search(text, at.start() + 1)
    if not ways:
        return {}, text
    _, names, end = min(ways, key=lambda w: w[0])
    return {"steps": _between(names, values)}, " ".join(f"{text[: start.start()]} {text[end:]}".split())


def _values(events: Events, context: PlanContext) -> dict[str, str]:
    table, _, column = events.step.partition(".")
    stored = context.profile.tables[context.model.tables[table].source].columns[column]
    return {plain(str(v)): str(v) for v in stored.values}


def _named(said: str, values: dict[str, str]) -> str:
    done = [value for value in values.values() if said in deeds(value)]
    if len(done) == 1:
        return done[0]
    words = {stem(w) for w in said.split()} | {_MEANS[w] for w in said.split() if w in _MEANS}
    shared = {p: len(words & {stem(w) for w in p.split()}) for p in values}
    best = max(shared.values(), default=0)
    fitting = [p for p, n in shared.items() if n == best]
    return values[fitting[0]] if best and len(fitting) == 1 else said


def _between(names: list[str], values: dict[str, str]) -> list[str]:
    """Both ends; what lies between them is not asked for."""
    return names if names[0] != names[1] or not values else [names[0], "…"]


def _window(text: str, args: dict[str, Any]) -> str:
    if hit := _WITHIN.search(text):
        args["within"] = {"n": int(hit["n"]) if hit["n"].isdigit() else 1, "unit": hit["u"]}
        text = f"{text[: hit.start()]} {text[hit.end() :]}"
    if hit := _ANY_ORDER.search(text):
        args["ordered"] = False
        text = f"{text[: hit.start()]} {text[hit.end() :]}"
    return " ".join(text.split())


def _times(text: str, args: dict[str, Any], context: PlanContext, events: Events) -> str:
    """Periods said: one to look at, or two to hold against each other; “than last week” means this week so far."""
    today = _today(context, events)
    if hit := _THAN.search(text):
        unit = "week" if hit["u"] == "week" else "month"
        start = floor(today.day, unit, today.week_start)  # type: ignore[arg-type]
        start = start if start < today.day else add(start, -1, unit)  # type: ignore[arg-type]
        end = today.day if not today.complete else today.day + timedelta(days=1)
        before = add(start, -1, unit)  # type: ignore[arg-type]
        args |= {"time": as_window(Period(start, end)), "compare": as_window(Period(before, start))}
        text = f"{text[: hit.start()]} {text[hit.end() :]}"
        text = re.sub(rf"\bthis {hit['u']}\b", " ", text)
    said, rest = periods(text, context, today)
    if len(said) > 1:
        args |= {"time": as_window(said[0]), "compare": as_window(said[1])}
    elif said and "time" not in args:
        args["time"] = as_window(said[0])
    return rest


def _today(context: PlanContext, events: Events) -> Today:
    rules, day = context.model.calendar, context.as_of.date()
    anchored = not context.as_of_given and (day - events.last).days > 7
    return Today.by(rules, events.last if anchored else day, complete=anchored)


def _rest(text: str) -> str:
    tail = _QUALIFIER.search(text)
    kept = tail.group() if tail and not _NOISE.fullmatch(tail.group().split(maxsplit=1)[1].split()[-1]) else ""
    head = text[: tail.start()] if tail and kept else text
    bare = " ".join(_NOISE.sub(" ", head).split())
    return f"{bare} {kept}".strip()


def _figure(context: PlanContext, events: Events) -> str:
    """A plain figure of the same table, to read filters and splits with."""
    measures = context.model.tables[events.table].measures
    name, measure = next(((n, m) for n, m in measures.items() if m.agg.startswith("count")), (None, None))
    return (measure.label or str(name)).lower() if measure else f"how many {events.many}"


def _order_chip(args: dict[str, Any], events: Events) -> Assumption:
    """In order or not, and within which time."""
    choices: dict[str, tuple[str, dict[str, Any]]] = {
        "ordered": ("In this order", {"ordered": True, "within": None}),
        "any": ("In any order", {"ordered": False, "within": None}),
        "hour": ("In order, within an hour", {"ordered": True, "within": {"n": 1, "unit": "hour"}}),
        "day": ("In order, within a day", {"ordered": True, "within": {"n": 1, "unit": "day"}}),
    }
    shown = "in any order" if args.get("ordered") is False else f"in order, each {events.one} once"
    return chip("order", "Steps count", "any" if args.get("ordered") is False else "ordered", shown, choices)
