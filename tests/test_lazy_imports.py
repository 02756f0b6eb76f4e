"""A command line that answers at once and a server that starts in a moment: heavy libraries load when used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "sklearn", "statsforecast", "statsmodels", "prophet", "scipy", "chromadb", "langchain", "openai",
    "langchain_openai", "ag_ui_langgraph", "dlt", "altair", "matplotlib", "mcp", "slack_bolt", "dbos", "pandas",
    "strawberry", "graphql",
}  # fmt: skip
ENGINES = {"duckdb", "pyarrow", "langgraph", "langchain_core", "fastapi", "sqlalchemy", "numpy", "sqlglot", "uvicorn"}
LIGHT = [
    "store.settings",
    "store.errors",
    "warehouse.query",
    "warehouse.model.schema",
    "ingestion.demo",
    "evals.suites",
]


def loaded(module: str) -> set[str]:
    """Top-level names in `sys.modules` of a fresh process after importing `module`."""
    code = f"import {module}, sys; sys.stdout.write(' '.join({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["api.cli", "api.app", "agent.assistant", "tools.registry", "ingestion.pipeline"])
def test_nothing_heavy_at_import(module: str) -> None:
    assert loaded(module) & HEAVY == set()


@pytest.mark.parametrize("module", ["api.cli", *LIGHT])
def test_light_modules_load_no_engine(module: str) -> None:
    assert loaded(module) & (HEAVY | ENGINES) == set()


def _of_children() -> float:
    """Seconds of processor time of the processes that ended: the clock on the wall tells how busy the machine is."""
    times = os.times()
    return times.children_user + times.children_system


def test_help_is_quick() -> None:
    command = [str(Path(sys.executable).parent / "plainsay"), "--help"]
    taken = []
    for _ in range(3):
        began = _of_children()
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        taken.append(_of_children() - began)
        assert done.returncode == 0, done.stderr
        assert "ask" in done.stdout
    assert min(taken) <= 1.0
