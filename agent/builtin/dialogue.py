"""One turn in its thread: a whole question is planned alone, a reply changes the last query, small talk gets a word."""

from __future__ import annotations

import re

from agent.brain import PlanContext
from agent.builtin import edits, refusals, verdicts
from agent.builtin.acts import MOST_WORDS, Said, read
from agent.builtin.bench import Bench, Planner, metric_query
from agent.builtin.carried import kept_chip, plan_of
from agent.builtin.choices import settled
from agent.builtin.edits import Edit
from agent.builtin.follow_skills import after_skill
from agent.builtin.past import FIGURES, RECORDS, Past, last_answer
from agent.builtin.records import follow_records, list_them
from agent.builtin.refine import refined
from agent.builtin.saved_segments import kept
from agent.builtin.smalltalk import small_talk, talk
from agent.builtin.text import fold
from agent.builtin.why import of_last
from agent.plan import Clarify, Decision, Decline, Plan

_LOST = "That leans on an earlier answer, and there is none in this conversation yet."
_ONLY = re.compile(r"^\W*(?:and |but )?(?:only|just)\b", re.I)
_THAT = re.compile(r"\b(?:it|that|this|they|those|these|them)\b(?! (?:day|week|month|quarter|year)\b)", re.I)
_EDITS = {**edits.EDITS, **verdicts.EDITS}
_WHOLE = ("top", "winner", "list", "count", "table", "sort", "grain", "why", "row")


def converse(context: PlanContext, planner: Planner) -> Decision:
    """The decision on a turn. Deterministic; never raises for any text."""
    spoken = small_talk(context.question)
    if spoken is not None:
        return spoken
    segment = kept(context, planner)
    if segment is not None:
        return segment
    bench, past = Bench(context, planner), last_answer(context.history)
    said = read(context.question)
    if "reset" in said.acts:
        return talk("reset")
    if len(context.question.split()) > MOST_WORDS:
        return settled(bench.plan(context.question))
    more = after_skill(said, bench)
    if more is not None:
        return settled(more)
    return settled(_reply(said, past, bench) if past is not None else _opening(said, bench))


def _opening(said: Said, bench: Bench) -> Decision:
    """The first question of a thread; one that can only be a reply is told so."""
    decision = bench.plan(bench.context.question)
    led = said.leans and not fold(bench.context.question).strip().startswith(
        said.text
    )  # “… right now” leans on nothing
    leans = led or bool(said.acts.keys() - set(_WHOLE))
    if (
        isinstance(decision, Decline)
        and leans
        and decision.code in ("not_understood", "no_figure", "no_group", "no_period")
    ):
        whole = bench.plan(said.text) if said.leans else decision
        if not isinstance(whole, Decline):
            return whole
        return refusals.decline(bench.lexicon, bench.context.question, _LOST, "no_context")
    return decision


def _reply(said: Said, past: Past, bench: Bench) -> Decision:
    """A text in a thread: an act on the last answer, a whole question, or words that change the last query."""
    if "undo" in said.acts:
        return _undone(past, bench)
    own = bench.plan(bench.context.question) if not said.leans else None
    if isinstance(own, Plan) and not said.acts.keys() - set(_WHOLE) and not _ranks_again(said):
        meant = _with_figure(past, bench)
        return meant if meant is not None and _tools(meant) == _tools(own) else own
    changed = _acted(said, past, bench) or _refined(said, past, bench)
    if isinstance(changed, (Plan, Clarify)) or (changed is not None and own is None and not _stands_alone(said, bench)):
        return changed
    if own is None:
        own = bench.plan(bench.context.question)
        own = bench.plan(said.text) if isinstance(own, Decline) else own
    if isinstance(own, Decline):
        meant = _with_figure(past, bench)
        if meant is not None:
            return meant
        return _helpful(changed if isinstance(changed, Decline) and said.acts else own, past, bench)
    if (
        _ONLY.match(bench.context.question)
        and isinstance(own, Plan)
        and set(_tools(own)) == {RECORDS}
        and past.query is not None
    ):
        reason = f"I found nothing called “{said.text}” that the last answer could be narrowed to."
        return refusals.decline_after(bench, past, reason, "not_understood")
    return own


def _tools(plan: Plan) -> list[str]:
    return [s.tool for s in plan.steps.values()]


def _with_figure(past: Past, bench: Bench) -> Plan | None:
    """“What will it be next quarter?”: a skill asked of the figure at hand, in its conditions."""
    query = past.query
    if query is None or not query.metrics or (len(query.metrics) > 1 and not past.plan.hints.get("deep")):
        return None
    label = bench.metric_label(query.metrics[0]).lower()
    told, found = _THAT.subn(label, bench.context.question, count=1)
    plan = bench.plan(told) if found else None
    if (
        not isinstance(plan, Plan)
        or len(plan.steps) != 1
        or any(s.tool in (FIGURES, RECORDS) for s in plan.steps.values())
    ):
        return None
    key, step = next(iter(plan.steps.items()))
    if not query.filters or step.args.get("filters"):
        return plan
    filters = [f.model_dump(mode="json", exclude_defaults=True) for f in query.filters]
    kept = step.model_copy(update={"args": {**step.args, "filters": filters}})
    chip = kept_chip(query, query.model_copy(update={"time": None, "dimensions": ()}), bench)
    chips = [chip.model_copy(update={"options": []})] if chip is not None else []
    return plan.model_copy(update={"steps": {key: kept}, "assumptions": [*chips, *plan.assumptions]})


def _ranks_again(said: Said) -> bool:
    """“top 5 regions” names no figure of its own, so it ranks the one at hand."""
    words = said.act("top")
    return words is not None and "by" not in words


def _stands_alone(said: Said, bench: Bench) -> bool:
    return not isinstance(bench.plan(said.text), Decline)


def _undone(past: Past, bench: Bench) -> Decision:
    if past.before is None:
        reason = "There is no earlier answer in this conversation to go back to."
        return refusals.decline(bench.lexicon, past.question, reason, "no_context")
    before = past.before.plan
    return before.model_copy(update={"hints": {**before.hints, "restored": True}})


def _acted(said: Said, past: Past, bench: Bench) -> Decision | None:
    """The first act of the reply that the last answer allows."""
    if "why" in said.acts:
        skill = bench.plan(bench.context.question)
        return skill if isinstance(skill, Plan) else of_last(past, bench) or refusals.no_why(past, bench)
    if "sql" in said.acts:
        return past.plan.model_copy(update={"hints": {**past.plan.hints, "view": "sql", "restored": False}})
    for view in ("chart", "table"):
        if (words := said.act(view)) is not None:
            return _shown_as(view, words.get("kind", ""), past, bench)
    if past.query is None:
        return follow_records(said, past, bench)
    if "list" in said.acts or "count" in said.acts:
        return list_them(past, bench) if "list" in said.acts else None
    for name, edit in _EDITS.items():
        words = said.act(name)
        if words is None:
            continue
        try:
            found = edit(past, past.query, words, bench)
        except (ValueError, OverflowError):
            continue
        if isinstance(found, Plan):
            return found
        if found is not None and (decision := _decided(found, past, bench)) is not None:
            return decision
    return None


def _decided(edit: Edit, past: Past, bench: Bench) -> Decision | None:
    if edit.refusal is not None:
        return refusals.decline_after(bench, past, edit.refusal[1], edit.refusal[0])
    if edit.query is None or not bench.runs(edit.query):
        return None
    return plan_of(edit, past, bench)


def _refined(said: Said, past: Past, bench: Bench) -> Decision | None:
    query = past.query
    if query is None or not said.text:
        return None
    try:
        found = refined(said, past, query, bench)
    except (ValueError, LookupError, OverflowError):
        return None
    if found is None or isinstance(found, (Plan, Clarify, Decline)):
        return found
    return _anchored(plan_of(Edit(found), past, bench), said, bench) if bench.runs(found) else None


def _anchored(plan: Plan, said: Said, bench: Bench) -> Plan:
    """The plan with the day its relative words were counted from, when that is not today."""
    query = metric_query(plan)
    if query is None or query.time is None or any(a.key == "today" for a in plan.assumptions):
        return plan
    probe = bench.figures(f"{bench.metric_label(query.metrics[0])} {said.text}")
    chips = [a for a in probe[0].assumptions if a.key == "today"] if probe and probe[1].time else []
    return plan.model_copy(update={"assumptions": [*chips, *plan.assumptions]})


def _shown_as(view: str, kind: str, past: Past, bench: Bench) -> Decision:
    """The same answer as a picture or as rows only."""
    query = past.query
    drawable = query is not None and bool(query.dimensions or (query.time and query.time.grain))
    if view == "chart" and not drawable:
        reason = "The last answer is one figure or a list of records, which makes no chart. Split it first."
        return refusals.decline_after(bench, past, reason, "no_chart")
    return past.plan.model_copy(update={"hints": {**past.plan.hints, "view": kind or view, "restored": False}})


def _helpful(decision: Decline, past: Past, bench: Bench) -> Decline:
    """A no inside a thread: what can be asked next is about the same figures."""
    return refusals.decline_after(bench, past, decision.reason, decision.code)
