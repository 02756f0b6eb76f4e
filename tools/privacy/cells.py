"""Which cells of a table must be kept back so that no small one can be read or worked out from the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Cell = tuple[Any, ...]


def kept_back(counts: Mapping[Cell, int], least: int) -> set[Cell]:
    """The cells to keep back: those about fewer than `least` people, and more, so that sums give none of them away.

    `counts` are people by cell, a cell being one value for each way the table is split. Sums along each way are taken
    to be known: in every line (all values but one the same) the cells kept back are together about `least` people at
    the least, and more than one, or there is nothing left to keep back.
    """
    hidden = {cell for cell, n in counts.items() if 0 < n < least}
    if not hidden:
        return hidden
    ways = len(next(iter(counts)))
    lines: dict[tuple[int, Cell], list[Cell]] = {}
    for cell, n in counts.items():
        if n:
            for way in range(ways):
                lines.setdefault((way, cell[:way] + cell[way + 1 :]), []).append(cell)
    waiting = [line for line in lines.values() if any(c in hidden for c in line)]
    while waiting:
        line = waiting.pop()
        for cell in _more(line, hidden, counts, least):
            hidden.add(cell)
            waiting += [lines[way, cell[:way] + cell[way + 1 :]] for way in range(ways)]
    return hidden


def _more(line: list[Cell], hidden: set[Cell], counts: Mapping[Cell, int], least: int) -> list[Cell]:
    """The smallest cells of a line that have to go too."""
    inside = [c for c in line if c in hidden]
    if not inside:
        return []
    shown = sorted((c for c in line if c not in hidden), key=lambda c: (counts[c], tuple(map(str, c))))
    gone: list[Cell] = []
    while shown and (len(inside) + len(gone) < 2 or sum(counts[c] for c in (*inside, *gone)) < least):
        gone.append(shown.pop(0))
    return gone
