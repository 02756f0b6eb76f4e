"""The bench measures what it says: engine and rest add up, a cold CSV has its size, figures carry their targets."""

from __future__ import annotations

import csv
from pathlib import Path

from evals.bench import start, turn


def test_figures_split_engine_and_rest() -> None:
    turns = [
        turn.Timed("a", first=5, total=50, engine=20, bare=10, status="answered", sql=["SELECT 1"]),
        turn.Timed("b", first=7, total=30, engine=0, bare=0, status="clarify"),
    ]
    found = {f.name: f for f in turn.figures(turns)}
    assert found["questions answered"].value == 1
    assert found["everything but the engine, p95"].value == 30
    assert found["engine time over bare DuckDB"].value == 2
    assert found["first event, p50"].ok is True
    assert turn.cases(turns)[0] == {
        "question": "a", "status": "answered", "first": 5, "total": 50, "engine": 20, "rest": 30, "bare": 10,
    }  # fmt: skip


def test_the_generated_file_is_the_same_on_every_run(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    for path in (first, second):
        start.write_sales(path, 50_000)
    assert first.read_bytes() == second.read_bytes()
    assert 50_000 <= first.stat().st_size < 50_200
    with first.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {r["region"] for r in rows} == {"North", "South", "East", "West"}
    assert all(float(r["amount"]) >= 0 for r in rows)
