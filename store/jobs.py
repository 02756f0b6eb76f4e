"""Jobs and workspace labels in the state database."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.engine import RowMapping

from store import dialects
from store.models import JobRow, WorkspaceRow, utc_now


def add(
    connection: Connection, job_id: str, workspace: str, owner: str, files: list[str], holder: str | None = None
) -> None:
    """Queue the loading of files (paths inside the workspace's spool)."""
    connection.execute(
        insert(JobRow).values(
            id=job_id, workspace=workspace, owner=owner, state="queued", files=files, holder=holder,
            created_at=utc_now(),
        )
    )  # fmt: skip


def job(connection: Connection, job_id: str) -> RowMapping | None:
    """The job, or None."""
    return connection.execute(select(JobRow.__table__).where(JobRow.id == job_id)).mappings().first()


def of_workspace(connection: Connection, workspace: str, most: int = 100) -> list[RowMapping]:
    """The last jobs of a workspace, the newest first."""
    query = select(JobRow.__table__).where(JobRow.workspace == workspace)
    return list(connection.execute(query.order_by(JobRow.created_at.desc(), JobRow.id).limit(most)).mappings())


def unfinished(connection: Connection) -> set[str]:
    """Ids of jobs that are queued or running, whoever holds them."""
    return set(connection.execute(select(JobRow.id).where(JobRow.state.in_(("queued", "running")))).scalars())


def claim_orphans(connection: Connection, holder: str, living: Collection[str]) -> list[RowMapping]:
    """Take over jobs whose process is gone (it is none of `living`), oldest first; nobody else gets these."""
    gone = or_(JobRow.holder.is_(None), JobRow.holder.not_in(living))
    query = select(JobRow.id).where(JobRow.state.in_(("queued", "running")), gone)
    if dialects.shared(connection):
        query = query.with_for_update(skip_locked=True)
    ids = list(connection.execute(query).scalars())
    connection.execute(update(JobRow).where(JobRow.id.in_(ids)).values(holder=holder))
    mine = select(JobRow.__table__).where(JobRow.id.in_(ids)).order_by(JobRow.created_at)
    return list(connection.execute(mine).mappings())


def let_go(connection: Connection, holder: str) -> int:
    """Leave what is unfinished to others. Returns how many jobs."""
    mine = update(JobRow).where(JobRow.state.in_(("queued", "running")), JobRow.holder == holder)
    return connection.execute(mine.values(holder=None)).rowcount


def tell(connection: Connection, job_id: str, progress: dict[str, Any]) -> None:
    """Write down how far a job is, for those who ask another process."""
    connection.execute(update(JobRow).where(JobRow.id == job_id).values(progress=progress))


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
