"""A figure's change has the right sign and says what it is held against, in words that fit."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bots.digests.changes import beside
from bots.digests.figures import _moved, _with_unit
from bots.digests.gather import _stretch
from tools.evidence import Column, ResultTable
from warehouse.model.schema import Unit

MONEY, SHARE = Unit(currency="USD"), Unit(ratio=True)


def _told(value: float, before: float, unit: Unit) -> str:
    delta, ratio = value - before, Unit(ratio=True)
    growth: Any = delta / abs(before) if before else None
    columns = [
        Column(name=name, label=name, type="float", role="measure", unit=kind)
        for name, kind in (("x", unit), ("x_prev", unit), ("x_delta", unit), ("x_growth", ratio))
    ]
    table = ResultTable(id="t1", title="", kind="main", columns=columns, rows=[[value, before, delta, growth]],
                        row_keys=["0"], total_rows=1)  # fmt: skip
    return _moved(table, columns[0])


@pytest.mark.parametrize(
    ("value", "before", "unit", "said"),
    [
        (0.016, 0.034, SHARE, "-1.8 percentage points"), (0.034, 0.016, SHARE, "+1.8 percentage points"),
        (0.0340, 0.0342, SHARE, ""), (0.034, 0.034, SHARE, ""),
        (110.0, 100.0, MONEY, "+10.0%"), (90.0, 100.0, MONEY, "-10.0%"), (100.0, 99.999, MONEY, ""),
        (-44_489.0, 16_801.0, MONEY, "from $16,801"), (28_496.0, 5_396.0, MONEY, "from $5,396"),
        (5.0, 0.0, MONEY, ""),
    ],
)  # fmt: skip
def test_a_change_is_said_as_it_is(value: float, before: float, unit: Unit, said: str) -> None:
    assert _told(value, before, unit) == said


def test_a_change_says_what_it_is_held_against() -> None:
    assert beside({"change": "+3.6%", "against": "week before"}) == "+3.6% on the week before"
    assert beside({"change": "from $5,396", "against": "month before"}) == "from $5,396 the month before"
    assert beside({"change": "", "against": "week before"}) == beside({"change": "+0.0%", "against": "w"}) == ""


def test_times_have_their_unit() -> None:
    waits = Column(name="w", label="Door to provider time", type="float", role="measure", unit=Unit(name="minute"))
    hours = Column(name="h", label="Decision hours", type="float", role="measure", unit=Unit(name="hour"))
    orders = Column(name="o", label="Orders", type="integer", role="measure", unit=Unit(name="order"))
    assert _with_unit("44.6", waits) == "44.6 minutes"
    assert (_with_unit("21.1", hours), _with_unit("512", orders)) == ("21.1", "512")


def test_what_is_ahead_of_a_month_has_its_name() -> None:
    assert _stretch(date(2026, 11, 1), "month") == ("this month", "In November 2026")
    assert _stretch(date(2026, 12, 20), "month") == ("next month", "In January 2027")
    assert _stretch(date(2026, 11, 1), "week") == ("next 2 weeks", "Over the next two weeks")
