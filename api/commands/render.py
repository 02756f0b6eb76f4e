"""An answer on a terminal: the sentence first, then the table, then what it rests on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent import format as fmt
from agent.claims import LINK

if TYPE_CHECKING:
    from rich.console import Console

    from agent.answer import Answer, Receipt
    from tools.evidence import ResultTable

_MOST_ROWS = 20
_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that steer a terminal or turn the direction of text; line breaks and tabs are text."""
_UNESCAPE = re.compile(r"\\([\\`*_\[\]<>#|~!])")


def inert(text: str) -> str:
    """Text from data that a terminal shows and never obeys."""
    return _COMMANDS.sub("\N{REPLACEMENT CHARACTER}", text)


def plain(text: str) -> str:
    """Markdown with cell links as plain words."""
    return inert(_UNESCAPE.sub(r"\1", LINK.sub(lambda m: m.group(1), text)))


def show(answer: Answer, console: Console) -> None:
    """Print an answer for people."""
    if answer.status == "declined" and answer.declined:
        console.print(inert(answer.declined.reason), markup=False)
        _listed(console, "You could ask:", answer.declined.nearest)
        return
    if answer.status == "clarify" and answer.clarification:
        console.print(inert(answer.clarification.question), markup=False)
        _listed(console, "Ask again with one of these:", [o.label for o in answer.clarification.options])
        return
    console.print(plain(answer.text), markup=False)
    if answer.result is not None and (len(answer.result.rows) > 1 or len(answer.result.columns) > 1):
        show_table(answer.result, console)
    for warning in answer.warnings:
        console.print(inert(f"Note: {warning.message}"), markup=False)
    if answer.assumptions:
        said = "; ".join(f"{a.label}: {a.display}" for a in answer.assumptions)
        console.print(inert(f"Assumed {said}"), markup=False, style="dim")
    read = sorted({t for e in answer.evidence for t in e.tables})
    if read:
        console.print(f"Read from {', '.join(read)} (--json has the SQL and every receipt)", markup=False, style="dim")
    for source in answer.sources:
        said = ", ".join(filter(None, (source.title, source.origin, source.licence)))
        console.print(inert(f"[^{source.id}] {said}"), markup=False, style="dim")
    if answer.receipt.model:
        console.print(inert(_model_receipt(answer.receipt)), markup=False, style="dim")
    _listed(console, "Next:", [s.question for s in answer.suggestions])


def _model_receipt(receipt: Receipt) -> str:
    """ "Model gpt-x: 2 calls, 3,459 tokens read, 65 written, 1.2 s, 0.0118 USD"."""
    ms = receipt.ms.get("model_plan", 0.0) + receipt.ms.get("model_tell", 0.0)
    read, written = receipt.tokens.get("input", 0), receipt.tokens.get("output", 0)
    calls = f"{receipt.model_calls} call{'' if receipt.model_calls == 1 else 's'}"
    said = f"Model {receipt.model}: {calls}, {read:,} tokens read, {written:,} written, {ms / 1000:.1f} s"
    cost = receipt.cost.get("amount", "0")
    return f"{said}, {cost} {receipt.cost.get('currency', '')}" if cost not in ("", "0") else said


def show_table(table: ResultTable, console: Console) -> None:
    """The first rows of a table, formatted like the prose."""
    from rich.table import Table
    from rich.text import Text

    made = Table(title=None, header_style="bold")
    for column in table.columns:
        right = column.type in ("integer", "decimal", "float") and column.role != "dimension"
        made.add_column(Text(inert(column.label)), justify="right" if right else "left")
    for row in table.rows[:_MOST_ROWS]:
        cells = [_cell(v, i, table) for i, v in enumerate(row)]
        made.add_row(*(Text(inert(c)) for c in cells))
    console.print(made)
    if len(table.rows) > _MOST_ROWS:
        console.print(
            f"… and {len(table.rows) - _MOST_ROWS:,} more rows (--json prints all)", markup=False, style="dim"
        )


def _cell(value: object, index: int, table: ResultTable) -> str:
    return "" if value is None else fmt.cell_text(value, table.columns[index], "full")[0]


def _listed(console: Console, head: str, items: list[str]) -> None:
    if items:
        console.print(f"\n{head}", style="dim")
        for item in items:
            console.print(inert(f"  • {item}"), markup=False, style="dim")
