"""Tables of a running database, copied into a workspace: all rows, or those that are new by a column that only grows.

Where the last copy stands is read from the copied rows themselves, so rows and place can never disagree.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ingestion.catalogue import Load, assign_names, facts_of, stored_facts, write_table
from ingestion.connectors import forgotten
from ingestion.extract import MAX_COLUMNS, Column, Extract
from ingestion.feeds.addresses import engine_at
from ingestion.names import column_names, comment, kept_name
from ingestion.report import FileProblem, LoadedTable, LoadReport
from store.errors import SourceProblem, unknown
from warehouse import disk
from warehouse.lake import Lake
from warehouse.literals import literal, quoted
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

    from ingestion import pipeline

Progress = Callable[[str, float | None], None]
BATCH = 20_000
LOOKBACK = timedelta(minutes=5)
"""How far before the newest time is read again: a row is dated when it is written, and seen when it is committed."""
WRITER_WAIT = 120.0
_ZERO_DATE = "0000-00-00"
"""What MySQL writes for a date that nobody gave."""


@dataclass(frozen=True)
class Wanted:
    """What to copy: which tables (none: all), of which schema, and the column that tells what is new in each."""

    tables: Sequence[str] = ()
    schema: str | None = None
    cursor: str | Callable[[str], str | None] | None = None
    name: str | None = None

    def cursor_of(self, table: str) -> str | None:
        """The column that only grows in a table; None copies it whole."""
        return self.cursor(table) if callable(self.cursor) else self.cursor


@dataclass(frozen=True)
class _Part:
    """One table under way: `since` is the newest value that was copied before; None copies all."""

    table: sa.Table
    load: Load
    since: Any


@dataclass(frozen=True)
class _Before:
    """What a copy finds: the stored table's columns and the newest value of its cursor."""

    columns: frozenset[str] = frozenset()
    newest: Any = None


def copy(workspace: Workspace, url: str, wanted: Wanted, progress: Progress | None = None) -> LoadReport:
    """Copy tables; all of them become visible together, and a table copied before is replaced or added to.

    Raises `ConfigProblem` for a driver that is not installed, `SourceProblem` when the database refuses, `UnknownName`.
    """
    return copy_from(workspace, engine_at(url), wanted, progress)


def copy_from(
    workspace: Workspace, engine: sa.Engine, wanted: Wanted, progress: Progress | None = None,
    finish: pipeline.Finish | None = None,
) -> LoadReport:  # fmt: skip
    """The same from an engine, which is disposed of; `finish` says what follows the commit."""
    from ingestion import pipeline

    tell, report = progress or (lambda _t, _s: None), LoadReport()
    try:
        with disk.guarded(workspace.root):
            workspace.root.mkdir(parents=True, exist_ok=True)
        lake = Lake.create(workspace.lake)
        with tempfile.TemporaryDirectory(dir=workspace.root, prefix=".loading-") as work, engine.connect() as source:
            parts = _read(source, lake, wanted, Path(work), report, tell)
            tell("Storing the tables", 0.8)
            with lake.writer(WRITER_WAIT) as writer:
                pipeline.unfinished(workspace).touch()
                report.tables += _store(writer, workspace, parts)
                report.snapshot = (finish or pipeline.complete)(workspace, lake, writer)
    except DBAPIError as error:
        raise refused() from error
    finally:
        engine.dispose()
    tell("Ready", 1.0)
    return report


def refused() -> SourceProblem:
    """What is said when a database does not let us read; never its own words, which may hold secrets."""
    return SourceProblem(
        "The database could not be read.", code="database_refused",
        hint="Check the address, the name and the password, and that the user may read the tables.",
    )  # fmt: skip


def _read(
    source: sa.Connection, lake: Lake, wanted: Wanted, work: Path, report: LoadReport, tell: Progress
) -> list[_Part]:
    """Read each table into a Parquet file; one that cannot be read is told in the report."""
    try:
        inspector = sa.inspect(source)
        there = sorted(inspector.get_table_names(schema=wanted.schema))
    except SQLAlchemyError as error:
        raise refused() from error
    for name in wanted.tables:
        if name not in there:
            raise unknown("table", name, there)
    label = wanted.name or Path(source.engine.url.database or source.engine.dialect.name).stem
    parts, names = [], list(wanted.tables or there)
    with lake.writer(WRITER_WAIT) as writer:
        known = {facts.origin: name for name, facts in stored_facts(writer).items()}
        before = {n: _before(writer, known.get(f"{label} › {n}"), wanted.cursor_of(n)) for n in names}
    for number, name in enumerate(names):
        tell(f"Reading {name}", 0.8 * number / len(names))
        try:
            table = sa.Table(name, sa.MetaData(), schema=wanted.schema, autoload_with=source, resolve_fks=False)
            how = (wanted.cursor_of(name), work / f"{number}.parquet")
            parts.append(_extract(source, table, label, before[name], how))
        except (SourceProblem, SQLAlchemyError) as error:
            reason = error.message if isinstance(error, SourceProblem) else "The table could not be read."
            report.problems.append(
                FileProblem(file=f"{label} › {name}", reason=reason, hint="The other tables were copied.")
            )
    return parts


def _before(writer: duckdb.DuckDBPyConnection, table: str | None, cursor: str | None) -> _Before:
    """What is there of a table; without a newest value it is copied whole."""
    if table is None or cursor is None:
        return _Before()
    columns = frozenset(row[0] for row in writer.execute(f"DESCRIBE {quoted(table)}").fetchall())
    column = kept_name(cursor)
    if column not in columns:
        return _Before()
    (value,) = writer.execute(f"SELECT max({quoted(column)}) FROM {quoted(table)}").fetchone() or (None,)
    return _Before(columns, value)


def _extract(
    source: sa.Connection, table: sa.Table, label: str, before: _Before, how: tuple[str | None, Path]
) -> _Part:
    import pyarrow as pa
    import pyarrow.parquet as pq

    cursor, target = how
    kept = [c for c in table.columns if not isinstance(c.type, sa.LargeBinary)]
    if not kept or len(kept) > MAX_COLUMNS:
        raise SourceProblem(f"The table has no column that can be read, or more than {MAX_COLUMNS:,}.")
    names = column_names([c.name for c in kept], keep=True)
    same = before.columns == frozenset(names) and cursor is not None and cursor in table.columns
    since = before.newest if same else None
    schema = pa.schema([(name, _arrow(c.type)) for name, c in zip(names, kept, strict=True)])
    query = sa.select(*(sa.type_coerce(c, sa.types.NullType()) if isinstance(c.type, sa.Time) else c for c in kept))
    if since is not None and cursor is not None:
        query = query.where(table.columns[cursor] >= _bound(table.columns[cursor], since))
    rows = 0
    with pq.ParquetWriter(target, schema) as writer:
        for batch in _batches(source, query, schema):
            rows += batch.num_rows
            writer.write_batch(batch)
    renamed = {c.name: name for c, name in zip(kept, names, strict=True)}
    columns = [Column(name, comment(c.name, name)) for c, name in zip(kept, names, strict=True)]
    extract = Extract(
        kept_name(table.name), str(target), rows, columns,
        part=table.name, primary_key=[renamed[c.name] for c in table.primary_key if c.name in renamed],
        foreign_keys=list(_foreign(table, renamed)),
        warnings=[f"“{c.name}” holds binary data and was left out." for c in table.columns if c not in set(kept)],
    )  # fmt: skip
    if before.newest is not None and not same:
        extract.warnings.append("Its columns have changed since the last copy, so all of it was copied again.")
    if cursor is not None and cursor not in table.columns:
        extract.warnings.append(f"It has no column “{cursor}”, so all of it was copied.")
    return _Part(table, Load(extract, label), since)


def _foreign(table: sa.Table, renamed: dict[str, str]) -> Iterator[dict[str, Any]]:
    for key in table.foreign_key_constraints:
        targets = [element.target_fullname.split(".") for element in key.elements]
        if all(c.name in renamed for c in key.columns):
            columns = [renamed[c.name] for c in key.columns]
            yield {"columns": columns, "to": targets[0][-2], "to_columns": [t[-1] for t in targets]}


def _batches(source: sa.Connection, query: sa.Select[Any], schema: Any) -> Iterator[Any]:
    import pyarrow as pa

    with source.execution_options(yield_per=BATCH).execute(query) as found:
        for rows in _partitions(found):
            columns = zip(*rows, strict=True)
            try:
                arrays = [
                    pa.array([_value(v, field.type) for v in column], field.type)
                    for column, field in zip(columns, schema, strict=True)
                ]
            except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError, OverflowError) as error:
                raise _mistyped() from error
            yield pa.record_batch(arrays, schema=schema)


def _partitions(found: sa.CursorResult[Any]) -> Iterator[Sequence[Any]]:
    """Rows in batches; SQLite holds values that are not of their column's type, which shows here."""
    try:
        yield from found.partitions()
    except (ValueError, TypeError) as error:
        raise _mistyped() from error


def _mistyped() -> SourceProblem:
    return SourceProblem("A column holds values that are not of its own type.", code="mistyped")


def _arrow(kind: sa.types.TypeEngine[Any]) -> Any:
    import pyarrow as pa

    if isinstance(kind, sa.Boolean):
        return pa.bool_()
    if isinstance(kind, sa.Integer):
        return pa.int64()
    if isinstance(kind, sa.Float):
        return pa.float64()
    if isinstance(kind, sa.Numeric):
        exact = kind.scale is not None and (kind.precision or 38) <= 38
        return pa.decimal128(kind.precision or 38, kind.scale) if exact else pa.float64()
    if isinstance(kind, sa.DateTime):
        return pa.timestamp("us", tz="UTC" if kind.timezone else None)
    return pa.date32() if isinstance(kind, sa.Date) else pa.string()


def _value(value: Any, kind: Any) -> Any:
    import pyarrow as pa

    if value is None or (isinstance(value, str) and pa.types.is_temporal(kind) and value.startswith(_ZERO_DATE)):
        return None
    if not pa.types.is_string(kind):
        return float(value) if isinstance(value, Decimal) and pa.types.is_floating(kind) else value
    if isinstance(value, str):
        return value
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _clock(value)
    if isinstance(value, dict | list):
        import orjson

        return orjson.dumps(value, default=str).decode()
    return str(value) if isinstance(value, UUID | int | float | Decimal | bool) else repr(value)


def _clock(value: timedelta) -> str:
    """A time of day or a span as MySQL writes it: hours may be more than 23, and less than none."""
    sign, whole = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(whole.days * 86_400 + whole.seconds, 60)
    part = f".{whole.microseconds:06d}" if whole.microseconds else ""
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}{part}"


def _bound(column: sa.Column[Any], since: Any) -> Any:
    """The newest value as the database has it; of times a little before it, for what was committed late."""
    if isinstance(since, datetime) and isinstance(column.type, sa.DateTime):
        return (since.astimezone(UTC) if column.type.timezone else since.replace(tzinfo=None)) - LOOKBACK
    return since


def _store(writer: duckdb.DuckDBPyConnection, workspace: Workspace, parts: list[_Part]) -> list[LoadedTable]:
    """Write all tables in one transaction."""
    loads = [part.load for part in parts]
    names = assign_names(loads, stored_facts(writer))
    done = []
    writer.execute("BEGIN")
    try:
        for part, name, facts in zip(parts, names, facts_of(loads, names), strict=True):
            extract, notes = part.load.extract, list(part.load.extract.warnings)
            if part.since is None:
                write_table(writer, name, part.load, facts)
            else:
                _add(writer, name, extract)
                notes.append(f"Rows that were there before stay; {extract.rows:,} were new or read again.")
            done.append(
                LoadedTable(
                    name=name, rows=extract.rows, columns=len(extract.columns), origin=part.load.origin, warnings=notes
                )
            )
        forgotten.swept(writer, workspace, names)
        writer.execute("COMMIT")
    except BaseException:
        writer.execute("ROLLBACK")
        raise
    return done


def _add(writer: duckdb.DuckDBPyConnection, name: str, extract: Extract) -> None:
    """Put rows in the place of those with the same key; without a key, a row that is there already is left out."""
    staged = f"read_parquet({literal(extract.parquet)})"
    if extract.primary_key:
        keys = " AND ".join(f"t.{quoted(k)} = s.{quoted(k)}" for k in extract.primary_key)
        writer.execute(f"DELETE FROM {quoted(name)} AS t USING {staged} AS s WHERE {keys}")
        writer.execute(f"INSERT INTO {quoted(name)} BY NAME SELECT * FROM {staged}")
    else:
        columns = ", ".join(quoted(c.name) for c in extract.columns)
        writer.execute(
            f"INSERT INTO {quoted(name)} ({columns}) SELECT {columns} FROM {staged}"
            f" EXCEPT ALL SELECT {columns} FROM {quoted(name)}"
        )
