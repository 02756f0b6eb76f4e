"""How a place that is copied is, kept where the health of connected services is kept, so that doors ask one thing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import duckdb

from ingestion.connectors.connections import Connection
from ingestion.connectors.health import Health, ResourceHealth, State, file_of, write
from ingestion.report import LoadReport
from warehouse.literals import quoted
from warehouse.workspace import Workspace


def note(workspace: Workspace, connection: Connection, report: LoadReport, gone: Iterable[str] = ()) -> Health:
    """Write down what a load did: tables with their rows, what could not be read, and what is no longer there."""
    from warehouse.lake import Lake

    now = datetime.now(UTC).isoformat(timespec="seconds")
    known = {r.name: r for r in _before(workspace, connection).resources}
    for table in report.tables:
        known[table.name] = ResourceHealth(table.name, table.rows, now)
    for problem in report.problems:
        name = problem.file.split(" › ")[-1]
        before = known.get(name, ResourceHealth(name))
        known[name] = replace(before, error=f"{problem.reason} {problem.hint}".strip())
    with Lake.create(workspace.lake).writer(120.0) as writer:
        for name, one in known.items():
            one.rows = _rows(writer, name, one.rows)
    found = Health(resources=sorted(known.values(), key=lambda r: r.name), loaded_at=now)
    found.rows = sum(r.rows for r in found.resources)
    found.state, found.detail = _told(found, report, list(gone))
    write(file_of(workspace, connection.id), found.to_dict())
    return found


def failed(workspace: Workspace, connection: Connection, reason: str) -> None:
    """Write down that a load did not come about; what was loaded before stays told."""
    before = _before(workspace, connection)
    write(file_of(workspace, connection.id), replace(before, state="failing", detail=reason).to_dict())


def _told(found: Health, report: LoadReport, gone: list[str]) -> tuple[State, str]:
    if report.problems:
        first = report.problems[0]
        more = f" {len(report.problems) - 1:,} more could not be read." if len(report.problems) > 1 else ""
        return "failing", f"{first.file.split(' › ')[-1]} could not be read: {first.reason}{more}"
    if gone:
        names = ", ".join(f"“{name}”" for name in gone[:3]) + (f" and {len(gone) - 3:,} more" if len(gone) > 3 else "")
        return "attention", f"No longer there: {names}. What was loaded from it stays until you remove it."
    return "fresh", "Everything was read to its end."


def _before(workspace: Workspace, connection: Connection) -> Health:
    file = file_of(workspace, connection.id)
    if not file.is_file():
        return Health()
    raw = json.loads(file.read_text(encoding="utf-8"))
    return Health(**{**raw, "resources": [ResourceHealth(**r) for r in raw["resources"]]})


def _rows(writer: duckdb.DuckDBPyConnection, table: str, told: int) -> int:
    """What the lake holds of a table; a part of a file has no table of its own."""
    try:
        (rows,) = writer.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone() or (told,)
    except duckdb.Error:
        return told
    return int(rows)
