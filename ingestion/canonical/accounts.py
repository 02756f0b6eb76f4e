"""The currency of an account, because some records name none and no default of ours would be anything but a guess."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ingestion.connectors.landing import is_there
from ingestion.connectors.places import json_path
from warehouse.literals import literal, quoted

if TYPE_CHECKING:
    import duckdb

    from ingestion.connectors.connections import Connection

_CODE = re.compile(r"[A-Z]{3}")


def currency_of(connection: duckdb.DuckDBPyConnection, conn: Connection) -> str | None:
    """The ISO 4217 code that the account of `conn` names, else the one that a person stated, else None: unknown.

    An account with several currencies names none, and neither do accounts that disagree.
    """
    source = conn.manifest.currency
    if source is None:
        return None
    named = _named(connection, conn)
    if len(named) == 1:
        return named.pop()
    if named or source.setting is None:
        return None
    stated = (conn.given.get(source.setting) or "").strip().upper()
    return stated if _CODE.fullmatch(stated) else None


def _named(connection: duckdb.DuckDBPyConnection, conn: Connection) -> set[str]:
    """The currencies that the accounts of a connection name."""
    source = conn.manifest.currency
    if source is None or source.resource is None or not is_there(connection, conn.schema, source.resource):
        return set()
    wanted = {place: conn.given.get(setting, "") for place, setting in source.only.items()}
    where = " AND ".join(f"{_at(place)} = {literal(value)}" for place, value in wanted.items() if value) or "true"
    rows = connection.execute(
        f"SELECT DISTINCT upper({_at(source.place)}) FROM {quoted(conn.schema)}.{quoted(source.resource)} WHERE {where}"
    ).fetchall()
    return {row[0] for row in rows if row[0] and _CODE.fullmatch(row[0])}


def _at(place: str) -> str:
    return f"json_extract_string(_row, {literal(json_path(place))})"
