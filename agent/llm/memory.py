"""Plans a model made before: the same question about the same data needs no second call."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from agent.brain import PlanContext
from agent.llm.canon import canonical
from agent.plan import Decision, Plan, Step
from warehouse.model.verified import meaning
from warehouse.query import MetricQuery

_MOST = 256
_Key = tuple[str, ...]


class Memory:
    """Thread-safe; keeps the last plans of questions that lean on no earlier turn."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: OrderedDict[_Key, Plan] = OrderedDict()

    def recall(self, context: PlanContext, where: tuple[str, ...]) -> Plan | None:
        """The plan a person approved for this very question, or the one made before for it."""
        verified = _verified(context)
        if verified is not None or context.history:
            return verified
        with self._lock:
            key = _key(context, where)
            if key in self._plans:
                self._plans.move_to_end(key)
            return self._plans.get(key)

    def keep(self, context: PlanContext, where: tuple[str, ...], decision: Decision) -> None:
        """Remember a sure plan; doubted ones are made anew."""
        if not isinstance(decision, Plan) or context.history or decision.confidence < 0.6:
            return
        with self._lock:
            self._plans[_key(context, where)] = decision
            while len(self._plans) > _MOST:
                self._plans.popitem(last=False)


def _key(context: PlanContext, where: tuple[str, ...]) -> _Key:
    """Workspace, state of the data, rights and model come with `where`; words and day are the question's own."""
    asked = canonical(context.question, context.model)
    return (*where, asked, context.as_of.date().isoformat(), str(context.deep), *context.glossary)


def _verified(context: PlanContext) -> Plan | None:
    """The approved query of a question with the same words."""
    asked, model = canonical(context.question, context.model), context.model
    found = next((v for v in model.verified if canonical(v.question, model) == asked), None)
    if found is None or (found.meaning is not None and found.meaning != meaning(_typed(found.query), model)):
        return None
    query = _typed(found.query).model_dump(mode="json", exclude_defaults=True)
    hints = {"by": "verified"}
    return Plan(intent="model", steps={"s1": Step(tool="query_metrics", args={"query": query})}, hints=hints)


def _typed(query: dict[str, Any]) -> MetricQuery:
    return MetricQuery.model_validate(query)
