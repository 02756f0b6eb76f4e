"""Synonyms: phrases are found in all their forms, everyday groups are sound, and they help where words differ."""

from knowledge.keywords import Keywords, Text
from knowledge.synonyms import Synonyms, everyday
from knowledge.words import stems

TEXTS = [
    Text("rota", "Planning the rota", "A rota should follow the covers that are expected."),
    Text("menu", "Menu engineering", "Stars sell often and earn well."),
]


def test_a_question_in_other_words_finds_the_passage() -> None:
    assert not Keywords(TEXTS).search("match rosters to demand", 5)
    found = Keywords(TEXTS, Synonyms([("rota", "roster", "shift plan")])).search("match rosters to demand", 5)
    assert [name for name, _ in found] == ["rota"]
    assert Keywords(TEXTS, Synonyms([("rota", "shift plan")])).search("shift plans", 5)[0][0] == "rota"


def test_the_word_that_was_said_counts_more_than_its_synonym() -> None:
    texts = [Text("a", "", "the roster of the kitchen"), Text("b", "", "the rota of the kitchen")]
    found = Keywords(texts, Synonyms([("rota", "roster")])).search("roster", 5)
    assert [name for name, _ in found] == ["a", "b"]


def test_a_phrase_is_found_only_as_a_whole() -> None:
    groups = Synonyms([("shift plan", "rota")])
    assert groups.of(stems("a shift in the plan")) == groups.of(stems("shift plan"))
    assert groups.of(stems("plan the shift")) == []


def test_compounds_of_small_words_stay_one_word() -> None:
    assert "noshow" in stems("no-shows")
    assert "fi" in stems("what is F&I") and "togo" in stems("to-go orders")
    assert stems("stock-outs") == stems("stock outs")


def test_everyday_groups_hold_at_least_two_words_each() -> None:
    assert len(everyday()) > 100
    assert all(len(group) >= 2 and all(group) for group in everyday())
