"""What a turn carries from node to node: small and serialisable; evidence by reference, never a data frame."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from tools.evidence import ResultTable

HISTORY = 12
ROWS = 10


def keep_recent(old: list[dict[str, Any]] | None, new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Past turns of the thread, oldest first, at most `HISTORY`; the same answer id replaces the old entry."""
    fresh = {turn["answer_id"] for turn in new}
    kept = [turn for turn in old or [] if turn["answer_id"] not in fresh]
    return [*kept, *new][-HISTORY:]


def latest(_old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """The value written last: a reply that a crash cut off is written once more on top of its first try."""
    return new


def first_rows(table: ResultTable | None) -> list[dict[str, Any]]:
    """What names the first rows of an answer, so that “the second one” can be found: their dimensions by column."""
    if table is None:
        return []
    named = [(i, c.name) for i, c in enumerate(table.columns) if c.role in ("dimension", "time", "record")][:6]
    return [{name: row[i] for i, name in named} for row in table.rows[:ROWS]]


class TurnState(TypedDict, total=False):
    """`turn` is the question as JSON, `decision` the brain's and `asked` the question it is about; `evidence` are ids.

    `history` outlives the turn.
    """

    turn: Annotated[dict[str, Any], latest]
    decision: dict[str, Any]
    evidence: list[str]
    refusal: str | None
    refusal_code: str
    asked: str
    history: Annotated[list[dict[str, Any]], keep_recent]
