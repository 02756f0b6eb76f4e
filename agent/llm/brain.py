"""The model brain: the built-in brain when it is sure, the model where it is not, and always an answer in time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from agent.answer import Suggestion
from agent.brain import Brain, PlanContext, TellContext
from agent.claims import Draft, Sentence
from agent.llm.agree import same_figures
from agent.llm.faults import ModelFault
from agent.llm.loop import Found, Loop, Runner
from agent.llm.memory import Memory
from agent.llm.model import Model
from agent.llm.prompts import REPORT, prompt
from agent.llm.spend import Ledger, Meter, check_day
from agent.llm.spoken import title_of
from agent.llm.teller import Telling
from agent.llm.untrusted import block
from agent.plan import Assumption, Clarify, Decision, Decline, Option, Plan
from agent.turn import BrainChoice
from store.errors import PlainsayError
from tools.evidence import Caveat, Evidence

SURE = 0.8
_AGREED, _ALONE, _BY_HAND, _APART = 0.9, 0.7, 0.6, 0.5
_COMPARED = 90
_FURTHER, _MOST_FURTHER = 60, 4
_BUGS = (ValueError, LookupError, TypeError, ArithmeticError, AttributeError, RecursionError)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Surroundings:
    """What a turn lends its brain: tools with the asker's rights, a way to speak early, a way to warn."""

    runner: Runner
    say: Callable[[Sentence, bool], None]
    note: Callable[[Caveat], None]
    progress: Callable[[str], None]
    workspace: str
    person: str
    key: tuple[str, ...] = ()


@dataclass
class ModelBrain:
    """One per turn. `choice` is `auto` (built-in first) or `llm` (the model plans and words everything).

    A `thrifty` one, for answers that are looked at again, asks the model only what nothing else can plan.
    """

    model: Model
    builtin: Brain
    meter: Meter
    ledger: Ledger
    around: Surroundings
    choice: BrainChoice = "auto"
    checks: int = 1
    thrifty: bool = False
    memory: Memory = field(default_factory=Memory)
    name: str = "builtin"
    asked: bool = False
    planned: bool = False
    failed: bool = False
    planned_by: Literal["builtin", "model", "remembered"] = "builtin"
    _planning: float = 0.0
    _tools: float = 0.0
    _own: float = 0.0

    def plan(self, context: PlanContext) -> Decision:
        """The built-in reading when it is sure, else the model's; the built-in one again when the model fails."""
        self.asked, began = True, time.perf_counter()
        own = self.builtin.plan(context)
        self._own = (time.perf_counter() - began) * 1000
        report = isinstance(own, Plan) and bool(own.hints.get("deep"))
        spared = self.thrifty or self.choice == "auto"
        if spared and settled(own) and (self.thrifty or not report):
            return own
        kept = self.memory.recall(context, self.around.key)
        if kept is not None:
            self.name = "llm" if kept.hints.get("by") == "llm" else "builtin"
            self.planned_by = "remembered"
            return kept
        if isinstance(own, Plan) and own.hints.get("deep"):
            return self._reported(own, context)
        try:
            self._may_spend()
            decision = self._judged(self._loop(context).run(), own, context)
        except ModelFault as fault:
            return self._without_model(own, fault)
        except (PlainsayError, *_BUGS) as error:
            _log.exception("a model's plan broke a tool", extra={"error": type(error).__name__})
            return self._without_model(own, ModelFault("lost"))
        finally:
            self._planning = self.meter.ms
        if decision is own:
            return own
        self.memory.keep(context, self.around.key, decision)
        self.name, self.planned, self.planned_by = "llm", True, "model"
        return decision

    def _reported(self, own: Plan, context: PlanContext) -> Plan:
        """The built-in report with the findings that the model adds; a failure leaves the report as it is."""
        titles = [s.title for s in own.steps.values() if s.title]
        brief = f"{prompt(REPORT)}\nAlready looked at:\n{block(titles)}"
        try:
            self._may_spend()
            found = Loop(
                self.model, self.meter, context, self._timed, self.around.progress, brief=brief, before=_FURTHER
            ).run()
        except ModelFault as fault:
            self.failed = True
            self._note(fault, "The report is the built-in one.")
            return own
        except (PlainsayError, *_BUGS) as error:
            _log.exception("a model's finding broke a tool", extra={"error": type(error).__name__})
            self._note(ModelFault("lost"), "The report is the built-in one.")
            return own
        finally:
            self._planning = self.meter.ms
        if not isinstance(found.decision, Plan):
            return own
        known = [(s.tool, s.args) for s in own.steps.values()]
        more = {
            key: step.model_copy(update={"title": title_of(step)})
            for key, step in list(found.decision.steps.items())[:_MOST_FURTHER]
            if (step.tool, step.args) not in known
        }
        if not more:
            return own
        self.name, self.planned_by = "llm", "model"
        kept = own.model_copy(
            update={
                "steps": {**own.steps, **more},
                "assumptions": [*own.assumptions, _read_as(found.decision, "Added")],
            }
        )
        self.memory.keep(context, self.around.key, kept)
        return kept

    def tell(self, context: TellContext) -> Draft:
        """The model words what it planned (with `llm`, everything); a failure leaves the words to the narrator."""
        narrated = self._narrated(context)
        if context.plan.hints.get("deep"):
            return narrated
        wanted = not self.thrifty and (self.planned or (self.asked and self.choice == "llm"))
        if not wanted or self.failed or not context.plan.steps:
            return narrated
        try:
            self._may_spend()
        except ModelFault as fault:
            self._note(fault, "The wording is the built-in one.")
            return narrated
        telling = Telling(context, narrated, self.around.say)
        draft = telling.run(self.model, self.meter)
        if telling.by_model:
            self.name = "llm"
        if telling.fault is not None:
            self._note(telling.fault, "The wording is the built-in one.")
        return draft

    def suggest(self, context: TellContext, plan_context: PlanContext) -> list[Suggestion]:
        """The built-in brain's next questions: each of them it can answer without a model."""
        try:
            return self.builtin.suggest(context, plan_context)
        except _BUGS:
            _log.exception("no suggestions for a model's plan")
            return []

    def _narrated(self, context: TellContext) -> Draft:
        """The narrator's words; a finding it has none for is shown as its table."""
        try:
            return self.builtin.tell(context)
        except _BUGS:
            if not self.asked:
                raise
            _log.exception("no words for a model's plan")
            return Draft(())

    def stop(self) -> None:
        """End the model call under way."""
        self.meter.stop()

    def settle(self) -> None:
        """Write the turn's tokens and money into the ledger."""
        tokens = self.meter.read + self.meter.written
        if tokens:
            self.ledger.add(self.around.workspace, self.around.person, tokens, self.meter.cost)

    def used(self) -> dict[str, Any]:
        """What the receipt says of the model: its name when it was called, tokens, money, milliseconds."""
        meter = self.meter
        if not meter.calls:
            return {}
        return {
            "model": meter.endpoint.model,
            "tokens": {"input": meter.read, "output": meter.written},
            "cost": {"amount": f"{meter.cost.normalize():f}", "currency": meter.endpoint.currency},
            "model_calls": meter.calls,
            "ms": {
                "model_plan": round(self._planning, 3),
                "model_tell": round(meter.ms - self._planning, 3),
                "model_tools": round(self._tools, 3),
                "builtin_plan": round(self._own, 3),
            },
        }

    def _may_spend(self) -> None:
        check_day(self.ledger, self.meter.limits, self.around.workspace, self.around.person)

    def _loop(self, context: PlanContext) -> Loop:
        return Loop(self.model, self.meter, context, self._timed, self.around.progress)

    def _timed(self, tool: str, args: dict[str, Any], number: int) -> Evidence:
        began = time.perf_counter()
        try:
            return self.around.runner(tool, args, number)
        finally:
            self._tools += (time.perf_counter() - began) * 1000

    def _without_model(self, own: Decision, fault: ModelFault) -> Decision:
        """The built-in reading, and a word about why it is not the model's."""
        self.failed = True
        self._note(fault, "The built-in brain answered instead.")
        if isinstance(own, Decline):
            return own.model_copy(update={"reason": f"{own.reason} {fault.message}"})
        return own

    def _note(self, fault: ModelFault, then: str) -> None:
        _log.info("without the model", extra={"fault": fault.fault})
        self.around.note(Caveat(code=fault.code, message=f"{fault.message} {then}"))

    def _judged(self, found: Found, own: Decision, context: PlanContext) -> Decision:
        """The model's plan, surer when others come to the same figures, doubted or asked about when they do not."""
        if not isinstance(found.decision, Plan):
            return own if settled(own) and isinstance(own, Plan) else found.decision
        plan = found.decision.model_copy(update={"assumptions": [_read_as(found.decision)]})
        if any(s.tool == "run_sql" for s in plan.steps.values()):
            plan = plan.model_copy(update={"confidence": _BY_HAND})
        rival = self._first_evidence(own) if isinstance(own, Plan) and own.steps else None
        if rival is not None and isinstance(own, Plan):
            if any(same_figures(rival, e) for e in found.evidence):
                return plan.model_copy(update={"confidence": max(_AGREED, own.confidence)})
            if own.confidence >= SURE:
                return _which(own, plan)
            plan = self._doubted(plan)
        return self._repeated(plan, found, context)

    def _repeated(self, plan: Plan, found: Found, context: PlanContext) -> Plan:
        """Planned again from the start as often as the settings ask; plans that differ are doubted."""
        for _ in range(self.checks - 1):
            again = self._loop(context).run()
            if not any(same_figures(a, b) for a in again.evidence for b in found.evidence):
                return self._doubted(plan)
        return plan if self.checks == 1 else plan.model_copy(update={"confidence": max(plan.confidence, 0.8)})

    def _doubted(self, plan: Plan) -> Plan:
        message = "Another reading of the question gives other figures; check how it was read."
        self.around.note(Caveat(code="readings_differ", message=message))
        return plan.model_copy(update={"confidence": min(plan.confidence, _APART)})

    def _first_evidence(self, plan: Plan) -> Evidence | None:
        step = next(iter(plan.steps.values()))
        try:
            return self._timed(step.tool, step.args, _COMPARED)
        except PlainsayError:
            return None


def settled(own: Decision) -> bool:
    """Whether the built-in brain needs no help: a sure plan that used every word, or a good question back."""
    if isinstance(own, Clarify):
        return True
    if not isinstance(own, Plan) or own.hints.get("unused"):
        return False
    refined = any(a.key == "kept" for a in own.assumptions)  # a small change to the last answer keeps its doubt
    return own.confidence >= (_APART if refined else SURE)


def _read_as(plan: Plan, verb: str = "Read") -> Assumption:
    """What the model made of the question, from the calls themselves and not from its words."""
    display = "; ".join(title_of(s) for s in plan.steps.values())
    label = "Read by the model as" if verb == "Read" else f"{verb} by the model"
    return Assumption(key="model_reading", label=label, value="llm", display=display)


def _which(own: Plan, other: Plan) -> Clarify:
    """Two readings that differ, when the built-in one is sure of its own: the person decides."""
    options = [
        Option(value="builtin", label=_title(own), patch=own.model_dump(mode="json")),
        Option(value="model", label=_title(other), patch=other.model_dump(mode="json")),
    ]
    if options[0].label == options[1].label:
        options[1].label += ", read another way"
    question = "This can be read in two ways that give different figures. Which one is meant?"
    return Clarify(question=question, options=options)


def _title(plan: Plan) -> str:
    """What a plan computes, from its own arguments."""
    return title_of(next(iter(plan.steps.values())))
