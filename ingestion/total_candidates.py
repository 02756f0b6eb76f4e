"""Sets the rows with a total's label apart and adds up the other rows around them, so that the two can be compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from ingestion.columns import Typing, is_number
from ingestion.delimited import Raw
from ingestion.expressions import Reading
from ingestion.sums import Sums
from ingestion.total_labels import LABEL_COLUMNS, is_generic, maybe_label, rest_of, wordy

_COLUMNS = 200
_MOST_LABELS = 5_000
_MOST_ROWS = 2_000
_USUALLY_FILLED = 0.9
_OFTEN_FILLED = 0.5


@dataclass(frozen=True)
class Labelled:
    """A row with a total's label: its place (0-based row of the file), the label and what it says beside it."""

    place: int
    column: str
    text: str
    rest: str


@dataclass(frozen=True)
class Candidate:
    """A labelled row with its numbers.

    `plain` labels name no group. `thin` rows lack text that nearly every other row has, `bare` ones all of it.
    `group` holds the sums of the rows that the label names, `is_last` says that no number comes after it.
    """

    row: Labelled
    numbers: Sums
    plain: bool
    thin: bool
    bare: bool
    is_last: bool
    group: Sums | None


def labelled_rows(connection: duckdb.DuckDBPyConnection, relation: str, names: Sequence[str]) -> list[Labelled]:
    """The rows with a label in one of the columns; none when there are so many that they must be ordinary data."""
    names = names[:LABEL_COLUMNS]
    texts = " UNION ".join(f"SELECT {name} AS label FROM {relation} WHERE {maybe_label(name)}" for name in names)
    found = [row[0] for row in connection.execute(f"{texts} LIMIT {_MOST_LABELS}").fetchall()]
    rests = {text: rest for text in found if (rest := rest_of(text)) is not None}
    plain: dict[str, str] = {text: rest for text, rest in rests.items() if not rest}
    for wanted in (rests, plain):
        rows = _rows_with(connection, relation, names, wanted) if wanted else []
        if len(rows) <= _MOST_ROWS:
            return rows
    return []


def _rows_with(
    connection: duckdb.DuckDBPyConnection, relation: str, names: Sequence[str], rests: dict[str, str]
) -> list[Labelled]:
    connection.execute("CREATE OR REPLACE TABLE labels AS SELECT unnest(?) AS label", [list(rests)])
    matches = " OR ".join(f"{name} IN (SELECT label FROM labels)" for name in names)
    rows = connection.execute(
        f"SELECT rowid, {', '.join(names)} FROM {relation} WHERE {matches} ORDER BY rowid LIMIT {_MOST_ROWS + 1}"
    ).fetchall()
    labelled = []
    for place, *cells in rows:
        labels = [(name, cell) for name, cell in zip(names, cells, strict=True) if cell in rests]
        name, text = min(labels, key=lambda label: bool(rests[label[1]]))
        labelled.append(Labelled(place, name, text, rests[text]))
    return labelled


class Sheet:
    """The table with its labelled rows set apart: what its columns hold, and sums of any run of the other rows."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, raw: Raw, names: Sequence[str], labelled: list[Labelled]
    ) -> None:
        self._connection, self._relation, self._labelled = connection, raw.relation, labelled
        names = names[:_COLUMNS]
        places = [row.place for row in labelled]
        connection.execute(
            "CREATE OR REPLACE TABLE labelled AS SELECT unnest(?) AS place, unnest(?) AS number",
            [places, list(range(1, len(places) + 1))],
        )
        connection.execute(
            f"CREATE OR REPLACE TABLE details AS SELECT rowid AS place, {', '.join(names)} FROM {raw.relation} "
            "WHERE rowid NOT IN (SELECT place FROM labelled)"
        )
        typing = Typing(connection, "details", decimal_comma=raw.decimal_comma)
        verdicts = typing.decide(names, names, [False] * len(names))
        readings = {name: verdict.reading for name, verdict in zip(names, verdicts, strict=True)}
        self._numbers: dict[str, Reading] = {n: r for n, r in readings.items() if r is not None and is_number(r)}
        self.decimals = [_decimals(reading.type) for reading in self._numbers.values()]
        self._texts = [name for name in names if name not in self._numbers]
        self._shares = self._filled()

    def _filled(self) -> dict[str, float]:
        """The share of the other rows that have a value, per column that is no number."""
        if not self._texts:
            return {}
        counts = ", ".join(f"count({name}) / greatest(count(*), 1)" for name in self._texts)
        found = self._connection.execute(f"SELECT {counts} FROM details").fetchone() or ()
        return dict(zip(self._texts, found, strict=True))

    def segments(self) -> list[Sums]:
        """The sums of the rows before, between and after the labelled ones."""
        found = self._sums("details d ASOF LEFT JOIN labelled l ON d.place > l.place", "coalesce(l.number, 0)")
        return [found.get(number, self._nothing()) for number in range(len(self._labelled) + 1)]

    def candidates(self, headers: Sequence[str]) -> list[Candidate]:
        """The labelled rows that may be totals; one whose label goes on with unknown words is ordinary data."""
        values = self._sums(f"{self._relation} JOIN labelled l ON {self._relation}.rowid = l.place", "l.number")
        groups = self._groups({row.rest for row in self._labelled if row.rest})
        texts = self._cells()
        after, is_last = self.segments(), True
        found: list[Candidate] = []
        for number in range(len(self._labelled), 0, -1):
            row = self._labelled[number - 1]
            is_last = is_last and not any(high is not None for high in after[number].highs)
            plain, group = is_generic(row.rest, headers), groups.get(row.rest)
            blank = {name for name in self._texts if texts[number - 1][name] is None}
            thin = bool(blank & self._filled_beside(row.column, _USUALLY_FILLED))
            bare = self._is_bare(blank, values[number], self._filled_beside(row.column, _OFTEN_FILLED))
            found.append(Candidate(row, values[number], plain, thin, bare, is_last, group))
        return found[::-1]

    def _filled_beside(self, label: str, share: float) -> set[str]:
        """The columns, that of the label and numbers aside, which at least `share` of the other rows fill."""
        return {name for name, filled in self._shares.items() if filled >= share and name != label}

    def _is_bare(self, blank: set[str], numbers: Sums, usual: set[str]) -> bool:
        """No text but the label where other rows have some; without any such column, no number either."""
        empty = bool(self._numbers) and all(high is None for high in numbers.highs)
        return blank >= usual and (bool(usual) or empty)

    def _cells(self) -> list[dict[str, str | None]]:
        """The text of each labelled row, by column."""
        wanted = ", ".join(["rowid", *self._texts])
        rows = self._connection.execute(
            f"SELECT {wanted} FROM {self._relation} WHERE rowid IN (SELECT place FROM labelled) ORDER BY rowid"
        ).fetchall()
        return [dict(zip(self._texts, row[1:], strict=True)) for row in rows]

    def _groups(self, rests: set[str]) -> dict[str, Sums]:
        """The sums of the rows that have one of `rests` as a value, by that value."""
        found: dict[str, Sums] = {}
        if not rests:
            return found
        self._connection.execute("CREATE OR REPLACE TABLE labels AS SELECT unnest(?) AS label", [sorted(rests)])
        for name in self._texts[:LABEL_COLUMNS]:
            sums = self._sums(f"details JOIN labels ON {wordy(name)} = labels.label", "labels.label")
            found = {**{str(rest): group for rest, group in sums.items()}, **found}
        return found

    def _sums(self, source: str, key: str) -> dict[object, Sums]:
        values = [f"CAST({reading.of(name)} AS DOUBLE)" for name, reading in self._numbers.items()]
        parts = [f"{how}({value})" for how in ("sum", "min", "max") for value in values]
        rows = self._connection.execute(f"SELECT {', '.join([key, 'count(*)', *parts])} FROM {source} GROUP BY 1")
        size = len(values)
        return {
            row[0]: Sums(row[1], row[2 : 2 + size], row[2 + size : 2 + 2 * size], row[2 + 2 * size :])
            for row in rows.fetchall()
        }

    def _nothing(self) -> Sums:
        empty = (None,) * len(self._numbers)
        return Sums(0, empty, empty, empty)


def _decimals(kind: str) -> int:
    """The decimals that a number type keeps; many for floating point."""
    scale = re.fullmatch(r"DECIMAL\(\d+,\s*(\d+)\)", kind)
    if scale:
        return int(scale[1])
    return 9 if kind == "DOUBLE" else 0
