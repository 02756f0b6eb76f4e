"""“By takings I mean net revenue”: reads what a person teaches, and says taught words in the model's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import chain

from agent.brain import PastTurn, PlanContext
from agent.builtin.lexicon import lexicon_of
from agent.builtin.past import last_answer
from agent.builtin.smalltalk import talk
from agent.builtin.text import fold, stem, tokenize
from agent.builtin.vocabulary import STOP_WORDS
from agent.plan import Assumption, Decision, Plan, Step
from warehouse.model.verified import meaning
from warehouse.query import MetricQuery

Pairs = tuple[tuple[str, str], ...]
Planner = Callable[[PlanContext], Decision]
_QUOTED = r"[\"']?(?P<said>[^\"'?.!]{2,60}?)[\"']?"
_TEACHINGS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"^(?:(?:and|no|actually|sorry|please|note|remember|ok)[, ]+)*(?:by|with|(?:when(?:ever)?|if) (?:i|we) say)"
        rf" {_QUOTED},? (?:i|we) (?:always |usually )?(?:mean|meant)(?: the)? (?P<means>[^?.!]{{2,120}})[.!]*$",
        rf"^(?:please )?(?:remember|note|learn)(?: that)?:? {_QUOTED} (?:means|is the same as|stands for|refers to)"
        r" (?P<means>[^?.!]{2,120})[.!]*$",
        rf"^{_QUOTED} (?:means|stands for|is short for|is another (?:word|name) for|is the same as|is called)"
        r" (?P<means>[^?.!]{2,120})[.!]*$",
    )
)
_ASKING = re.compile(r"^(?:what|which|who|how|why|does|do|is|are|show|list|give)\b", re.I)
_MOST_WORDS = 6


def lesson(text: str) -> tuple[str, str] | None:
    """What a text teaches as (word, meaning); None for anything else."""
    plain = fold(text).strip()
    for pattern in _TEACHINGS:
        found = pattern.match(plain)
        if found is None or _ASKING.match(plain):
            continue
        said, means = (" ".join(found[n].split()).strip(" ,:;\"'") for n in ("said", "means"))
        words = [t.low for t in tokenize(said) if t.kind in ("word", "number")]
        if words and len(words) <= _MOST_WORDS and not all(w in STOP_WORDS for w in words):
            return said, means
    return None


def taught(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision on a text that teaches a word: the last answer again in its new sense, else a word of thanks.

    None for a text that teaches nothing, or whose meaning this data does not know.
    """
    found = lesson(context.question)
    if found is None or not _known(found[1], context, planner):
        return None
    said, means = found
    hints = {"teach": {"said": said, "means": means}}
    past = last_answer(context.history)
    again = _spoken(past.question, ((said, means),)) if past is not None else None
    decision = planner(context.asking(again)) if past is not None and again != past.question and again else None
    if isinstance(decision, Plan):
        plan = decision.model_copy(update={"hints": {**decision.hints, **hints}})
        return _with_chips(plan, ((said, means),))
    plan = talk("taught")
    return plan.model_copy(update={"hints": {**plan.hints, **hints}})


def in_own_words(context: PlanContext, plan: Callable[[PlanContext], Decision]) -> Decision:
    """Plan a question after saying its taught words in the model's: those in force, and those of this conversation."""
    approved = _approved(context)
    if approved is not None:
        return approved
    pairs = (*_lessons(context.history), *((x.said, x.means) for x in context.learned if x.kind == "word"))
    text = _spoken(context.question, pairs)
    if text == context.question:
        return plan(context)
    decision = plan(replace(context, question=text))
    used = tuple((s, m) for s, m in pairs if _pattern(s, m).search(context.question))
    return _with_chips(decision, used) if isinstance(decision, Plan) else decision


def _approved(context: PlanContext) -> Plan | None:
    """The query that a person approved for this very question."""
    asked = _plain(context.question)
    mine = ((x.query, x.meaning) for x in context.learned if x.kind == "answer" and _plain(x.said) == asked)
    known = ((v.query, v.meaning) for v in context.model.verified if _plain(v.question) == asked)
    found, mark = next(chain(mine, known), (None, None))
    if found is None:
        return None
    typed = MetricQuery.model_validate(found)
    if mark is not None and mark != meaning(typed, context.model):
        return None  # its figures are defined differently since
    args = {"query": typed.model_dump(mode="json", exclude_defaults=True)}
    chip = Assumption(key="approved", label="Approved answer", value="approved", display="checked by a person")
    hints = {"metric": typed.metrics[0].column} if typed.metrics else {}
    return Plan(
        intent=_intent(typed), steps={"s1": Step(tool="query_metrics", args=args)}, assumptions=[chip], hints=hints
    )


def _intent(query: MetricQuery) -> str:
    if query.compare is not None and not (query.time and query.time.grain):
        return "compare"
    if query.top is not None:
        return "top"
    if query.time is not None and query.time.grain:
        return "trend"
    return "breakdown" if query.dimensions else "total"


def _plain(text: str) -> str:
    return " ".join(t.stem for t in tokenize(fold(text)) if t.kind != "punct")


def _known(means: str, context: PlanContext, planner: Planner) -> bool:
    """Whether the meaning is a name of the model, a value of the data or a question that can be planned."""
    stems = tuple(stem(t.low) for t in tokenize(fold(means)) if t.kind in ("word", "number"))
    if lexicon_of(context.model).lookup(stems) or any(m.score >= 0.99 for m in context.values.match(means)):
        return True
    return isinstance(planner(context.asking(means)), Plan)


def _lessons(history: Iterable[PastTurn]) -> Pairs:
    """What was taught in this conversation, the latest first."""
    found = [
        x for turn in history if turn.plan is not None and turn.plan.hints.get("teach") and (x := lesson(turn.question))
    ]
    return tuple(reversed(found))


def _pattern(said: str, means: str) -> re.Pattern[str]:
    """The word where it stands by itself, or inside its own meaning (which stays as it is)."""
    return re.compile(rf"(?P<whole>(?<!\w){re.escape(means)}(?!\w))|(?<!\w){re.escape(said)}(?!\w)", re.I)


def _spoken(question: str, pairs: Pairs) -> str:
    seen: set[str] = set()
    for said, means in pairs:
        if said.casefold() in seen:
            continue
        seen.add(said.casefold())
        question = _pattern(said, means).sub(lambda m, to=means: m.group() if m["whole"] else to, question)  # type: ignore[misc]
    return question


def _with_chips(plan: Plan, pairs: Pairs) -> Plan:
    chips = [
        Assumption(key="taught", label=f"“{said}” is read as", value=m, display=m) for said, m in dict(pairs).items()
    ]
    return plan.model_copy(update={"assumptions": [*plan.assumptions, *chips]})
