"""What doors tell of sources and do with them; secrets go in and never come out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.errors import InvalidRequest, SourceProblem
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from ingestion.connectors.base import Check, Connector
    from ingestion.connectors.connections import Connection
    from ingestion.connectors.manifest import Manifest
    from ingestion.feeds.base import Feed
    from ingestion.report import LoadReport


@dataclass(frozen=True)
class Wanted:
    """A connection to make; `every` is the minutes between loads, `trusted` for somebody on this very machine."""

    source: str
    settings: Mapping[str, str] = field(repr=False)
    name: str | None = None
    environment: str = "live"
    since: str | None = None
    base_url: str | None = None
    every: int | None = None
    trusted: bool = False


def catalogue() -> list[dict[str, Any]]:
    """Every source that can be connected, with the form that it asks for."""
    from ingestion.connectors import catalog, proven

    return [_entry(m, proven.label_of(m.source)) for m in [*catalog.everything(), *catalog.places()]]


def listed(workspace: Workspace) -> dict[str, Any]:
    """The connections of a workspace with their health, and what the tests of the common tables found."""
    from ingestion.connectors import connections, health

    items = [describe(workspace, c) for c in connections.all_of(workspace)]
    return {"items": items, "checks": [c for c in health.checks(workspace) if c["bad"]]}


def describe(workspace: Workspace, connection: Connection) -> dict[str, Any]:
    """One connection: settings without secrets, health, what waits, and the address for the provider's calls."""
    from ingestion.connectors import health, inbox

    manifest = connection.manifest
    hook = f"/v1/hooks/{connection.id}?workspace={workspace.name}" if manifest.webhook else None
    return {
        "id": connection.id,
        "source": connection.source,
        "label": connection.label,
        "provider": manifest.label,
        "group": manifest.group,
        "environment": connection.environment,
        "sandbox": bool(connection.options.get("sandbox")),
        "settings": connection.given,
        "secrets": sorted(n for n in connection.sealed if not n.endswith("_before")),
        "created_at": connection.created_at,
        "every": connection.options.get("every"),
        "service": manifest.driver is None,
        "keep_days": connection.options.get("keep_days"),
        "health": health.of(workspace, connection).to_dict(),
        "waiting": inbox.waiting(workspace, connection.id),
        "hook": hook,
        "cannot": manifest.cannot,
    }


def connect(workspace: Workspace, wanted: Wanted) -> tuple[Connection, Check]:
    """A connection that was tried and is saved. Raises `SourceProblem` when the source refuses it."""
    from ingestion.connectors import connections

    made = _made(workspace, wanted)
    opened = _opened(workspace, made)
    try:
        check = opened.check()
    finally:
        opened.close()
    if not check.ok:
        raise SourceProblem(check.detail, code="not_connected", hint="Nothing was saved. Check what you entered.")
    connections.save(workspace, made)
    return made, check


def look(workspace: Workspace, wanted: Wanted) -> dict[str, Any]:
    """What a place would offer: {"detail", "tables"}; nothing is saved. Raises `SourceProblem` when it refuses."""
    made = _made(workspace, wanted)
    opened = _opened(workspace, made)
    try:
        check = opened.check()
        if not check.ok:
            raise SourceProblem(check.detail, code="not_connected", hint="Check what you entered.")
        return {"detail": check.detail, "tables": _offered(opened)}
    finally:
        opened.close()


def _made(workspace: Workspace, wanted: Wanted) -> Connection:
    from ingestion.connectors import connections, spans

    made = connections.make(
        workspace, wanted.source, wanted.settings, name=wanted.name, environment=wanted.environment,
        base_url=wanted.base_url,
    )  # fmt: skip
    options = dict(made.options)
    if wanted.since is not None:
        if spans.moment_of(wanted.since) is None:
            raise SourceProblem(f"“{wanted.since}” is not a date.", code="bad_date", hint="Write it as 2026-01-31.")
        options["since"] = wanted.since
    every = wanted.every or (1 if made.manifest.driver == "folder" else None)
    if every is not None:
        options["every"] = every
    if wanted.trusted:
        options["trusted"] = True
    return replace(made, options=options)


def _opened(workspace: Workspace, connection: Connection) -> Connector | Feed:
    """What reads from a connection: the connector of a service, or the feed of a database or of files."""
    if connection.manifest.driver is None:
        from ingestion.connectors import sync

        return sync.open_source(workspace, connection)
    from ingestion.feeds.base import open_feed

    return open_feed(workspace, connection)


def _offered(opened: Any) -> list[dict[str, Any]]:
    if hasattr(opened, "tables"):
        return [one.to_dict() for one in opened.tables()]
    return [{"name": r.name, "columns": [], "key": list(r.key), "growing": []} for r in opened.discover()]


def refresh(workspace: Workspace, connection_id: str, progress: Any) -> LoadReport:
    """Load what is new of a connection, as a report that doors know from files."""
    from ingestion.connectors import connections, sync
    from ingestion.report import FileProblem, LoadedTable, LoadReport

    connection = connections.get(workspace, connection_id)
    if connection.manifest.driver is not None:
        from ingestion.feeds.loading import load

        return load(workspace, connection, progress)
    done = sync.sync(workspace, connection, progress=progress)
    report = LoadReport(snapshot=done.snapshot)
    for one in done.resources:
        where = f"{connection.label} › {one.resource.replace('_', ' ')}"
        if one.error:
            report.problems.append(FileProblem(file=where, reason=one.error, hint=one.hint or ""))
        elif one.changed or one.rows:
            report.tables.append(
                LoadedTable(name=one.resource, rows=one.changed, columns=0, origin=where, warnings=one.reasons)
            )
    return report


def take_in(workspace: Workspace, connection_id: str, progress: Any) -> LoadReport:
    """Make rows of the events that a source sent and publish them."""
    from ingestion.connectors import connections, sync
    from ingestion.report import LoadReport

    connections.get(workspace, connection_id)
    progress("Loading events", None)
    _, snapshot = sync.publish(workspace)
    return LoadReport(snapshot=snapshot)


def change(
    workspace: Workspace, connection_id: str, given: Mapping[str, str], every: int | None = None,
    keep_days: int | None = None,
) -> Connection:  # fmt: skip
    """Change settings, secrets, or how often a connection is loaded, and build what depends on them anew.

    `every` are minutes, 0 for never by itself; `keep_days` for how long rows are kept whole, 0 for ever. Raises as
    connecting does.
    """
    from ingestion.connectors import aging, connections, sync

    changed = connections.get(workspace, connection_id)
    if keep_days and changed.manifest.driver is not None:
        raise InvalidRequest("Files and databases are kept as they are; only rows of services can lose their rest.",
                             details={"field": "keep_days"})  # fmt: skip
    options = changed.options | {k: v for k, v in (("every", every), (aging.KEEP, keep_days)) if v is not None}
    changed = replace(changed, options={k: v for k, v in options.items() if v or k not in ("every", aging.KEEP)})
    changed = connections.change(workspace, changed, given)
    if changed.manifest.driver is None and any(name in changed.given or not text for name, text in given.items()):
        sync.publish(workspace)
    if keep_days:
        aging.age(workspace)
    return changed


def remove(workspace: Workspace, connection_id: str, *, rows: bool) -> None:
    """Forget a connection and its secrets; with `rows` what was loaded too."""
    from ingestion.canonical import building
    from ingestion.connectors import connections, health, landing, sync
    from warehouse.lake import Lake

    connection = connections.get(workspace, connection_id)
    lake = Lake.create(workspace.lake)
    with lake.writer(sync.WRITER_WAIT) as writer:
        landing.forget(writer, connection.id, connection.schema, rows=rows)
        if rows:
            building.remove(writer, connection.id)
            if connection.manifest.driver is not None:
                from ingestion.feeds.loading import drop

                drop(writer, connection)
    connections.remove(workspace, connection)
    (connections.folder(workspace) / f"{connection.id}.files").unlink(missing_ok=True)
    health.file_of(workspace, connection.id).unlink(missing_ok=True)
    sync.publish(workspace)


def schema(workspace: Workspace, connection_id: str) -> dict[str, Any]:
    """What a connection brings: each resource with its rows held and the common tables that it becomes."""
    from ingestion.canonical.tables import all_tables
    from ingestion.connectors import connections, health

    connection = connections.get(workspace, connection_id)
    held = {r.name: r for r in health.of(workspace, connection).resources}
    resources: list[dict[str, Any]] = []
    if connection.manifest.driver is not None:
        for one in held.values():
            resources.append({"name": one.name, "via": connection.manifest.driver, "note": one.error or "",
                              "rows": one.rows, "newest": one.loaded_at, "becomes": []})  # fmt: skip
    for resource in connection.manifest.resources:
        maps = [m for m in connection.manifest.canonical if m.resource == resource.name]
        known = held.get(resource.name)
        resources.append(
            {
                "name": resource.name,
                "via": resource.via,
                "note": resource.note,
                "rows": known.rows if known else 0,
                "newest": known.newest if known else None,
                "becomes": [
                    {
                        "table": m.table,
                        "columns": [
                            {"name": n, "type": all_tables()[m.table].columns[n].sql, "from": text}
                            for n, text in m.columns.items()
                        ],
                    }
                    for m in maps
                ],
            }
        )
    return {"connection": connection.id, "resources": resources}


def load_report(workspace: Workspace, connection_id: str, path: Path, resource: str | None) -> int:
    """Load a report file of a connection; rows, 0 when it was loaded before."""
    from ingestion.connectors import connections, reports

    return reports.load(workspace, connections.get(workspace, connection_id), path, resource)


def _entry(manifest: Manifest, label: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": manifest.source,
        "label": manifest.label,
        "group": manifest.group,
        "summary": manifest.summary,
        "version": manifest.version,
        "environments": list(manifest.base_url) if len(manifest.base_url) > 1 else [],
        "settings": [s.model_dump() for s in manifest.settings],
        "polls": bool(manifest.listed),
        "webhook": manifest.webhook is not None,
        "files": [r.name for r in manifest.resources if r.via == "file"],
        "resources": [r.name for r in manifest.resources],
        "cannot": manifest.cannot,
        "caveats": list(manifest.caveats),
        "proven": label,
    }
