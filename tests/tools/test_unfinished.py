"""A record that is still on its way makes neither “open” new nor “closed” short."""

from __future__ import annotations

import numpy as np
import pytest

from tools.insights.course import Shape
from tools.insights.judge import Looked, Room, judge_panel, room_of
from tools.insights.panel import Panel
from tools.insights.unfinished import ended
from warehouse.query import DimRef

SPLIT = DimRef(field="orders.status")
LOOKED = (Looked(0, 0, None, 0.7),)
PERIODS = 40


def _panel(members: list[str], last: list[float]) -> tuple[Panel, Room]:
    """Members with steady rows that differ a little, and `last` rows in the last period; the first is never before."""
    rng = np.random.default_rng(5)
    rows = rng.normal(400, 8, (len(members), PERIODS))
    rows[0] = 0.0
    rows[:, -1] = last
    sums = np.stack([rows * 10, rows], axis=2)
    whole = Panel(None, "", [None], sums.sum(axis=0, keepdims=True))
    return Panel(SPLIT, "Status", members, sums), room_of(whole, LOOKED, Shape(6, 0))


def _told(panel: Panel, room: Room) -> set[tuple[str, str]]:
    return {(f.test, f.member) for f in judge_panel(room, panel, LOOKED) if f.chance < 1e-4}


def test_what_is_open_today_is_no_news() -> None:
    panel, room = _panel(["Open", "Closed", "Cancelled"], [80.0, 360.0, 360.0])
    assert ("appeared", "Open") in _told(panel, room)
    assert _told(*ended(panel, room)) == set()


def test_more_cancellations_than_usual_are_news_all_the_same() -> None:
    panel, room = _panel(["In progress", "Completed", "Cancelled"], [80.0, 300.0, 520.0])
    assert ("stands_out", "Cancelled") in _told(*ended(panel, room))


@pytest.mark.parametrize(
    "members", [["Berlin", "Closed", "Cancelled"], ["Open", "Kept", "Berlin"], ["New", "Old", "x"]]
)
def test_other_splits_stay_as_they_are(members: list[str]) -> None:
    panel, room = _panel(members, [80.0, 400.0, 400.0])
    assert ended(panel, room) == (panel, room)
