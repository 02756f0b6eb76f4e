"""The compile bench asks what it says it asks: valid queries of every kind on models of the size named."""

from __future__ import annotations

import random

from evals.bench import compiling


def test_the_model_has_the_size_named_and_every_kind_compiles() -> None:
    model = compiling.company(30)
    assert len(model.tables) == 30
    asked = list(compiling.questions(model, random.Random(1), 10))
    assert len({kind for _, kind, _ in asked}) == 10
    took = compiling.timed(model, 10)
    assert len(took) == 10
    assert all(ms > 0 for ms in took.values())
