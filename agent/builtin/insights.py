"""“What should I know?” and “anything interesting in revenue?”: questions that ask for news without saying which."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from agent.brain import PlanContext
from agent.builtin.ahead import shared_args, simple, turned
from agent.builtin.bench import metric_query
from agent.builtin.dates import Said, Today, read_period
from agent.builtin.text import fold
from agent.plan import Assumption, Decision, Option, Plan, Step
from warehouse.query import MetricQuery

Planner = Callable[[PlanContext], Decision]

_POLITE = r"(?:(?:so|ok|okay|hey|hi|hello|please|and|can you|could you|would you|just|quickly)[ ,]+)*"
_NEWS = (
    r"(?:new|interesting|notable|noteworthy|remarkable|striking|worth (?:knowing|telling|noting|a look)|important"
    r"|going on|happening|surprising|standing out|exciting|of note|different)"
)
_FINDINGS = r"(?:highlights?|insights?|findings|takeaways|headlines|news|briefing|surprises|key (?:points|facts))"
_LEAD = re.compile(
    rf"^{_POLITE}(?:"
    r"(?P<know>what (?:should|do|must|else should) (?:i|we) (?:need to |have to )?(?:know|watch|look at"
    r"|worry about|pay attention to|keep an eye on|be aware of)(?: about)?)"
    rf"|(?:what(?: i|')s|what is|what was|what has been) (?:(?:the )?most )?{_NEWS}"
    rf"|(?:tell me |show me |is there |was there |was |is |did )?(?:anything|something"
    rf"|what) (?:(?:at all|else|really|that is|that's) )?{_NEWS}"
    r"|(?P<change>(?:what|has anything|did anything)(?: has| have| had|'s)?(?: really"
    r"| all)? (?:changed?|happen(?:ed)?|moved?))"
    r"|what (?:really )?(?:stands? out|stood out|jumps? out|jumped out|sticks out)"
    rf"|(?:(?:give|show|tell|send|get|bring) (?:me|us) )?(?:the |some |any |your |a |all |my |our )*"
    rf"(?:few |main |key |top |biggest |most important |latest |weekly |monthly |daily |quick )*{_FINDINGS}"
    r"|(?:what (?:are|were) )?(?:the |my |our )*(?:biggest|largest|main|most important|key|most notable) "
    r"(?:changes?|moves?|movers?|shifts?|developments?)"
    r"|(?:brief|surprise|update) me|catch me up|bring me up to (?:date|speed)|what did (?:i|we) miss"
    r"|what have (?:i|we) missed"
    r")\b"
)
_LINK = re.compile(
    r"^(?:(?:in|of|about|for|with|on|to|from|at|around|regarding|concerning|our|my|the|this data|all"
    r"|everything|here|there"
    r"|out there|i should know|we should know|that|which|today's|business|company|data|numbers"
    r"|figures|metrics|kpis|overall"
    r"|happened|happening|changed|lately|recently|now|right now|is|was|has|have|a|an|and|most)(?: |$))+"
)
_GRAINS = {"day": "day", "week": "week", "month": "month", "quarter": "quarter"}
_HEADLINES = ("revenue", "sales", "orders", "transactions", "visits", "amount")
_CHOICES: dict[str, tuple[str, dict[str, Any]]] = {
    "month": ("The last complete month", {"grain": "month", "running": False, "end": None}),
    "month running": ("This month so far", {"grain": "month", "running": True, "end": None}),
    "week": ("The last complete week", {"grain": "week", "running": False, "end": None}),
    "week running": ("This week so far", {"grain": "week", "running": True, "end": None}),
    "quarter": ("The last complete quarter", {"grain": "quarter", "running": False, "end": None}),
}


def whats_new(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision on a question that asks what there is to know; None for any other question."""
    text = " ".join(re.sub(r"[?!,.:;]", " ", fold(context.question).casefold()).split())
    lead = _LEAD.match(text)
    if lead is None:
        return None
    said, rest = first_period(text[lead.end() :], today_of(context))
    when = _when(said, context) if said else {}
    if when is None:
        return None
    subject = _LINK.sub("", f"{rest} ").strip()
    if not subject:
        return _plan({} | when, [])
    if lead["change"]:
        return None
    return _about(subject, when, context, planner)


def today_of(context: PlanContext) -> Today:
    """What today means to readers of periods."""
    return Today.by(context.model.calendar, context.as_of.date())


def first_period(text: str, today: Today) -> tuple[Said | None, str]:
    """The first period in a text, and the text without it and the word that led to it."""
    words = text.split()
    for at in range(len(words)):
        hit = read_period(" ".join(words[at:]), today)
        if hit is None:
            continue
        used = len(" ".join(words[at:])[: hit[1]].split())
        before = words[:at]
        while before and before[-1] in ("in", "during", "for", "of", "over", "on", "since", "the", "from", "within"):
            before.pop()
        return hit[0], " ".join([*before, *words[at + used :]])
    return None, " ".join(words)


def _when(said: Said, context: PlanContext) -> dict[str, Any] | None:
    """Grain and end of what a period means to the engine; None for one that it has no earlier ones to hold against."""
    start, end, today = said.period.start, said.period.end, context.as_of.date()
    if start is None or end is None or start > today:
        return None
    grain = _GRAINS.get(said.period.unit or "") or _by_length((end - start).days)
    if said.period.unit == "year":
        grain = "quarter"
    if end > today:
        return {"grain": grain, "running": True}
    if said.period.unit is None and (today - end).days <= 1:
        return {"grain": grain, "running": True}
    return {"grain": grain} if _is_last(grain, end, today) else {"grain": grain, "end": end.isoformat()}


def _by_length(days: int) -> str:
    return "day" if days <= 2 else "week" if days <= 14 else "month" if days <= 45 else "quarter"


def _is_last(grain: str, end: date, today: date) -> bool:
    """Whether the period is the last complete one of its kind, so that its name needs no date."""
    length = {"day": 1, "week": 7, "month": 28, "quarter": 90}[grain]
    return today - end < timedelta(days=length)


def _about(subject: str, when: dict[str, Any], context: PlanContext, planner: Planner) -> Decision | None:
    """News of a figure, or of a part of the data when the subject names no figure."""
    decision = planner(replace(context, question=subject, history=()))
    made = turned(decision, lambda plan: _of_figure(plan, when))
    if made is not None:
        return made
    joint = "" if subject.startswith(("by ", "per ")) else "for "
    for figure in _HEADLINES:
        found = planner(replace(context, question=f"{figure} {joint}{subject}", history=()))
        query = metric_query(found) if isinstance(found, Plan) else None
        if query is not None and (query.filters or query.dimensions) and simple(query) and one_split(query):
            kept = {k: v for k, v in shared_args(query).items() if k == "filters"}
            return _plan(kept | _by(query) | when, [])
    return None


def _of_figure(plan: Plan, when: dict[str, Any]) -> Plan | None:
    query = metric_query(plan)
    if query is None or not simple(query) or not one_split(query):
        return None
    args = shared_args(query)
    named: dict[str, Any] = {"metrics": [args["metric"]]}
    named |= {k: args[k] for k in ("filters", "time_column") if k in args} | _by(query)
    chips = [c.model_copy(update={"options": []}) for c in plan.assumptions if c.key not in ("period", "horizon")]
    return _plan(named | when, chips)


def one_split(query: MetricQuery) -> bool:
    """Whether a query has one split at most; an id with the name beside it is one."""
    named = [d for d in query.dimensions if not d.field.endswith("_id")] or list(query.dimensions)
    return len(named) <= 1 and len({d.field.rpartition(".")[0] for d in query.dimensions}) <= 1


def _by(query: MetricQuery) -> dict[str, Any]:
    named = [d for d in query.dimensions if not d.field.endswith("_id")] or list(query.dimensions)
    return {"by": [d.model_dump(mode="json", exclude_defaults=True) for d in named[:1]]} if named else {}


def _plan(args: dict[str, Any], chips: list[Assumption]) -> Plan:
    found = next((k for k, (_, a) in _CHOICES.items() if _same(a, args)), None)
    chosen = found or "asked"
    options = [
        Option(value=value, label=label, patch={"steps": {"s1": {"args": change}}})
        for value, (label, change) in _CHOICES.items()
    ]
    shown = _CHOICES[found][0] if found else "The period asked for"
    if not args.get("grain"):
        chosen, shown = "month", _CHOICES["month"][0]
    chip = Assumption(key="period", label="Looking at", value=chosen, display=shown, options=options)
    step = Step(tool="insights", args=args, title="Looking for what stands out")
    return Plan(intent="insights", steps={"s1": step}, assumptions=[*chips, chip], confidence=0.9)


def _same(choice: dict[str, Any], args: dict[str, Any]) -> bool:
    return all((args.get(k) or None) == (v or None) for k, v in choice.items())
