"""The few questions inference asks of the data itself, kept behind a protocol so that its rules need no database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from warehouse.literals import quoted

if TYPE_CHECKING:
    import duckdb


class Probe(Protocol):
    """Facts about stored rows that a profile does not hold."""

    def unique(self, table: str, columns: Sequence[str]) -> bool:
        """Whether the columns together identify a row: no nulls, no repeats."""
        ...

    def contained(self, table: str, column: str, target: str, target_column: str) -> float:
        """Share (0-1) of the rows with a value in `column` whose value exists in the target; compared as text.

        0.0 when no row has a value.
        """
        ...


class DuckDBProbe:
    """Answers from the trusted connection of the writer; every identifier is quoted."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def unique(self, table: str, columns: Sequence[str]) -> bool:
        names = ", ".join(quoted(c) for c in columns)
        complete = " AND ".join(f"{quoted(c)} IS NOT NULL" for c in columns)
        row = self._connection.execute(
            f"SELECT count(*) > 0 AND count(*) = count(*) FILTER (WHERE {complete}) "
            f"AND count(*) = (SELECT count(*) FROM (SELECT DISTINCT {names} FROM {quoted(table)})) FROM {quoted(table)}"
        ).fetchone()
        return bool(row and row[0])

    def contained(self, table: str, column: str, target: str, target_column: str) -> float:
        source = (
            f"SELECT CAST({quoted(column)} AS VARCHAR) AS v FROM {quoted(table)} WHERE {quoted(column)} IS NOT NULL"
        )
        known = f"SELECT CAST({quoted(target_column)} AS VARCHAR) AS v FROM {quoted(target)}"
        row = self._connection.execute(
            f"SELECT count(*), count(*) FILTER (WHERE v IN ({known})) FROM ({source})"
        ).fetchone()
        return row[1] / row[0] if row and row[0] else 0.0
