"""Notes what looks amiss in the stored text of a table, so that a person can mend it before it splits an answer."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from ingestion.extract import Column
from warehouse.literals import literal, quoted

_CATEGORIES = 10_000
_FEW_ROWS = 50
_LONGEST = 60
_NAMED = 3


def case_notes(connection: duckdb.DuckDBPyConnection, parquet: str, columns: Sequence[Column]) -> list[str]:
    """A sentence per category column of the Parquet file with values that differ only in upper and lower case.

    Columns whose values are mostly different from each other (names of files, free text, codes) are left alone.
    """
    source = f"read_parquet({literal(parquet)})"
    notes = []
    for column in _categories(connection, source, columns):
        pairs = _variants(connection, source, column.name)
        if pairs:
            notes.append(_note(column, pairs))
    return notes


def _categories(connection: duckdb.DuckDBPyConnection, source: str, columns: Sequence[Column]) -> list[Column]:
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    texts = {row[0] for row in described if row[1] == "VARCHAR"}
    wanted = [column for column in columns if column.name in texts]
    if not wanted:
        return []
    counts = ", ".join(
        f"approx_count_distinct({quoted(c.name)}), count({quoted(c.name)}), max(length({quoted(c.name)}))"
        for c in wanted
    )
    found = iter(connection.execute(f"SELECT {counts} FROM {source}").fetchone() or ())
    return [column for column in wanted if _is_category(next(found), next(found), next(found))]


def _is_category(distinct: int, filled: int, longest: int | None) -> bool:
    if longest is None or longest > _LONGEST or distinct > _CATEGORIES:
        return False
    return filled <= _FEW_ROWS or 2 * distinct <= filled


def _variants(connection: duckdb.DuckDBPyConnection, source: str, column: str) -> list[list[tuple[str, int]]]:
    """The spellings of each value that has several, with their rows: the commonest value and spelling first."""
    rows = connection.execute(
        f"WITH spelled AS (SELECT {quoted(column)} AS value, count(*) AS uses FROM {source} "
        f"WHERE {quoted(column)} IS NOT NULL GROUP BY 1) "
        "SELECT list({'value': value, 'uses': uses} ORDER BY uses DESC, value) FROM spelled "
        "GROUP BY lower(value) HAVING count(*) > 1 ORDER BY sum(uses) DESC, lower(value)"
    ).fetchall()
    return [[(spelling["value"], spelling["uses"]) for spelling in spellings] for (spellings,) in rows]


def _note(column: Column, variants: list[list[tuple[str, int]]]) -> str:
    shown = "; ".join(" / ".join(f"“{value}” ({uses:,})" for value, uses in group) for group in variants[:_NAMED])
    more = f" and {len(variants) - _NAMED:,} more" if len(variants) > _NAMED else ""
    return (
        f"“{column.comment or column.name}” has values that differ only in upper and lower case, "
        f"so they count as different: {shown}{more}."
    )
