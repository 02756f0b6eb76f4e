"""The suite of general questions: verdicts by family, and the parse beside all that is not right."""

import pytest

from evals import nlq_schemas
from store import settings


@pytest.mark.parametrize(
    ("category", "family"),
    [
        ("simple", "lists"), ("agg", "figures"), ("join", "joined lists"), ("join+group+agg", "groups"),
        ("join+group+order_limit+agg", "group with the most"), ("order_limit+nested+agg", "beside other rows"),
        ("join+set+nested", "sets"), ("join+order_limit", "superlatives"),
    ],
)  # fmt: skip
def test_families_come_from_what_gold_needs(category: str, family: str) -> None:
    assert nlq_schemas.family_of(category) == family


@pytest.mark.data
def test_few_of_the_general_questions_are_answered_wrongly() -> None:
    """The shares that a change must not lose; the targets stand in the suite."""
    folder = settings.get("data") / "nlq" / "spider_dev"
    if not folder.exists():
        pytest.skip("the outside question sets are not here")
    result = nlq_schemas.run(settings.get("data"))
    shares = {f.name: f.value for f in result.figures}
    assert shares["all: right"] >= 55
    assert shares["all: wrong"] <= 10
    assert shares["one table: right"] >= 72
    assert shares["one table: wrong"] <= 8
    assert all(c["parse"] for c in result.cases if c["verdict"] != "right")
