"""The Answer that every door renders; other programs depend on its field names."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.plan import Assumption, Option
from tools.evidence import Caveat, CellRef, Chart, Check, Fact, Quality, ResultTable
from tools.evidence import Source as Source

Status = Literal["answered", "clarify", "declined"]


class _M(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Claim(_M):
    """A numeral of the text bound to a cell. `style` and `rounding` say how the text was made from the value."""

    text: str
    value: Any
    table: str
    row: str
    column: str
    style: str = "full"
    rounding: int | None = None


class EvidenceItem(_M):
    """How a result was computed, as a reader sees it."""

    id: str
    tool: str
    args: dict[str, Any]
    sql: str | None = None
    engine: str | None = None
    snapshot: str | None = None
    rows: int = 0
    ms: float = 0.0
    tables: list[str] = Field(default_factory=list)
    checks: list[Check] = Field(default_factory=list)
    quality: Quality | None = None


class Clarification(_M):
    """The question back."""

    question: str
    options: list[Option]
    allow_other: bool = True


class Declined(_M):
    """Why not, and what can be asked instead."""

    reason: str
    code: str
    nearest: list[str] = Field(default_factory=list)


class Suggestion(_M):
    """A good next question and why it is worth asking."""

    question: str
    why: str = ""


class Receipt(_M):
    """Who answered and what it cost. Times in milliseconds.

    `planned_by`: the built-in brain, a model, a plan that a model made before for the same question, or a person who
    approved the answer.
    """

    brain: str = "builtin"
    planned_by: Literal["builtin", "model", "remembered", "approved"] = "builtin"
    model: str | None = None
    ms: dict[str, float] = Field(default_factory=dict)
    tokens: dict[str, int] = Field(default_factory=lambda: {"input": 0, "output": 0})
    cost: dict[str, str] = Field(default_factory=lambda: {"amount": "0", "currency": "USD"})
    model_calls: int = 0
    rows_scanned: int | None = None
    cached: bool = False


class Answer(_M):
    """One reply. `text` is markdown whose numerals are links to cells: [$1.2M](#cell:t1:…:revenue)."""

    id: str
    thread_id: str
    question: str
    status: Status
    text: str = ""
    result: ResultTable | None = None
    tables: list[ResultTable] = Field(default_factory=list)
    charts: list[Chart] = Field(default_factory=list)
    claims: list[Claim] = Field(default_factory=list)
    facts: list[Fact] = Field(default_factory=list)
    assumptions: list[Assumption] = Field(default_factory=list)
    evidence: list[EvidenceItem] = Field(default_factory=list)
    sources: list[Source] = Field(default_factory=list)
    warnings: list[Caveat] = Field(default_factory=list)
    confidence: float | None = None
    clarification: Clarification | None = None
    declined: Declined | None = None
    suggestions: list[Suggestion] = Field(default_factory=list)
    receipt: Receipt = Field(default_factory=Receipt)

    def all_tables(self) -> list[ResultTable]:
        """Main result first, then the others."""
        return [*([self.result] if self.result else []), *self.tables]

    def cell(self, ref: CellRef) -> Any:
        """The value a reference points at. Raises `KeyError` when it resolves to nothing."""
        for table in self.all_tables():
            if table.id == ref.table:
                return table.value(ref.row, ref.column)
        raise KeyError(ref.table)
