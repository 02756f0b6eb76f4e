"""An answer over some of the rows says which, in words."""

from __future__ import annotations

from typing import Any

import pytest

from tools.conditions import in_words
from warehouse.query import AnyOf, DimRef, Filter


def on(name: str, op: str = "=", *values: Any, **ref: Any) -> Filter:
    return Filter(field=DimRef(field=name, **ref), op=op, values=values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (on("stores.country", "=", "Germany"), "Germany"),
        (on("country", "in", "Germany", "France"), "Germany or France"),
        (on("order_lines.unit_price", ">", 30), "unit price is over 30"),
        (on("quantity", "between", 2, 4), "quantity is between 2 and 4"),
        (on("region", "is_null"), "region is missing"),
        (on("channel", "!=", "Store"), "channel is not Store"),
        (on("order_date", "=", True, part="weekend"), "the day is on a weekend"),
        (on("returned", "=", False), "returned is no"),
        (Filter(term="completed"), "completed"),
        (AnyOf(any_of=(on("a", "starts_with", "J"), on("b", "is_null"))), "a starts with J or b is missing"),
    ],
)  # fmt: skip
def test_in_words(condition: Any, words: str) -> None:
    assert in_words(condition) == words
