"""Sentences of alerts from typed cells: every numeral in them comes from a cell, as in an answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from agent import claims
from agent.claims import Ref
from agent.factual import figure_name
from tools.evidence import CellRef, Column, ResultTable
from warehouse.compiled import Lineage
from warehouse.model.schema import Unit

_ROW = "w"


class Sheet:
    """One row of cells that words are written around; `measure` says how amounts of its figure are shown."""

    def __init__(self, measure: Column | None = None) -> None:
        self._measure = measure
        self._columns: list[Column] = []
        self._values: list[Any] = []

    def amount(self, value: float) -> Ref:
        """A value of the figure."""
        if self._measure is None:
            return self._ref(value, Column(name="", label="Value", type="float", role="measure"), "auto")
        return self._ref(_tidy(value, self._measure), self._measure, "auto")

    def share(self, value: float) -> Ref:
        """A ratio in percent, without a sign."""
        return self._ref(value, Column(name="", label="Share", type="float", role="derived", unit=Unit(ratio=True)),
                         "whole" if round(value * 100, 6).is_integer() else "percent_abs")  # fmt: skip

    def count(self, value: int) -> Ref:
        """A whole number."""
        return self._ref(value, Column(name="", label="Count", type="integer", role="measure"), "full")

    def period(self, start: date, grain: str) -> Ref:
        """A day, week or month by its name."""
        shown = Column(name="", label="Period", type="date", role="time", grain=grain)
        return self._ref(start.isoformat(), shown, "label")

    def name(self, text: str) -> Ref:
        """A name from the data."""
        return self._ref(text, Column(name="", label="Name", type="text", role="dimension"), "label")

    def write(self, *pieces: str | Ref) -> str:
        """The sentence as plain text."""
        table = ResultTable(
            id="w1", title="What the message says", kind="params", columns=self._columns, rows=[self._values],
            row_keys=[_ROW], total_rows=1,
        )  # fmt: skip
        rendered = claims.render(claims.Draft(((pieces,),)), [table])
        return claims.LINK.sub(r"\1", rendered.text).replace("\\", "")

    def _ref(self, value: Any, like: Column, style: str) -> Ref:
        name = f"c{len(self._columns)}"
        self._columns.append(like.model_copy(update={"name": name, "lineage": Lineage()}))
        self._values.append(value)
        return Ref(CellRef(table="w1", row=_ROW, column=name), style)


def _tidy(value: float, measure: Column) -> float | int:
    """A count stays whole."""
    return int(value) if measure.type == "integer" and float(value).is_integer() else value


def named(label: str, sheet: Sheet, member: str, *, start: bool = True) -> list[str | Ref]:
    """The figure's name, and of which segment."""
    head = figure_name(label, start=start)
    return [f"{head} of ", sheet.name(member)] if member else [head]
