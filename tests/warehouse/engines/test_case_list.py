"""Cases of the compiler give the same values on Postgres, ClickHouse and Spark as on DuckDB; evals run all of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals import engines

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["postgres", "clickhouse"])
def test_the_case_list_is_right_on_the_engine(engine: str) -> None:
    _check(engine, 4)


@pytest.mark.slow
def test_the_case_list_is_right_on_spark() -> None:
    _check("spark", 4)


def _check(engine: str, every: int) -> None:
    if not engines.installed(engine):
        pytest.skip(f"{' and '.join(engines.PACKAGES[engine])} not installed (pip install 'plainsay[{engine}]')")
    cases, said = engines.run_cases(engine, every)
    executed = [case for case in cases if case.queries]
    assert [f"{case.module}: {case.name}" for case in executed if not case.passed] == [], said
    assert len(executed) > 150 // every, said


def test_the_page_says_what_the_last_run_found() -> None:
    found = json.loads((ROOT / "evals" / "results" / "engines.json").read_text(encoding="utf-8"))
    assert (ROOT / "docs" / "engines.md").read_text(encoding="utf-8") == engines.page(found["cases"])
