"""The desk of one run: what the nodes share in memory and never put into the checkpoint."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from agent import judging, memory, personal
from agent.answer import Answer, Receipt, Suggestion
from agent.brain import Brain, PastTurn, PlanContext, TellContext
from agent.claims import Draft, Sentence
from agent.events import Event, Progress
from agent.plan import Plan
from agent.speaker import Speaker
from agent.turn import Turn
from agent.view import WorkspaceView
from tools import registry
from tools.binding import known
from tools.evidence import Caveat, Evidence
from tools.registry import ToolContext
from warehouse.engines.of_run import EngineOfRun

_SHORTENED = ("query_metrics", "explain_change", "anomalies", "forecast", "trend")
"""Skills whose first paragraph answers the question."""


@dataclass
class Desk:
    """Everything a run needs at hand; after a crash a new desk is laid and lost evidence is computed again."""

    turn: Turn
    view: WorkspaceView
    brain: Brain
    engine: EngineOfRun
    answer: Answer
    now: datetime
    evidence: dict[str, Evidence] = field(default_factory=dict)
    ms: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)
    notes: list[Caveat] = field(default_factory=list)
    speaker: Speaker | None = None
    approved: bool = False
    emit: Callable[[Event], None] = lambda _event: None
    _taken: dict[str, Evidence] = field(default_factory=dict)

    @property
    def as_of(self) -> datetime:
        return self.turn.as_of or self.now

    def plan_context(self, question: str, history: tuple[PastTurn, ...]) -> PlanContext:
        """What planning reads."""
        return PlanContext(
            question=question,
            model=self.view.model,
            profile=self.view.profile,
            values=self.view.values,
            principal=self.turn.principal,
            as_of=self.as_of,
            as_of_given=self.turn.as_of is not None,
            history=history,
            glossary=self.turn.glossary,
            locale=self.turn.locale,
            learned=memory.in_force(self.view.workspace, self.turn.principal),
            deep=self.turn.deep,
            known=known.of(self.view.workspace, self.view.model),
        )

    def learn(self, plan: Plan) -> None:
        """Note whether a person approved the plan, and keep aside for review what the question taught."""
        self.approved = plan.hints.get("by") == "verified" or any(a.key == "approved" for a in plan.assumptions)
        lesson = plan.hints.get("teach")
        if lesson:
            memory.propose_word(self.view.workspace, self.turn.principal, lesson["said"], lesson["means"])
        for one in plan.hints.get("judge", ()):
            memory.judge(self.view.workspace, self.turn.principal, one["said"], one["verdict"], one["about"])

    def tell_context(self, plan: Plan, evidence: tuple[Evidence, ...]) -> TellContext:
        """What telling reads."""
        return TellContext(
            question=self.answer.question,
            plan=plan,
            evidence=evidence,
            model=self.view.model,
            as_of=self.as_of,
            locale=self.turn.locale,
        )

    def at_length(self, draft: Draft, found: tuple[Evidence, ...]) -> Draft:
        """The draft as long as the reader wants it: in short the first paragraph of a single finding."""
        plain = len(found) == 1 and found[0].tool in _SHORTENED and self.brain.name == "builtin"
        if not plain or personal.of(self.view.workspace, self.turn.principal).detail == "full":
            return draft
        return replace(draft, paragraphs=draft.paragraphs[:1])

    def for_reader(self, found: list[Suggestion], evidence: tuple[Evidence, ...]) -> list[Suggestion]:
        """Suggestions with what the reader cares for first; what was asked now is learned for later."""
        before = personal.of(self.view.workspace, self.turn.principal)
        personal.note(self.view.workspace, self.turn.principal, evidence)
        return personal.ordered(found, [s.question for s in found], self.view.model, before)

    def tool_context(self, evidence_id: str) -> ToolContext:
        """What a tool may use."""
        return ToolContext(
            workspace=self.view.workspace,
            principal=self.turn.principal,
            model=self.view.model,
            profile=self.view.profile,
            engine=self.engine,
            snapshot=self.view.snapshot,
            as_of=self.as_of,
            evidence_id=evidence_id,
        )

    def run_tool(self, tool: str, args: dict[str, Any], number: int) -> Evidence:
        """What a tool finds as evidence `e{number}`; the same call is not run twice in a turn.

        Raises what the tool raises.
        """
        args = judging.applied(memory.in_force(self.view.workspace, self.turn.principal), tool, args)
        key = json.dumps([tool, args, number], sort_keys=True, default=str)
        if key not in self._taken:
            self._taken[key] = registry.get(tool).run(self.tool_context(f"e{number}"), args)
        return self._taken[key]

    def say(self, sentence: Sentence, new_paragraph: bool) -> None:
        """Let a proven sentence out while the rest is still being written."""
        if self.speaker is not None:
            self.speaker.say(sentence, new_paragraph)

    def progress(self, text: str) -> None:
        """Tell what is being done."""
        self.emit(Progress(text=text))

    def stop(self) -> None:
        """End what the run has under way: its queries, and its model call."""
        self.engine.stop()
        stop = getattr(self.brain, "stop", None)
        if stop is not None:
            stop()

    def settle(self) -> None:
        """Write down what the turn spent."""
        settle = getattr(self.brain, "settle", None)
        if settle is not None:
            settle()

    def receipt(self) -> Receipt:
        """Who answered, how long it took and what it cost."""
        used = getattr(self.brain, "used", None)
        told = used() if used is not None else {}
        ms = {**self.ms, **told.pop("ms", {})}
        told["planned_by"] = "approved" if self.approved else getattr(self.brain, "planned_by", "builtin")
        return Receipt(brain=self.brain.name, ms=ms, cached=self.engine.cached).model_copy(update=told)

    def timed(self, stage: str, since: float) -> None:
        """Add the milliseconds since `since` (perf_counter) to a stage."""
        self.ms[stage] = round(self.ms.get(stage, 0.0) + (time.perf_counter() - since) * 1000, 3)
