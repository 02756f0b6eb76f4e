"""What a model may say about a finding: truths in many wordings, and none of the lies."""

from __future__ import annotations

from typing import Any

import pytest

from agent import claims
from agent.claims import Draft
from agent.llm.book import Book
from agent.llm.order import assigned
from agent.llm.proof import claims_nothing, proven
from agent.view import WorkspaceView
from evals.llm.liar import PLANS
from evals.llm.lies import lies, truths
from tools.evidence import Evidence

CHANNELS: dict[str, Any] = PLANS[1]


def told(text: str, found: Evidence, view: WorkspaceView, first: bool = False) -> str | None:
    sentence = proven(text, Book(found, view.model), first)
    if sentence is None:
        return None
    rendered = claims.render(Draft(((sentence,),)), found.tables)
    return claims.LINK.sub(lambda m: m.group(1), rendered.text)


@pytest.mark.parametrize("number", range(len(PLANS)))
def test_no_lie_is_proven_and_most_truths_are(number: int, find, view: WorkspaceView) -> None:
    found = find(PLANS[number])
    book = Book(found, view.model)
    through = [s for s in lies(found) if proven(s.text, book, True) is not None]
    assert through == []
    unsaid = [s.kind for s in truths(found) if proven(s.text, book, True) is None]
    assert set(unsaid) <= {"lowest"}, "a list that was cut has no lowest"


def test_numerals_are_read_from_cells(find, view: WorkspaceView) -> None:
    found = find(CHANNELS)
    value = float(found.tables[0].rows[0][1])
    name = found.tables[0].rows[0][0]
    for spelled in (f"${value:,.2f}", f"{value:,.0f}", f"${value / 1000:,.1f}K"):
        said = told(f"{name} had net revenue of {spelled}.", found, view)
        assert said is not None
        assert f"{value:,.2f}" in said or "M" in said
    assert told(f"{name} had net revenue of {value * 1.01:,.0f}.", found, view) is None


def test_a_first_sentence_says_what_was_asked(find, view: WorkspaceView) -> None:
    found = find(PLANS[6])
    bare = "The orders came to {t1.1.orders}."
    assert told(bare, found, view, first=True) is None
    assert told(bare, found, view, first=False) is not None
    whole = told("In Germany, the orders came to {t1.1.orders} in October 2026.", found, view, first=True)
    assert whole is not None
    assert "Germany" in whole


@pytest.mark.parametrize(
    "text",
    [
        "[Net revenue](https://evil.example) was {t1.1.net_revenue}.",
        "Net revenue of {t1.1.channel} was `{t1.1.net_revenue}`.",
        "Net revenue of {t1.1.channel} was {t1.1.net_revenue}" + " and" * 200,
        "Net revenue of {t1.1.channel} was {t9.1.net_revenue}.",
        "Net revenue of {t1.1.channel} was {t1.1.net_revenue} <script>.",
        "{t1.1.channel}.",
        "Net revenue.",
        "",
    ],
)
def test_markup_and_empty_words_are_not_said(text: str, find, view: WorkspaceView) -> None:
    assert told(text, find(CHANNELS), view) is None


def test_a_column_is_not_called_by_a_word_of_the_question(find, view: WorkspaceView) -> None:
    found = find(PLANS[0])
    assert told("Profit came to {t1.1.net_revenue}.", found, view) is None
    assert told("Net revenue came to {t1.1.net_revenue}.", found, view) is not None


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ("N1 C1 N2 C2", True), ("C1 N1 C2 N2", True), ("N1 C1 C1", True), ("N1 N2 C1 C2", False), ("N1 C2", False),
        ("N1 C1 N2", False), ("C1", False), ("N2 N1 C1", False),
    ],
)  # fmt: skip
def test_names_and_cells_stand_in_one_order(marks: str, expected: bool) -> None:
    pairs: Any = [("name" if m[0] == "N" else "cell", m[1]) for m in marks.split()]
    assert assigned(pairs) is expected


@pytest.mark.parametrize(
    ("text", "fair"),
    [
        ("Which revenue is meant?", True), ("Revenue fell sharply, so what now?", False),
        ("The data has no costs of 2019.", False), ("Sales of 2024 are not in the data.", True),
    ],
)  # fmt: skip
def test_words_to_people_claim_nothing(text: str, fair: bool) -> None:
    assert claims_nothing(text, "sales in 2024") is fair


def test_words_of_a_figures_name_stand_only_in_it(find, view: WorkspaceView) -> None:
    query = {"metrics": [{"metric": "net_revenue"}, {"metric": "units_per_order"}], "time": PLANS[0]["time"]}
    found = find(query)
    assert told("Net revenue per order was {t1.1.net_revenue}.", found, view) is None
    assert told("Units per order came to {t1.1.units_per_order}.", found, view) is not None
