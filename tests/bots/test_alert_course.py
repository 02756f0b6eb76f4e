"""The course of a figure holds what was: months before the data begin are no months of nothing."""

from __future__ import annotations

from datetime import date

from bots.alerts.course import Target, _shaped
from tools.evidence import Column, ResultTable

MONTHS = Column(name="month", label="Month", type="date", role="time")
SALES = Column(name="sales", label="Sales", type="decimal", role="measure", additive=True)


def test_nothing_is_known_of_the_time_before_the_data_begin_and_a_gap_within_is_nought() -> None:
    table = ResultTable(
        id="t1", evidence="e1", title="Sales", columns=[MONTHS, SALES],
        rows=[["2026-03-01", "10"], ["2026-05-01", "30"]], row_keys=["r1", "r2"], total_rows=2,
    )  # fmt: skip
    found = _shaped(table, Target("sales", (), None, "month"), date(2026, 1, 1), date(2026, 6, 1))
    assert found.values[""] == [None, None, 10.0, 0.0, 30.0]
