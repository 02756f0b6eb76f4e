"""Text made to be slow: the longest question a door lets in is given up in seconds, not in hours."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from agent.plan import Decline
from warehouse.model.values import ValuesIndex

MOST_SECONDS = 6.0


@pytest.mark.parametrize("text", ["a" * 4000, "a\u0300" * 2000, "a " * 2000, "each of the " * 333], ids=lambda t: t[:6])
def test_a_long_run_of_letters_or_articles_ends_soon(ask: Callable[..., Any], text: str) -> None:
    began = time.process_time()
    decision = ask(text)
    assert isinstance(decision, Decline)
    assert time.process_time() - began < MOST_SECONDS


def test_a_phrase_longer_than_every_value_is_not_searched_for_typos() -> None:
    began = time.process_time()
    assert ValuesIndex().match("b" * 20_000) == []
    assert time.process_time() - began < 1.0
