"""Tells several tables that stand below one another on one sheet apart, which as one table would count wrongly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingestion.header import PREVIEW, looks_like_header, shape

Row = Sequence[str]
_LEAST = 2


@dataclass(frozen=True)
class Block:
    """Rows of one table; `title` is what stands alone above them, when there is such a line."""

    rows: list[Row]
    title: str | None = None


def blocks(rows: Sequence[Row]) -> list[Block]:
    """The tables of a grid: one, unless each part between empty rows begins with column names of its own.

    A part without names of its own goes on with the table above it; so do parts under the same names again.
    """
    found: list[Block] = []
    title: str | None = None
    for run in _runs(rows):
        lone = _lone(run)
        if lone is not None:
            title = lone
            continue
        named = _begins_table(run)
        if found and named and not _same_names(found[0].rows, _body(run)):
            found.append(Block(run, title))
        elif found:
            return [Block(list(rows))]  # the parts belong together, or it is not known how
        elif named:
            found.append(Block(run, title))
        else:
            return [Block(list(rows))]
        title = None
    return found if len(found) >= _LEAST else [Block(list(rows))]


def _runs(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows between empty ones."""
    run: list[Row] = []
    for row in rows:
        if any(cell for cell in row):
            run.append(row)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _lone(run: Sequence[Row]) -> str | None:
    """The text of a part that is a line or two of titles: one cell a row."""
    cells = [[cell for cell in row if cell] for row in run[: _LEAST + 1]]
    return cells[0][0] if len(run) <= _LEAST and all(len(found) == 1 for found in cells) else None


def _body(run: Sequence[Row]) -> Sequence[Row]:
    """A part without the titles that stand right on top of it."""
    at = 0
    while at < len(run) - 1 and sum(1 for cell in run[at] if cell) == 1:
        at += 1
    return run[at:]


def _begins_table(run: Sequence[Row]) -> bool:
    """Whether the first full row names columns: text, all different, above a column of something else than text."""
    body = _body(run)
    names = [cell for cell in body[0] if cell]
    if len(names) < _LEAST or len(body) < _LEAST or len(set(names)) < len(names):
        return False
    if any(shape(name) != "text" for name in names):
        return False
    below = body[1:PREVIEW]
    typed = any(
        cell and shape(cell) == "text" and any(shape(row[i]) in ("number", "date") for row in below if i < len(row))
        for i, cell in enumerate(body[0])
    )
    return typed and looks_like_header(body[0], below)


def _same_names(first: Sequence[Row], other: Sequence[Row]) -> bool:
    """Whether a part goes on under the names of the first one, as pages of a report do."""
    return [c for c in _body(first)[0] if c] == [c for c in other[0] if c]
