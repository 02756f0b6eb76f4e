"""The desk of one run: what the nodes share in memory and never put into the checkpoint."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime

from agent.answer import Answer
from agent.brain import Brain, PastTurn, PlanContext, TellContext
from agent.plan import Plan
from agent.turn import Turn
from agent.view import WorkspaceView
from tools.evidence import Evidence
from tools.registry import ToolContext
from warehouse.engines.of_run import EngineOfRun


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
        )

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

    def timed(self, stage: str, since: float) -> None:
        """Add the milliseconds since `since` (perf_counter) to a stage."""
        self.ms[stage] = round(self.ms.get(stage, 0.0) + (time.perf_counter() - since) * 1000, 3)
