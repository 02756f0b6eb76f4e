"""“Is revenue really growing?” and “since when are orders falling?”: questions for a direction beyond ups and downs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from agent.brain import PlanContext
from agent.builtin.ahead import shared_args, simple, timed, turned
from agent.builtin.bench import metric_query
from agent.builtin.text import fold
from agent.plan import Decision, Plan, Step

Planner = Callable[[PlanContext], Decision]

_MOVING = (
    r"(?:ris(?:e|ing|en)|gr(?:ow|owing|own|ew)|increas(?:e|ing|ed)|improv(?:e|ing|ed)|climb(?:ing|ed)?"
    r"|fall(?:ing|en)?|fell"
    r"|declin(?:e|ing|ed)|decreas(?:e|ing|ed)|shrink(?:ing)?|drop(?:ping|ped)?|worsen(?:ing|ed)?"
    r"|go(?:ing|ne)? (?:up|down)"
    r"|getting (?:better|worse)|slip(?:ping|ped)?|mov(?:e|ing|ed)|head(?:ing|ed)?|trend(?:ing|ed)?|chang(?:e|ing|ed))\b"
)
_ASKS = (
    re.compile(
        r"^(?:is|are|was|were|has|have|do|does) (?P<what>.+?) (?:been )?(?:trending|heading)(?: (?:up|down"
        r"|upwards?|downwards?))*(?P<rest>.*)$"
    ),
    re.compile(
        r"^(?:is|are|has|have) (?P<what>.+?) (?:been )?(?:really|actually|truly|genuinely|steadily"
        rf"|consistently) (?:been )?{_MOVING}(?P<rest>.*)$"
    ),
    re.compile(
        r"^(?:is|are) (?P<what>.+?) (?:declining|decreasing|falling|rising|increasing|shrinking|worsening"
        r"|improving)(?: or (?:falling|declining|rising|growing|shrinking|not|just noise|is it"
        r" noise))?(?P<rest>.*)$"
    ),
    re.compile(
        r"^(?:is there |are there |was there |do we have |do you see )(?:a |an |any )?(?:real|clear"
        r"|significant|true|lasting|general|underlying|upwards?|downwards?|long[- ]term|statistical(?:ly"
        r" significant)?) ?trends? (?:in|for|of) (?P<what>.+)$"
    ),
    re.compile(
        r"^(?:what is |what's |whats |show me |tell me |give me )?(?:the )?(?:underlying|long[- ]term|real"
        r"|true|general|statistical) trend (?:in|for|of) (?P<what>.+)$"
    ),
    re.compile(
        r"^(?:since when|from when(?: on)?|how long|when)(?: has| have| is| are| did| do| does| was| were)?"
        r" (?P<what>.+?) (?:been |start(?:ed)?(?: to)? |begin(?:ning)?(?: to)? |began(?: to)? |begun(?: to)?"
        rf" )+{_MOVING}(?P<rest>.*)$"
    ),
    re.compile(rf"^(?:since when|for how long)(?: has| have| is| are| did)? (?P<what>.+?) {_MOVING}(?P<rest>.*)$"),
    re.compile(
        r"^(?:where|in (?:which|what) direction|which way) (?:is|are) (?P<what>.+?) (?:heading|going|moving"
        r"|trending)(?P<rest>.*)$"
    ),
    re.compile(
        r"^(?:find |show |show me |are there |is there |any |detect |list )*(?:the |any |a )*(?:change"
        r" ?points?|turning points?|structural breaks?|breaks?|level shifts?|level changes?|lasting"
        r" changes?)(?: of level)? (?:in|of|for) (?P<what>.+)$"
    ),
    re.compile(
        r"^when did (?:the )?(?:level|trend) (?:of|in|for) (?P<what>.+?) (?:change|break|shift"
        r"|turn)(?P<rest>.*)$"
    ),
)  # fmt: skip
_POLITE = re.compile(r"^(?:(?:so|ok|please|and|can you|could you|tell me|do you know|whether|if) )+")
_LOOSE = re.compile(
    r"\b(?:our|my|the|up|down|lately|recently|over time|or (?:not|down|up|falling|is it (?:just )?noise)"
    r"|just noise|now)\b"
)
_UP = re.compile(r"\b(?:ris|gr[oe]w|increas|improv|climb|up\b|upward|better)")
_DOWN = re.compile(r"\b(?:fall|fell|declin|decreas|shrink|drop|worse|down\b|downward|slip)")


def trending(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision on a question for a trend or a break; None for any other question."""
    text = _POLITE.sub("", " ".join(re.sub(r"[?!,]", " ", fold(context.question).casefold()).split()).rstrip(" ."))
    hit = next((h for p in _ASKS if (h := p.match(text))), None)
    if hit is None:
        return None
    rest = (hit.groupdict().get("rest") or "").strip()
    subject = " ".join(_LOOSE.sub(" ", f"{hit['what']} {rest}").split())
    decision = planner(replace(context, question=subject, history=()))
    asked = "up" if _UP.search(text) else "down" if _DOWN.search(text) else ""
    return turned(decision, lambda plan: _plan(plan, asked))


def _plan(plan: Plan, asked: str) -> Plan | None:
    query = metric_query(plan)
    if query is None or not simple(query) or len(query.dimensions) > 1 or (timed(query) and query.time is None):
        return None
    if timed(query):
        return None
    chips = [c.model_copy(update={"options": []}) for c in plan.assumptions if c.key not in ("period", "horizon")]
    step = Step(tool="trend", args=shared_args(query), title="Looking for a direction")
    return Plan(intent="trend", steps={"s1": step}, assumptions=chips, confidence=0.9, hints={"asked": asked})
