"""What a digest is about: everything that matters, or chosen figures, splits, conditions and goals."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from warehouse.query import Condition


class Goal(BaseModel):
    """A figure to reach in the running period: a number, or a growth on the same period a year before (0.05 = 5 %)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metric: str = Field(max_length=200)
    goal: float | None = Field(None, gt=0)
    growth: float | None = Field(None, gt=-1, le=10)
    period: Literal["week", "month", "quarter", "year"] = "month"

    @model_validator(mode="after")
    def _one_goal(self) -> Goal:
        if (self.goal is None) == (self.growth is None):
            raise ValueError("give one of `goal` and `growth`")
        return self


class Recipe(BaseModel):
    """Without metrics it is about what matters most. `by` are `table.column`s to split by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metrics: tuple[str, ...] = Field((), max_length=50)
    by: tuple[str, ...] = Field((), max_length=16)
    filters: tuple[Condition, ...] = Field((), max_length=20)
    goals: tuple[Goal, ...] = Field((), max_length=10)
