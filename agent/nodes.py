"""What each stage of a turn does; the desk is found by run id, the checkpoint holds only small facts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

from langgraph.config import get_stream_writer
from langgraph.types import interrupt

from agent import findings, reply
from agent.brain import PastTurn
from agent.check import CheckContext, inspect
from agent.desk import Desk
from agent.events import (
    AssumptionsMade,
    ChartReady,
    ClaimsMade,
    DeclineGiven,
    Event,
    EvidenceReady,
    Progress,
    SourcesCited,
    StepFinished,
    StepStarted,
    SuggestionsReady,
    TableReady,
    ToolFinished,
    ToolStarted,
    WarningsRaised,
)
from agent.plan import Clarify, Decision, Decline, Plan, evidence_number
from agent.speaker import Speaker
from agent.state import TurnState, first_rows
from store import tracing
from store.errors import PlainsayError
from tools import registry
from tools.evidence import Evidence


class Nodes:
    """The stages. `desk_of` finds the run's desk from the turn in the state."""

    def __init__(self, desk_of: Callable[[TurnState], Desk]) -> None:
        self._desk_of = desk_of

    async def recall(self, state: TurnState) -> TurnState:
        """Forget what the turn before left in the state; the thread's history stays."""
        _emit(StepStarted(name="Reading the question"))
        return {"turn": state["turn"], "evidence": [], "refusal": None, "refusal_code": "refused", "decision": {}}

    async def plan(self, state: TurnState) -> TurnState:
        """The brain's decision, or the old plan with a changed assumption."""
        desk, began = self._desk_of(state), time.perf_counter()
        desk.emit = get_stream_writer()
        if desk.turn.patch is not None:
            decision: Decision = reply.patched_plan(state.get("history") or [], desk.turn)
        else:
            context = desk.plan_context(desk.answer.question, past_turns(state))
            decision = await asyncio.to_thread(desk.brain.plan, context)
            if isinstance(decision, Plan):
                await asyncio.to_thread(desk.learn, decision)
        desk.timed("plan", began)
        _emit(StepFinished(name="Reading the question"))
        _announce(desk, decision)
        return {"decision": decision.model_dump(mode="json"), "asked": desk.answer.question}

    async def ask(self, state: TurnState) -> TurnState:
        """Stop until the person chooses; another question instead is planned like any other."""
        clarify = Clarify.model_validate(state["decision"])
        said: dict[str, str] = interrupt(clarify.model_dump(mode="json"))
        desk = self._desk_of(state)
        decision: Decision | None = reply.choice(clarify, said)
        if decision is None:
            past, other = past_turns(state), said.get("other", "")
            contexts = [desk.plan_context(text, past) for text in (other, f"{state.get('asked', '')} {other}".strip())]
            decision = await asyncio.to_thread(reply.first_plan, desk.brain, contexts, clarify)
        _announce(desk, decision)
        return {"decision": decision.model_dump(mode="json")}

    async def act(self, state: TurnState) -> TurnState:
        """Run the plan's steps side by side."""
        desk, plan = self._desk_of(state), Plan.model_validate(state["decision"])
        began = time.perf_counter()
        try:
            found, missing = await findings.gathered(plan, lambda i, key, plan: _run_step(desk, i, key, plan))
        except PlainsayError as error:
            if error.exit_code == 1:
                raise
            return {"refusal": reply.refusal(error), "refusal_code": error.code}
        desk.notes += missing
        desk.timed("act", began)
        return {"evidence": [e.id for e in found]}

    async def check(self, state: TurnState) -> TurnState:
        """The integrity guard: warnings, or a refusal that turns the answer into a decline."""
        desk, began = self._desk_of(state), time.perf_counter()
        if state.get("refusal"):
            return {}
        context = CheckContext(desk.view.model, desk.view.profile, desk.as_of)
        plan = Plan.model_validate(state["decision"])
        found, refusal = findings.trusted(plan, [inspect(e, context) for e in await _evidence(desk, state)])
        desk.timed("check", began)
        if refusal is None:
            for event in _shown(desk, found, str(plan.hints.get("view", ""))):
                _emit(event)
        return {"refusal": refusal, "evidence": [e.id for e in found]}

    async def tell(self, state: TurnState) -> TurnState:
        """Facts become text; every numeral is rendered from its cell."""
        desk, plan, began = self._desk_of(state), Plan.model_validate(state["decision"]), time.perf_counter()
        found = await _evidence(desk, state)
        desk.speaker = Speaker([t for e in found for t in e.tables], get_stream_writer())
        draft = await asyncio.to_thread(desk.brain.tell, desk.tell_context(plan, found))
        answer = desk.answer
        draft = await asyncio.to_thread(desk.at_length, draft, found)
        reply.put_into_words(answer, draft, plan, found)
        desk.timed("tell", began)
        desk.speaker.rest(answer.text)
        _warn(desk)
        _emit(ClaimsMade(items=answer.claims))
        _emit(EvidenceReady(items=answer.evidence))
        if answer.sources:
            _emit(SourcesCited(items=answer.sources))
        return {"history": [_remembered(desk, state)]}

    async def suggest(self, state: TurnState) -> TurnState:
        """Good next questions, each one that can be answered."""
        desk, plan, began = self._desk_of(state), Plan.model_validate(state["decision"]), time.perf_counter()
        context = desk.tell_context(plan, await _evidence(desk, state))
        asking = desk.plan_context(desk.answer.question, ())
        found = await asyncio.to_thread(desk.brain.suggest, context, asking)
        desk.answer.suggestions = await asyncio.to_thread(desk.for_reader, found, context.evidence)
        desk.timed("suggest", began)
        _emit(SuggestionsReady(items=desk.answer.suggestions))
        return {}

    async def decline(self, state: TurnState) -> TurnState:
        """No, why, and what can be asked instead."""
        desk, refusal = self._desk_of(state), state.get("refusal")
        if refusal:
            code = state.get("refusal_code", "refused")
            decline = Decline(reason=refusal, code=code, nearest=list(desk.view.model.starters[:3]))
        else:
            decline = Decline.model_validate(state["decision"])
        reply.decline(desk.answer, decline)
        _warn(desk)
        if desk.answer.declined is not None:
            _emit(DeclineGiven(declined=desk.answer.declined))
        return {"history": [_remembered(desk, state)]}


def past_turns(state: TurnState) -> tuple[PastTurn, ...]:
    """The thread's history as brains read it."""
    return tuple(
        PastTurn(
            question=h["question"],
            status=h["status"],
            plan=Plan.model_validate(h["plan"]) if h.get("plan") else None,
            rows=tuple(h.get("rows") or ()),
        )
        for h in state.get("history") or []
    )


def _emit(event: Event) -> None:
    get_stream_writer()(event)


def _warn(desk: Desk) -> None:
    """What the brain has to say about itself, once, before everything else that is to be known."""
    fresh = [n for n in desk.notes if n not in desk.answer.warnings]
    if fresh:
        desk.answer.warnings = [*fresh, *desk.answer.warnings]
        _emit(WarningsRaised(items=desk.answer.warnings))


def _announce(desk: Desk, decision: Decision) -> None:
    if isinstance(decision, Plan):
        desk.answer.assumptions = decision.assumptions
        _emit(AssumptionsMade(items=decision.assumptions))


def _remembered(desk: Desk, state: TurnState) -> dict[str, Any]:
    plan = state["decision"] if state["decision"].get("kind") == "plan" else None
    return {
        "answer_id": desk.answer.id,
        "question": desk.answer.question,
        "status": desk.answer.status,
        "plan": plan,
        "rows": first_rows(desk.answer.result),
    }


async def _run_step(desk: Desk, position: int, key: str, plan: Plan) -> Evidence:
    step = plan.steps[key]
    tool = registry.get(step.tool)
    name, number = f"{position}. {step.title or tool.doing}", evidence_number(key, position)
    call = f"{desk.turn.run_id}-{key}"
    began = time.perf_counter()
    _emit(StepStarted(name=name))
    _emit(ToolStarted(id=call, tool=step.tool, args=step.args))
    try:
        with tracing.span("tool", tool=step.tool):
            evidence = await asyncio.to_thread(desk.run_tool, step.tool, step.args, number)
    except PlainsayError as error:
        _emit(ToolFinished(id=call, error=error.message, ms=_since(began)))
        raise
    finally:
        _emit(StepFinished(name=name))
    desk.evidence[evidence.id] = evidence
    desk.ms["sql"] = round(desk.ms.get("sql", 0.0) + evidence.ms, 3)
    _emit(ToolFinished(id=call, evidence=evidence.id, rows=evidence.rows, ms=_since(began)))
    if findings.is_report(plan):
        done, every = len(desk.evidence), len(plan.steps)
        _emit(Progress(text=f"{done} of {every} findings", share=done / every))
    return evidence


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)


async def _evidence(desk: Desk, state: TurnState) -> tuple[Evidence, ...]:
    """The run's evidence; what a crash took from memory is computed again from the plan."""
    wanted = state.get("evidence") or []
    if any(e not in desk.evidence for e in wanted):
        plan = Plan.model_validate(state["decision"])
        context = CheckContext(desk.view.model, desk.view.profile, desk.as_of)
        for position, (key, step) in enumerate(plan.steps.items(), start=1):
            if f"e{evidence_number(key, position)}" not in wanted:
                continue
            found = await asyncio.to_thread(desk.run_tool, step.tool, step.args, evidence_number(key, position))
            desk.evidence[found.id] = inspect(found, context)
        reply.lay_out(desk.answer, [desk.evidence[e] for e in wanted])
    return tuple(desk.evidence[e] for e in wanted)


def _shown(desk: Desk, found: list[Evidence], view: str = "") -> Iterator[Event]:
    reply.lay_out(desk.answer, found)
    desk.answer.charts = reply.as_wanted(desk.answer.charts, view)
    desk.answer.warnings = [*desk.notes, *desk.answer.warnings]
    if desk.answer.warnings:
        yield WarningsRaised(items=desk.answer.warnings)
    for table in desk.answer.all_tables():
        yield TableReady(table=table)
    for chart in desk.answer.charts:
        yield ChartReady(chart=chart)
