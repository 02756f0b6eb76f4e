"""A lake with what the asker may read, what they may not, and ways round the gate for tests of the fence behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from evals.runaway import forged
from store import settings
from store.principal import LOCAL_OWNER
from warehouse import guard
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.guard import BoundQuery, Limits, RawSql
from warehouse.lake import Lake
from warehouse.model.schema import SemanticModel, Table
from warehouse.snapshot import Snapshot

CORPORA = Path(settings.get("data")) / "corpora"
CANARY = "CANARY-B"


@dataclass(frozen=True)
class Guarded:
    """The fixture of duckdb-guard as a lake: schema `a` became the lake's own schema, `b` stays out of the snapshot."""

    lake: Lake
    snapshot: Snapshot
    model: SemanticModel
    engine: DuckDBEngine

    def bind(self, sql: str, limits: Limits | None = None) -> BoundQuery:
        return guard.authorize(
            RawSql(self.localised(sql)), LOCAL_OWNER, model=self.model, snapshot=self.snapshot, limits=limits
        )

    def localised(self, sql: str) -> str:
        places = {"{dir}": str(self.lake.folder.parent), "{lake}": str(self.lake.folder), "{next}": "99"}
        for mark, value in places.items():
            sql = sql.replace(mark, value)
        return re.sub(r"\ba\.(?=orders\b|customers\b)", "main.", sql)

    def forge(self, sql: str, limits: Limits | None = None, snapshot: Snapshot | None = None) -> BoundQuery:
        """A bound query that skipped the gate, to see what the worker alone would stop."""
        return forged(self.localised(sql), snapshot or self.snapshot, limits or Limits(seconds=3.0))


@pytest.fixture(scope="session")
def corpora() -> Path:
    if not CORPORA.is_dir():
        pytest.skip(f"the attack corpora are not at {CORPORA} (set PLAINSAY_DATA)")
    return CORPORA


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    lake = Lake.create(tmp_path_factory.mktemp("guarded") / "lake")
    with lake.writer() as connection:
        connection.execute(
            """
            CREATE SCHEMA b;
            CREATE TABLE orders AS SELECT range AS id, range % 7 AS customer_id,
              DATE '2026-01-01' + CAST(range % 90 AS INTEGER) AS day, range * 1.5 AS amount,
              CASE WHEN range % 5 = 0 THEN 'delete requested' ELSE 'paid' END AS status FROM range(1000);
            CREATE TABLE customers AS SELECT range AS id, 'name' || range AS name,
              CASE WHEN range % 2 = 0 THEN 'DE' ELSE 'FR' END AS country FROM range(7);
            CREATE TABLE b.orders AS SELECT range AS id, 'CANARY-B' AS secret, range * 2.0 AS amount FROM range(10);
            CREATE TABLE b.only_b AS SELECT 'CANARY-B' AS secret;
            CREATE VIEW b.secretv AS SELECT 'CANARY-B' AS x;
            CREATE TABLE t AS SELECT range AS i, 'x' || range AS s FROM range(1000);
            """
        )
    snapshot = lake.publish()
    model = SemanticModel(model="guarded", tables={name: Table(source=name) for name in snapshot.tables})
    engine = DuckDBEngine(workers=2)
    yield Guarded(lake, snapshot, model, engine)
    engine.close()


@pytest.fixture
def outcome(guarded: Guarded) -> Callable[[str], str]:
    """`refused:code` or `bound` for a text given to the gate as raw SQL."""
    from store.errors import QueryRefused

    def judge(sql: str) -> str:
        try:
            guarded.bind(sql)
        except QueryRefused as error:
            assert error.message and error.hint, sql
            return f"refused:{error.code}"
        return "bound"

    return judge
