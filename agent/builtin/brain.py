"""The brain that needs no model: reads the question against the semantic model and tells facts in plain words."""

from __future__ import annotations

from agent.answer import Suggestion
from agent.brain import PlanContext, TellContext
from agent.builtin import narrate
from agent.builtin.bench import Bench
from agent.builtin.dialogue import converse
from agent.builtin.judging import judged
from agent.builtin.planner import plan as plan_question
from agent.builtin.reviewing import deepened
from agent.builtin.suggest import suggest
from agent.builtin.teaching import in_own_words, taught
from agent.builtin.wishes import said_of_wishes, without_wishes
from agent.claims import Draft
from agent.plan import Decision


class BuiltinBrain:
    """Deterministic: the same question on the same data gives the same plan and the same words."""

    name = "builtin"

    def plan(self, context: PlanContext) -> Decision:
        context = without_wishes(context)
        own = (
            judged(context)
            or taught(context, plan_question)
            or in_own_words(context, lambda c: converse(c, plan_question))
        )
        return deepened(context, plan_question, own) if context.deep else own

    def tell(self, context: TellContext) -> Draft:
        return said_of_wishes(context, narrate.tell(context))

    def suggest(self, context: TellContext, plan_context: PlanContext) -> list[Suggestion]:
        """Next questions that `plan` turns into a plan in a fresh thread."""
        return suggest(context, Bench(plan_context, plan_question))
