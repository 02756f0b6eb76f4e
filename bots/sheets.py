"""A table as a file that no spreadsheet will run: text that looks like a formula is text."""

from __future__ import annotations

import csv
import io
import re

from tools.evidence import Column, ResultTable

_FORMULA = re.compile(r"^[=+\-@\t\r\n]")
_NUMERIC = ("integer", "decimal", "float")
BYTE_ORDER_MARK = "\ufeff"


def csv_file(table: ResultTable) -> bytes:
    """The whole table as CSV in UTF-8, with labels as heads; numbers stay numbers."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_inert(c.label) for c in table.columns])
    for row in table.rows:
        writer.writerow([_cell(value, column) for value, column in zip(row, table.columns, strict=True)])
    return (BYTE_ORDER_MARK + out.getvalue()).encode("utf-8", "replace")


def file_name(title: str, ending: str) -> str:
    """A file name made of a title: "Revenue by month" becomes revenue-by-month.csv."""
    slug = re.sub(r"[\W_]+", "-", title.casefold()).strip("-")
    return f"{slug[:60] or 'table'}.{ending}"


def _cell(value: object, column: Column) -> str:
    if value is None:
        return ""
    if isinstance(value, (int, float)) or column.type in _NUMERIC:
        return str(value)
    return _inert(str(value))


def _inert(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text
