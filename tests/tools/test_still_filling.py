"""A rate of days whose records may still change says so; what is old, or adds up, is told as it stands."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from tools import registry, still_filling
from tools.insights.panel import Reader
from tools.insights.scope import Subject
from tools.registry import ToolContext

LAST_28_DAYS = [28]


def told(context: ToolContext, metric: str, **time: str) -> list[str]:
    query = {"metrics": [{"metric": metric}], **({"time": time} if time else {})}
    found = registry.get("query_metrics").run(context, {"query": query})
    return [w.message for w in found.warnings if w.code == "still_filling"]


@pytest.fixture
def filling_late(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every rate fills for 28 days; the list holds who was looked at."""
    looked: list[object] = []

    def unripe(_reader: object, subject: object, _last: object) -> list[int]:
        looked.append(subject)
        return LAST_28_DAYS

    monkeypatch.setattr(still_filling, "unripe_days", unripe)
    return looked


def test_a_recent_rate_is_told_as_not_final(context: ToolContext, filling_late: list[object]) -> None:
    [said] = told(context, "return_rate", start="2026-10-01", end="2026-11-01")
    assert said.startswith("Return rate since Oct 24, 2026 is not final: it goes on filling")
    assert told(context, "return_rate") == [said]  # without a period it reaches the newest days
    assert told(context, "return_rate", start="2026-09-01", end="2026-10-01") == []


def test_old_periods_and_sums_are_not_looked_at(context: ToolContext, filling_late: list[object]) -> None:
    assert told(context, "return_rate", start="2026-01-01", end="2026-02-01") == []
    assert told(context, "net_revenue", start="2026-10-01", end="2026-11-01") == []
    assert filling_late == []


def test_what_is_ripe_is_told_without_a_word(context: ToolContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(still_filling, "unripe_days", lambda *_: [0])
    assert told(context, "return_rate", start="2026-11-01", end="2026-11-21") == []


def test_a_rate_whose_newest_days_are_low_on_every_day_is_found(
    context: ToolContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the newest days hardly anything has come back, a week later half has; the demo of the tests is too small."""

    def days(_reader: object, subject: Subject, start: date, end: date) -> tuple[list[date], np.ndarray]:
        found = [start + timedelta(days=n) for n in range((end - start).days)]
        age = np.arange(len(found))[::-1]
        sums = np.full((len(found), len(subject.sums)), 900.0)
        sums[:, subject.figures[0].top] = 60 * np.clip((age + 1) / 12, 0, 1)
        return found, sums

    monkeypatch.setattr(Reader, "days", days)
    [said] = told(context, "return_rate", start="2026-11-01", end="2026-11-21")
    assert said.startswith("Return rate since Nov ")
