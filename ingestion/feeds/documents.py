"""Document stores: documents are kept as they come, each once, and become tables; lists in them tables of their own."""

from __future__ import annotations

import contextlib
import re
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ingestion import pipeline
from ingestion.catalogue import stored_facts
from ingestion.connectors import forgotten, landing
from ingestion.connectors.base import Check
from ingestion.connectors.contract import Contract
from ingestion.connectors.manifest import Incremental, Resource
from ingestion.connectors.spans import moment_of
from ingestion.feeds.base import WRITER_WAIT, Offered, Place, Progress, finish
from ingestion.finding import Found, Search, shown
from ingestion.names import slug, unique
from ingestion.report import FileProblem, LoadReport
from store.errors import PlainsayError, SourceProblem
from warehouse import disk
from warehouse.lake import Lake
from warehouse.literals import literal, quoted

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]
_MOST_LISTS = 500
LOOKBACK = timedelta(minutes=5)


class Store(Protocol):
    """What a document store must be able to do; rows are whole, as JSON, oldest first where there is a cursor."""

    def check(self) -> Check:
        """Try the store. Never raises for what it says."""
        ...

    def lists(self) -> list[Offered]:
        """Collections, indices or measurements. Raises `SourceProblem`."""
        ...

    def read(self, name: str, cursor: str | None, since: Any) -> Iterator[list[Row]]:
        """Pages of documents, those from `since` on where there is a cursor. Raises `SourceProblem`, `Unavailable`."""
        ...

    def close(self) -> None:
        """Let go of sockets."""
        ...


@dataclass
class _List:
    """One list under way: `since` is the newest value of its cursor that is kept already."""

    offered: Offered
    resource: Resource
    cursor: str | None
    state: dict[str, Any]
    read: int = 0


class DocumentFeed:
    """Copies lists of documents: those that are new by a cursor, or all, with what is gone taken away."""

    def __init__(self, place: Place, store: Store) -> None:
        self._place, self._store = place, store
        self._run = uuid.uuid4().hex[:16]

    def check(self) -> Check:
        """Whether the store answers and holds what was chosen."""
        found = self._store.check()
        if not found.ok:
            return found
        try:
            there = {one.name for one in self._store.lists()}
        except PlainsayError as error:
            return Check(False, f"{error.message} {error.hint or ''}".strip())
        missing = [name for name in self._place.wanted() if name not in there]
        if missing or not there:
            return Check(False, f"There is no “{missing[0]}” here." if missing else "Nothing in it can be read.")
        return Check(True, f"{found.detail} {len(there):,} lists can be copied.")

    def tables(self) -> list[Offered]:
        """What the store offers."""
        return self._store.lists()

    def close(self) -> None:
        """Let go of sockets."""
        self._store.close()

    def load(self, progress: Progress) -> LoadReport:
        """Bring what is kept up to date, then the tables that it becomes."""
        with disk.guarded(self._place.workspace.root):
            self._place.workspace.root.mkdir(parents=True, exist_ok=True)
            lake = Lake.create(self._place.workspace.lake)
            lists, report = self._prepared(lake), LoadReport()
            for number, one in enumerate(lists):
                progress(f"Reading {one.offered.name}", 0.6 * number / max(len(lists), 1))
                try:
                    self._land(lake, one, progress)
                except PlainsayError as error:
                    report.problems.append(
                        FileProblem(file=one.offered.name, reason=error.message, hint=error.hint or "")
                    )
            made = self._tables(lake, [one for one in lists if one.state.get("whole")], progress)
        report.tables, report.snapshot = made.tables, made.snapshot
        report.problems += made.problems
        return report

    def _prepared(self, lake: Lake) -> list[_List]:
        wanted = self._place.wanted()
        offered = [one for one in self._store.lists() if not wanted or one.name in wanted]
        if len(offered) > _MOST_LISTS:
            raise SourceProblem(f"It holds more than {_MOST_LISTS} lists.", hint="Choose those that you need.")
        connection, taken = self._place.connection, set[str]()
        lists = []
        for one in offered:
            name = unique(_resource_name(one.name), taken)
            taken.add(name)
            cursor = self._place.cursor_of(one.name)
            known = {column for column, _ in one.columns}
            cursor = cursor if cursor and (cursor in known or not known) else None
            moment = Incremental(mode="server" if cursor else "full", field=cursor)
            resource = Resource(name=name, key=one.key, incremental=moment, version=cursor)
            lists.append(_List(one, resource, cursor, {}))
        with lake.writer(WRITER_WAIT) as writer:
            landing.prepare(writer, connection.schema, [one.resource.name for one in lists])
            states = landing.states_of(writer, connection.id)
        for one_list in lists:
            before = states.get(one_list.resource.name, {})
            same = before.get("cursor") == one_list.cursor
            one_list.state = dict(before) if same else {"whole": before.get("whole", False), "cursor": one_list.cursor}
        return lists

    def _land(self, lake: Lake, one: _List, progress: Progress) -> None:
        """Keep the pages of one list as they come; a list read whole loses the documents that are no longer there."""
        connection, since = self._place.connection, one.state.get("newest") if one.cursor else None
        place = (connection.id, connection.schema, one.resource)
        seen: set[str] | None = set() if since is None else None
        for page in self._store.read(one.offered.name, one.cursor, _a_little_before(since)):
            kept = forgotten.kept(self._place.workspace, connection.manifest, one.resource, page)
            if one.cursor:
                one.state["newest"] = _newest(one.state.get("newest"), page, one.cursor)
            if seen is not None:
                seen |= {landing.key_of(one.resource, row, landing.text_of(row)) for row in kept}
            with lake.writer(WRITER_WAIT) as writer:
                landing.commit(writer, place, kept, one.state if since else None, self._run, Contract({}))
            one.read += len(page)
            progress(f"Reading {one.offered.name}: {one.read:,} documents", None)
        one.state["whole"] = True
        with lake.writer(WRITER_WAIT) as writer:
            writer.execute("BEGIN")
            if seen is not None:
                _take_away(writer, f"{quoted(connection.schema)}.{quoted(one.resource.name)}", seen)
            landing.write_state(writer, connection.id, one.resource.name, one.state)
            writer.execute("COMMIT")

    def _tables(self, lake: Lake, lists: list[_List], progress: Progress) -> LoadReport:
        """The tables of all documents that are kept, read by the worker that reads files of strangers."""
        connection = self._place.connection
        with tempfile.TemporaryDirectory(dir=self._place.workspace.root, prefix=".loading-") as folder:
            files: dict[str, tuple[Found, _List]] = {}
            with lake.writer(WRITER_WAIT) as writer:
                for number, one in enumerate(lists):
                    path = Path(folder) / f"{number}.ndjson"
                    label = f"{connection.label}/{shown(one.offered.name)}.ndjson"
                    if _written(writer, f"{quoted(connection.schema)}.{quoted(one.resource.name)}", path):
                        files[label] = (Found(path, label), one)
                    else:
                        _empty(writer, label)
            search = Search([found for found, _ in files.values()])
            made = pipeline.ingest_found(self._place.workspace, search, progress=progress, finish=finish)
        for table in made.tables:
            if table.origin in files and (one := files[table.origin][1]).cursor:
                table.warnings.append(f"{one.read:,} documents were new or read again.")
        return made


def _empty(writer: duckdb.DuckDBPyConnection, origin: str) -> None:
    """A list without a document left has no table."""
    for name, facts in stored_facts(writer).items():
        if facts.origin == origin or (facts.origin or "").startswith(f"{origin} › "):
            writer.execute(f"DROP TABLE {quoted(name)}")


def _written(writer: duckdb.DuckDBPyConnection, table: str, path: Path) -> bool:
    """Write the documents of a list into a file, one a line; whether there are any."""
    writer.execute(f"SELECT _row FROM {table} ORDER BY _key")
    some = False
    with path.open("w", encoding="utf-8") as out:
        while rows := writer.fetchmany(10_000):
            some = True
            out.writelines(f"{row[0]}\n" for row in rows)
    return some


def _take_away(writer: duckdb.DuckDBPyConnection, table: str, seen: set[str]) -> None:
    there = {row[0] for row in writer.execute(f"SELECT _key FROM {table}").fetchall()}
    gone = sorted(there - seen)
    for start in range(0, len(gone), 1_000):
        keys = ", ".join(literal(key) for key in gone[start : start + 1_000])
        writer.execute(f"DELETE FROM {table} WHERE _key IN ({keys})")


def _newest(before: Any, page: list[Row], cursor: str) -> Any:
    """The newest value of the cursor so far, as it stands in JSON; values of unlike kinds are not compared."""
    values = [value for row in page if (value := _at(row, cursor)) is not None]
    for value in values:
        with contextlib.suppress(TypeError):
            if before is None or value > before:
                before = value
    return before


def _a_little_before(since: Any) -> Any:
    """For a time five minutes before it: a document is dated when it is written, and seen when it is committed."""
    moment = moment_of(since) if isinstance(since, str) and "T" in since else None
    return (moment - LOOKBACK).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else since


def _at(row: Row, place: str) -> Any:
    value: Any = row
    for part in place.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _resource_name(name: str) -> str:
    plain = re.sub(r"[^a-z0-9_]", "_", slug(name)) or "list"
    return plain if plain[0].isalpha() else f"l_{plain}"
