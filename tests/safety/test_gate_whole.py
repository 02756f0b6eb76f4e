"""The gate against everything the engine has: every function that is not listed, every kind of statement."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest

from warehouse import functions, trusted

Judge = Callable[[str], str]

WAYS = (
    "SELECT {name}('a')",
    "SELECT 'a'.{name}()",
    "SELECT system.main.{name}(1)",
    "SELECT id FROM orders WHERE {name}(id) = 1",
    "SELECT {name}(id) OVER () FROM orders",
)
STATEMENTS = {
    "ALTER": "ALTER TABLE orders ADD COLUMN x INT",
    "ANALYZE": "ANALYZE orders",
    "ATTACH": "ATTACH 'x.duckdb' AS x",
    "CALL": "CALL duckdb_tables()",
    "COPY": "COPY orders TO 'x.csv'",
    "COPY_DATABASE": "COPY FROM DATABASE memory TO other",
    "CREATE": "CREATE TABLE x AS SELECT 1 AS a",
    "CREATE_FUNC": "CREATE MACRO sum(x) AS 42",
    "DELETE": "DELETE FROM orders",
    "DETACH": "DETACH x",
    "DROP": "DROP TABLE orders",
    "EXECUTE": "EXECUTE v1",
    "EXPLAIN": "EXPLAIN SELECT * FROM orders",
    "EXPORT": "EXPORT DATABASE 'x'",
    "INSERT": "INSERT INTO orders SELECT * FROM orders",
    "LOAD": "LOAD sqlite",
    "MERGE_INTO": "MERGE INTO orders USING customers ON orders.id = customers.id WHEN MATCHED THEN DELETE",
    "PRAGMA": "PRAGMA disable_progress_bar",
    "PREPARE": "PREPARE v1 AS SELECT 1",
    "SET": "SET memory_limit = '10GB'",
    "TRANSACTION": "BEGIN TRANSACTION",
    "UPDATE": "UPDATE orders SET id = 1",
    "VACUUM": "VACUUM",
    "VARIABLE_SET": "SET VARIABLE x = 1",
}
OTHER_NAMES = {"ANALYZE": "VACUUM", "COPY_DATABASE": "TRANSACTION", "CREATE_FUNC": "CREATE", "VARIABLE_SET": "SET"}
"""Kinds that the parser calls by another name than the engine's list of kinds."""
BESIDE = {"EXTENSION", "INVALID", "LOGICAL_PLAN", "MULTI", "RELATION", "SELECT"}
"""Kinds that no text of one statement has, and the one that is let through."""


def unlisted() -> list[str]:
    """Names of all scalars, aggregates and macros of the engine and the extensions we ship, but the allowed ones."""
    with trusted.connection() as connection:
        rows = connection.execute(
            "SELECT DISTINCT lower(function_name) FROM duckdb_functions()"
            " WHERE function_type IN ('scalar', 'aggregate', 'macro')"
        ).fetchall()
    return sorted({name for (name,) in rows if name.isidentifier()} - functions.SCALAR)


def test_every_unlisted_function_is_refused_wherever_it_stands(outcome: Judge) -> None:
    names = unlisted()
    assert len(names) > 200
    let_through = [f"{way.format(name=n)}" for n in names for way in WAYS if outcome(way.format(name=n)) == "bound"]
    assert let_through == []


@pytest.mark.parametrize("kind", STATEMENTS)
def test_every_kind_of_statement_but_a_select_is_refused(outcome: Judge, kind: str) -> None:
    sql = STATEMENTS[kind]
    assert outcome(sql).startswith("refused"), sql
    assert outcome(f"SELECT 1; {sql}").startswith("refused")
    assert outcome(f"SELECT * FROM ({sql})").startswith("refused")
    assert outcome(f"WITH x AS ({sql}) SELECT * FROM x").startswith("refused")


def test_no_kind_of_statement_is_forgotten() -> None:
    kinds = {name for name in dir(duckdb.StatementType) if name.isupper()}
    assert kinds - BESIDE == STATEMENTS.keys()
    told = {kind: duckdb.extract_statements(sql)[0].type.name for kind, sql in STATEMENTS.items()}
    other_names = {kind: name for kind, name in told.items() if name != kind}
    assert other_names == OTHER_NAMES
