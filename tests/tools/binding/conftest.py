"""A small retailer in memory, whose tables and columns a test may rename, drop and reorder before they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingestion import profiling
from ingestion.demo import retail
from knowledge.packs import load
from knowledge.packs.schema import Pack
from tools.binding.bind import bind
from tools.binding.match import Decisions
from tools.binding.result import Binding
from warehouse.model.infer import infer
from warehouse.model.probe import DuckDBProbe

Bound = Callable[..., Binding]


@pytest.fixture(scope="session")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        retail.generate(connection, date(2026, 10, 31), 0.001, lambda _text, _share: None)
    return path


@pytest.fixture
def shop(shop_file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{shop_file}' AS shop (READ_ONLY)")
        for (table,) in connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'shop'"
        ).fetchall():
            connection.execute(f"CREATE TABLE {table} AS FROM shop.{table}")
        connection.execute("DETACH shop")
        yield connection


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load.load(load.find("retail", Path("/nowhere")))


@pytest.fixture
def bound(shop: duckdb.DuckDBPyConnection, pack: Pack) -> Bound:
    def after(*statements: str, decided: Decisions | None = None, of: Pack = pack) -> Binding:
        for statement in statements:
            shop.execute(statement)
        profile = profiling.profile(shop)
        return bind(of, infer(profile, DuckDBProbe(shop), name="shop").model, profile, decided)

    return after
