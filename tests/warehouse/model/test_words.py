"""Stored names as people would say them."""

import pytest

from warehouse.model import words

KNOWN = frozenset(("item", "zip", "charge", "paper", "customer"))


@pytest.mark.parametrize(
    ("part", "apart"),
    [
        ("itemid", ["item", "id"]),
        ("wardid", ["ward", "id"]),
        ("zipcode", ["zip", "code"]),
        ("chargetime", ["charge", "time"]),
        ("customername", ["customer", "name"]),
        ("update", ["update"]),
        ("candidate", ["candidate"]),
        ("surname", ["surname"]),
        ("paid", ["paid"]),
        ("item", ["item"]),
    ],
)
def test_run_together_names_come_apart_only_where_both_halves_are_words(part, apart):
    assert words.apart(part, KNOWN) == apart


@pytest.mark.parametrize(
    ("table", "record"),
    [
        ("Salary Data", ["salary"]),
        ("netflix-userbase-dataset__Netflix Userbase", ["netflix", "userbase"]),
        ("a long name of many more words than four", ["row"]),
        ("stu_lvl", ["student", "level"]),
        ("orders_export_2026", ["order"]),
        ("Sales 20261120 final", ["sale"]),
        ("sheet_1234567", ["row"]),
    ],
)
def test_words_for_one_row(table, record):
    assert words.record_words(table) == record


def test_a_plural_is_not_made_plural_again():
    assert [words.many(w) for w in ("ticket", "tickets", "classes", "staff")] == [
        "tickets",
        "tickets",
        "classes",
        "staff",
    ]
