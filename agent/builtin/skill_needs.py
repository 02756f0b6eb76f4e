"""What a skill would need that these data do not have: a plain no that names it, instead of a word that is not known.

Looked at only when a question would be declined anyway. The question says which skill it asks for; the model says
whether there are dates, people, steps or formulas for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.brain import PlanContext
from agent.builtin.borrow import plain_text
from agent.plan import Decline
from store.errors import NotEnough
from tools import entities
from tools.churn import labelled
from tools.cohorts import who
from tools.funnels.events import candidates as events
from warehouse.model.schema import SemanticModel, Table

_WOULD_BE = frozenset(
    ["not_understood", "not_supported_yet", "prediction", "no_path", "no_figure", "no_time", "no_entity", "no_context",
     "not_a_metric"]
)  # fmt: skip
_STEP = re.compile(r"^(?:time_?step|step|tick|t|time|period|index|idx|seq(?:uence)?|ds|month_no|week_no|day_no)$", re.I)
_NUMBERED = re.compile(r"^([A-Za-z]+)_?(\d+)$")
_MANY_ALIKE = 8


@dataclass(frozen=True)
class Skill:
    """Words that ask for a skill, what it is called, and which of dates, people, steps, outcome, formula it needs."""

    asked: re.Pattern[str]
    name: str
    needs: str


def _skill(words: str, name: str, needs: str) -> Skill:
    return Skill(re.compile(words), name, needs)


SKILLS: tuple[Skill, ...] = (
    _skill(r"\bfunnels?\b|\bdrop(?:ping)? (?:out|off)|\babandon|\bconversion\b|\blose (?:the )?most visitors",
           "A funnel", "steps"),
    _skill(r"\blife ?time values?\b|\bc?ltv\b|\bclv\b|\bmost valuable (?:customers?|people)\b"
           r"|\bcustomers? (?:be )?worth\b|\bworth to us\b", "Telling what customers are worth", "people"),
    _skill(r"\bchurn|\b(?:about|likely|going) to (?:leave|quit|cancel)|\brisk of leaving|\bat risk\b|\bleave us\b"
           r"|\battrition\b|\blos(?:e|ing) (?:customers|clients|members)|\babout to lose\b",
           "Telling who is about to leave", "outcome"),
    _skill(r"\bretention\b|\bcohorts?\b|\b(?:come|comes|coming|came) back\b|\breturning (?:customers|people|clients)"
           r"|\b(?:buy|order|purchase|visit)s? again\b|\brepeat (?:purchase|order|customer|buyer)",
           "Telling who comes back", "people"),
    _skill(r"\bhow long do .*\b(?:stay|remain)|\blifespan\b|\bsurvival\b", "Telling how long people stay", "people"),
    _skill(r"\bsegment|\bcluster|\bgroup .*\bby (?:behaviou?r|value|habits)|\bbest (?:customers?|clients?|members?)"
           r"|\bloyal\b|\bvips?\b|\brfm\b", "Grouping people by what they do", "people"),
    _skill(r"\bwhen will\b.*\b(?:reach|hit|pass|get to|exceed|cross|be)\b", "Telling when a goal is reached", "dates"),
    _skill(r"\bon (?:track|pace|target|course)\b|\b(?:goal|target|quota)\b|\bchances? of (?:reaching|hitting)"
           r"|\bwill we (?:reach|hit|make|meet)\b", "Holding a figure to a goal", "dates"),
    _skill(r"\bwhat if\b|\bsuppose\b|\bwhat would\b.*\bif\b|\bwhat happens\b.*\bif\b|^if\b", "A what-if", "formula"),
    _skill(r"\blike for like\b|\bpeers?\b|\bbenchmark", "A comparison with peers", "dates"),
    _skill(r"\bshould (?:i|we) know\b|\bstands? out\b|\bstood out\b|\b(?:anything|what is|whats) (?:new|interesting)\b"
           r"|\bhighlights?\b|\binsights?\b|\bwhat changed\b", "Telling what is new", "dates"),
    _skill(r"\bunusual|\banomal|\boutliers?\b|\babnormal|\bodd\b|\bstrange|\bweird\b|\bspikes?\b|\bdips?\b",
           "Telling what is unusual", "dates"),
    _skill(r"^(?:and |but |so )?(?:why|how come)\b|\bwhy\b|\bwhat (?:drove|caused|explains?|is behind)\b|^explain\b"
           r"|\breasons? (?:for|behind)\b", "Explaining a change", "dates"),
    _skill(r"\btrend|\b(?:rising|falling|growing|shrinking|declining|increasing|decreasing)\b|\bgoing (?:up|down)\b"
           r"|\bover time\b", "A trend", "dates"),
    _skill(r"\bforecast|\bpredict|\bproject(?:ion|ed)?\b|\boutlook\b|\b(?:will|going to)\b|\bnext (?:\d+ )?"
           r"(?:days?|weeks?|months?|quarters?|years?|values?|periods?|steps?)\b|\btomorrow\b", "A forecast", "dates"),
)  # fmt: skip


def missing(context: PlanContext, declined: Decline) -> Decline | None:
    """The decline that names what is missing for the skill asked for; None when nothing is, or no skill was asked."""
    if declined.code not in _WOULD_BE:
        return None
    text = plain_text(context.question)
    skill = next((s for s in SKILLS if s.asked.search(text)), None)
    lacks = _lacks(skill.needs, context) if skill is not None else None
    if skill is None or lacks is None:
        return None
    code, need, hint = lacks
    reason = f"{skill.name} needs {need}{_seen(context.model)}.{f' {hint}' if hint else ''}"
    return declined.model_copy(update={"reason": reason, "code": code})


def _lacks(needs: str, context: PlanContext) -> tuple[str, str, str] | None:
    """Code, what is needed, and what to do about it; None when the data have it."""
    model = context.model
    dated = any(t.time is not None for t in model.tables.values())
    if needs == "dates":
        return None if dated else ("no_time", "a figure with dates, and I see no column with a date", _undated(model))
    if needs == "formula":
        linked = any(m.kind in ("ratio", "derived") for m in model.metrics.values())
        need = "a formula that links figures, such as revenue = orders × average order value, and I see none"
        return None if linked else ("no_formula", need, "Add one to the model.")
    if needs == "steps":
        need = "events that say who took which step and when, and I see none"
        return None if events(model, context.profile) else ("no_events", need, "")
    if needs == "outcome" and labelled.find(model, None) is not None:
        return None
    if _follows(context):
        return None
    left = "a column that says who left, or " if needs == "outcome" else ""
    need = f"{left}rows that say who did what and when, such as orders with a customer number and a date. "
    known = any(who.person(f"{n} {' '.join(t.dimensions)}") for n, t in model.tables.items())
    number = "customer (or member, patient …) number"
    lacking = f"I see no {'such rows' if known else number}" if dated else "I see no date"
    return "no_entity", need + (lacking if dated or known else f"I see neither a date nor a {number}"), ""


def _follows(context: PlanContext) -> bool:
    """Whether there is a log of what people do."""
    try:
        entities.find(context, entities.EntityArgs())
    except NotEnough:
        return bool(who.candidates(context.model, context.profile))
    return True


def _seen(model: SemanticModel) -> str:
    """ " in employees", for the few tables that were looked at."""
    names = [t.label or n.replace("_", " ") for n, t in model.tables.items()]
    if len(names) > 3:
        return f" in these {len(names)} tables"
    return f" in {' or '.join(n.lower() for n in names)}" if names else ""


def _undated(model: SemanticModel) -> str:
    """What looks like time without being dates: a step number, or one column per period."""
    for table in model.tables.values():
        alike = _alike(table)
        if alike:
            return (f"The columns {alike[0]} to {alike[-1]} look like one series per row: load one row per date and "
                    "value instead.")  # fmt: skip
        step = next((c for c in (*table.numbers, *table.dimensions) if _STEP.match(c)), None)
        if step is not None:
            return f"“{step}” only counts the rows: load the readings with their dates."
    return ""


def _alike(table: Table) -> list[str]:
    """Columns V1, V2 … V72 of a table, in their order; nothing when they are few."""
    found: dict[str, list[tuple[int, str]]] = {}
    for column in table.numbers:
        if (hit := _NUMBERED.match(column)) is not None:
            found.setdefault(hit[1], []).append((int(hit[2]), column))
    most = max(found.values(), key=len, default=[])
    return [c for _, c in sorted(most)] if len(most) >= _MANY_ALIKE else []
