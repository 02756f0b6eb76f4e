"""The Brain protocol: what plans and tells. Built-in and model brains meet the graph only here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from agent.answer import Suggestion
from agent.claims import Draft
from agent.memory import Learned
from agent.plan import Decision, Plan
from store.principal import Principal
from tools.binding.known import Known
from tools.evidence import Evidence
from warehouse.model.schema import SemanticModel
from warehouse.model.values import ValuesIndex
from warehouse.profile import DataProfile


@dataclass(frozen=True)
class PastTurn:
    """An earlier turn of the thread, as far as follow-ups need it; `rows` are its first rows by output column."""

    question: str
    status: str
    plan: Plan | None = None
    rows: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class PlanContext:
    """All that planning may read. `as_of` is what today means; `as_of_given` is false when it is simply today.

    `learned` are the words and answers in force for the asker; `deep` wants a report with several findings.
    `known` is what the installed packs know.
    """

    question: str
    model: SemanticModel
    profile: DataProfile
    values: ValuesIndex
    principal: Principal
    as_of: datetime
    as_of_given: bool = False
    history: tuple[PastTurn, ...] = ()
    glossary: tuple[str, ...] = ()
    locale: str = "en-US"
    learned: tuple[Learned, ...] = ()
    deep: bool = False
    known: Known | None = None

    def asking(self, question: str) -> PlanContext:
        """The same surroundings with another question and no history."""
        return replace(self, question=question, history=())


@dataclass(frozen=True)
class TellContext:
    """All that telling may read: the plan that ran and what it found."""

    question: str
    plan: Plan
    evidence: tuple[Evidence, ...]
    model: SemanticModel
    as_of: datetime
    locale: str = "en-US"
    starters: tuple[str, ...] = field(default=())


class Brain(Protocol):
    """Deterministic or not, a brain never touches data: it plans tool calls and words facts."""

    name: str

    def plan(self, context: PlanContext) -> Decision:
        """A plan, a question back or a no. Must not raise for any text."""
        ...

    def tell(self, context: TellContext) -> Draft:
        """Sentences whose numerals are cell references."""
        ...

    def suggest(self, context: TellContext, plan_context: PlanContext) -> list[Suggestion]:
        """Up to four good next questions, each of which this brain can answer."""
        ...
