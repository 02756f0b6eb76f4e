"""A question on a button is said shorter rather than cut off, and a greeting has nothing to check."""

from __future__ import annotations

import pytest

from agent.answer import Answer
from bots.slack import blocks
from bots.slack.labels import MOST, short


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Net revenue by day from 2026-11-09 to 2026-11-15", "Net revenue by day Nov 9–15, 2026"),
        ("Net revenue from 2026-09-28 to 2026-10-04 compared with the same period last year and by channel",
         "Net revenue Sep 28–Oct 4, 2026 vs last year and by channel"),
        ("Orders from 2025-12-28 to 2026-01-03", "Orders Dec 28, 2025 – Jan 3, 2026"),
        ("Orders from 2026-13-28 to 2026-01-03", "Orders from 2026-13-28 to 2026-01-03"),
        ("What was net revenue last month compared with the month before?",
         "What was net revenue last month compared with the month before?"),
    ],
)  # fmt: skip
def test_dates_and_comparisons_are_said_shorter(question: str, said: str) -> None:
    assert short(question) == said


def test_what_stays_too_long_ends_at_a_word() -> None:
    said = short("word " * 40)
    assert len(said) <= MOST and said.endswith("word…")


def test_a_greeting_has_no_receipt() -> None:
    greeting = Answer(id="a1", thread_id="t1", question="thx", status="answered", text="You are welcome.")
    told, _ = blocks.answer(greeting, "r1", "https://data.example.com/t/t1")
    assert [b["type"] for b in told] == ["section"]
