"""Jobs and workspace labels in the state database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.engine import RowMapping

from store.models import JobRow, WorkspaceRow, utc_now


def add(connection: Connection, job_id: str, workspace: str, owner: str, files: list[str]) -> None:
    """Queue the loading of files (paths inside the workspace's spool)."""
    connection.execute(
        insert(JobRow).values(
            id=job_id, workspace=workspace, owner=owner, state="queued", files=files, created_at=utc_now()
        )
    )


def job(connection: Connection, job_id: str) -> RowMapping | None:
    """The job, or None."""
    return connection.execute(select(JobRow.__table__).where(JobRow.id == job_id)).mappings().first()


def unfinished(connection: Connection) -> list[RowMapping]:
    """Jobs that were queued or running when the process ended, oldest first."""
    query = select(JobRow.__table__).where(JobRow.state.in_(("queued", "running"))).order_by(JobRow.created_at)
    return list(connection.execute(query).mappings())


def move(
    connection: Connection,
    job_id: str,
    state: str,
    *,
    result: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
) -> None:
    """Put a job into a state; done and failed get their time."""
    ended = utc_now() if state in ("done", "failed") else None
    values = {"state": state, "result": result, "error": error, "finished_at": ended}
    connection.execute(update(JobRow).where(JobRow.id == job_id).values(**values))


def labels(connection: Connection) -> dict[str, str]:
    """Labels of workspaces by name."""
    return {row.name: row.label for row in connection.execute(select(WorkspaceRow.name, WorkspaceRow.label))}


def set_label(connection: Connection, name: str, label: str) -> None:
    """Name a workspace for people."""
    forget_workspace(connection, name)
    connection.execute(insert(WorkspaceRow).values(name=name, label=label, created_at=utc_now()))


def forget_workspace(connection: Connection, name: str) -> None:
    """Drop a workspace's label."""
    connection.execute(delete(WorkspaceRow).where(WorkspaceRow.name == name))
