"""What the docs say the skills answered: every skill with its questions, and still the same when asked again."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from evals import skills
from evals.place import demo_home

ROOT = Path(__file__).resolve().parent.parent.parent
CASES = json.loads((ROOT / "evals" / "results" / "skills.json").read_text(encoding="utf-8"))["cases"]
AGAIN = ("trend", "benchmark", "what_if", "funnel", "segments", "cohorts", "survival")


def answers() -> ModuleType:
    spec = importlib.util.spec_from_file_location("answers", ROOT / "scripts" / "answers.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_skill_stands_in_the_docs_with_five_questions_and_more() -> None:
    book = skills.book()
    assert sorted(answers().skills()) == sorted(book)
    for name, skill in book.items():
        assert len(skill["ask"]) == 5
        asked = [c["question"] for c in CASES if c["skill"] == name]
        assert asked == [*skill["ask"], *skill.get("also", ())], f"run `plainsay evals run skills`: {name}"


def test_every_scored_question_was_answered_by_its_skill() -> None:
    assert [c["question"] for c in CASES if c["kind"] == "asked" and c["verdict"] != "right"] == []
    assert all(c["text"] for c in CASES)


def test_an_answer_is_one_cell_of_a_table() -> None:
    flat = answers().flat("Two things:\n\n- A | B.\n\n- C.\n\nThat is all.")
    assert flat == "Two things: A \\| B. • C. That is all."


@pytest.mark.slow
async def test_asked_again_the_demo_says_the_same() -> None:
    """One question of each of the quick skills; the suite asks them all."""
    first = {name: skills.book()[name]["ask"][:1] for name in AGAIN}
    kept = {(c["skill"], c["question"]): c["text"] for c in CASES}
    with demo_home() as home:
        found = await skills.asked(home, first)
    assert {(c["skill"], c["question"]): c["text"] for c in found} == {
        (name, q): kept[name, q] for name, asked in first.items() for q in asked
    }
