"""A small profiler and database helpers for the tests of inference."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from store import settings
from warehouse.model.infer import infer
from warehouse.model.probe import DuckDBProbe
from warehouse.profile import ColumnProfile, DataProfile, TableProfile


def profile_of(connection: duckdb.DuckDBPyConnection) -> DataProfile:
    """A profile of all tables of a connection, exact and unhurried."""
    rows = connection.execute(
        "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal "
        "ORDER BY table_name, column_index"
    ).fetchall()
    tables: dict[str, TableProfile] = {}
    for table, column, kind, comment in rows:
        if table not in tables:
            tables[table] = TableProfile(
                name=table, rows=_one(connection, f'SELECT count(*) FROM "{table}"'), columns={}
            )
        tables[table].columns[column] = _column(connection, tables[table], column, kind, comment)
    keys = connection.execute(
        "SELECT table_name, constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
    ).fetchall()
    for table, columns in keys:
        tables[table].primary_key = list(columns)
    return DataProfile(tables=tables)


def _one(connection, sql):
    return connection.execute(sql).fetchone()[0]


def _column(connection, table, column, kind, comment):
    q, t = '"' + column.replace('"', '""') + '"', f'"{table.name}"'
    numeric = kind.startswith(("DECIMAL", "DOUBLE", "FLOAT")) or kind.endswith("INT") or kind == "INTEGER"
    nulls, distinct, low, high = connection.execute(
        f"SELECT count(*) - count({q}), count(DISTINCT {q}), CAST(min({q}) AS VARCHAR), CAST(max({q}) AS VARCHAR) "
        f"FROM {t}"
    ).fetchone()
    mean, whole = connection.execute(
        f"SELECT avg({q}), bool_and({q} = round({q})) FROM {t}" if numeric else "SELECT NULL, false"
    ).fetchone()
    text = kind == "VARCHAR"
    average, longest = connection.execute(
        f"SELECT avg(length({q})), max(length({q})) FROM {t}" if text else "SELECT NULL, NULL"
    ).fetchone()
    values = connection.execute(
        f"SELECT {q} FROM {t} WHERE {q} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, CAST(1 AS VARCHAR) LIMIT 20"
    ).fetchall()
    return ColumnProfile(
        name=column, duckdb_type=kind, rows=table.rows, nulls=nulls, distinct=distinct, min=low, max=high, mean=mean,
        avg_length=average, max_length=longest, integral=bool(whole), values=[str(v) for (v,) in values],
        comment=comment,
    )  # fmt: skip


@pytest.fixture
def database() -> Callable[[str], duckdb.DuckDBPyConnection]:
    """Makes an in-memory database from a script."""

    def make(script: str) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        connection.execute(script)
        return connection

    return make


@pytest.fixture
def outside() -> Path:
    """The folder of outside natural-language databases; skips when it is absent."""
    folder = settings.get("data") / "nlq"
    if not folder.is_dir():
        pytest.skip("the outside test data (PLAINSAY_DATA) is not here")
    return folder


@pytest.fixture
def profiled() -> Callable[[duckdb.DuckDBPyConnection], DataProfile]:
    """Profiles a connection."""
    return profile_of


@pytest.fixture
def inferred(database):
    """Infers a model from a script."""

    def run(script: str):
        connection = database(script)
        return infer(profile_of(connection), DuckDBProbe(connection), name="test")

    return run
