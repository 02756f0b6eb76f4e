"""What a company did is told by the name of the figure; a verb that may narrow the figure is never dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.builtin.deeds import at_the_end, in_places, named_deed, plain_deed
from agent.builtin.lexicon import Lexicon, lexicon_of
from warehouse.model import store

MODEL = """
model: yard
tables:
  deals:
    source: deals
    synonyms: [yard]
    key: [deal_id]
    time: {default: sold_on, columns: {sold_on: {kind: date}}}
    dimensions:
      waste_reason: {label: Waste reason}
    measures:
      units: {label: Units sold, synonyms: [cars sold, deals unwound], agg: count}
      repairs: {label: Repair orders, agg: count, where: "waste_reason = 'x'"}
      stock: {label: Stock, synonyms: [cars in stock], agg: sum, expr: n, semi_additive: {over: sold_on}}
      misses: {label: No-shows, agg: count, where: "waste_reason = 'y'"}
metrics:
  share: {label: No-show rate, kind: ratio, numerator: misses, denominator: units}
"""


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    file: Path = tmp_path_factory.mktemp("deeds") / "model.yaml"
    file.write_text(MODEL, encoding="utf-8")
    return lexicon_of(store.load(file))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("How many cars did we sell in May?", "cars sold in May?"),
        ("How many deals were unwound in 2025?", "deals unwound in 2025?"),
        ("How many cars do we have in stock?", "cars in stock?"),
        ("How many boats did we sell in May?", None),
        ("How many cars did we return in May?", None),
    ],
)
def test_a_deed_that_is_a_figure_is_called_so(lexicon: Lexicon, asked: str, told: str | None) -> None:
    assert named_deed(asked, lexicon) == told


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("How many repair orders did we write in May?", "repair orders in May?"),
        ("How many repair orders came in yesterday?", "repair orders yesterday?"),
        ("How many repair orders did we cancel in May?", None),
        ("How many repair orders were rejected in May?", None),
    ],
)
def test_only_a_verb_that_says_nothing_is_left_out(lexicon: Lexicon, asked: str, told: str | None) -> None:
    assert plain_deed(asked, lexicon) == told


def test_the_end_of_a_month_is_the_month_for_a_level_alone(lexicon: Lexicon) -> None:
    assert at_the_end("Stock at the end of May 2026", lexicon) == "Stock in May 2026"
    assert at_the_end("Units sold at the end of May 2026", lexicon) is None


def test_a_no_show_is_no_number_of_shows(lexicon: Lexicon) -> None:
    assert [r.name for r in lexicon.lookup(("no", "show", "rate"))] == ["share"]


def test_the_last_word_of_a_label_names_it_from_its_own_table(lexicon: Lexicon) -> None:
    assert [r.field for r in lexicon.lookup(("reason",))] == ["deals.waste_reason"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("Units sold at the Denver yards in May", "Units sold in Denver in May"),
        ("Units sold at the Denver yards by month", None),
        ("Units sold for the Denver people", None),
    ],
)
def test_places_that_are_named_are_not_listed(lexicon: Lexicon, asked: str, told: str | None) -> None:
    assert in_places(asked, lexicon) == told
