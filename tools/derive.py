"""Figures computed from other cells (changes, shares, sums), each with its formula and the cells it was made from."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from tools.evidence import CellRef, Column, DerivedCell, ResultTable, json_value, row_key
from warehouse.compiled import Lineage
from warehouse.model.schema import Unit


def number(value: Any) -> Decimal | None:
    """A cell as an exact decimal; None for empty and for text."""
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


class Derived:
    """Collects derived figures into two tables: ratios (0-1) and amounts in the unit of `measure`."""

    def __init__(self, table_id: str, measure: Column) -> None:
        ratio = Column(name="value", label="Value", type="float", role="derived", unit=Unit(ratio=True))
        amount = measure.model_copy(update={"name": "value", "label": "Value", "role": "derived", "lineage": Lineage()})
        self.ratios = _table(f"{table_id}r", "Derived ratios", ratio)
        self.amounts = _table(f"{table_id}a", "Derived amounts", amount)

    def change(self, name: str, after: tuple[CellRef, Any], before: tuple[CellRef, Any]) -> CellRef | None:
        """Relative change (b - a) / |a| from `before` a to `after` b; None when a is zero or empty."""
        a, b = number(before[1]), number(after[1])
        if not a or b is None:
            return None
        inputs = {"a": before[0], "b": after[0]}
        return _add(self.ratios, name, float((b - a) / abs(a)), "(b - a) / |a|", inputs)

    def share(self, name: str, part: tuple[CellRef, Any], whole: tuple[CellRef, Any]) -> CellRef | None:
        """part / whole; None when the whole is not positive."""
        a, b = number(part[1]), number(whole[1])
        if a is None or b is None or b <= 0:
            return None
        return _add(self.ratios, name, float(a / b), "a / b", {"a": part[0], "b": whole[0]})

    def difference(self, name: str, after: tuple[CellRef, Any], before: tuple[CellRef, Any]) -> CellRef | None:
        """b - a in the measure's unit."""
        a, b = number(before[1]), number(after[1])
        if a is None or b is None:
            return None
        return _add(self.amounts, name, json_value(b - a), "b - a", {"a": before[0], "b": after[0]})

    def total(self, name: str, cells: list[tuple[CellRef, Any]]) -> CellRef | None:
        """Sum of the cells, empty ones left out; None when all are empty."""
        parts = [(ref, n) for ref, value in cells if (n := number(value)) is not None]
        if not parts:
            return None
        total = sum((n for _, n in parts), Decimal(0))
        inputs = {f"x{i}": ref for i, (ref, _) in enumerate(parts, start=1)}
        return _add(self.amounts, name, json_value(total), "sum of x", inputs)

    def tables(self) -> list[ResultTable]:
        """The tables that hold anything."""
        return [t for t in (self.ratios, self.amounts) if t.rows]


def _table(table_id: str, title: str, value: Column) -> ResultTable:
    figure = Column(name="figure", label="Figure", type="text", role="dimension")
    return ResultTable(
        id=table_id, title=title, kind="derived", columns=[figure, value], rows=[], row_keys=[], total_rows=0
    )


def _add(table: ResultTable, name: str, value: Any, formula: str, inputs: dict[str, CellRef]) -> CellRef:
    key = row_key([name])
    if key not in table.row_keys:
        table.rows.append([name, value])
        table.row_keys.append(key)
        table.lineage.append(DerivedCell(row=key, formula=formula, inputs=inputs))
        table.total_rows += 1
    return CellRef(table=table.id, row=key, column="value")
