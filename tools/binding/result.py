"""What a binding found, as it is kept and shown: which tables, columns and metrics, how sure, and what is missing."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

USED, ASSUMED = 0.9, 0.75
Status = Literal["bound", "assumed", "review", "missing", "own"]


class _M(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TableMatch(_M):
    """An entity found in a table of the model. `confidence` is 0-1; `why` is for a person."""

    entity: str
    table: str
    confidence: float = Field(ge=0, le=1)
    why: str


class ColumnMatch(_M):
    """A canonical column found in a stored one of `table`; `values` maps canonical values to stored ones."""

    entity: str
    column: str
    table: str
    stored: str
    confidence: float = Field(ge=0, le=1)
    why: str
    values: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class MetricMatch(_M):
    """What became of a metric: `bound` and `assumed` ones are used (assumed ones are listed for review), `review` ones
    wait for a person, `missing` ones say what is not there, `own` means that the workspace defines the name itself.
    """

    metric: str
    label: str
    status: Status
    confidence: float = Field(0.0, ge=0, le=1)
    way: int | None = None
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Doubt(_M):
    """One thing to confirm: accept it, choose another column, or reject it. `affects` names metrics."""

    id: str
    finding: str
    confidence: float
    affects: tuple[str, ...]
    others: tuple[str, ...] = Field((), description="other columns it could be, as `table.column`")


class Binding(_M):
    """A pack matched to a workspace."""

    pack: str
    version: str
    tables: dict[str, TableMatch] = Field(default_factory=dict)
    columns: dict[str, ColumnMatch] = Field(default_factory=dict, description="by `entity.column`")
    metrics: dict[str, MetricMatch] = Field(default_factory=dict)
    review: tuple[Doubt, ...] = ()

    def used(self, metric: str) -> bool:
        """Whether the metric can be asked."""
        return metric in self.metrics and self.metrics[metric].status in ("bound", "assumed", "own")
