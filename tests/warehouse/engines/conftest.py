"""Engines with one small table each, and the way through the gate to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evals import engines
from evals.engine_cases import EngineRunner, engine_runner
from store.principal import LOCAL_OWNER
from warehouse.engines.base import QueryResult
from warehouse.guard import Limits, RawSql, authorize
from warehouse.model.schema import SemanticModel, Table

Ask = Callable[..., QueryResult]


def runner_of(name: str) -> Iterator[EngineRunner]:
    if not engines.installed(name):
        pytest.skip(f"{name} is not installed (pip install 'plainsay[{name}]')")
    with engine_runner(name) as runner:
        yield runner


@pytest.fixture(scope="session")
def postgres() -> Iterator[EngineRunner]:
    yield from runner_of("postgres")


@pytest.fixture(scope="session")
def clickhouse() -> Iterator[EngineRunner]:
    yield from runner_of("clickhouse")


@pytest.fixture(scope="session")
def asked() -> Callable[[Any, str, Limits | None], QueryResult]:
    """A person's SQL through the gate to an engine, over the tables that the engine says it has."""

    def ask(engine: Any, sql: str, limits: Limits | None = None) -> QueryResult:
        snapshot = engine.describe()
        model = SemanticModel(model="m", tables={name: Table(source=name) for name in snapshot.tables})
        bound = authorize(
            RawSql(sql, engine.dialect), LOCAL_OWNER, model=model, snapshot=snapshot, limits=limits or Limits()
        )
        return engine.run(bound)

    return ask


@pytest.fixture
def naughty() -> list[str]:
    """Texts that break out of badly written literals."""
    lines = ["'", "''", "\\", "\\'", "\\\\'", "a\\nb", "\\0", "%", "_", "\\%", "--", "/*", "$$", "$1", ":x", "{x}", "é"]
    lines += [
        "' OR 1=1 --",
        "\\' OR 1=1 --",
        "'; DROP TABLE t; --",
        "\\\\\\' UNION SELECT 1 --",
        "E'\\''",
        "X'41'",
        "`",
    ]
    lines += ['"', "\N{GRINNING FACE}"]
    corpus = Path(__file__).parents[4] / "shared" / "data" / "corpora"
    for path in sorted(corpus.glob("*/sql-injection/**/*.txt"))[:12]:
        lines += [line for line in path.read_text(encoding="utf-8", errors="ignore").splitlines() if line.strip()][:40]
    return [line for line in dict.fromkeys(lines) if "\x00" not in line and line.isprintable()]
