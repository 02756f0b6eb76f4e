"""Where the data end on a day: rows of later days do not count, and a closed Sunday does not keep a week open."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bots.digests.message import _large
from bots.digests.then import _open_end

MONDAY = date(2026, 11, 16)


def days(closed: tuple[int, ...], missing: int = 0) -> set[date]:
    """Sixty days up to the day before, without the weekdays that are closed and the last `missing` ones."""
    found = {MONDAY - timedelta(days=k) for k in range(1, 60)}
    return {d for d in found if d.weekday() not in closed and (MONDAY - d).days > missing}


@pytest.mark.parametrize(
    ("closed", "missing", "last"),
    [((6,), 0, date(2026, 11, 15)), ((5, 6), 0, date(2026, 11, 15)), ((), 1, date(2026, 11, 14)),
     ((6,), 2, date(2026, 11, 13)), ((), 0, date(2026, 11, 15))],
)  # fmt: skip
def test_closed_days_belong_to_the_data_and_late_ones_do_not(closed: tuple[int, ...], missing: int, last: date) -> None:
    assert _open_end(days(closed, missing), MONDAY) == last


def test_what_looks_like_news_is_told_from_what_does_not() -> None:
    assert [_large(c) for c in ("+17.0%", "-1,200.0%", "-0.3%", "", "+4.9%")] == [True, True, False, False, False]
