"""How an answer came about, as what was said: asked again later it gives today's figures, not yesterday's dates."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent import reply
from agent.answer import Answer
from agent.brain import Brain, PastTurn, PlanContext
from agent.plan import Assumption, Clarify, Decision, Option, Plan, Step
from agent.state import HISTORY, first_rows
from store.errors import InvalidRequest

_MOST_STEPS = 12
_REPLAYED = 0.7
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_HINT = "Ask the question again and keep the new answer."


class Move(BaseModel):
    """One thing a person said: a question, the choice after a question back, or a changed assumption.

    A change belongs to the answer of move `of` (counted from 0). `rows` named the first rows at that time, so that
    “the second one” stays what it was. `steps` are those of a plan that a language model made: they are taken again as
    they are, so that looking at an answer once more costs nothing.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Literal["ask", "choose", "change"]
    text: str = ""
    value: str | None = None
    of: int = 0
    key: str = ""
    rows: list[dict[str, Any]] = Field(default_factory=list)
    status: str = "answered"
    deep: bool = False
    steps: list[Step] = Field(default_factory=list, max_length=_MOST_STEPS)


class Recipe(BaseModel):
    """The moves of a conversation up to one answer, oldest first."""

    model_config = ConfigDict(extra="forbid")

    moves: list[Move] = Field(min_length=1, max_length=HISTORY)


def of_runs(runs: Sequence[Mapping[str, Any]], answer_id: str) -> Recipe:
    """The recipe of an answer from the runs of its thread in order (columns of `store.models.RunRow`).

    Raises `InvalidRequest` for an answer without figures, or one that lies too deep in its conversation to be retold.
    """
    moves: list[Move] = []
    places: dict[str, int] = {}
    answers: dict[str, Answer] = {}
    for run in runs:
        if not run["answer"]:
            continue
        answer = Answer.model_validate(run["answer"])
        moves.append(_move(run["turn"], answer, places, answers))
        places[answer.id], answers[answer.id] = len(moves) - 1, answer
        if answer.id == answer_id:
            break
    last = answers.get(answer_id)
    if last is None or last.status != "answered" or not last.evidence:
        raise InvalidRequest("Only an answer with figures can be kept.", code="nothing_to_keep")
    return Recipe(moves=_needed(moves))


def replan(recipe: Recipe, brain: Brain, context: PlanContext) -> Plan:
    """The plan that the same words make now. Raises `InvalidRequest` when they make none any more."""
    decisions: list[Decision] = []
    past: list[PastTurn] = []
    question = ""
    for move in recipe.moves:
        question = move.text if move.kind == "ask" else question
        asked = replace(context, question=question, history=tuple(past), deep=move.deep)
        decision = _decide(move, decisions, brain, asked)
        decisions.append(decision)
        if not isinstance(decision, Clarify):
            plan = decision if isinstance(decision, Plan) else None
            past.append(PastTurn(question=question, status=move.status, plan=plan, rows=tuple(move.rows)))
    final = decisions[-1]
    if isinstance(final, Plan):
        return final
    raise InvalidRequest("This question can no longer be answered the same way.", code="cannot_refresh", hint=_HINT)


def changed(plan: Plan, key: str, value: str) -> Plan | None:
    """The plan with another option of one of its assumptions; None when it does not offer that."""
    found = next((_option(a, value) for a in plan.assumptions if a.key == key), None)
    return plan.patched(found.patch) if found is not None else None


def _move(turn: Mapping[str, Any], answer: Answer, places: Mapping[str, int], answers: Mapping[str, Answer]) -> Move:
    kept: dict[str, Any] = {"rows": first_rows(answer.result), "status": answer.status}
    if turn.get("resume"):
        said = turn["resume"]
        return Move(kind="choose", value=said.get("choice"), text=said.get("other", ""), **kept)
    if turn.get("patch") is not None:
        before = answers.get(str(turn.get("answer_id")))
        offers = ((a.key, o) for a in (before.assumptions if before else []) for o in a.options)
        chosen = next(((key, option) for key, option in offers if option.patch == turn["patch"]), None)
        if before is None or chosen is None:
            raise InvalidRequest(
                "This answer was changed in a way that cannot be retold.", code="nothing_to_keep", hint=_HINT
            )
        return Move(kind="change", of=places[before.id], key=chosen[0], value=chosen[1].value, **kept)
    steps = _planned_by_model(answer)
    return Move(kind="ask", text=str(turn.get("text", "")), deep=bool(turn.get("deep")), steps=steps, **kept)


def _needed(moves: list[Move]) -> list[Move]:
    """The last moves, as far back as a conversation is remembered; changes keep pointing at their answer."""
    surplus = max(0, len(moves) - HISTORY)
    kept = [m.model_copy(update={"of": m.of - surplus}) for m in moves[surplus:]]
    if any(m.kind == "change" and m.of < 0 for m in kept) or kept[0].kind != "ask":
        raise InvalidRequest("This answer lies too deep in its conversation to be kept.", hint=_HINT)
    return kept


def _decide(move: Move, before: Sequence[Decision], brain: Brain, context: PlanContext) -> Decision:
    asked_back = before[-1] if before and isinstance(before[-1], Clarify) else None
    if move.kind == "change":
        base = before[move.of]
        plan = changed(base, move.key, move.value or "") if isinstance(base, Plan) else None
        if plan is None:
            raise InvalidRequest("A choice of this answer no longer exists.", code="cannot_refresh", hint=_HINT)
        return plan
    if asked_back is None:
        return _again(move) or brain.plan(context)
    said = {"choice": move.value or ""} if move.kind == "choose" and move.value else {"other": move.text}
    plan = reply.choice(asked_back, said)
    if plan is not None:
        return plan
    if not move.text:
        raise InvalidRequest("A choice of this answer no longer exists.", code="cannot_refresh", hint=_HINT)
    contexts = [replace(context, question=text) for text in (move.text, f"{context.question} {move.text}".strip())]
    return reply.first_plan(brain, contexts, asked_back)


def _again(move: Move) -> Plan | None:
    """The steps a model planned, unless they hold a day that the question does not name: it may have moved on."""
    if not move.steps:
        return None
    days = {day for step in move.steps for day in _DAY.findall(json.dumps(step.args, default=str))}
    if any(day not in move.text for day in days):
        return None
    steps = {f"s{number}": step for number, step in enumerate(move.steps, start=1)}
    return Plan(intent="model", steps=steps, confidence=_REPLAYED, hints={"by": "llm"})


def _planned_by_model(answer: Answer) -> list[Step]:
    """The steps behind an answer that a model planned, as its evidence names them."""
    if any(a.key == "reading" and a.value == "review" for a in answer.assumptions):
        return []  # a report is planned anew without a model
    if answer.receipt.planned_by not in ("model", "remembered") or len(answer.evidence) > _MOST_STEPS:
        return []
    return [Step(tool=e.tool, args=e.args) for e in answer.evidence]


def _option(assumption: Assumption, value: str) -> Option | None:
    return next((o for o in assumption.options if o.value == value), None)
