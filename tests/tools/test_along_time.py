"""Forecasts and anomalies end to end on a small workspace: tables with ranges, facts on cells, honest refusals."""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from agent.view import WorkspaceViews
from ingestion.pipeline import ingest
from store.errors import InvalidRequest, NotEnough
from store.principal import LOCAL_OWNER
from tools.evidence import Evidence
from tools.registry import ToolContext, get
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.workspace import named

LAST = date(2026, 10, 31)
SHOPS = {"North": 60, "South": 30}


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToolContext]:
    """400 days of sales in two shops; the South has an outage of three days in September 2026."""
    folder = tmp_path_factory.mktemp("along")
    source, rng = folder / "sales.csv", random.Random(7)
    with source.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["sale_id", "sale_date", "shop", "amount"])
        number = 0
        for back in range(399, -1, -1):
            day = LAST - timedelta(days=back)
            for shop, base in SHOPS.items():
                level = base * (1 + 0.3 * math.sin(2 * math.pi * day.toordinal() / 7)) * rng.gauss(1, 0.05)
                outage = shop == "South" and date(2026, 9, 10) <= day <= date(2026, 9, 12)
                for _ in range(4):
                    number += 1
                    out.writerow([number, day.isoformat(), shop, round(level * (0.02 if outage else 1), 2)])
    workspace = named("along", folder / "home")
    ingest(workspace, [source])
    view = WorkspaceViews(folder / "home").get("along")
    engine = DuckDBEngine(workers=1)
    yield ToolContext(
        view.workspace, LOCAL_OWNER, view.model, view.profile, engine, view.snapshot, datetime(2026, 11, 1, 9)
    )
    engine.close()


def measure(context: ToolContext) -> str:
    return next(m for t in context.model.tables.values() for m, s in t.measures.items() if s.agg == "sum")


def run(context: ToolContext, name: str, **args: Any) -> Evidence:
    return get(name).run(context, {"metric": measure(context), **args})


def test_a_forecast_has_ranges_facts_and_a_word_on_quality(context: ToolContext) -> None:
    found = run(context, "forecast", horizon="next 30 days")
    main = found.main()
    assert main is not None
    assert [c.name for c in main.columns] == ["period", "forecast", "low_80", "high_80", "low_95", "high_95"]
    assert len(main.rows) == 30
    assert main.rows[0][0] == "2026-11-01"
    for _, value, low, high, lower, higher in main.rows:
        assert lower <= low <= value <= high <= higher
    tables = {t.id: t for t in found.tables}
    total = next(f for f in found.facts if f.kind == "forecast_total")
    ref = total.values["value"]
    assert tables[ref.table].value(ref.row, ref.column) == pytest.approx(sum(r[1] for r in main.rows))
    assert found.quality is not None
    assert found.quality.figures["better"] > 0
    for fact in found.facts:
        for cell in fact.values.values():
            tables[cell.table].value(cell.row, cell.column)
    assert found.charts[0].table in tables


def test_parts_sum_to_the_total(context: ToolContext) -> None:
    table = next(iter(context.model.tables))
    found = run(context, "forecast", horizon="next 7 days", by={"field": f"{table}.shop"})
    totals = next(t for t in found.tables if t.id.startswith("s"))
    named_ = {r[0]: r[1] for r in totals.rows}
    assert named_["Everything"] == pytest.approx(named_["North"] + named_["South"], rel=1e-9)


def test_what_is_there_already_counts(context: ToolContext) -> None:
    """Asked in mid-month, the forecast of this month holds the days that are over."""
    early = ToolContext(**{**vars(context), "as_of": datetime(2026, 10, 20, 9)})
    found = run(early, "forecast", horizon="this month")
    fact = next(f for f in found.facts if f.kind == "forecast_total")
    assert "so_far" in fact.values
    assert found.main().rows[0][0] == "2026-10-20"  # type: ignore[union-attr]


def test_refusals_give_the_numbers(context: ToolContext) -> None:
    with pytest.raises(NotEnough) as caught:
        run(context, "forecast", horizon="next 12 months", grain="day")
    assert caught.value.code == "too_little_history"
    assert "400 days" in str(caught.value)
    with pytest.raises(InvalidRequest):
        run(context, "forecast", horizon="for a while")
    with pytest.raises(InvalidRequest):
        run(context, "forecast", start="2025-01-01", end="2025-02-01")


def test_an_outage_is_one_finding_with_its_cause(context: ToolContext) -> None:
    table = next(iter(context.model.tables))
    window = {"start": "2026-09-01", "end": "2026-10-01"}
    found = run(context, "anomalies", time=window, by={"field": f"{table}.shop"})
    main = found.main()
    assert main is not None
    assert [(r[0], r[1], r[3]) for r in main.rows] == [("2026-09-10", "2026-09-12", "dip")]
    fact = found.facts[0]
    assert (fact.kind, fact.attributes["direction"]) == ("anomaly", "down")
    assert main.rows[0][-1] == "South" or main.rows[0][2] == "South"


def test_a_quiet_day_has_its_usual_range(context: ToolContext) -> None:
    found = run(context, "anomalies", time={"last": {"n": 1, "unit": "day"}})
    assert [f.kind for f in found.facts] == ["quiet"]
    assert {"actual", "low", "high"} <= found.facts[0].values.keys()
    assert not found.main().rows  # type: ignore[union-attr]


def test_the_day_a_running_total_reaches_its_goal(context: ToolContext) -> None:
    """Days come to about 360 by then: the goal lies some twenty days ahead."""
    first = run(context, "reach", goal=1.0)
    so_far = first.tables[1].rows[0][first.tables[1].column_index("done")]
    assert first.facts[0].attributes["state"] == "reached"
    found = run(context, "reach", goal=so_far + 20 * 360)
    fact, when = found.facts[0], found.tables[1]
    assert fact.attributes["state"] == "ahead"
    early, at, late = (date.fromisoformat(when.rows[0][when.column_index(n)]) for n in ("early", "at", "late"))
    assert date(2026, 11, 14) <= early <= at <= late <= date(2026, 11, 26)


def test_a_goal_out_of_sight_is_said_to_be(context: ToolContext) -> None:
    found = run(context, "reach", goal=10_000, per="day")
    assert (found.facts[0].attributes["state"], found.facts[0].attributes["way"]) == ("beyond", "level")
    assert "at" not in found.facts[0].values
    year = run(context, "reach", goal=1e9)
    assert year.main().rows[-1][0] == "2026-12-31"  # type: ignore[union-attr]
    assert year.facts[0].attributes["ends"] == "yes"


def test_a_running_total_reaches_no_lower_goal(context: ToolContext) -> None:
    with pytest.raises(InvalidRequest):
        run(context, "reach", goal=-5)
