"""The table of ways through the page stays true: what it names is walked, and nothing of the page is left out."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import yaml

from evals.page_stage import router_paths

HERE = Path(__file__).parent
STATES = {"full", "empty", "failing", "running", "asked back", "declined", "offline"}
WIDTHS = {1280, 390, 320}
ON_EVERY_PAGE = {("full", 1280), ("full", 390), ("empty", 1280), ("failing", 1280)}
ENOUGH = 40


def table() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load((HERE / "journeys.yaml").read_text(encoding="utf-8"))
    return rows


def walked() -> set[str]:
    """All tests of this folder, by file and name."""
    files = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in HERE.glob("test_*.py")}
    return {
        f"{file}.{one.name}" for file, tree in files.items() for one in tree.body if isinstance(one, ast.FunctionDef)
    }


def test_each_journey_is_walked_by_a_test_that_exists() -> None:
    rows = table()
    assert [row["journey"] for row in rows if row["test"] not in walked()] == []
    assert len({row["journey"] for row in rows}) == len(rows) >= ENOUGH


def test_every_page_has_a_journey_of_its_own() -> None:
    named = {row["page"] for row in table()} - {"every"}
    assert named == set(router_paths()), "say which journey begins on the page, or take out the one that is gone"


def test_every_state_and_width_is_met_and_the_common_ones_on_every_page() -> None:
    rows = table()
    assert {row["state"] for row in rows} == STATES
    assert {row["width"] for row in rows} == WIDTHS
    assert {(row["state"], row["width"]) for row in rows if row["page"] == "every"} == ON_EVERY_PAGE
