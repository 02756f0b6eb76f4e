"""Fiscal, retail and ISO periods are shown by their names: the first day of one names another."""

from __future__ import annotations

from tools.calendar_names import name_periods
from tools.charts import metric_chart
from tools.evidence import Column, ResultTable
from warehouse.model.schema import Calendar, SemanticModel, WeekYear
from warehouse.query import Grain, TimeWindow


def table(grain: Grain, *starts: str) -> ResultTable:
    time = Column(name=grain, label=grain, type="date", role="time", grain=grain)
    figure = Column(name="revenue", label="Revenue", type="integer", role="measure")
    rows = [[start, n] for n, start in enumerate(starts)]
    return ResultTable(
        id="t1", title="", columns=[time, figure], rows=rows, row_keys=list(starts), total_rows=len(rows)
    )


def named(made: ResultTable, time: TimeWindow | None = None, **rules: object) -> list[object]:
    name_periods(made, SemanticModel(model="m", calendar=Calendar.model_validate(rules)), time)
    return [row[0] for row in made.rows]


def test_fiscal_quarters_are_not_called_by_their_first_month() -> None:
    made = table("quarter", "2025-02-01", "2025-05-01")
    assert named(made, fiscal_start_month=2) == ["Q1 FY2026", "Q2 FY2026"]
    assert made.row_keys == ["2025-02-01", "2025-05-01"]
    assert (made.columns[0].type, made.columns[0].grain, made.columns[0].role) == ("text", None, "time")


def test_periods_of_whole_weeks_have_numbers() -> None:
    retail = {"retail": WeekYear(periods="4-5-4"), "default": "retail"}
    assert named(table("month", "2026-08-02"), **retail) == ["P7 FY2026"]
    assert named(table("week", "2024-01-28"), **retail) == ["week 53 of FY2023"]
    iso = TimeWindow(grain="week", calendar="iso")
    assert named(table("week", "2025-12-29"), iso) == ["week 1 of 2026"]


def test_months_and_days_everybody_counts_alike_stay_dates() -> None:
    assert named(table("quarter", "2025-04-01")) == ["2025-04-01"]
    assert named(table("month", "2025-02-01"), fiscal_start_month=2) == ["2025-02-01"]
    assert named(table("quarter", "2025-04-01"), TimeWindow(calendar="civil"), fiscal_start_month=2) == ["2025-04-01"]


def test_a_line_of_named_periods_keeps_their_order() -> None:
    made = table("quarter", "2024-11-01", "2025-02-01", "2025-05-01")
    named(made, fiscal_start_month=2)
    chart = metric_chart(made, made.columns[1], "c1")
    assert chart is not None
    x = chart.spec["encoding"]["x"] if "encoding" in chart.spec else chart.spec["layer"][0]["encoding"]["x"]
    assert (x["type"], x["sort"]) == ("ordinal", None)
