"""Finds the header row of a raw grid, past titles and blank rows, by how its cells differ from the rows below."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Cell = str | None
Shape = Literal["blank", "text", "number", "date", "truth"]

PREVIEW = 60
_NUMBER = re.compile(r"[-+(]?\s*[$€£¥]?\s*[-+]?\d[\d.,' \u00a0]*([eE][-+]?\d+)?\s*[%$€£)]?\)?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?|\d{1,2}:\d{2}(:\d{2})?")
_YEAR = re.compile(r"(19|20)\d\d")
_WORDS = frozenset(("true", "false"))
_LONGEST_HEADER = 300


@dataclass(frozen=True)
class Header:
    """`row` is the index of the header row (-1: there is none), `body` the index of the first data row."""

    row: int
    body: int
    cells: tuple[Cell, ...]


def find_header(rows: Sequence[Sequence[Cell]]) -> Header:
    """The header of a grid, given its first rows (at most `PREVIEW` are looked at)."""
    rows = rows[:PREVIEW]
    first = _first_full(rows)
    if first is None:
        return Header(-1, 0, ())
    below = [r for r in rows[first + 1 :] if any(_filled(c) for c in r)]
    if looks_like_header(rows[first], below):
        return Header(first, first + 1, tuple(rows[first]))
    return Header(-1, first, tuple(None for _ in rows[first]))


def _first_full(rows: Sequence[Sequence[Cell]]) -> int | None:
    """The first row that is about as full as the rows of the grid usually are; what lies above is a title."""
    counts = [sum(_filled(c) for c in row) for row in rows]
    filled = sorted(count for count in counts if count)
    if not filled:
        return None
    usual = filled[len(filled) // 2]
    needed = 1 if usual <= 1 else max(2, round(0.6 * usual))
    for index, count in enumerate(counts):
        if count >= needed:
            return index
    return None


def looks_like_header(row: Sequence[Cell], below: Sequence[Sequence[Cell]]) -> bool:
    """True when the cells of `row` name columns rather than hold values."""
    shapes = [shape(c) for c in row]
    if not any(s == "text" for s in shapes):
        return _labels_only(row, below)
    if any(c and len(c) > _LONGEST_HEADER for c in row):
        return False
    below_shapes = [_usual_shape([r[i] for r in below if i < len(r)]) for i in range(len(row))]
    differing = sum(s != "blank" and b != "blank" and s != b for s, b in zip(shapes, below_shapes, strict=True))
    typed = [i for i, s in enumerate(shapes) if s not in ("blank", "text")]
    alike = sum(shapes[i] == below_shapes[i] for i in typed)
    if alike and not _all_years([row[i] for i in typed]):
        return differing > alike
    return differing > 0 or not _repeated(row, below)


def _labels_only(row: Sequence[Cell], below: Sequence[Sequence[Cell]]) -> bool:
    """Headers that are all numbers: only a run of years above text or other numbers counts."""
    cells = [c for c in row if _filled(c)]
    return len(cells) >= 2 and len(below) > 0 and _all_years(cells) and not _all_years(below[0])


def _all_years(cells: Sequence[Cell]) -> bool:
    years = [int(c) for c in cells if c and _YEAR.fullmatch(c.strip())]
    return len(years) == len(cells) and len(set(years)) == len(years) and max(years) - min(years) < 2 * len(years)


def _repeated(row: Sequence[Cell], below: Sequence[Sequence[Cell]]) -> bool:
    """All columns are text: a cell that comes again below in its own column is a value, not a name."""
    return any(_filled(cell) and any(i < len(r) and r[i] == cell for r in below) for i, cell in enumerate(row))


def _usual_shape(cells: Sequence[Cell]) -> Shape:
    """The shape of most filled cells; text when they are mixed."""
    counts = Counter(s for s in map(shape, cells) if s != "blank")
    if not counts:
        return "blank"
    usual, count = counts.most_common(1)[0]
    return usual if count >= 0.6 * counts.total() else "text"


def _filled(cell: Cell) -> bool:
    return cell is not None and not cell.isspace() and cell != ""


def shape(cell: Cell) -> Shape:
    """Whether a cell is blank, plain text, or reads as a number, date, time or truth value."""
    text = (cell or "").strip()
    if not text:
        return "blank"
    if text.lower() in _WORDS:
        return "truth"
    if _DATE.fullmatch(text):
        return "date"
    return "number" if _NUMBER.fullmatch(text) else "text"
