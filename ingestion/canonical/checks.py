"""Tests of the common tables after each build, because a lake has no keys and no closed vocabularies of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from ingestion.canonical.tables import CommonTable, all_tables, stored_in
from warehouse.literals import literal, quoted

_LINKS = (
    ("refunds", "payment_id", "payments"), ("disputes", "payment_id", "payments"),
    ("order_lines", "order_id", "orders"),
    ("social_post_metrics_daily", "post_id", "social_posts"), ("ads", "campaign_id", "ad_campaigns"),
)  # fmt: skip


def run(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """All tests: {table, test, bad (rows), detail, severity}. `error` may never be above 0, `warning` wants a look."""
    stored = stored_in(connection)
    found: list[dict[str, Any]] = []
    for name, table in all_tables().items():
        if name in stored:
            found += _of_table(connection, table)
    for child, column, parent in _LINKS:
        if child in stored and parent in stored:
            found.append(_orphans(connection, child, column, parent))
    return found


def not_built(connections: Sequence[str]) -> list[dict[str, Any]]:
    """A case for each connection whose rows could not be made rows of the common tables."""
    test = "its rows can be read; what it brought before still stands"
    return [{"table": name, "test": test, "severity": "error", "bad": 1} for name in connections]


def _of_table(connection: duckdb.DuckDBPyConnection, table: CommonTable) -> list[dict[str, Any]]:
    name = quoted(table.name)
    keys = ", ".join(["connection_id", *table.key])
    found = [
        _case(
            connection, table.name, "one row per key", "error",
            f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {name} GROUP BY {keys})",
        )
    ]  # fmt: skip
    must = [c.name for c in table.columns.values() if c.required and not (c.is_money and "currency" in table.columns)]
    if must:
        empty = " OR ".join(f"{c} IS NULL" for c in must)
        found.append(
            _case(
                connection, table.name, "nothing needed is empty", "error", f"SELECT count(*) FROM {name} WHERE {empty}"
            )
        )
    for column in table.columns.values():
        if column.enum:
            found.append(
                _case(
                    connection, table.name, f"{column.name} is a known word", "warning",
                    f"SELECT count(*) FROM {name} WHERE {column.name} = 'unknown'",
                )
            )  # fmt: skip
    if table.money and "currency" in table.columns:
        found += _of_money(connection, table)
    return found


def _of_money(connection: duckdb.DuckDBPyConnection, table: CommonTable) -> list[dict[str, Any]]:
    name, first = quoted(table.name), table.money[0]
    bad = f"SELECT count(*) FROM {name} WHERE currency <> '' AND NOT regexp_full_match(currency, '[A-Z]{{3}}')"
    no_rate = f"SELECT count(*) FROM {name} WHERE currency <> '' AND {first} IS NOT NULL AND {first}_reporting IS NULL"
    needed = [c for c in table.money if table.columns[c].required]
    lost = " OR ".join(f"{c} IS NULL" for c in needed) or "false"
    empty = f"SELECT count(*) FROM {name} WHERE currency <> '' AND ({lost})"
    some = " OR ".join(f"{c} IS NOT NULL" for c in table.money) if not needed else "true"
    unknown = f"SELECT count(*) FROM {name} WHERE coalesce(currency, '') = '' AND ({some})"
    return [
        _case(connection, table.name, "no needed amount is empty", "error", empty),
        _case(connection, table.name, "every amount has a known currency", "warning", unknown),
        _case(connection, table.name, "currencies are ISO codes", "warning", bad),
        _case(connection, table.name, "every amount has a rate", "notice", no_rate),
    ]


def _orphans(connection: duckdb.DuckDBPyConnection, child: str, column: str, parent: str) -> dict[str, Any]:
    key = all_tables()[parent].key[0]
    sql = (
        f"SELECT count(*) FROM {quoted(child)} c WHERE c.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM"
        f" {quoted(parent)} p WHERE p.connection_id = c.connection_id AND p.{key} = c.{column})"
    )
    return _case(connection, child, f"{column} exists in {parent}", "notice", sql)


def _case(connection: duckdb.DuckDBPyConnection, table: str, test: str, severity: str, sql: str) -> dict[str, Any]:
    (bad,) = connection.execute(sql).fetchone() or (0,)
    return {"table": table, "test": test, "severity": severity, "bad": int(bad)}


def stored(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether the lake holds this common table."""
    found = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'main'"
        f" AND table_name = {literal(table)}"
    ).fetchone()
    return found is not None


def lineage(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    """Where the rows of a common table came from: {connection_id, source, resource, rows}."""
    rows = connection.execute(
        f"SELECT connection_id, source, split_part(raw_ref, ':', 1), count(*) FROM {quoted(table)} GROUP BY ALL"
        " ORDER BY ALL"
    ).fetchall()
    names = ("connection_id", "source", "resource", "rows")
    return [dict(zip(names, row, strict=True)) for row in rows]
