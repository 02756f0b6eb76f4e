"""The course of a figure holds what was: months before the data begin are no months of nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bots.alerts.course import Course, Target, _shaped
from bots.alerts.figures import _moved, _question
from bots.alerts.rule import Change
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


def _followed(values: list[float]) -> Course:
    starts = [date(2026, 1, 5) + timedelta(days=7 * n) for n in range(len(values))]
    measure = Column(name="sales", label="Sales", type="float", role="measure", additive=True, good="up")
    target = Target("sales", grain="week")
    return Course(target, starts, {"": list(values)}, measure, "", judged=[len(values) - 1])


@pytest.mark.parametrize(
    ("values", "told"), [([100, 98, 103, 101, 99, 102, 50, 100], True), ([100] * 7 + [190], False)]
)
def test_a_rise_out_of_a_dip_is_told_as_a_return(values: list[float], told: bool) -> None:
    rule = Change(metric="sales", direction="above", share=0.5, grain="week", against="previous")
    reading = _moved(_followed(values), rule, "", len(values) - 1, date(2026, 3, 3))
    assert reading is not None and reading.holds
    assert ("back at its usual level (100" in reading.text) is told
    assert (reading.tone, reading.severity) == (("neutral", "info") if told else ("good", "warning"))


def test_the_question_of_a_segment_names_it() -> None:
    found = _followed([100.0] * 9)
    assert _question(found, 8, "North") == "Why did sales for North change in the week of March 2, 2026?"
    assert _question(found, 8) == "Why did sales change in the week of March 2, 2026?"
