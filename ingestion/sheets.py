"""Reads workbooks (xlsx, xls, xlsb, ods): every sheet that holds something is a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingestion.blocks import blocks
from ingestion.delimited import Raw, from_rows
from ingestion.extract import MAX_CELL_BYTES, Unreadable
from ingestion.shaping import check_width

_MAX_CELLS = 50_000_000
_MOST_SPLIT = 20_000


def raw_sheets(connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path) -> Iterator[tuple[str, Raw | None]]:
    """(sheet name, raw table) of each visible sheet in order; None for an empty one.

    Raises `Unreadable` for a damaged or protected workbook and for one without any content.
    """
    from python_calamine import CalamineError, SheetTypeEnum, SheetVisibleEnum, load_workbook

    damaged = Unreadable(
        "The workbook is damaged, cut off or protected by a password.", "Open it, save it again without password."
    )
    try:
        book = load_workbook(str(path))
        sheets = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
    except (CalamineError, OSError, ValueError) as error:
        raise damaged from error
    for name in sheets:
        try:
            sheet = book.get_sheet_by_name(name)
            rows, width = sheet.height, sheet.width
            check_width(width)
            _check_size(rows, width)
            if not rows or not width:
                yield name, None
                continue
            grid = sheet.to_python()
            if rows > _MOST_SPLIT:  # no page that somebody laid out by hand
                yield name, from_rows(connection, ([_text(cell) for cell in row] for row in grid), width, scratch)
            else:
                yield from _tables(connection, name, [[_text(cell) for cell in row] for row in grid], scratch)
        except (CalamineError, OSError) as error:
            raise damaged from error


def _check_size(rows: int, width: int) -> None:
    if rows * width > _MAX_CELLS:
        raise Unreadable(
            f"A sheet spans {rows * width:,} cells; at most {_MAX_CELLS:,} can be read.",
            "Delete the formatting far below or right of the data, or export the sheet as CSV.",
        )


def _tables(
    connection: duckdb.DuckDBPyConnection, name: str, rows: list[list[str]], scratch: Path
) -> Iterator[tuple[str, Raw | None]]:
    """The tables of one sheet; several are called by the line above each, else by the sheet and a number."""
    if not any(cell for row in rows for cell in row):
        yield name, None
        return
    found = blocks(rows)
    for number, block in enumerate(found, 1):
        width = max(len(row) for row in block.rows)
        raw = from_rows(connection, block.rows, width, scratch)
        if len(found) > 1:
            raw.warnings.append(
                f"The sheet “{name}” holds {len(found)} tables below one another; this is number {number}."
            )
        yield (block.title or name if number == 1 or block.title else f"{name} {number}"), raw


def _text(cell: Any) -> str:
    """A cell as text that the typing step reads back without loss."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    text = str(cell)
    return text if len(text) <= MAX_CELL_BYTES else text[:MAX_CELL_BYTES]
