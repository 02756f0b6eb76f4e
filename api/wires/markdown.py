"""Answers as plain markdown, for clients that know nothing of receipts: numerals are text, tables are short."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from agent import format as fmt
from agent.claims import LINK, escape
from tools.evidence import Column

MOST_ROWS = 20
_INNER_UNDERSCORE = re.compile(r"(?<=\w)\\_(?=\w)")
_NUMERIC = ("integer", "decimal", "float")


def plain(text: str) -> str:
    """Markdown whose cell links are their words, and whose names read the same without a renderer where they can."""
    return _INNER_UNDERSCORE.sub("_", LINK.sub(r"\1", text))


def literal(text: str) -> str:
    """Text from data or about it, in which nothing is markup."""
    return _INNER_UNDERSCORE.sub("_", escape(text))


def table(content: dict[str, Any]) -> str:
    """The first rows of a table (the content of an `analytics.table` activity), formatted like the prose."""
    columns = [Column.model_validate(c) for c in content["columns"]]
    head = _row(literal(c.label) for c in columns)
    rule = _row("---:" if c.type in _NUMERIC and c.role != "dimension" else "---" for c in columns)
    shown = content["rows"][:MOST_ROWS]
    lines = [head, rule, *(_row(_cell(v, c) for v, c in zip(row, columns, strict=True)) for row in shown)]
    more = max(content.get("total_rows") or 0, len(content["rows"])) - len(shown)
    return "\n".join([*lines, *(["", f"… and {more:,} more rows."] if more > 0 else [])])


def listed(head: str, items: Sequence[str], numbered: bool = False) -> str:
    """A line and a list below it."""
    marks = (f"{n}." for n in range(1, len(items) + 1)) if numbered else ("-" for _ in items)
    return "\n".join([head, "", *(f"{mark} {item}" for mark, item in zip(marks, items, strict=True))])


def details(summary: str, sql: Iterable[str]) -> str:
    """Queries that unfold on a click where HTML is shown, and are readable where it is not."""
    body = "\n\n".join(f"```sql\n{text.replace('```', '`` `')}\n```" for text in sql)
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: Any, column: Column) -> str:
    return "" if value is None else literal(fmt.cell_text(value, column, "full")[0])
