"""Forecasts, goals and findings keep to the company's own months, quarters and years: fiscal ones and 4-4-5 ones."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from agent.view import WorkspaceViews
from ingestion.pipeline import ingest
from store.principal import LOCAL_OWNER
from tools.evidence import Evidence
from tools.forecasting.horizon import find
from tools.insights.frame import frame
from tools.periods import Periods
from tools.registry import ToolContext, get
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.model.schema import Calendar, WeekYear
from warehouse.workspace import named

TODAY = date(2026, 11, 21)
FISCAL = Calendar(fiscal_start_month=7)
SHIFTED = Calendar(fiscal_start_month=2)
RETAIL = Calendar(default="retail", retail=WeekYear(start_month=2, week_start="sunday"))
HORIZONS = (
    ("next quarter", FISCAL, "2027-01-01", "2027-04-01", "Q3 FY2027"),
    ("next quarter", SHIFTED, "2027-02-01", "2027-05-01", "Q1 FY2028"),
    ("next year", FISCAL, "2027-07-01", "2028-07-01", "FY2028"),
    ("until the end of the year", FISCAL, "2026-11-21", "2027-07-01", "the 222 days to Jun 30, 2027"),
    ("rest of the fiscal year", FISCAL, "2026-11-21", "2027-07-01", "the 222 days to Jun 30, 2027"),
    ("q3 2027", FISCAL, "2027-01-01", "2027-04-01", "Q3 FY2027"),
    ("q3 2027", Calendar(), "2027-07-01", "2027-10-01", "Q3 2027"),
    ("fy2028", FISCAL, "2027-07-01", "2028-07-01", "FY2028"),
    ("next calendar year", FISCAL, "2027-01-01", "2028-01-01", "2027"),
    ("december", FISCAL, "2026-12-01", "2027-01-01", "December 2026"),
    ("next 3 months", FISCAL, "2026-12-01", "2027-03-01", "December 2026 – February 2027"),
)


@pytest.mark.parametrize(("text", "rules", "start", "end", "label"), HORIZONS)
def test_a_horizon_is_that_of_the_calendar(text: str, rules: Calendar, start: str, end: str, label: str) -> None:
    hit = find(text, TODAY, rules=rules)
    assert hit is not None
    assert (hit[0].start.isoformat(), hit[0].end.isoformat(), hit[0].label) == (start, end, label)


def test_retail_months_have_four_or_five_weeks_and_need_a_retail_calendar() -> None:
    at, lengths = Periods(RETAIL).floor(TODAY, "year"), []
    for _ in range(12):
        after = Periods(RETAIL).next(at, "month")
        assert at.weekday() == 6
        lengths.append((after - at).days // 7)
        at = after
    assert sorted(lengths) == [4] * 8 + [5] * 4
    hit = find("next month", TODAY, rules=RETAIL)
    assert hit is not None
    assert (hit[0].end - hit[0].start).days in (28, 35)
    assert hit[0].start == Periods(RETAIL).next(Periods(RETAIL).floor(TODAY, "month"), "month")
    assert find("next retail month", TODAY, rules=FISCAL) is None


def test_findings_look_at_fiscal_quarters_and_at_periods_of_like_lengths() -> None:
    span = (date(2022, 1, 1), date(2026, 11, 20))
    assert frame("quarter", span, SHIFTED, running=False).starts[-1] == date(2026, 8, 1)
    assert frame("quarter", span, Calendar(), running=False).starts[-1] == date(2026, 7, 1)
    assert frame("month", span, RETAIL, running=False).starts[-1] == date(2026, 10, 1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToolContext]:
    """Ten sold every day for three years, so that every period is known by its length."""
    folder = tmp_path_factory.mktemp("periods")
    path = folder / "sales.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["sale_id", "sale_date", "amount"])
        for n in range(1_100):
            day = TODAY - timedelta(days=n + 1)
            out.writerow([n, day.isoformat(), 10 + (day.weekday() == 6)])
    ingest(named("shop", folder), [path])
    view = WorkspaceViews(folder).get("shop")
    engine = DuckDBEngine(workers=1)
    at = datetime(2026, 11, 21, 9)
    yield ToolContext(view.workspace, LOCAL_OWNER, view.model, view.profile, engine, view.snapshot, at)
    engine.close()


def _within(context: ToolContext, rules: Calendar) -> ToolContext:
    bounds = {"data_from": context.model.calendar.data_from, "data_through": context.model.calendar.data_through}
    return replace(context, model=context.model.model_copy(update={"calendar": rules.model_copy(update=bounds)}))


def _amount(context: ToolContext) -> str:
    return next(m for t in context.model.tables.values() for m, s in t.measures.items() if s.agg == "sum")


def _period(found: Evidence) -> str:
    params = next(t for t in found.tables if t.kind == "params")
    return str(next(r[1] for r in params.rows if r[0] == "period"))


@pytest.mark.parametrize(
    ("rules", "period", "name", "days_done"),
    [(Calendar(), "quarter", "Q4 2026", 51), (SHIFTED, "quarter", "Q4 FY2027", 20), (FISCAL, "year", "FY2027", 143)],
)
def test_a_goal_is_held_to_the_company_s_own_period(
    shop: ToolContext, rules: Calendar, period: str, name: str, days_done: int
) -> None:
    context = _within(shop, rules)
    found = get("pacing").run(context, {"metric": _amount(context), "goal": 5_000, "period": period})
    assert _period(found) == name
    sums = next(t for t in found.tables if "done" in {c.name for c in t.columns} and len(t.rows) == 1)
    done = float(sums.rows[0][sums.column_index("done")])
    sundays = sum((TODAY - timedelta(days=n + 1)).weekday() == 6 for n in range(days_done))
    assert done == pytest.approx(10 * days_done + sundays)


def test_a_running_total_starts_with_its_quarter_and_not_with_the_year(shop: ToolContext) -> None:
    found = get("reach").run(shop, {"metric": _amount(shop), "goal": 700, "since": "quarter"})
    main = found.main()
    assert main is not None
    assert str(main.rows[0][0])[:10] == "2026-10-01"


def test_a_forecast_of_the_next_fiscal_quarter_covers_its_days(shop: ToolContext) -> None:
    context = _within(shop, SHIFTED)
    found = get("forecast").run(context, {"metric": _amount(context), "horizon": "next quarter"})
    assert _period(found) == "Q1 FY2028"
    total = next(t for t in found.tables if "expected" in {c.name for c in t.columns})
    assert float(total.rows[0][total.column_index("expected")]) == pytest.approx(89 * 10 + 13, rel=0.03)
