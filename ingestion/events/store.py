"""Sealed segments become rows: each event once, each segment once, all of it in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from ingestion.events import frames, log, people, promoted
from ingestion.profiling import SourceFacts
from store import settings
from warehouse.literals import literal, quoted

if TYPE_CHECKING:
    import duckdb

ORIGIN = "Events"
TABLE = "events"
STATE = "_events"
MOST_ROWS = 300_000
"""Rows of one transaction: memory stays the same however much waits."""
COLUMNS: Mapping[str, str] = {
    "event_name": "VARCHAR", "time": "TIMESTAMPTZ", "visitor_id": "VARCHAR", "user_id": "VARCHAR",
    "anonymous_id": "VARCHAR", "session_id": "VARCHAR", "page_url": "VARCHAR", "page_title": "VARCHAR",
    "referrer": "VARCHAR", "utm_source": "VARCHAR", "utm_medium": "VARCHAR", "utm_campaign": "VARCHAR",
    "country": "VARCHAR", "device": "VARCHAR", "language": "VARCHAR", "revenue": "DOUBLE", "currency": "VARCHAR",
    "properties": "VARCHAR", "event_id": "VARCHAR", "received_at": "TIMESTAMPTZ",
}  # fmt: skip
_STATE_TABLES = {
    "segments": "name VARCHAR, loaded_at TIMESTAMPTZ",
    "ids": "h UBIGINT, received_at TIMESTAMPTZ",
    "days": "day DATE",
    "identities": "user_id VARCHAR, visitor_id VARCHAR",
    "properties": "key VARCHAR, name VARCHAR, kind VARCHAR",
    "names": "name VARCHAR",
}
_log = structlog.get_logger("plainsay.events")


@dataclass
class Stored:
    """What one round did: rows added, rows known before, new columns, and names of events never seen before."""

    rows: int = 0
    duplicates: int = 0
    segments: int = 0
    columns: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


def folder_of(root: Path) -> Path:
    """Where the log of a workspace is."""
    return root / "events"


def prepare(writer: duckdb.DuckDBPyConnection) -> None:
    """Make the tables where they do not exist."""
    rows = writer.execute("SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'lake'").fetchall()
    there = set(rows)
    if ("main", TABLE) not in there:
        _create(writer)
    for name, columns in _STATE_TABLES.items():
        if (STATE, name) not in there:
            writer.execute(f"CREATE SCHEMA IF NOT EXISTS {STATE}")
            writer.execute(f"CREATE TABLE IF NOT EXISTS {STATE}.{name} ({columns})")
            if name == "names" and ("main", TABLE) in there:
                writer.execute(f"INSERT INTO {STATE}.names SELECT DISTINCT event_name FROM {TABLE}")


def store(writer: duckdb.DuckDBPyConnection, segments: Sequence[Path]) -> Stored:
    """Load segments and delete them; one that a crash left behind after its commit is only deleted."""
    prepare(writer)
    done = Stored()
    known = {row[0] for row in writer.execute(f"SELECT name FROM {STATE}.segments").fetchall()}
    for path in (p for p in segments if p.name in known):
        _forget(path)
    for group in _groups([p for p in segments if p.name not in known]):
        table, keys = frames.unpacked(chain.from_iterable(log.frames(p) for p in group))
        writer.execute("BEGIN")
        try:
            _insert(writer, table, keys, done)
            names = ", ".join(f"({literal(p.name)}, now())" for p in group)
            writer.execute(f"DELETE FROM {STATE}.segments")  # their files are gone by now
            writer.execute(f"INSERT INTO {STATE}.segments VALUES {names}")
            writer.execute("COMMIT")
        except BaseException:
            writer.execute("ROLLBACK")
            raise
        done.segments += len(group)
        for path in group:
            _forget(path)
    return done


def _create(writer: duckdb.DuckDBPyConnection) -> None:
    taken = writer.execute(
        f"SELECT 1 FROM duckdb_tables() WHERE database_name = 'lake' AND table_name = {literal(TABLE)}"
    )
    if taken.fetchone() is None:
        columns = ", ".join(f"{quoted(n)} {kind}" for n, kind in COLUMNS.items())
        writer.execute(f"CREATE TABLE {TABLE} ({columns})")
        facts = SourceFacts(origin=f"{ORIGIN} › {TABLE}", primary_key=["event_id"])
        writer.execute(f"COMMENT ON TABLE {TABLE} IS {literal(json.dumps(asdict(facts)))}")


def _insert(writer: duckdb.DuckDBPyConnection, table: Any, keys: Mapping[str, str], done: Stored) -> None:
    import pyarrow as pa

    writer.register("arrived", table.append_column("seq", pa.array(range(table.num_rows), pa.int64())))
    try:
        writer.execute(
            "CREATE OR REPLACE TEMP TABLE hashed AS"
            " SELECT seq, md5_number_lower(event_id) AS h, received_at FROM arrived"
        )
        doubled = _doubled(writer)
        done.duplicates += doubled
        done.rows += table.num_rows - doubled
        done.columns += promoted.add(writer, keys)
        if table["user_id"].null_count < table.num_rows:
            people.learn(writer, STATE)
        told = "identify" in _distinct(table, "kind")
        done.names |= _new_names(writer, _distinct(_acted(table) if told else table, "event"))
        fresh = "kind <> 'identify'" + " AND seq IN (SELECT seq FROM hashed)" * bool(doubled)
        _insert_rows(writer, fresh)
        writer.execute(f"INSERT INTO {STATE}.ids SELECT h, received_at FROM hashed")
        _mark_days(writer, table)
        if told:
            people.merge(writer)
    finally:
        writer.unregister("arrived")


def _insert_rows(writer: duckdb.DuckDBPyConnection, fresh: str) -> None:
    """Add the events among `arrived` that are `fresh`, in the order in which they came."""
    known = writer.execute("SELECT 1 FROM arrived WHERE user_id IS NOT NULL LIMIT 1").fetchone() is not None
    more = promoted.fields(writer, "a.properties")
    names = ", ".join(quoted(n) for n in (*COLUMNS, *more))
    fields = ", ".join((*(_field(name, known=known) for name in COLUMNS), *more.values()))
    # a join loses the order, and putting it back costs as much as all the rest: not for visitors who never signed in
    who = f" LEFT JOIN {STATE}.identities AS i ON i.user_id = a.user_id" if known else ""
    order = " ORDER BY a.seq" if known else ""
    writer.execute(
        f"INSERT INTO {TABLE} ({names}) SELECT {fields} FROM (SELECT * FROM arrived WHERE {fresh}) AS a{who}{order}"
    )


def _field(name: str, *, known: bool) -> str:
    if name == "visitor_id" and not known:
        return "a.anonymous_id AS visitor_id"
    if name == "visitor_id":
        return "coalesce(i.visitor_id, a.anonymous_id, a.user_id) AS visitor_id"
    return "a.event AS event_name" if name == "event_name" else f"a.{quoted(name)}"


def _doubled(writer: duckdb.DuckDBPyConnection) -> int:
    """Leave in `hashed` the first of each id that is not in the lake; how many were left out."""
    (rows, distinct) = writer.execute("SELECT count(*), count(DISTINCT h) FROM hashed").fetchone() or (0, 0)
    if rows != distinct:
        writer.execute("DELETE FROM hashed WHERE seq NOT IN (SELECT min(seq) FROM hashed GROUP BY h)")
    since = datetime.now(UTC) - timedelta(days=settings.get("event_id_days"))
    writer.execute(
        f"DELETE FROM hashed WHERE h IN (SELECT k.h FROM {STATE}.ids AS k JOIN hashed USING (h)"
        f" WHERE k.received_at >= CAST({literal(since)} AS TIMESTAMPTZ))"
    )
    (left,) = writer.execute("SELECT count(*) FROM hashed").fetchone() or (0,)
    return int(rows - left)


def _distinct(table: Any, column: str) -> set[str]:
    """Values of a column; Arrow finds them in a tenth of the time that SQL over it takes."""
    import pyarrow.compute as pc

    return set(pc.unique(table[column]).to_pylist())


def _acted(table: Any) -> Any:
    """The rows in which somebody did something, and did not only say who they are."""
    import pyarrow.compute as pc

    return table.filter(pc.not_equal(table["kind"], "identify"))


def _mark_days(writer: duckdb.DuckDBPyConnection, table: Any) -> None:
    """The days (UTC) whose visits are to be made anew; one that brought nothing new costs a little work only."""
    import pyarrow as pa
    import pyarrow.compute as pc

    days = pc.unique(table["time"].cast(pa.timestamp("us")).cast(pa.date32(), safe=False)).to_pylist()
    known = {row[0] for row in writer.execute(f"SELECT day FROM {STATE}.days").fetchall()}
    if fresh := ", ".join(f"(CAST({literal(day)} AS DATE))" for day in days if day not in known):
        writer.execute(f"INSERT INTO {STATE}.days VALUES {fresh}")


def _new_names(writer: duckdb.DuckDBPyConnection, names: set[str]) -> set[str]:
    """Those never seen before, which are known from now on; they are listed apart, because the events are many."""
    fresh = names - {row[0] for row in writer.execute(f"SELECT name FROM {STATE}.names").fetchall()}
    if fresh:
        writer.execute(f"INSERT INTO {STATE}.names VALUES {', '.join(f'({literal(n)})' for n in sorted(fresh))}")
    return fresh


def _groups(segments: Sequence[Path]) -> Iterator[list[Path]]:
    """Segments that go into one transaction together."""
    group: list[Path] = []
    rows = 0
    for path in segments:
        size = sum(json.loads(f.head)["rows"] for f in log.frames(path))
        if group and rows + size > MOST_ROWS:
            yield group
            group, rows = [], 0
        group.append(path)
        rows += size
    if group:
        yield group


def _forget(path: Path) -> None:
    if not log.remove(path):
        _log.warning("segment_torn", segment=path.name)
