"""“What is absorption?” and “is our food cost usual?”: questions that packs and documents answer, not rows."""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.brain import PlanContext
from agent.builtin.describe import MEANING, WHAT_IS
from agent.builtin.text import fold
from agent.plan import Decision, Decline, Plan, Step
from tools.binding.known import Known, Meaning
from warehouse.query import MetricQuery

Planner = Callable[[PlanContext], Decision]
_BENCH = r"(?:the )?(?:industry|trade|sector|market)(?: (?:average|benchmark|norm|standard|median))?s?"
_PEERS = r"(?:similar|other|comparable) (?:businesses|companies|firms|operators|organi[sz]ations)"
_OUTSIDE = rf"(?:{_BENCH}|{_PEERS}|(?:our|this) (?:industry|trade|business)|what is (?:usual|normal|typical))"
_USUAL = (
    re.compile(
        r"^(?:how (?:does|do|did|is|are) )?(?P<what>.+?) (?:compar(?:e|es|ed|ing)|stack up|measure up|look|doing)?"
        rf"(?: up)? ?(?:to|with|against|versus|vs\.?|relative to|beside) {_OUTSIDE}$",
        re.I,
    ),
    re.compile(
        r"^(?:what is|what's) (?:an? |the )?(?:good|usual|normal|typical|healthy) (?P<what>.+?)"
        r"(?: (?:in|for|at|across) .{3,40})?$",
        re.I,
    ),
    re.compile(
        r"^(?:what is|what's|give me|show me) the (?:industry |market )?(?:benchmark|norm|standard|average)s? "
        rf"(?P<what>.+?) (?:in|for|across) {_OUTSIDE}$",
        re.I,
    ),
    re.compile(
        r"^(?:what is|what's|give me|show me) the (?:industry |market )?(?:benchmark|norm|standard|industry average)s?"
        r" (?:for|of) (?P<what>.+)$",
        re.I,
    ),
    re.compile(
        r"^(?:is|are) (?P<what>.+?) (?:usual|normal|typical|in line|healthy|high|low|good|bad|ok|okay)"
        rf" (?:for|in|with|compared (?:to|with)) {_OUTSIDE}$",
        re.I,
    ),
)
_OK = re.compile(
    r"^(?:is|are) (?:our|my) (?P<what>.+?) (?:(?:about |all )?right|usual|typical|in line|healthy"
    r"|(?:too |rather |very )?(?:high|low)|good|bad|ok|okay|acceptable|where (?:it|they) should be|competitive)$",
    re.I,
)
_LEAD = re.compile(r"^(?:the|our|my|a|an|does|do|is|are|how) ", re.I)


def looked_up(context: PlanContext, planner: Planner) -> Decision | None:
    """A plan that looks something up; None for a question about the data."""
    if context.known is None:
        return None
    text = fold(context.question).strip().rstrip(" ?.!")
    return _usual(text, context, planner) or _meaning(text, context)


def meaning_beside(context: PlanContext) -> Step | None:
    """The step that explains a word of the trade, for “what is food cost?”, where the figure itself is asked too."""
    found = WHAT_IS.match(fold(context.question).strip())
    meaning = context.known.meaning(found["a"]) if found and context.known else None
    if meaning is None or found is None:
        return None
    return Step(tool="look_up", args={"topic": found["a"]}, title=f"About {meaning.label}")


def _meaning(text: str, context: PlanContext) -> Plan | None:
    """“What does absorption mean?”; “what is …?” only where no figure of the data answers it."""
    known = context.known
    found, plain = MEANING.match(text), WHAT_IS.match(text)
    phrase = next((g for g in found.groupdict().values() if g), "") if found else plain["a"] if plain else ""
    meaning = known.meaning(phrase) if known and phrase else None
    computed = found is not None and (found["e"] or found["f"])  # how it is computed here, the model says
    if meaning is None or (meaning.metric is not None and (found is None or computed)):
        return None
    step = Step(tool="look_up", args={"topic": phrase}, title=f"About {meaning.label}")
    return Plan(intent="describe", steps={"s1": step})


def _usual(text: str, context: PlanContext, planner: Planner) -> Decision | None:
    """The figure here beside what a source says is usual; a no where no source says it."""
    known = context.known
    asked = [found["what"] for pattern in _USUAL if (found := pattern.match(text))]
    meaning = next((m for what in asked if known and (m := known.meaning(_bare(what)))), None)
    if meaning is None and known is not None and (found := _OK.match(text)):
        meaning = _with_benchmark(known, found["what"])
        if meaning is None:  # with nobody to compare with, one's own past says how it is
            said = planner(context.asking(f"{found['what']} last month compared with the same month last year"))
            return said if isinstance(said, Plan) else None
    if meaning is None or known is None:
        return None
    if meaning.metric is None or next(known.benchmarks(meaning.metric), None) is None:
        reason = f"I have no source that says what is usual for {_inside(meaning.label)}."
        return Decline(reason=reason, code="no_benchmark", nearest=[f"{meaning.label} last month"])
    usual = Step(
        tool="look_up", args={"topic": meaning.metric, "about": "benchmark"}, title=f"Usual {_inside(meaning.label)}"
    )
    own = planner(context.asking(f"what was {_inside(meaning.label)} in the last 12 months"))
    if not isinstance(own, Plan) or len(own.steps) != 1 or not _is_of(own, meaning.metric):
        return Plan(intent="describe", steps={"s1": usual})
    return own.model_copy(update={"steps": {**own.steps, "s2": usual}})


def _with_benchmark(known: Known, what: str) -> Meaning | None:
    """What is asked about, or its share of sales, where a source says what is usual for it."""
    for phrase in (what, f"{what} percentage", f"{what} rate"):
        meaning = known.meaning(_bare(phrase))
        if meaning is not None and meaning.metric and next(known.benchmarks(meaning.metric), None) is not None:
            return meaning
    return None


def usual_of(context: PlanContext, metric: str) -> str | None:
    """The topic under which a source says what is usual for a figure of the model; None where none does."""
    known = context.known
    return metric if known is not None and next(known.benchmarks(metric), None) is not None else None


def _is_of(plan: Plan, metric: str) -> bool:
    step = next(iter(plan.steps.values()))
    if step.tool != "query_metrics":
        return False
    return [m.metric for m in MetricQuery.model_validate(step.args["query"]).metrics] == [metric]


def _bare(phrase: str) -> str:
    while (shorter := _LEAD.sub("", phrase)) != phrase:
        phrase = shorter
    return phrase


def _inside(label: str) -> str:
    return " ".join(w if sum(c.isupper() for c in w) > 1 else w.lower() for w in label.split())
