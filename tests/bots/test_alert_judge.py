"""What is news: a weekly figure is not repeated in its week, and what nobody was told of is not told to be over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bots.alerts.judge import Standing, judged
from bots.alerts.reading import Reading
from bots.alerts.rule import Telling

LOW = Reading("", True, "2026-10-18", "warning", 0.3, "Sales were low.", over="Sales are back.")


def _told(*steps: tuple[str, Reading]) -> list[str]:
    """The deeds of looks on some days, one after the other."""
    known: dict[str, Standing] = {}
    deeds = []
    for day, reading in steps:
        moment = datetime.fromisoformat(f"{day}T08:00").replace(tzinfo=UTC)
        known, events = judged([reading], known, Telling(), moment)
        deeds += [f"{day[5:]} {e.deed}" for e in events]
    return deeds


def test_a_weekly_figure_is_told_again_after_a_week_and_with_a_new_week() -> None:
    weeks = [("2026-10-23", LOW), ("2026-10-26", replace(LOW, day="2026-10-25"))]
    weeks += [(f"2026-10-{day}", replace(LOW, day="2026-10-25")) for day in (28, 30, 31)]
    weeks += [("2026-11-02", replace(LOW, day="2026-11-01"))]
    assert _told(*weeks) == ["10-23 opened", "11-02 reminded"]


def test_what_came_back_unsaid_is_not_said_to_be_over() -> None:
    fine = replace(LOW, holds=False)
    days = [
        ("2026-10-19", LOW), ("2026-10-20", replace(fine, day="2026-10-19")),
        ("2026-10-21", replace(LOW, day="2026-10-20")), ("2026-10-22", replace(fine, day="2026-10-21")),
    ]  # fmt: skip
    assert _told(*days) == ["10-19 opened", "10-20 ended"]
    worse = replace(LOW, day="2026-10-21", severity="critical")
    ended = replace(fine, day="2026-10-22")
    assert _told(*days[:3], ("2026-10-22", worse), ("2026-10-23", ended))[2:] == ["10-22 worse", "10-23 ended"]


def test_a_month_that_is_over_is_not_told_to_be_fine_nor_to_last() -> None:
    october = replace(LOW, day="2026-10-22", began="2026-10-01")
    november = [replace(LOW, day=f"2026-{day}", began="2026-11-01") for day in ("10-31", "11-01", "11-02")]
    days = ("2026-11-01", "2026-11-02", "2026-11-03")
    again = list(zip(days, november, strict=True))
    assert _told(("2026-10-23", october), *again) == ["10-23 opened", "11-02 opened"]
    fine = [(day, replace(reading, holds=False)) for day, reading in again]
    assert _told(("2026-10-23", october), *fine) == ["10-23 opened"]
    assert _told(*again) == ["11-01 opened"]
