"""Planted causes are named first, nothing is named when nothing happened, and no row is counted twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from store import settings
from tools.drivers.search import Leaves, Limits, find

TRIES = 30


@pytest.mark.parametrize("conditions", [1, 2])
def test_planted_causes_come_first(planted: Callable, conditions: int) -> None:
    """Counted are causes of at least three times what the whole moves by chance alone."""
    right = tried = 0
    for seed in range(TRIES):
        made = planted(seed, conditions, strength=0.9, rows=20_000)
        rows = np.all([made.leaves.codes[d] == m for d, m in made.causes[0]], axis=0)
        if abs(made.leaves.moved[rows].sum()) < 3 * np.sqrt((made.leaves.moved[~rows] ** 2).sum()):
            continue
        tried += 1
        found, _ = find(made.leaves, Limits(least_share=0.0))
        right += bool(found) and frozenset(found[0].members) == made.causes[0]
    assert tried >= TRIES / 3
    assert right >= 0.9 * tried


def test_nothing_is_named_when_nothing_happened(planted: Callable) -> None:
    named = sum(bool(find(planted(seed, 0).leaves, Limits())[0]) for seed in range(TRIES))
    assert named <= 0.1 * TRIES


def test_groups_do_not_share_rows(planted: Callable) -> None:
    for seed in range(TRIES):
        found, _ = find(planted(seed, 2).leaves, Limits(least_share=0.0))
        assert not found or np.sum([g.rows for g in found], axis=0).max() == 1


def test_the_order_of_rows_changes_nothing(planted: Callable) -> None:
    for seed in range(8):
        leaves = planted(seed, 2).leaves
        order = np.random.default_rng(1).permutation(len(leaves.moved))
        turned = Leaves(leaves.counts, tuple(c[order] for c in leaves.codes), leaves.moved[order], leaves.size[order])
        assert [g.members for g in find(leaves, Limits())[0]] == [g.members for g in find(turned, Limits())[0]]


def test_two_causes_in_one_table(planted: Callable) -> None:
    leaves = planted(3, 0, rows=40_000).leaves
    moved = leaves.moved.copy()
    for dimension, member in ((0, 1), (1, 0)):
        rows = (leaves.codes[dimension] == member) & (leaves.codes[2] == 0)
        moved[rows] -= 0.9 * leaves.size[rows]
    found, _ = find(Leaves(leaves.counts, leaves.codes, moved, leaves.size), Limits(least_share=0.0))
    assert {frozenset(g.members) for g in found[:2]} == {frozenset({(0, 1), (2, 0)}), frozenset({(1, 0), (2, 0)})}


def test_empty_and_flat_tables_name_nothing() -> None:
    none = np.zeros(0)
    assert find(Leaves((2,), (np.zeros(0, dtype=np.int64),), none, none), Limits())[0] == []
    flat = Leaves((2,), (np.array([0, 1]),), np.zeros(2), np.ones(2))
    assert find(flat, Limits())[0] == []


@pytest.mark.slow
@pytest.mark.data
def test_generated_cases_beat_the_published_search() -> None:
    from evals.drivers import score_generated

    folder = Path(settings.get("data")) / "ml" / "drivers_generated"
    if not folder.is_dir():
        pytest.skip(f"no folder {folder}")
    assert score_generated(folder).f1 > 0.598
