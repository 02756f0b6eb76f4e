"""Keeps what the sources said about each table inside the lake, so that it commits with the rows or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from ingestion.extract import Column, Extract
from ingestion.names import unique
from ingestion.profiling import SourceFacts
from warehouse.literals import literal, quoted


@dataclass(frozen=True)
class Load:
    """One extracted table with the file it came from; `origin` identifies it from load to load."""

    extract: Extract
    file: str

    @property
    def origin(self) -> str:
        return f"{self.file} › {self.extract.part}" if self.extract.part else self.file


def stored_facts(connection: duckdb.DuckDBPyConnection) -> dict[str, SourceFacts]:
    """What is known about each table of the lake; tables made by other means have bare facts."""
    rows = connection.execute(
        "SELECT table_name, comment FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'main'"
    ).fetchall()
    return {name: _facts(comment) for name, comment in rows}


def _facts(comment: str | None) -> SourceFacts:
    try:
        return SourceFacts(**json.loads(comment or "{}"))
    except (ValueError, TypeError):
        return SourceFacts()


def write_table(connection: duckdb.DuckDBPyConnection, name: str, load: Load, facts: SourceFacts) -> None:
    """Create or replace the stored table `name`, with its facts as the table's comment."""
    connection.execute(
        f"CREATE OR REPLACE TABLE {quoted(name)} AS SELECT * FROM read_parquet({literal(load.extract.parquet)})"
    )
    keep_facts(connection, name, facts)


def keep_facts(connection: duckdb.DuckDBPyConnection, name: str, facts: SourceFacts) -> None:
    """Write down what is known about a stored table."""
    connection.execute(f"COMMENT ON TABLE {quoted(name)} IS {literal(json.dumps(asdict(facts)))}")


def intact(connection: duckdb.DuckDBPyConnection, load: Load) -> bool:
    """True when the file handed over holds exactly the rows and columns that the worker counted."""
    source = f"read_parquet({literal(load.extract.parquet)})"
    try:
        (rows,) = connection.execute(f"SELECT count(*) FROM {source}").fetchone() or (-1,)
        columns = len(connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall())
    except duckdb.Error:
        return False
    return bool(rows == load.extract.rows and columns == len(load.extract.columns))


def assign_names(loads: Sequence[Load], known: Mapping[str, SourceFacts]) -> list[str]:
    """A table name per load: that of the same origin when it was loaded before, else a new one."""
    by_origin = {facts.origin: name for name, facts in known.items() if facts.origin}
    taken = {name.lower() for name in known}
    names = []
    for load in loads:
        name = by_origin.pop(load.origin, None) or unique(load.extract.name, taken)
        taken.add(name.lower())
        names.append(name)
    return names


def facts_of(loads: Sequence[Load], names: Sequence[str]) -> list[SourceFacts]:
    """The facts per load, with foreign keys pointing at stored tables and columns."""
    stored = {(load.file, load.extract.part): (name, load.extract) for load, name in zip(loads, names, strict=True)}
    return [
        SourceFacts(
            origin=load.origin,
            primary_key=load.extract.primary_key,
            foreign_keys=[
                key for key in (_resolved(raw, load, stored) for raw in load.extract.foreign_keys) if key is not None
            ],
            comments={c.name: text for c in load.extract.columns if (text := _described(c))},
            units={c.name: c.unit for c in load.extract.columns if c.unit},
        )
        for load in loads
    ]


def _described(column: Column) -> str | None:
    """The header as written; the unit that typing took out of the values is put behind it."""
    if column.unit is None:
        return column.comment
    return f"{column.comment or column.name} ({column.unit})"


def _resolved(
    raw: dict[str, Any], load: Load, stored: Mapping[tuple[str, str | None], tuple[str, Extract]]
) -> dict[str, Any] | None:
    """A foreign key in stored names; None when its target was not loaded."""
    target = stored.get((load.file, raw["to"]))
    if target is None:
        return None
    name, extract = target
    renamed = {c.comment or c.name: c.name for c in extract.columns}
    columns = [renamed.get(column, column) for column in raw["to_columns"]] or extract.primary_key
    return {"columns": raw["columns"], "to": name, "to_columns": columns}
