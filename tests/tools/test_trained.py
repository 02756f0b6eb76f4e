"""What was learned is registered with error and snapshot, drift is said in words, training again is recorded."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from agent.view import WorkspaceViews
from ingestion.pipeline import ingest
from store.errors import UnknownName
from store.principal import LOCAL_OWNER
from tools import trained
from tools.registry import ToolContext, all_tools, get
from tools.trained import Register
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.workspace import named

FIRST = date(2026, 1, 1)


def sales(path: Path, days: int, level: float, from_day: int = 0) -> Path:
    """One sale a day around 100, or from a day on around another level."""
    rng = random.Random(1)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["sale_id", "sale_date", "amount"])
        for n in range(days):
            usual = level if from_day and n >= from_day else 100.0
            out.writerow([n + 1, (FIRST + timedelta(days=n)).isoformat(), round(usual * rng.gauss(1, 0.03), 2)])
    return path


@pytest.fixture
def context(tmp_path: Path) -> Iterator[ToolContext]:
    ingest(named("shop", tmp_path), [sales(tmp_path / "sales.csv", 120, 100.0)])
    engine = DuckDBEngine(workers=1)
    yield opened(tmp_path, engine, datetime(2026, 5, 1, 9))
    engine.close()


def opened(home: Path, engine: DuckDBEngine, as_of: datetime) -> ToolContext:
    view = WorkspaceViews(home).get("shop")
    return ToolContext(view.workspace, LOCAL_OWNER, view.model, view.profile, engine, view.snapshot, as_of)


def test_a_forecast_is_registered_drifts_when_the_level_breaks_and_is_trained_again(
    context: ToolContext, tmp_path: Path
) -> None:
    amount = next(m for t in context.model.tables.values() for m, s in t.measures.items() if s.agg == "sum")
    get("forecast").run(context, {"metric": amount, "horizon": "next 30 days"})
    get("query_metrics").run(context, {"query": {"metrics": [{"metric": amount}]}})  # learns nothing
    register = Register(context.workspace.root)
    (model,) = register.all()
    assert model.tool == "forecast" and model.state == "live" and len(model.expected) == 30
    assert model.now.snapshot == str(context.snapshot.id) and "wape" in model.now.figures
    assert trained.overdue(context) == []  # nothing was loaded since

    ingest(context.workspace, [sales(tmp_path / "sales.csv", 150, 190.0, from_day=120)])
    newer = replace(opened(tmp_path, context.engine, datetime(2026, 5, 31, 9)))  # type: ignore[arg-type]
    (checked,) = trained.overdue(newer)
    assert checked.state == "drifted"
    assert any("lay in the 80 % range" in said for said in checked.drift)
    again = trained.retrain(newer, model.id)
    assert again.state == "live" and again.now.snapshot == str(newer.snapshot.id)
    assert [v.snapshot for v in again.before] == [model.now.snapshot]


def test_without_a_break_nothing_drifts(context: ToolContext, tmp_path: Path) -> None:
    amount = next(m for t in context.model.tables.values() for m, s in t.measures.items() if s.agg == "sum")
    get("forecast").run(context, {"metric": amount, "horizon": "next 30 days"})
    ingest(context.workspace, [sales(tmp_path / "sales.csv", 150, 100.0)])
    (checked,) = trained.overdue(opened(tmp_path, context.engine, datetime(2026, 5, 31, 9)))  # type: ignore[arg-type]
    assert checked.state == "live" and checked.drift == []


def test_a_training_that_fails_says_why_and_keeps_the_old_one(context: ToolContext) -> None:
    amount = next(m for t in context.model.tables.values() for m, s in t.measures.items() if s.agg == "sum")
    get("forecast").run(context, {"metric": amount, "horizon": "next 30 days"})
    register = Register(context.workspace.root)
    (model,) = register.all()
    register.save(model.model_copy(update={"args": {**model.args, "metric": "gone"}}))
    failed = trained.retrain(context, model.id)
    assert failed.state == "failed" and failed.drift and failed.now == model.now
    with pytest.raises(UnknownName):
        trained.retrain(context, "m-none")


def test_every_skill_has_an_example_and_says_what_it_needs() -> None:
    silent = [t.name for t in all_tools() if not (t.example and t.needs) and not t.writes and t.name != "run_sql"]
    assert silent == []
