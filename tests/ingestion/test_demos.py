"""The demos of four more industries: the same everywhere, whole in their keys, and true to what is told about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib import resources
from typing import Any

import duckdb
import pytest
import yaml

from ingestion.demo import build_demo, grown
from ingestion.profiling import profile
from warehouse.lake import Lake
from warehouse.model import store
from warehouse.model.refresh import refresh
from warehouse.workspace import Workspace

LAST_DAY = date(2026, 11, 20)
SCALE = 0.35  # stories of few rows need this many to show
FINGERPRINT = "SELECT count(*), sum(hash(x)::HUGEINT)::VARCHAR FROM {} x"


def book(industry: str) -> dict[str, Any]:
    file = resources.files("evals") / "industries" / f"{industry}_stories.yaml"
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


STORIES = [(industry, name) for industry in grown.TABLES for name in book(industry)["stories"]]


def grow(industry: str, scale: float, last_day: date = LAST_DAY) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2})
    grown.generate(industry, connection, last_day, scale, lambda _text, _share: None)
    return connection


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[object, ...]:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row


@pytest.fixture(scope="module")
def small() -> Iterator[dict[str, duckdb.DuckDBPyConnection]]:
    made = {industry: grow(industry, SCALE) for industry in grown.TABLES}
    yield made
    for connection in made.values():
        connection.close()


@pytest.mark.parametrize(("industry", "story"), STORIES)
def test_every_story_is_in_the_data(small: dict[str, duckdb.DuckDBPyConnection], industry: str, story: str) -> None:
    cursor = small[industry].execute(book(industry)["stories"][story]["check"])
    found = dict(zip([c[0] for c in cursor.description], cursor.fetchone() or (), strict=True))
    assert found
    assert all(found.values()), found


@pytest.mark.parametrize("industry", grown.TABLES)
def test_stories_are_of_every_kind(industry: str) -> None:
    kinds = {s["kind"] for s in book(industry)["stories"].values()}
    assert {"one cause", "combined cause", "anomaly", "trend break", "segment difference", "data-quality trap"} <= kinds


@pytest.mark.parametrize("industry", grown.TABLES)
def test_two_runs_give_the_same_rows_and_leave_nothing_behind(industry: str) -> None:
    with grow(industry, 0.02) as first, grow(industry, 0.02) as second:
        for table in grown.TABLES[industry]:
            assert one(first, FINGERPRINT.format(table)) == one(second, FINGERPRINT.format(table)), table
        left = [r[0] for r in first.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        assert sorted(left) == sorted(grown.TABLES[industry])


@pytest.mark.parametrize("industry", grown.TABLES)
def test_data_end_on_the_last_day(industry: str) -> None:
    last = date(2027, 1, 31)
    with grow(industry, 0.01, last) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE data_type IN ('DATE', 'TIMESTAMP')"
            " AND column_name NOT IN ('kyc_review_due')"
        ).fetchall()
        for table, column in columns:
            assert one(connection, f"SELECT coalesce(max({column})::DATE <= DATE '{last}', true) FROM {table}") == (
                True,
            ), (table, column)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workspace]:
    home = tmp_path_factory.mktemp("demos")
    made = {i: Workspace(f"demo-{i}", home / f"demo-{i}") for i in grown.TABLES}
    for industry, workspace in made.items():
        build_demo(industry, workspace, last_day=LAST_DAY, scale=0.01)
    return made


@pytest.mark.parametrize("industry", grown.TABLES)
def test_keys_and_joins_of_the_model_hold(built: dict[str, Workspace], industry: str) -> None:
    workspace = built[industry]
    model = store.load(workspace.model_file)
    assert set(model.tables) == set(grown.TABLES[industry])
    assert (model.label, model.currency) != (None, None)
    with Lake.open(workspace.lake).writer() as connection:
        for table in model.tables.values():
            if table.key:
                keys = ", ".join(table.key)
                unique = f"SELECT count(*) = count(DISTINCT ({keys})) FROM {table.source}"
                assert one(connection, unique) == (True,), table.source
            for join in table.joins:
                own, target = next(iter(join.on.items()))
                stray = f"SELECT count(*) FROM {table.source} WHERE {own} NOT IN (SELECT {target} FROM {join.to})"
                assert one(connection, stray) == (0,), (table.source, join.to)


@pytest.mark.parametrize("industry", grown.TABLES)
def test_a_later_load_keeps_the_model(built: dict[str, Workspace], industry: str) -> None:
    workspace = built[industry]
    before = store.load(workspace.model_file)
    with Lake.open(workspace.lake).writer() as connection:
        after = refresh(workspace, profile(connection), connection)
    assert after == before
