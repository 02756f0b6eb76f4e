"""What inference was not sure of, so that a person can confirm it before it is relied on."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ReviewItem(BaseModel):
    """One assumption: what was found, how sure (0-1), and what goes wrong when it is not so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["key", "join", "role", "time", "unit", "stock", "measure", "dropped"]
    table: str
    name: str
    finding: str
    effect: str
    confidence: float = Field(ge=0, le=1)
