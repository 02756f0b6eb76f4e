"""Report files of sources that have no list to read: known by content, never loaded twice, never guessed."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

from ingestion.canonical.compiling import promises
from ingestion.connectors import forgotten, landing, shapes
from ingestion.connectors.connections import Connection
from ingestion.connectors.contract import Contract
from ingestion.connectors.manifest import Resource
from ingestion.connectors.places import steps
from ingestion.connectors.sync import WRITER_WAIT, publish
from store.errors import InvalidRequest, SourceProblem
from warehouse.lake import Lake
from warehouse.literals import literal
from warehouse.workspace import Workspace

_INBOX = (
    "connection_id VARCHAR, resource VARCHAR, content_hash VARCHAR, name VARCHAR, rows BIGINT, loaded_at TIMESTAMPTZ"
)
_MOST_BYTES = 500_000_000


def load(workspace: Workspace, connection: Connection, path: Path, resource: str | None = None) -> int:
    """Load a report; returns its rows, 0 when this very file was loaded before.

    Raises `SourceProblem` when its columns are not those of the report, with what they are.
    """
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        raise SourceProblem(f"The file {path.name} cannot be read.", code="no_file")
    body = path.read_bytes()
    spec = _chosen(connection, resource)
    rows = _rows(spec, body, path.name)
    _check_columns(connection, spec, rows, path.name)
    mark = hashlib.sha256(body).hexdigest()
    lake = Lake.create(workspace.lake)
    with lake.writer(WRITER_WAIT) as writer:
        landing.prepare(writer, connection.schema, [spec.name])
        writer.execute(f"CREATE TABLE IF NOT EXISTS {landing.STATE}.file_inbox ({_INBOX})")
        mine = f"connection_id = {literal(connection.id)} AND content_hash = {literal(mark)}"
        if writer.execute(f"SELECT 1 FROM {landing.STATE}.file_inbox WHERE {mine}").fetchone():
            return 0
        contract = Contract(promises(connection.manifest, spec.name))
        place = (connection.id, connection.schema, spec)
        kept = forgotten.kept(workspace, connection.manifest, spec, rows)
        landing.commit(writer, place, kept, None, f"file:{mark[:12]}", contract)
        values = landing.row_of(connection.id, spec.name, mark, path.name, len(rows))
        writer.execute(f"INSERT INTO {landing.STATE}.file_inbox SELECT *, now() FROM (VALUES {values})")
    publish(workspace)
    return len(rows)


def _chosen(connection: Connection, name: str | None) -> Resource:
    files = [r for r in connection.manifest.resources if r.via == "file"]
    found = [r for r in files if name in (None, r.name)]
    if not files or not found or len(found) > 1:
        known = ", ".join(r.name for r in files)
        raise InvalidRequest(
            f"{connection.manifest.label} has {'no report like that' if files else 'no report files'}.",
            hint=f"Name one of {known}." if known else None,
        )
    return found[0]


def _rows(spec: Resource, body: bytes, name: str) -> list[dict[str, Any]]:
    if spec.shape in ("ndjson", "gz_ndjson"):
        return list(shapes.lines(spec.shape, body))
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceProblem(f"The file {name} is not UTF-8 text.", code="bad_report") from error
    lines = csv.DictReader(io.StringIO(text), restkey="_more")
    return [{k: v for k, v in row.items() if k} for row in lines]


def _check_columns(connection: Connection, spec: Resource, rows: list[dict[str, Any]], name: str) -> None:
    """The header decides: columns that the report must have and does not are told, with those that it has."""
    if not rows:
        raise SourceProblem(f"The file {name} holds no rows.", code="empty_report")
    needed = {str(steps(place)[0][1]) for place in spec.key}
    missing = sorted(needed - set(rows[0]))
    if missing:
        raise SourceProblem(
            f"The file {name} is no {spec.name.replace('_', ' ')}: the column “{missing[0]}” is missing.",
            code="unknown_header",
            hint=f"It has the columns {', '.join(list(rows[0])[:12])}.",
        )
