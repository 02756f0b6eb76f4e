"""The judge of the demo suite: it must not praise a wrong answer, nor blame a right one for its layout."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from evals.demo import judge, questions, same_rows
from store.errors import Unavailable


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ([(Decimal("10.50"),)], [("10.50",)]),
        ([("a", 1), ("b", 2)], [(2, "b", 0.5), (1, "a", 0.5)]),
        ([(date(2026, 10, 1), 3)], [("2026-10-01", 3.0)]),
        ([(date(2026, 10, 1), 3)], [("2026-10-01 00:00:00", "3")]),
        ([(1 / 3,)], [(0.33333333333,)]),
        ([(None, 1)], [(None, 1)]),
        ([(1, 1), (1, 2)], [(1, 1), (2, 1)]),
        ([], []),
    ],
)
def test_same_rows(expected: list[Any], found: list[Any]) -> None:
    assert same_rows(expected, found)


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ([(10,)], [(11,)]),
        ([(10,)], [(10,), (11,)]),
        ([(10,)], []),
        ([("a", 1), ("b", 2)], [("a", 2), ("b", 1)]),
        ([("a", 1)], [("a", None)]),
        ([(1, 2)], [(1,)]),
        ([(1, 1)], [(1, 2)]),
    ],
)
def test_other_rows(expected: list[Any], found: list[Any]) -> None:
    assert not same_rows(expected, found)


def test_order_counts_where_it_was_asked_for() -> None:
    assert same_rows([("a", 2), ("b", 1)], [("b", 1), ("a", 2)])
    assert not same_rows([("a", 2), ("b", 1)], [("b", 1), ("a", 2)], ordered=True)


class Reply:
    def __init__(self, status: str, rows: list[Any] | None = None, text: str = "") -> None:
        self.status, self.text = status, text
        self.result = type("Table", (), {"rows": rows}) if rows is not None else None


@pytest.mark.parametrize(
    ("case", "reply", "verdict"),
    [
        ({"gold": "SELECT 7"}, Reply("answered", [["7"]]), "right"),
        ({"gold": "SELECT 7"}, Reply("answered", [["8"]]), "wrong"),
        ({"gold": "SELECT 7"}, Reply("answered"), "wrong"),
        ({"gold": "SELECT 7"}, Reply("clarify"), "held back"),
        ({"gold": "SELECT 7"}, Reply("declined"), "held back"),
        ({"status": "clarify|declined"}, Reply("declined"), "right"),
        ({"status": "clarify|declined"}, Reply("answered", [[1]]), "wrong"),
        ({}, Reply("answered", text="Net revenue is …"), "right"),
        ({}, Reply("answered"), "wrong"),
        ({"status": "clarify|declined"}, Unavailable("The engine is busy."), "wrong"),
    ],
)
def test_verdicts(case: dict[str, Any], reply: Any, verdict: str) -> None:
    with duckdb.connect() as gold:
        assert judge({"q": "?", "kind": "total", **case}, reply, gold)["verdict"] == verdict


def test_the_book_is_broad() -> None:
    cases = questions()["questions"]
    kinds = Counter(c["kind"] for c in cases)
    assert len(cases) >= 60
    assert set(kinds) >= {
        "total",
        "breakdown",
        "trend",
        "top",
        "filter",
        "period",
        "compare",
        "describe",
        "clarify",
        "decline",
    }
    assert len({c["q"] for c in cases}) == len(cases)
    assert all(("gold" in c) or c["kind"] in ("describe", "clarify", "decline") for c in cases)
