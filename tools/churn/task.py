"""What is learnt from whom: the one shape that a log of purchases and a table with an outcome column both end in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store.errors import NotEnough
from tools.entities import Entity

FEWEST = 100
Numbers = NDArray[np.float64]


@dataclass
class Task:
    """Rows to learn from with outcome (1 = left) and person; rows to test on, if there is a later day; whom to judge.

    `worth` is what each of those to be judged brings; `known` pairs a position in `score` with its row in `train`.
    `usual` says that the silence is that of nine in ten, `shortened` why it is not.
    """

    ids: list[Any]
    kinds: dict[str, str]
    labels: dict[str, str]
    train: dict[str, list[Any]]
    outcome: list[float]
    group: list[int]
    test: dict[str, list[Any]] | None
    test_outcome: list[float]
    score: dict[str, list[Any]]
    worth: Numbers | None
    worth_label: str
    definition: str
    horizon: str
    trained: str
    snapshots: int
    known: list[list[int]]
    phrases: dict[str, tuple[str, str]] = field(default_factory=dict)
    shortened: str = ""
    usual: bool = False


def refuse_few(outcome: Numbers, seen: Numbers | None, entity: Entity | str) -> None:
    """Raise `NotEnough` unless 100 left and 100 stayed to learn from."""
    records = entity if isinstance(entity, str) else entity.records
    left, stayed = int(outcome.sum()), int(len(outcome) - outcome.sum())
    if not left or not stayed:
        text = f"All {records} have the same outcome: nothing to learn from."
        raise NotEnough(text, code="no_outcome")
    if min(left, stayed) < FEWEST:
        few = f"Only {left} {records} have left so far" if left < FEWEST else f"Only {stayed} {records} stayed"
        raise NotEnough(
            f"{few}: I can list the silent ones, not predict. I need {FEWEST} of either kind.", code="too_few_rows",
            hint=f"Ask which {records} are at risk: that ranks them by how long they have been away.",
        )  # fmt: skip
    if seen is not None and not 0 < seen.sum() < len(seen):
        raise NotEnough("The last test period has only one outcome, so nothing can be checked.", code="no_outcome")
