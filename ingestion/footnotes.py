"""Leaves out the remarks below a table ("* unaudited", "Source: …"), which as rows would be counted."""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from ingestion.delimited import Raw
from ingestion.header import shape

_MOST = 6
_LEAST_COLUMNS = 3
_MARK = re.compile(
    r"\s*(?:[*†‡§¹²³]|\(\d\)|(?:note|notes|source|sources|remark|remarks|comment|disclaimer|quelle|quellen|hinweis|"
    r"anmerkung|stand|fuente|nota|bron)\b\s*[:.])",
    re.I,
)


def drop_footnotes(connection: duckdb.DuckDBPyConnection, raw: Raw, columns: Sequence[int]) -> list[str]:
    """Delete the last rows of `raw` that are one remark each; returns what the load report says about them.

    A remark is text in one cell of a table of three columns or more, below an empty line or marked as one; where
    other rows hold a single cell too, it is data.
    """
    if len(columns) < _LEAST_COLUMNS:
        return []
    filled = " + ".join(f"(c{i} IS NOT NULL)::INT" for i in columns)
    text = f"coalesce({', '.join(f'c{i}' for i in columns)})"
    tail = connection.execute(
        f"SELECT rowid, {filled}, {text} FROM {raw.relation} ORDER BY rowid DESC LIMIT {_MOST + 1}"
    ).fetchall()
    lone = next((n for n, row in enumerate(tail) if row[1] != 1), len(tail))
    if not 0 < lone <= _MOST or lone >= len(tail):
        return []
    remarks, above = tail[:lone], tail[lone][0]
    apart = remarks[-1][0] > above + 1
    if any(shape(row[2]) != "text" for row in remarks) or not (apart or all(_MARK.match(row[2]) for row in remarks)):
        return []
    others = connection.execute(
        f"SELECT count(*) FROM {raw.relation} WHERE rowid <= {above} AND {filled} <= 1"
    ).fetchone()
    if others is None or others[0]:
        return []
    connection.execute(f"DELETE FROM {raw.relation} WHERE rowid > {above}")
    shown = "; ".join(str(row[2])[:60] for row in reversed(remarks[-2:]))
    return [f"Remarks below the table were left out ({len(remarks)}): {shown}"]
