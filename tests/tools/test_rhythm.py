"""Files of readings, hourly to yearly, with gaps and repeats: looked at in their own rhythm, named or not."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.view import WorkspaceViews
from ingestion.pipeline import ingest
from store.errors import NotEnough
from store.principal import LOCAL_OWNER
from tools.registry import ToolContext, get
from tools.rhythm import rhythm
from tools.series import step
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.workspace import named

Rows = list[tuple[date, float]]
Load = Callable[[Rows], ToolContext]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(workers=1)
    yield made
    made.close()


@pytest.fixture
def load(tmp_path: Path, engine: DuckDBEngine) -> Load:
    """A context over a file of two columns, `date` and `value`."""

    def made(rows: Rows) -> ToolContext:
        file = tmp_path / "readings.csv"
        with file.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([("date", "value"), *((d.isoformat(sep=" ") if isinstance(d, datetime)
                                                             else d.isoformat(), v) for d, v in rows)])  # fmt: skip
        ingest(named("readings", tmp_path / "home"), [file])
        view = WorkspaceViews(tmp_path / "home").get("readings")
        return ToolContext(
            view.workspace, LOCAL_OWNER, view.model, view.profile, engine, view.snapshot, datetime(2026, 11, 21, 9)
        )

    return made


def course(grain: str, count: int, season: int) -> Rows:
    first = date(1990 if grain == "year" else 2015, 1, 5 if grain == "week" else 1)
    start: date = datetime(2015, 1, 1) if grain == "hour" else first
    wave = [100 + k / 10 + 20 * math.sin(2 * math.pi * k / season) + (k * 7919 % 13) / 3 for k in range(count)]
    return [(step(start, grain, k), round(v, 2)) for k, v in enumerate(wave)]


def forecast(context: ToolContext, **args: Any) -> list[list[Any]]:
    found = get("forecast").run(context, args).main()
    assert found is not None
    return found.rows


@pytest.mark.parametrize(
    ("grain", "count", "season"), [("hour", 200, 24), ("week", 150, 52), ("month", 60, 12), ("year", 20, 7)]
)
def test_a_number_counts_periods_of_the_files_own_rhythm(load: Load, grain: str, count: int, season: int) -> None:
    rows = course(grain, count, season)
    context = load(rows)
    column = next(f"{n}.date" for n in context.model.tables)
    assert rhythm(context, column).grain == grain and rhythm(context, column).single
    ahead = forecast(context, horizon=6)
    assert [r[0] for r in ahead] == [step(rows[-1][0], grain, k + 1).isoformat() for k in range(6)]
    last = [v for _, v in rows[-season:]]
    assert all(min(last) - 20 < r[1] < max(last) + 20 for r in ahead)


def test_months_dated_on_their_last_day_are_whole(load: Load) -> None:
    rows = [(step(d, "month") - timedelta(days=1), v) for d, v in course("month", 48, 12)]
    assert forecast(load(rows), metric="value", horizon="next 3 months")[0][0] == "2019-01-01"


def test_missing_readings_are_no_zeros_and_closed_days_are(load: Load) -> None:
    days = course("day", 200, 7)
    gappy = forecast(load([r for k, r in enumerate(days) if k % 9 != 4]), horizon=7)
    assert min(r[1] for r in gappy) > 60
    closed = forecast(load([r for r in days if r[0].weekday() != 6]), horizon=7)
    sunday = next(r[1] for r in closed if date.fromisoformat(r[0]).weekday() == 6)
    assert sunday < 20


def test_repeated_days_are_added_up_and_said(load: Load) -> None:
    days = course("day", 120, 7)
    found = get("forecast").run(load([*days, days[5], days[40]]), {"horizon": 7})
    assert "2 days have more than one row; their values were added up." in [w.message for w in found.warnings]


def test_ten_years_are_enough_and_what_was_tried_is_said(load: Load) -> None:
    found = get("forecast").run(load(course("year", 12, 5)), {"horizon": 6})
    assert found.main() is not None and len(found.main().rows) == 6  # type: ignore[union-attr]
    assert any("not well tested" in w.message for w in found.warnings)


def test_constant_files_are_refused_in_words(load: Load) -> None:
    with pytest.raises(NotEnough, match="never changed"):
        forecast(load([(d, 421.5) for d, _ in course("day", 90, 7)]), metric="value", horizon=7)


def test_short_files_are_refused_in_words(load: Load) -> None:
    with pytest.raises(NotEnough, match="I have only 9 days"):
        forecast(load(course("day", 9, 7)), horizon=7)


def test_negative_readings_are_forecast_too(load: Load) -> None:
    rows = [(d, round(v - 110, 2)) for d, v in course("day", 200, 7)]
    assert min(r[1] for r in forecast(load(rows), horizon=14)) < 0


@pytest.mark.parametrize(
    ("skill", "grain", "count", "season"), [("anomalies", "hour", 400, 24), ("anomalies", "year", 20, 7),
                                            ("trend", "month", 60, 12)],
)  # fmt: skip
def test_other_skills_keep_the_rhythm(load: Load, skill: str, grain: str, count: int, season: int) -> None:
    found = get(skill).run(load(course(grain, count, season)), {"metric": "value"})
    assert found.facts
