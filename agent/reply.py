"""Filling an Answer from evidence and decisions: the one place that knows which part goes where."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from agent import claims
from agent.answer import Answer, Clarification, Declined, EvidenceItem
from agent.brain import Brain, PlanContext
from agent.builtin.choices import chosen
from agent.check import confidence
from agent.plan import Clarify, Decision, Decline, Plan
from agent.turn import Turn
from store.errors import InvalidRequest, PlainsayError, UnknownName
from tools.evidence import Caveat, Chart, Evidence

_log = logging.getLogger(__name__)


def lay_out(answer: Answer, found: Sequence[Evidence]) -> None:
    """Tables, charts, facts, warnings and evidence into the answer; the first main table is the result."""
    tables = [t for e in found for t in e.tables]
    answer.result = next((t for t in tables if t.kind == "main"), None)
    answer.tables = [t for t in tables if t is not answer.result]
    answer.charts = [c for e in found for c in e.charts]
    answer.facts = [f for e in found for f in e.facts]
    answer.sources = list({s.id: s for e in found for s in e.sources}.values())
    answer.warnings = _once(w for e in found for w in e.warnings)
    answer.evidence = [
        EvidenceItem(
            id=e.id,
            tool=e.tool,
            args=e.args,
            sql=e.sql,
            engine=e.engine,
            snapshot=e.snapshot,
            rows=e.rows,
            ms=e.ms,
            tables=e.source_tables,
            checks=e.checks,
            quality=e.quality,
        )
        for e in found
    ]


def _once(warnings: Iterable[Caveat]) -> list[Caveat]:
    """Each warning once, however many findings give it."""
    return list({(w.code, w.message): w for w in warnings}.values())


def as_wanted(charts: list[Chart], view: str) -> list[Chart]:
    """The charts for “as a table” (none), “as a bar chart”, “as a line chart”; lines are drawn over time only."""
    if view == "table":
        return []
    kinds = {"bar": "bar", "column": "bar", "line": "line"}
    return [_redrawn(c, kinds[view]) for c in charts] if view in kinds else charts


def _redrawn(chart: Chart, kind: str) -> Chart:
    over_time = chart.spec.get("encoding", {}).get("x", {}).get("type") == "temporal"
    if (kind == "line" and not over_time) or chart.spec.get("mark", {}).get("type") == kind:
        return chart
    words = {"Line chart": "Bar chart", "Bar chart": "Line chart"}
    alt = next((chart.alt.replace(a, b) for a, b in words.items() if chart.alt.startswith(a)), chart.alt)
    return chart.model_copy(update={"spec": {**chart.spec, "mark": {"type": kind}}, "alt": alt})


def decline(answer: Answer, decision: Decline) -> None:
    """Turn the answer into an honest no; confidence is null."""
    answer.status = "declined"
    answer.declined = Declined(reason=decision.reason, code=decision.code, nearest=decision.nearest)
    answer.text, answer.claims, answer.confidence = "", [], None


def refusal(error: PlainsayError) -> str:
    """Why a step could not be taken and what to do, as one text."""
    return error.message if not error.hint else f"{error.message} {error.hint}"


def put_into_words(answer: Answer, draft: claims.Draft, plan: Plan, found: Sequence[Evidence]) -> None:
    """The told draft into the answer, its numerals rendered from the cells of what was found."""
    rendered = claims.render(draft, [t for e in found for t in e.tables])
    answer.status, answer.text, answer.claims = "answered", rendered.text, rendered.claims
    answer.confidence, answer.assumptions = confidence(plan.confidence, found), plan.assumptions
    answer.sources = [s for s in answer.sources if f"[^{s.id}]" in answer.text]
    hold_back_unproven(answer)


def hold_back_unproven(answer: Answer) -> None:
    """Last look before a text leaves the house: if one numeral lacks its receipt, the table speaks alone."""
    found = claims.problems(answer)
    if found:
        _log.error("text held back", extra={"answer": answer.id, "problems": found[:5]})
        answer.text, answer.claims = "", []


def clarify(answer: Answer, decision: Clarify) -> None:
    """Turn the answer into a question back."""
    answer.status = "clarify"
    answer.clarification = Clarification(
        question=decision.question, options=decision.options, allow_other=decision.allow_other
    )


def choice(asked: Clarify, said: Mapping[str, str]) -> Plan | None:
    """The plan of the option that a reply picks by value, label, place or words; None when it picks none."""
    option = next((o for o in asked.options if o.value == said.get("choice")), None)
    option = option or chosen(said.get("other", ""), asked.options)
    return Plan.model_validate({"kind": "plan", **option.patch}) if option is not None else None


def first_plan(brain: Brain, contexts: Sequence[PlanContext], asked: Clarify) -> Decision:
    """The first text that makes a plan; the same question is never asked twice."""
    decisions = [brain.plan(context) for context in contexts]
    found = next((d for d in decisions if isinstance(d, Plan)), decisions[0])
    if isinstance(found, Clarify) and found.question == asked.question:
        reason = f"I still cannot tell which is meant: {', '.join(o.label for o in asked.options)}."
        return Decline(reason=reason, code="not_understood")
    return found


def patched_plan(history: Sequence[dict[str, Any]], turn: Turn) -> Plan:
    """The plan of an earlier answer with one assumption changed.

    Raises `UnknownName` when that answer is gone, `InvalidRequest` for a change that makes no plan.
    """
    for past in reversed(history):
        if past["answer_id"] == turn.answer_id and past.get("plan"):
            try:
                return Plan.model_validate(past["plan"]).patched(turn.patch or {})
            except ValidationError as error:
                raise InvalidRequest(
                    "This change does not fit the answer.",
                    code="invalid_patch",
                    hint="Use one of the changes that the answer offers.",
                    details={"field": "patch"},
                ) from error
    raise UnknownName(
        "That answer can no longer be changed.", code="answer_gone", hint="Ask the question again, then change it."
    )
