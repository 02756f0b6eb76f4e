"""A message as a workbook: what was found as text, the figures and the rows of the chart as numbers to work on with."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_INERT = {
    "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": True,
    "in_memory": True,
}  # fmt: skip
"""Text from data stays text, whatever it begins with."""
_BORN = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T00:00:00)?")
_FIRST_YEAR = 1900
_MOST_ROWS = 100_000
_MOST_TEXT = 32_000


def workbook(body: Mapping[str, Any]) -> bytes:
    """The sheets Findings, Figures and, where there is a chart, its rows. The same message is the same file."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, _INERT)
    book.set_properties({"title": _clean(body["name"]), "author": "Plainsay", "created": _BORN})
    styles = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "title": book.add_format({"bold": True, "font_size": 14, "text_wrap": True, "valign": "top"}),
        "plain": book.add_format({}),
        "whole": book.add_format({"num_format": "#,##0"}),
        "parts": book.add_format({"num_format": "#,##0.00"}),
        "rate": book.add_format({"num_format": "0.0%"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
    }  # fmt: skip
    _findings(book, body, styles)
    if body["figures"]:
        _figures(book, body, styles)
    if body.get("chart"):
        _rows(book, body["chart"], styles)
    book.close()
    return out.getvalue()


def _findings(book: Workbook, body: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet("Findings")
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 100)
    lines = [("", body["headline"]), ("Period", body["period"])]
    for number, item in enumerate(body["items"]):
        lines += [("Finding", item["text"])] if number or item["text"] not in body["headline"] else []
        lines += [("Why", item["why"])] if item.get("why") else []
    lines += [("Goal", goal) for goal in body["goals"]]
    lines += [("Ahead", body["ahead"]), ("Note", body["note"])]
    lines += [("Ask next", question) for question in body["questions"]]
    for row, (what, said) in enumerate((w, s) for w, s in lines if s):
        sheet.write_string(row, 0, what, styles["head"] if what else styles["plain"])
        sheet.write_string(row, 1, _clean(said), styles["wrap"] if row else styles["title"])


def _figures(book: Workbook, body: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet("Figures")
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 4, 18)
    for column, head in enumerate(("Figure", "Value", "As told", "Change", "Against")):
        sheet.write_string(0, column, head, styles["head"])
    for row, one in enumerate(body["figures"], start=1):
        sheet.write_string(row, 0, _clean(one["label"]))
        number = _number(one.get("number", ""))
        rate = "%" in one["value"]
        _write(
            sheet, row, 1, number, styles["rate"] if rate and _is_share(number, one["value"]) else _fit(number, styles)
        )
        for column, name in enumerate(("value", "change", "against"), start=2):
            sheet.write_string(row, column, _clean(one[name]))


def _rows(book: Workbook, chart: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet("Chart")
    rows = chart["rows"][:_MOST_ROWS]
    names = list(rows[0]) if rows else []
    sheet.set_column(0, max(0, len(names) - 1), 18)
    sheet.write_string(0, 0, _clean(chart["title"]), styles["title"])
    labels = _labels(chart)
    for column, name in enumerate(names):
        sheet.write_string(1, column, _clean(labels.get(name, name)), styles["head"])
    for line, row in enumerate(rows, start=2):
        for column, name in enumerate(names):
            value = _number(row[name]) if _is_amount(row[name]) else row[name]
            if (day := _day(value)) is not None:
                sheet.write_datetime(line, column, day, styles["day"])
            else:
                _write(sheet, line, column, value, _fit(value, styles))


def _labels(chart: Mapping[str, Any]) -> dict[str, str]:
    """What the columns are called: the titles of the axes, and of a time its grain."""
    found: dict[str, str] = {}
    for channel in (chart.get("spec", {}).get("encoding") or {}).values():
        if isinstance(channel, dict) and channel.get("field"):
            title = channel.get("title") or ("Period" if channel.get("type") == "temporal" else None)
            found |= {str(channel["field"]): str(title)} if title else {}
    return found


def _day(value: Any) -> datetime | None:
    """A day as a spreadsheet knows it; None for every other text."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        found = datetime.fromisoformat(value[:10])
    except ValueError:
        return None
    return found if found.year >= _FIRST_YEAR else None


def _is_share(number: Any, told: str) -> bool:
    """Whether a percentage is held as a ratio: 0.062 for “6.2%”."""
    try:
        return abs(float(number) * 100 - float(told.strip("%").replace(",", "").replace("−", "-"))) < 0.1
    except (TypeError, ValueError):
        return False


def _fit(value: Any, styles: Mapping[str, Any]) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return styles["whole"] if float(value).is_integer() else styles["parts"]


def _is_amount(value: Any) -> bool:
    """Decimals travel as text; a date or a code does not look like one."""
    return isinstance(value, str) and value.count(".") == 1 and value.replace(".", "").lstrip("-").isdigit()


def _number(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def _write(sheet: Worksheet, row: int, column: int, value: Any, style: Any = None) -> None:
    if isinstance(value, bool) or value is None or not isinstance(value, int | float):
        sheet.write_string(row, column, "" if value is None else _clean(str(value)))
    else:
        sheet.write_number(row, column, value, style)


def _clean(text: str) -> str:
    return "".join(c for c in text if c == "\n" or c.isprintable())[:_MOST_TEXT]
