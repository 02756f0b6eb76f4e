"""Numbers by reference: a sentence holds cells, not digits, until it is rendered; a stray digit drops the sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent import format as fmt
from agent.answer import Answer, Claim
from tools.evidence import CellRef, ResultTable

LINK = re.compile(r"\[((?:[^\]\\]|\\.)*)\]\(#cell:([A-Za-z0-9_-]+):([A-Za-z0-9_-]+):([A-Za-z0-9_-]+)\)")
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")
_AGGREGATED = re.compile(r"^(?:Total|Average|Number of|Median|Highest|Lowest) ")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~!])")


@dataclass(frozen=True)
class Ref:
    """A cell to be written into a sentence in a style of `agent.format` (full, compact, percent, signed, label …)."""

    cell: CellRef
    style: str = "full"


Sentence = Sequence[str | Ref]


@dataclass(frozen=True)
class Draft:
    """Paragraphs of sentences; strings are our own words and may hold markdown emphasis but no digits."""

    paragraphs: tuple[tuple[Sentence, ...], ...]


@dataclass(frozen=True)
class Rendered:
    """Markdown with linked numerals, the claims behind them, and how many sentences were dropped."""

    text: str
    claims: list[Claim]
    dropped: int


def escape(text: str) -> str:
    """Text from data as literal markdown: nothing in it can start markup, a link or HTML."""
    return _MARKDOWN.sub(r"\\\1", text.replace("\r", " ").replace("\n", " "))


def render(draft: Draft, tables: Iterable[ResultTable]) -> Rendered:
    """Render every sentence from its cells; one with a digit of its own, or a dead reference, is dropped whole."""
    by_id = {t.id: t for t in tables}
    named = _names(by_id.values())
    claims: list[Claim] = []
    paragraphs: list[str] = []
    dropped = 0
    for paragraph in draft.paragraphs:
        kept: list[str] = []
        for sentence in paragraph:
            written = _render_sentence(sentence, by_id, named)
            if written is None:
                dropped += 1
                continue
            kept.append(written[0])
            claims.extend(written[1])
        if kept:
            paragraphs.append(" ".join(kept))
    return Rendered("\n\n".join(paragraphs), claims, dropped)


def _render_sentence(
    sentence: Sentence, tables: dict[str, ResultTable], named: re.Pattern[str] | None
) -> tuple[str, list[Claim]] | None:
    parts: list[str] = []
    claims: list[Claim] = []
    for piece in sentence:
        if isinstance(piece, str):
            if _numeral(piece, named):
                return None
            parts.append(piece)
            continue
        claim = bind(piece, tables)
        if claim is None:
            return None
        parts.append(f"[{escape(claim.text)}]({piece.cell.link})")
        claims.append(claim)
    return "".join(parts), claims


def _names(tables: Iterable[ResultTable]) -> re.Pattern[str] | None:
    """The columns that are called with a digit (“PM25”, “Q1 revenue”): in their own names it is no figure."""
    labels = {c.label for t in tables for c in t.columns if _DIGIT.search(c.label)}
    spoken = {_AGGREGATED.sub("", label) for label in labels} | labels
    named = sorted((escape(n) for n in spoken if _LETTER.search(n) and _DIGIT.search(n)), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, named))})(?!\w)", re.IGNORECASE) if named else None


def _numeral(text: str, named: re.Pattern[str] | None) -> bool:
    """Whether a text of ours holds a digit that is not part of a column's name."""
    return bool(_DIGIT.search(named.sub("", text) if named else text))


def bind(ref: Ref, tables: dict[str, ResultTable]) -> Claim | None:
    """The claim for a reference, or None when the cell does not exist."""
    table = tables.get(ref.cell.table)
    if table is None:
        return None
    try:
        value = table.value(ref.cell.row, ref.cell.column)
        column = table.columns[table.column_index(ref.cell.column)]
    except KeyError:
        return None
    text, rounding = fmt.cell_text(value, column, ref.style)
    return Claim(
        text=text, value=value, table=ref.cell.table, row=ref.cell.row, column=ref.cell.column,
        style=ref.style, rounding=rounding,
    )  # fmt: skip


def problems(answer: Answer) -> list[str]:
    """What is wrong with an answer's receipts; empty when every numeral resolves to its cell.

    Checked: no digit outside a cell link; each link has a claim with the same text; each claim's value is the
    cell's value and its text is that value in the claim's style.
    """
    tables = {t.id: t for t in answer.all_tables()}
    claims = {(c.table, c.row, c.column, escape(c.text)): c for c in answer.claims}
    found: list[str] = []
    for text, table, row, column in LINK.findall(answer.text):
        if (table, row, column, text) not in claims:
            found.append(f"the link “{text}” has no claim")
    if _numeral(LINK.sub("", answer.text), _names(tables.values())):
        found.append("a numeral has no receipt")
    for claim in answer.claims:
        ref = Ref(CellRef(table=claim.table, row=claim.row, column=claim.column), claim.style)
        again = bind(ref, tables)
        if again is None:
            found.append(f"“{claim.text}” points at no cell")
        elif again.value != claim.value or again.text != claim.text:
            found.append(f"“{claim.text}” is not what its cell says (“{again.text}”)")
    return found
