"""Driver trees: how a figure comes about from others, so that a change of it can be followed to where it began."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from warehouse.model.strict import Strict

_LEAST = {"product": 2, "sum": 1, "ratio": 2}


class DriverTree(Strict):
    """One step of a driver tree: the figure is the product or the sum of `of`, or the first of `of` over the second.

    A sum may take the figures of `minus` off. Every figure named may have a step of its own, which makes the tree.
    """

    operation: Literal["product", "sum", "ratio"]
    of: tuple[str, ...] = Field(min_length=1, max_length=8, description="names of metrics or measures")
    minus: tuple[str, ...] = Field((), max_length=8, description="of a sum: metrics or measures taken off")

    @model_validator(mode="after")
    def _fits_together(self) -> DriverTree:
        if len(self.of) + len(self.minus) < max(2, _LEAST[self.operation]):
            raise ValueError(f"a {self.operation} needs two figures")
        if self.operation == "ratio" and len(self.of) != 2:
            raise ValueError("a ratio is of two figures, the second divides the first")
        if self.minus and self.operation != "sum":
            raise ValueError("only a sum takes figures in `minus`")
        if len(set(self.parts)) < len(self.parts):
            raise ValueError("a figure may stand in one step only once")
        return self

    @property
    def parts(self) -> tuple[str, ...]:
        """Every figure of the step, those taken off last."""
        return (*self.of, *self.minus)
