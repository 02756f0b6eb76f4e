"""What people say about their own alerts is done to exactly those that they mean, or asked back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bots.alerts.orders import Kept, Order, meant, ordered

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)  # a Saturday
SALES = Kept("al-1", "daily net sales are below $10,000", frozenset({"net", "sale"}), "alert")
SOUTH = Kept("al-2", "daily net sales for South are unusual", frozenset({"net", "sale", "south", "unusual"}), "alert")
ORDERS = Kept("al-3", "no new orders", frozenset({"order"}), "alert")
WEEK = Kept("dg-1", "Week", frozenset({"week", "weekly", "monday"}), "digest")
KNOWN = [SALES, SOUTH, ORDERS, WEEK]


@pytest.mark.parametrize(
    ("text", "deed", "about"),
    [
        ("Stop telling me when revenue drops below 10k.", "stop", "revenue drops below 10k"),
        ("don't alert me about the South store any more", "stop", "the South store any more"),
        ("cancel the alert on net sales", "stop", "the alert on net sales"),
        ("unsubscribe me from the weekly digest", "stop", "the weekly digest"),
        ("mute my digest", "snooze", "my digest"),
        ("what are you watching?", "list", ""),
    ],
)
def test_what_is_wanted(text: str, deed: str, about: str) -> None:
    found = ordered(text, NOW)
    assert found is not None and (found.deed, found.about) == (deed, about)


@pytest.mark.parametrize(
    "text",
    ["what did we stop selling?", "delete orders", "stop", "revenue by month", "pause revenue for 10 minutes",
     "snooze until yesterday", "mute it until 2026-02-31", "do not show refunds", "how many alerts came last month"],
)  # fmt: skip
def test_what_is_something_else_or_not_understood_whole(text: str) -> None:
    assert ordered(text, NOW) is None


@pytest.mark.parametrize(
    ("when", "zone", "until"),
    [
        ("until Monday", "UTC", "2026-11-23T08:00"),
        ("till tomorrow", "America/New_York", "2026-11-22T13:00"),
        ("until Saturday", "UTC", "2026-11-28T08:00"),
        ("until next week", "UTC", "2026-11-23T08:00"),
        ("until Dec 3", "UTC", "2026-12-03T08:00"),
        ("until 2 January", "UTC", "2027-01-02T08:00"),
        ("until the end of the month", "UTC", "2026-12-01T08:00"),
        ("for 3 days", "UTC", "2026-11-24T10:00"),
        ("for a week", "UTC", "2026-11-28T10:00"),
        ("", "UTC", "2026-11-22T10:00"),
    ],
)  # fmt: skip
def test_until_when(when: str, zone: str, until: str) -> None:
    found = ordered(f"snooze that {when}".strip(), NOW, zone)
    assert found is not None and found.until == datetime.fromisoformat(until).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("about", "under", "ids"),
    [
        ("the South store", (), []), ("South", (), ["al-2"]), ("net sales", (), ["al-1", "al-2"]),
        ("orders", (), ["al-3"]), ("my weekly digest", (), ["dg-1"]), ("the digest", (), ["dg-1"]),
        ("", ("al-2",), ["al-2"]), ("it", ("al-3",), ["al-3"]), ("all alerts", ("al-3",), ["al-1", "al-2", "al-3"]),
        ("", (), ["al-1", "al-2", "al-3", "dg-1"]), ("margins", (), []),
    ],
)  # fmt: skip
def test_which_are_meant(about: str, under: tuple[str, ...], ids: list[str]) -> None:
    assert [k.id for k in meant(Order("stop", about), KNOWN, under)] == ids
