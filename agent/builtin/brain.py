"""The brain that needs no model: reads the question against the semantic model and tells facts in plain words."""

from __future__ import annotations

from agent.answer import Suggestion
from agent.brain import PlanContext, TellContext
from agent.builtin import narrate
from agent.builtin.planner import plan as plan_question
from agent.builtin.suggest import suggest
from agent.claims import Draft
from agent.plan import Decision, Plan


class BuiltinBrain:
    """Deterministic: the same question on the same data gives the same plan and the same words."""

    name = "builtin"

    def plan(self, context: PlanContext) -> Decision:
        return plan_question(context)

    def tell(self, context: TellContext) -> Draft:
        return narrate.tell(context)

    def suggest(self, context: TellContext, plan_context: PlanContext) -> list[Suggestion]:
        """Next questions that `plan` turns into a plan in a fresh thread."""

        def answerable(question: str) -> bool:
            return isinstance(self.plan(plan_context.asking(question)), Plan)

        return suggest(context, answerable)
