"""The demo must be the same everywhere, whole in its keys, and hold every story that is written down about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml

from ingestion.demo import INDUSTRIES, build_demo, building, lookups, retail
from ingestion.profiling import profile
from store.errors import UnknownName
from warehouse.lake import Lake
from warehouse.model import store
from warehouse.model.refresh import refresh
from warehouse.model.values import ValuesIndex
from warehouse.profile import DataProfile
from warehouse.query import MetricQuery
from warehouse.workspace import Workspace

BOOK = yaml.safe_load((Path(__file__).parent / "demo_stories.yaml").read_text(encoding="utf-8"))
LAST_DAY: date = BOOK["last_day"]
FINGERPRINT = "SELECT count(*), sum(hash(x)::HUGEINT)::VARCHAR FROM {} x"
TOTALS = (24445, "2949858.58", 2497)


def grown(last_day: date, scale: float) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2})
    retail.generate(connection, last_day, scale, lambda _text, _share: None)
    return connection


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[object, ...]:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row


@pytest.fixture(scope="module")
def full() -> Iterator[duckdb.DuckDBPyConnection]:
    with grown(LAST_DAY, 1.0) as connection:
        yield connection


@pytest.fixture(scope="module")
def small() -> Iterator[duckdb.DuckDBPyConnection]:
    with grown(LAST_DAY, 0.02) as connection:
        yield connection


@pytest.mark.parametrize("story", BOOK["stories"])
def test_every_story_is_in_the_data(full: duckdb.DuckDBPyConnection, story: str) -> None:
    cursor = full.execute(BOOK["stories"][story]["check"])
    found = dict(zip([c[0] for c in cursor.description], cursor.fetchone() or (), strict=True))
    assert found
    assert all(found.values()), found


def test_a_million_lines(full: duckdb.DuckDBPyConnection) -> None:
    assert one(full, "SELECT count(*) > 1_000_000, max(order_date) FROM order_lines") == (True, LAST_DAY)


@pytest.mark.parametrize("last_day", [date(2027, 6, 30), date(2027, 1, 1), date(2028, 12, 31)])
def test_other_days_still_make_a_million_lines(last_day: date) -> None:
    start = lookups.first_day(last_day)
    book = yaml.safe_load((Path(retail.__file__).parent / "retail.yaml").read_text(encoding="utf-8"))
    running = lookups.campaigns(book, start, last_day)
    orders = sum(lookups.orders_on(d, book, running, 1.0) for d in lookups.days(start, last_day))
    assert 1_000_000 < orders * 2.47 < 2_000_000


@pytest.mark.parametrize("table", retail.TABLES)
def test_two_runs_give_the_same_rows(small: duckdb.DuckDBPyConnection, table: str) -> None:
    with grown(LAST_DAY, 0.02) as again:
        assert one(small, FINGERPRINT.format(table)) == one(again, FINGERPRINT.format(table))


def test_rows_do_not_depend_on_the_machine(small: duckdb.DuckDBPyConnection) -> None:
    """These totals were written down once; another machine or engine version must reach the same ones."""
    assert one(small, "SELECT count(*), sum(net_amount)::VARCHAR, sum(returned_quantity) FROM order_lines") == TOTALS


def test_a_later_day_only_adds_rows(small: duckdb.DuckDBPyConnection) -> None:
    with grown(date(2026, 12, 20), 0.02) as later:
        for kept in ("* FROM orders", "* EXCLUDE (returned_quantity) FROM order_lines"):
            sql = FINGERPRINT.format(f"(SELECT {kept} WHERE order_date <= '{LAST_DAY}')")
            assert one(small, sql) == one(later, sql)


def test_years_are_whole_at_the_start() -> None:
    for day in (date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1), date(2026, 12, 31)):
        start = lookups.first_day(day)
        assert (start.month, start.day) == (1, 1)
        assert 2.4 < (day - start).days / 365.25 < 3.6


def test_model_keys_and_joins_hold(small: duckdb.DuckDBPyConnection) -> None:
    model = store.parse(retail.authored_model())
    for table in model.tables.values():
        keys = ", ".join(table.key)
        assert one(small, f"SELECT count(*) = count(DISTINCT ({keys})) FROM {table.source}") == (True,), table.source
        for join in table.joins:
            own, target = next(iter(join.on.items()))
            known = f"SELECT {target} FROM {join.to}"
            stray = f"SELECT count(*) FROM {table.source} WHERE {own} IS NOT NULL AND {own} NOT IN ({known})"
            assert one(small, stray) == (0,), (table.source, join.to)


def test_model_expressions_run(small: duckdb.DuckDBPyConnection) -> None:
    model = store.parse(retail.authored_model())
    for table in model.tables.values():
        for name, dimension in table.dimensions.items():
            small.execute(f"SELECT {dimension.expr or name} FROM {table.source} LIMIT 0")
        for name, number in table.numbers.items():
            small.execute(f"SELECT {number.expr or name} + 0 FROM {table.source} LIMIT 0")
        for measure in table.measures.values():
            small.execute(f"SELECT {measure.expr or 1} FROM {table.source} WHERE {measure.where or 'true'} LIMIT 0")
    for verified in model.verified:
        MetricQuery.model_validate(verified.query)


def test_only_known_industries(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no demo called"):
        build_demo("retial", Workspace("x", tmp_path / "x"))
    assert INDUSTRIES[0] == "retail"


def test_a_later_load_keeps_the_authored_model_as_it_is(tmp_path: Path) -> None:
    workspace = Workspace("demo-retail", tmp_path / "demo-retail")
    build_demo("retail", workspace, last_day=LAST_DAY, scale=0.002)
    authored = store.load(workspace.model_file)
    with Lake.open(workspace.lake).writer() as connection:
        merged = refresh(workspace, profile(connection), connection)
    assert merged == authored


def test_an_interrupted_build_does_not_pass_for_a_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace("demo-retail", tmp_path / "demo-retail")
    monkeypatch.setattr(building, "_save_meaning", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        build_demo("retail", workspace, last_day=LAST_DAY, scale=0.002)
    assert not workspace.model_file.exists()


def test_a_workspace_is_built_ready_to_ask(tmp_path: Path) -> None:
    told: list[str] = []
    workspace = Workspace("demo-retail", tmp_path / "demo-retail")
    for _ in range(2):
        report = build_demo("retail", workspace, lambda text, _share: told.append(text), last_day=LAST_DAY, scale=0.01)
    assert workspace.exists
    assert workspace.model_file.read_text(encoding="utf-8") == retail.authored_model()
    assert DataProfile.model_validate_json(workspace.profile_file.read_bytes()).snapshot > 0
    assert ValuesIndex.load(workspace.values_file).match("germany")[0].value == "Germany"
    assert report.tables["order_lines"] > 5_000
    assert report.last_day == LAST_DAY
    assert told[-1] == "Ready"
