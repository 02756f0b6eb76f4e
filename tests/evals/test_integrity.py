"""The integrity suite: what it counts as caught, and that one lake holds every kind of fault."""

from __future__ import annotations

from collections import Counter

import pytest

from evals import integrity


def test_a_lake_of_every_fault_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrity, "SEEDS", (7,))
    found = {f.name: f.value for f in integrity.run().figures}
    assert found["faults caught"] >= 95
    assert found["false alarms"] <= 5


def test_the_suite_asks_enough() -> None:
    asked = Counter(kind for kind, _, _ in integrity._faulty())
    assert set(asked) == set(integrity.CODES)
    assert min(asked.values()) * len(integrity.SEEDS) >= 20
    assert len(list(integrity._clean())) * len(integrity.SEEDS) >= 200
