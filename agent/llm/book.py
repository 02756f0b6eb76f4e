"""The findings of an answer as sentences may cite them: cells by short places, labels and figures by their words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from agent import format as fmt
from tools.evidence import CellRef, Column, Evidence, ResultTable
from warehouse.model.bags import bag
from warehouse.model.schema import SemanticModel
from warehouse.model.words import singular

_DERIVED = ("_prev", "_delta", "_growth", "_share", "_rank", "_running", "_moving")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_CITED_PARAMS = ("period", "prior", "where")
_MOST_LABELS = 400
_WHOLE_NAMES = bag("of per average median lowest highest total number different share rate")


@dataclass(frozen=True)
class Place:
    """One cell of one finding. `style` is how it is written."""

    table: ResultTable
    row: int
    column: Column
    style: str = "full"

    @property
    def cell(self) -> CellRef:
        return self.table.ref(self.row, self.column.name)

    @property
    def value(self) -> Any:
        return self.table.rows[self.row][self.table.column_index(self.column.name)]

    @property
    def is_figure(self) -> bool:
        return self.table.kind == "main" and self.column.role in ("measure", "derived")

    @property
    def base(self) -> str:
        """The figure behind a derived column: `revenue` of `revenue_growth`."""
        return base_of(self.column.name) if self.column.role == "derived" else self.column.name

    @property
    def derivation(self) -> str:
        """`prev`, `delta`, `growth`, `share` … or nothing."""
        return self.column.name[len(self.base) + 1 :] if self.column.role == "derived" else ""

    @property
    def parameter(self) -> str:
        """The parameter that the cell holds, for a table of parameters."""
        return str(self.table.rows[self.row][0]) if self.table.kind == "params" else ""


def base_of(name: str) -> str:
    """The name without what was derived."""
    return next((name[: -len(s)] for s in _DERIVED if name.endswith(s)), name)


def words_of(text: str) -> list[str]:
    """The words of a text, small."""
    return _WORD.findall(text.casefold().replace("’", "'"))


def stems_of(text: str) -> list[str]:
    """The words of a name, in the singular."""
    return [singular(w) for w in words_of(text)]


class Book:
    """One evidence of an answer, open for citing; `others` are the rest, whose periods and filters may differ."""

    def __init__(self, evidence: Evidence, model: SemanticModel, others: Sequence[Evidence] = ()) -> None:
        self.evidence = evidence
        self._model = model
        self._others = others

    @cached_property
    def main(self) -> ResultTable | None:
        return self.evidence.main()

    @cached_property
    def params(self) -> ResultTable | None:
        return next((t for t in self.evidence.tables if t.kind == "params"), None)

    @cached_property
    def dimensions(self) -> list[Column]:
        """The columns that say whose figure a row holds, those with one value left out."""
        table = self.main
        if table is None:
            return []
        named = [c for c in table.columns if c.role in ("dimension", "time", "record")]
        return [c for c in named if len({str(r[table.column_index(c.name)]) for r in table.rows}) > 1]

    def place(self, table_id: str, row: str, column: str) -> Place | None:
        """The cell that a model names as `t1.2.revenue`, rows counted from 1; None when it may not cite it."""
        table = next((t for t in (self.main, self.params) if t is not None and t.id == table_id), None)
        if table is None or not row.isdigit() or not 1 <= int(row) <= len(table.rows):
            return None
        spec = next((c for c in table.columns if c.name == column), None)
        if spec is None:
            return None
        place = Place(table, int(row) - 1, spec)
        if table.kind == "params" and not (column == "value" and self._citable(place.parameter)):
            return None
        return place

    def _citable(self, parameter: str) -> bool:
        return parameter in _CITED_PARAMS or parameter.startswith("filter_")

    def must_say(self, first: bool) -> set[str]:
        """Parameters without which a sentence would speak of other figures: all in the first, else what differs."""
        own = self._said_params(self.evidence)
        if first:
            return set(own) - {"prior"}
        return {
            n for n, v in own.items() if n != "prior" and any(self._said_params(o).get(n) != v for o in self._others)
        }

    def _said_params(self, evidence: Evidence) -> dict[str, str]:
        table = next((t for t in evidence.tables if t.kind == "params"), None)
        return {str(r[0]): str(r[1]) for r in table.rows if self._citable(str(r[0]))} if table else {}

    @cached_property
    def labels(self) -> list[tuple[str, Place]]:
        """Texts of names, periods and filters as written, longest first, each with its cell."""
        found: dict[str, Place] = {}
        for place in self._label_places():
            text = fmt.cell_text(place.value, place.column, "label")[0]
            if text.strip():
                found.setdefault(text.casefold(), place)
            if len(found) >= _MOST_LABELS:
                break
        return sorted(found.items(), key=lambda item: -len(item[0]))

    def _label_places(self) -> Iterator[Place]:
        if self.main is not None:
            for column in self.dimensions:
                yield from (Place(self.main, row, column, "label") for row in range(len(self.main.rows)))
        if self.params is not None:
            value = self.params.columns[1]
            for row, (name, _) in enumerate(self.params.rows):
                if self._citable(str(name)):
                    yield Place(self.params, row, value)

    @cached_property
    def figures(self) -> dict[str, list[list[str]]]:
        """Figure -> phrases that name it, as stems: label, synonyms, and the last word when nothing shares it."""
        table = self.main
        measures = [c for c in table.columns if c.role == "measure"] if table else []
        heads = [stems_of(c.label)[-1:] for c in measures]
        found: dict[str, list[list[str]]] = {}
        for column, head in zip(measures, heads, strict=True):
            label = stems_of(column.label)
            whole = bool(_WHOLE_NAMES & set(label)) or heads.count(head) > 1
            phrases = [label, *([] if whole else [head]), *map(stems_of, self._synonyms(column))]
            found[column.name] = [p for p in phrases if p]
        return found

    def _synonyms(self, column: Column) -> list[str]:
        """Other words for a stored figure; one that was made for this question has none."""
        metric = self._model.metrics.get(column.name)
        if metric is not None:
            return metric.words()
        home = self._model.measure_table(column.name)
        return self._model.tables[home].measures[column.name].words() if home else []

    @cached_property
    def nouns(self) -> frozenset[str]:
        """Words for groups and records; the words of a figure's name are known only where the name stands whole."""
        table = self.main
        columns = [c for c in table.columns if c.role in ("dimension", "time", "record")] if table else []
        words = {w for c in columns for w in stems_of(c.label)} - _WHOLE_NAMES
        records = [r for t in self.evidence.source_tables if t in self._model.tables for r in self._records(t)]
        return frozenset(words | {w for r in records for w in stems_of(r)})

    def _records(self, table: str) -> list[str]:
        return [w for w in (self._model.tables[table].record, self._model.tables[table].records) if w]

    def figure_places(self) -> Iterator[Place]:
        """Every figure of the main table."""
        if self.main is None:
            return
        for row in range(min(len(self.main.rows), _MOST_LABELS)):
            for column in self.main.columns:
                place = Place(self.main, row, column)
                if place.is_figure:
                    yield place
