"""The few questions inference asks of the data itself, kept behind a protocol so that its rules need no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from warehouse.literals import quoted

if TYPE_CHECKING:
    import duckdb


_NUMBER = r"-?(0|[1-9]\d*)(\.\d+)?"
_MARKS = "'', 'null', 'none', 'na', 'n/a', 'nil', '-', '?', 'unknown', 'missing'"


@dataclass(frozen=True)
class Numbers:
    """What a text column holds once it is read as numbers: extremes as text, whether all are whole, how many differ."""

    min: str
    max: str
    mean: float
    integral: bool
    distinct: int
    nulls: int

    def model_dump(self) -> dict[str, Any]:
        """The fields by name, to update a column profile with."""
        return asdict(self)


class Probe(Protocol):
    """Facts about stored rows that a profile does not hold."""

    def numbers(self, table: str, column: str) -> Numbers | None:
        """A text column as numbers; None when under 80 % of its values are plain ones, or others are no null marks."""
        ...

    def determined(self, table: str, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        """For each (fine, coarse) pair of columns, whether every fine value has exactly one coarse value."""
        ...

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

    def numbers(self, table: str, column: str) -> Numbers | None:
        value = f"trim({quoted(column)})"
        number = f"CASE WHEN regexp_full_match({value}, '{_NUMBER}') THEN CAST({value} AS DOUBLE) END"
        row = self._connection.execute(
            f"SELECT count(*), count(v), count(n), count(*) FILTER (WHERE n IS NULL AND lower(v) IN ({_MARKS})), "
            f"min(n), max(n), avg(n), bool_and(n = floor(n)), count(DISTINCT n) "
            f"FROM (SELECT {value} AS v, {number} AS n FROM {quoted(table)})"
        ).fetchone()
        if row is None or not row[2] or row[2] < 0.8 * row[1] or row[2] + row[3] < row[1]:
            return None
        low, high = (str(int(x)) if row[7] else repr(x) for x in row[4:6])
        return Numbers(low, high, row[6], bool(row[7]), row[8], row[0] - row[2])

    def determined(self, table: str, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        counts = ", ".join(
            f"count(DISTINCT {quoted(fine)}) = count(DISTINCT ({quoted(fine)}, {quoted(coarse)})) "
            f"FILTER (WHERE {quoted(fine)} IS NOT NULL)"
            for fine, coarse in pairs
        )
        row = self._connection.execute(f"SELECT {counts} FROM {quoted(table)}").fetchone() if pairs else ()
        return [bool(holds) for holds in row or ()]

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
