"""The typed events of a run: the only thing the wires translate."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.answer import (
    Answer,
    Claim,
    Clarification,
    Declined,
    EvidenceItem,
    Receipt,
    Source,
    Suggestion,
)
from agent.plan import Assumption
from tools.evidence import Caveat, Chart, ResultTable


class _M(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RunStarted(_M):
    """First event of every run."""

    type: Literal["run_started"] = "run_started"
    run_id: str
    thread_id: str
    question: str


class StepStarted(_M):
    """A stage or plan step begins; `name` is unique while open."""

    type: Literal["step_started"] = "step_started"
    name: str


class StepFinished(_M):
    """The step of that name ended."""

    type: Literal["step_finished"] = "step_finished"
    name: str


class ToolStarted(_M):
    """A tool was called with these arguments."""

    type: Literal["tool_started"] = "tool_started"
    id: str
    tool: str
    args: dict[str, Any]


class ToolFinished(_M):
    """A tool ended: how many rows, how long, under which evidence id. Never the rows themselves."""

    type: Literal["tool_finished"] = "tool_finished"
    id: str
    evidence: str | None = None
    rows: int = 0
    ms: float = 0.0
    error: str | None = None


class Progress(_M):
    """Where long work stands; `share` is 0-1. May be lost."""

    type: Literal["progress"] = "progress"
    text: str
    share: float | None = None


class AssumptionsMade(_M):
    """The choices the answer rests on, before its text."""

    type: Literal["assumptions"] = "assumptions"
    items: list[Assumption]


class WarningsRaised(_M):
    """What the reader must know before trusting a figure, before the text."""

    type: Literal["warnings"] = "warnings"
    items: list[Caveat]


class TableReady(_M):
    """A result table, whole up to the inline limit."""

    type: Literal["table"] = "table"
    table: ResultTable


class ChartReady(_M):
    """A chart over a table that was sent before."""

    type: Literal["chart"] = "chart"
    chart: Chart


class TextDelta(_M):
    """More of the text; a link is never split."""

    type: Literal["text"] = "text"
    text: str


class ClaimsMade(_M):
    """The receipts of the numerals in the text."""

    type: Literal["claims"] = "claims"
    items: list[Claim]


class EvidenceReady(_M):
    """How the results were computed."""

    type: Literal["evidence"] = "evidence"
    items: list[EvidenceItem]


class SourcesCited(_M):
    """Knowledge passages the text cites."""

    type: Literal["sources"] = "sources"
    items: list[Source]


class SuggestionsReady(_M):
    """Good next questions."""

    type: Literal["suggestions"] = "suggestions"
    items: list[Suggestion]


class ClarifyAsked(_M):
    """The run waits for a choice."""

    type: Literal["clarify"] = "clarify"
    clarification: Clarification


class DeclineGiven(_M):
    """The run says no, and why."""

    type: Literal["declined"] = "declined"
    declined: Declined


class ReceiptReady(_M):
    """Who answered and what it cost."""

    type: Literal["receipt"] = "receipt"
    receipt: Receipt


class RunFinished(_M):
    """Last event of a run that ended well; carries the whole answer, which the wires do not repeat."""

    type: Literal["run_finished"] = "run_finished"
    answer: Answer


class RunCancelled(_M):
    """Last event of a run that its asker stopped."""

    type: Literal["run_cancelled"] = "run_cancelled"


class RunFailed(_M):
    """Last event of a run that broke: the error a person may see."""

    type: Literal["run_failed"] = "run_failed"
    code: str
    message: str
    hint: str | None = None


Event = Annotated[
    RunStarted
    | StepStarted
    | StepFinished
    | ToolStarted
    | ToolFinished
    | Progress
    | AssumptionsMade
    | WarningsRaised
    | TableReady
    | ChartReady
    | TextDelta
    | ClaimsMade
    | EvidenceReady
    | SourcesCited
    | SuggestionsReady
    | ClarifyAsked
    | DeclineGiven
    | ReceiptReady
    | RunFinished
    | RunCancelled
    | RunFailed,
    Field(discriminator="type"),
]

TERMINAL = (RunFinished, RunCancelled, RunFailed)
