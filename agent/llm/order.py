"""Which name belongs to which cell in a sentence that has several of both: only one order is taken, or none."""

from __future__ import annotations

from typing import Any, Literal

Marks = list[tuple[Literal["name", "cell"], Any]]
"""Names and cells in the order they stand, each with the thing it is about."""


def values(marks: Marks, kind: str) -> set[Any]:
    """What the names, or the cells, are about."""
    return {v for k, v in marks if k == kind}


def assigned(marks: Marks) -> bool:
    """Whether each name stands before its own cells, or each behind them, with none left over."""
    names = values(marks, "name")
    if len(names) <= 1:
        return values(marks, "cell") <= names
    ordered = marks if marks[0][0] == "name" else list(reversed(marks))
    current, waiting = None, False
    for kind, value in ordered:
        if kind == "cell":
            if value != current:
                return False
            waiting = False
        else:
            if waiting and value != current:
                return False
            current, waiting = value, True
    return not waiting
