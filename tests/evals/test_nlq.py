"""Outside question sets: the runner's lines are what the scorer wants, and the headline figures do not fall."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.nlq import run_set
from store import settings

SETS = Path(settings.get("data")) / "nlq"
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not SETS.is_dir(), reason="the outside question sets are not here (PLAINSAY_DATA)"),
]


def test_business_questions() -> None:
    """At least half of them right; every answer that is not right is an empty result or a bug."""
    outcomes, scored = run_set(SETS / "defog", databases=("broker", "car_dealership"))
    assert len(outcomes) == scored["n"] == 62
    assert scored["correct"] >= 35
    assert scored["wrong"] <= 1


def test_unanswerable_questions_are_not_answered() -> None:
    _, scored = run_set(SETS / "defog_idk")
    assert scored["abstention"]["answered_unanswerable"] == 0
    assert scored["wrong"] <= 1


def test_a_relative_question_follows_the_given_day() -> None:
    first, _ = run_set(SETS / "defog", ids=("basic-011",))
    query = first[0].decision.steps["s1"].args["query"]
    assert query["time"] == {"last": {"n": 30, "unit": "day"}}
