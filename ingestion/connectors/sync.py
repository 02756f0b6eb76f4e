"""One load of one connection: pages into the lake as they come, then the common tables, then a published state."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from ingestion.canonical.compiling import promises
from ingestion.connectors import connections, forgotten, health, landing
from ingestion.connectors.base import Connector, Plan, State
from ingestion.connectors.connections import Connection
from ingestion.connectors.contract import Contract
from ingestion.connectors.manifest import Parent, Resource
from ingestion.connectors.spans import moment_of
from store.errors import PlainsayError, unknown
from warehouse import disk
from warehouse.lake import Lake
from warehouse.literals import literal, quoted
from warehouse.locks import exclusive
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

Progress = Callable[[str, float | None], None]
FLUSH_ROWS = 10_000
FLUSH_SECONDS = 5.0
WRITER_WAIT = 120.0
_log = structlog.get_logger("plainsay.connectors")


@dataclass
class Loaded:
    """What came of one resource: rows read, changed in the lake, rejected; the error in words when it did not end."""

    resource: str
    rows: int = 0
    changed: int = 0
    rejected: int = 0
    pages: int = 0
    error: str | None = None
    hint: str | None = None
    reasons: list[str] = field(default_factory=list)


@dataclass
class SyncReport:
    """What came of one load; `tables` are the common tables that were written, `snapshot` the published version."""

    connection: str
    resources: list[Loaded] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    snapshot: int | None = None
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every resource was read to its end and every row kept its promises."""
        return all(r.error is None and not r.rejected for r in self.resources)

    def to_dict(self) -> dict[str, Any]:
        """JSON for doors."""
        return {
            "connection": self.connection, "ok": self.ok, "tables": self.tables, "snapshot": self.snapshot,
            "seconds": round(self.seconds, 2), "resources": [r.__dict__ for r in self.resources],
        }  # fmt: skip


def sync(
    workspace: Workspace, connection: Connection, *, only: Sequence[str] = (), since: datetime | None = None,
    again: bool = False, progress: Progress | None = None, source: Connector | None = None,
) -> SyncReport:  # fmt: skip
    """Load what is new of a connection. `since` back-fills from a moment, `again` reads everything once more.

    A load that was cut off goes on where it stopped. Problems of single resources are told in the report; raises
    `Unavailable` when this connection is being loaded already.
    """
    began = time.perf_counter()
    tell = progress or (lambda _t, _s: None)
    with disk.guarded(workspace.root), _alone(workspace, connection):
        report = _read_all(_Load(workspace, connection, tell, source), only, since, again)
        tell("Building the common tables", 0.88)
        report.tables, report.snapshot = publish(workspace)
        tell("Ready", 1.0)
    report.seconds = time.perf_counter() - began
    return report


def load(
    workspace: Workspace, connection: Connection, *, again: bool = False, source: Connector | None = None
) -> SyncReport:
    """The same without building anything: rows wait as they came, for whoever publishes next."""
    with disk.guarded(workspace.root), _alone(workspace, connection):
        return _read_all(_Load(workspace, connection, lambda _t, _s: None, source), (), None, again)


def _alone(workspace: Workspace, connection: Connection) -> AbstractContextManager[None]:
    return exclusive(connections.folder(workspace) / f"{connection.id}.lock", 0.1)


def _read_all(work: _Load, only: Sequence[str], since: datetime | None, again: bool) -> SyncReport:
    try:
        work.prepare(only, again or since is not None)
        for number, resource in enumerate(work.wanted):
            work.tell(f"Reading {resource.name.replace('_', ' ')}", 0.85 * number / max(len(work.wanted), 1))
            work.read(resource, since)
    finally:
        work.close()
    return work.report


def publish(workspace: Workspace) -> tuple[list[str], int]:
    """Build the common tables from all raw rows and publish; gives the tables written and the version."""
    lake = Lake.create(workspace.lake)
    with lake.writer(WRITER_WAIT) as writer:
        return settle(workspace, lake, writer)


def settle(workspace: Workspace, lake: Lake, writer: duckdb.DuckDBPyConnection) -> tuple[list[str], int]:
    """The same for whoever holds the writer already."""
    from ingestion import pipeline
    from ingestion.canonical import building, checks
    from ingestion.connectors import inbox

    landing.prepare(writer, landing.STATE, ())
    pipeline.unfinished(workspace).touch()
    connected = connections.all_of(workspace)
    services = [c for c in connected if c.manifest.driver is None]
    for connection in services:
        inbox.process(writer, workspace, connection)
    written, failed = building.build(writer, workspace, connected)
    gone = building.drop_empty(writer)
    written = [name for name in written if name not in gone]
    health.save_checks(workspace, [*checks.not_built(failed), *checks.run(writer)])
    for connection in services:
        health.measure(writer, workspace, connection)
    return written, pipeline.complete(workspace, lake, writer)


def open_source(workspace: Workspace, connection: Connection) -> Connector:
    """The connector of a connection with its secrets opened; close it after use."""
    from ingestion.connectors.rest import RestSource

    values = connection.values(connections.home_of(workspace))
    return RestSource(connection.manifest, values, environment=connection.environment, base_url=connection.base_url)


class _Load:
    def __init__(self, workspace: Workspace, connection: Connection, tell: Progress, source: Connector | None) -> None:
        self._workspace, self._connection, self.tell = workspace, connection, tell
        self._source = source or open_source(workspace, connection)
        self._lake = Lake.create(workspace.lake)
        self._run = uuid.uuid4().hex[:16]
        self._states: dict[str, State] = {}
        self.wanted: list[Resource] = []
        self.report = SyncReport(connection.id)

    def close(self) -> None:
        self._source.close()

    def prepare(self, only: Sequence[str], again: bool) -> None:
        """Choose the resources and make their tables. Raises `UnknownName`."""
        listed = self._source.discover()
        for name in only:
            if name not in [r.name for r in listed]:
                raise unknown("resource", name, [r.name for r in listed])
        chosen = only or self._connection.options.get("resources") or [r.name for r in listed]
        self.wanted = [r for r in listed if r.name in chosen]
        with self._lake.writer(WRITER_WAIT) as writer:
            parents = [r.parent.resource for r in self.wanted if r.parent is not None]
            landing.prepare(writer, self._connection.schema, [*(r.name for r in self.wanted), *parents])
            if not again:
                self._states = landing.states_of(writer, self._connection.id)

    def read(self, resource: Resource, since: datetime | None) -> None:
        """Read one resource to its end, or note why it could not be."""
        done = Loaded(resource.name)
        started = datetime.now(UTC)
        self.report.resources.append(done)
        try:
            self._land(resource, self._plan(resource, since), done)
        except PlainsayError as error:
            done.error, done.hint = error.message, error.hint
            _log.warning("source_not_read", connection=self._connection.id, resource=resource.name, code=error.code)
        with self._lake.writer(WRITER_WAIT) as writer:
            done.changed = _changed(writer, self._connection.schema, resource.name, self._run)
            _record(writer, self._connection.id, (self._run, started), done)

    def _plan(self, resource: Resource, since: datetime | None) -> Plan:
        state = self._states.get(resource.name, {})
        first = since or moment_of(self._connection.options.get("since"))
        parents: list[tuple[str, Mapping[str, Any]]] = []
        if resource.parent is not None:
            with self._lake.writer(WRITER_WAIT) as writer:
                parents = _parents(writer, self._connection.schema, resource.parent, state)
        return Plan(state, first, parents)

    def _land(self, resource: Resource, plan: Plan, done: Loaded) -> None:
        """Commit batches in groups: small enough to lose little time to a crash, large enough to be quick."""
        contract = Contract(promises(self._connection.manifest, resource.name))
        place = (self._connection.id, self._connection.schema, resource)
        for rows, state in _grouped(self._source.read(resource.name, plan), done):
            if not rows and state == plan.state:
                continue
            kept = forgotten.kept(self._workspace, self._connection.manifest, resource, rows)
            with self._lake.writer(WRITER_WAIT) as writer:
                landed = landing.commit(writer, place, kept, state, self._run, contract)
            done.rows += landed.rows
            done.rejected += landed.rejected
            done.reasons = [*done.reasons, *landed.reasons][:5]
            self.tell(f"Reading {resource.name.replace('_', ' ')}: {done.rows:,} rows", None)


def _grouped(batches: Iterator[Any], done: Loaded) -> Iterator[tuple[list[dict[str, Any]], State]]:
    rows: list[dict[str, Any]] = []
    state: State | None = None
    began = time.monotonic()
    try:
        for batch in batches:
            rows += batch.rows
            state = batch.state
            done.pages += batch.pages
            if len(rows) >= FLUSH_ROWS or time.monotonic() - began >= FLUSH_SECONDS:
                yield rows, state
                rows, state, began = [], None, time.monotonic()
    except PlainsayError:
        if state is not None:
            yield rows, state
        raise
    if state is not None:
        yield rows, state


def _parents(
    writer: duckdb.DuckDBPyConnection, schema: str, parent: Parent, state: State
) -> list[tuple[str, Mapping[str, Any]]]:
    """Parents that changed since the last full round, or are young enough to be asked again, in the order of keys."""
    from ingestion.connectors.places import json_path

    table = f"{quoted(schema)}.{quoted(parent.resource)}"
    places = ", ".join(f"json_extract_string(_row, {literal(json_path(p))})" for p in parent.fields)
    mark = moment_of(state.get("watermark"))
    where = "true"
    if mark is not None:
        young = datetime.now(UTC) - timedelta(days=parent.refresh_days)
        where = f"_loaded_at >= CAST({literal(mark - timedelta(hours=1))} AS TIMESTAMPTZ)"
        where += f" OR _version >= CAST({literal(young)} AS TIMESTAMPTZ)" if parent.refresh_days else ""
    rows = writer.execute(f"SELECT _key, {places} FROM {table} WHERE {where} ORDER BY _key").fetchall()
    names = list(parent.fields.values())
    return [(row[0], dict(zip(names, row[1:], strict=True))) for row in rows if all(v is not None for v in row[1:])]


def _changed(writer: duckdb.DuckDBPyConnection, schema: str, resource: str, run_id: str) -> int:
    table = f"{quoted(schema)}.{quoted(resource)}"
    (count,) = writer.execute(f"SELECT count(*) FROM {table} WHERE _run = {literal(run_id)}").fetchone() or (0,)
    return int(count)


def _record(writer: duckdb.DuckDBPyConnection, connection_id: str, run: tuple[str, datetime], done: Loaded) -> None:
    status = "failed" if done.error else "rejected_rows" if done.rejected else "done"
    values = landing.row_of(
        run[0], connection_id, done.resource, run[1], datetime.now(UTC), done.changed, done.pages, done.rejected,
        status, done.error or ("; ".join(done.reasons) or None),
    )  # fmt: skip
    writer.execute(f"INSERT INTO {landing.STATE}.load_runs VALUES {values}")
