"""Runs and threads in the state database: plain functions of a connection, so that a caller chooses the transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, or_, select, update
from sqlalchemy.engine import RowMapping

from store import dialects, outbox
from store.models import EventRow, RunRow, ThreadRow, utc_now

TITLE_LENGTH = 80


@dataclass(frozen=True)
class NewRun:
    """What is known of a run before it starts; `turn` is its input as JSON."""

    id: str
    thread_id: str
    workspace: str
    owner: str
    question: str
    turn: dict[str, Any]
    holder: str | None = None


def start(connection: Connection, run: NewRun) -> None:
    """Record a run as running, on its thread, which is made when new. Raises `IntegrityError` when the id is taken.

    Runs of a thread have times in the order in which they were recorded, whichever process recorded them.
    """
    now = utc_now()
    title = run.question.strip()[:TITLE_LENGTH] or "Untitled"
    dialects.add_new(
        connection, ThreadRow, id=run.thread_id, workspace=run.workspace, owner=run.owner, title=title, pinned=False,
        created_at=now, updated_at=now,
    )  # fmt: skip
    connection.execute(update(ThreadRow).where(ThreadRow.id == run.thread_id).values(updated_at=now))
    latest = connection.execute(select(func.max(RunRow.created_at)).where(RunRow.thread_id == run.thread_id)).scalar()
    if latest is not None:
        now = max(now, latest + timedelta(microseconds=1))
    connection.execute(
        insert(RunRow).values(
            id=run.id, thread_id=run.thread_id, workspace=run.workspace, owner=run.owner, question=run.question,
            status="running", turn=run.turn, holder=run.holder, stop_asked=False, created_at=now,
        )
    )  # fmt: skip


@dataclass(frozen=True)
class Ending:
    """How a run ended: done, failed or cancelled, with its answer or its error as JSON."""

    status: str
    answer: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


def finish(connection: Connection, run_id: str, ending: Ending) -> None:
    """Record the end of a run; an empty question (a changed assumption) takes the answer's."""
    now = utc_now()
    values: dict[str, Any] = {
        "status": ending.status, "answer": ending.answer, "error": ending.error, "finished_at": now,
        "answer_id": (ending.answer or {}).get("id"),
    }  # fmt: skip
    connection.execute(update(RunRow).where(RunRow.id == run_id).values(**values))
    question = (ending.answer or {}).get("question")
    if question:
        connection.execute(update(RunRow).where(RunRow.id == run_id, RunRow.question == "").values(question=question))
    owning = select(RunRow.thread_id).where(RunRow.id == run_id).scalar_subquery()
    connection.execute(update(ThreadRow).where(ThreadRow.id == owning).values(updated_at=now))


def run(connection: Connection, run_id: str) -> RowMapping | None:
    """The run with all its columns, or None."""
    return connection.execute(select(RunRow.__table__).where(RunRow.id == run_id)).mappings().first()


def by_answer(connection: Connection, answer_id: str) -> RowMapping | None:
    """The run that gave an answer, or None."""
    return connection.execute(select(RunRow.__table__).where(RunRow.answer_id == answer_id)).mappings().first()


def claim_orphans(connection: Connection, holder: str, living: Collection[str], most: int = 100) -> list[RowMapping]:
    """Take over runs whose process is gone (it is none of `living`), oldest first; nobody else gets these."""
    gone = or_(RunRow.holder.is_(None), RunRow.holder.not_in(living))
    query = select(RunRow.id).where(RunRow.status == "running", gone).order_by(RunRow.created_at).limit(most)
    if dialects.shared(connection):
        query = query.with_for_update(skip_locked=True)
    ids = list(connection.execute(query).scalars())
    connection.execute(update(RunRow).where(RunRow.id.in_(ids)).values(holder=holder))
    mine = select(RunRow.__table__).where(RunRow.id.in_(ids)).order_by(RunRow.created_at)
    return list(connection.execute(mine).mappings())


def lost(connection: Connection, run_ids: Collection[str], holder: str) -> set[str]:
    """Which of these runs `holder` may no longer write to; the others stay its own until the transaction ends."""
    query = select(RunRow.id).where(RunRow.id.in_(run_ids), RunRow.holder == holder)
    if dialects.shared(connection):
        query = query.with_for_update(read=True)
    return set(run_ids) - set(connection.execute(query).scalars())


def let_go(connection: Connection, holder: str) -> int:
    """Leave what is unfinished to others. Returns how many runs."""
    mine = update(RunRow).where(RunRow.status == "running", RunRow.holder == holder)
    return connection.execute(mine.values(holder=None)).rowcount


def ask_stop(connection: Connection, run_id: str) -> None:
    """Mark a run that another process works on as to be stopped."""
    connection.execute(update(RunRow).where(RunRow.id == run_id, RunRow.status == "running").values(stop_asked=True))


def earlier_running(connection: Connection, run_id: str) -> bool:
    """Whether a run of the same thread that was recorded before this one still goes on."""
    this = connection.execute(select(RunRow.thread_id, RunRow.created_at).where(RunRow.id == run_id)).first()
    if this is None:
        return False
    before = select(RunRow.id).where(
        RunRow.thread_id == this.thread_id, RunRow.status == "running", RunRow.created_at < this.created_at
    )
    return connection.execute(before.limit(1)).first() is not None


def claim_resume(connection: Connection, run_id: str, by: str) -> bool:
    """Mark the question back of a run as answered by another run; false when one did before."""
    query = update(RunRow).where(RunRow.id == run_id, RunRow.resumed_by.is_(None)).values(resumed_by=by)
    return connection.execute(query).rowcount == 1


def thread(connection: Connection, thread_id: str) -> RowMapping | None:
    """The thread, or None."""
    return connection.execute(select(ThreadRow.__table__).where(ThreadRow.id == thread_id)).mappings().first()


def threads(
    connection: Connection,
    owner: str,
    workspace: str | None = None,
    words: str | None = None,
    limit: int = 200,
    skip: int = 0,
) -> list[RowMapping]:
    """Threads of an owner with the number of their turns, pinned ones first, then the latest.

    `words` searches titles, questions and answers; `skip` leaves out as many of the first.
    """
    turns = func.count(RunRow.id).label("turns")
    query: Select[Any] = (
        select(*ThreadRow.__table__.columns, turns)
        .join(RunRow, RunRow.thread_id == ThreadRow.id)
        .where(ThreadRow.owner == owner)
        .group_by(*ThreadRow.__table__.columns)
        .order_by(ThreadRow.pinned.desc(), ThreadRow.updated_at.desc(), ThreadRow.id)
        .limit(limit)
        .offset(skip)
    )
    if workspace is not None:
        query = query.where(ThreadRow.workspace == workspace)
    if words:
        said = RunRow.answer["text"].as_string().icontains(words, autoescape=True)
        asked = select(RunRow.thread_id).where(or_(RunRow.question.icontains(words, autoescape=True), said))
        query = query.where(or_(ThreadRow.title.icontains(words, autoescape=True), ThreadRow.id.in_(asked)))
    return list(connection.execute(query).mappings())


def asked_last(connection: Connection, owner: str, workspace: str, prefix: str, most: int = 200) -> list[RowMapping]:
    """The latest runs (id, thread_id, question) of the `most` threads that an owner used last, latest first.

    Only threads whose ids begin with `prefix` count.
    """
    recent = (
        select(ThreadRow.id)
        .where(ThreadRow.owner == owner, ThreadRow.workspace == workspace, ThreadRow.id.startswith(prefix))
        .order_by(ThreadRow.updated_at.desc())
        .limit(most)
    )
    newest = select(func.max(RunRow.created_at)).where(RunRow.thread_id == ThreadRow.id)
    latest = newest.correlate(ThreadRow).scalar_subquery()
    query = (
        select(RunRow.id, RunRow.thread_id, RunRow.question)
        .join(ThreadRow, (RunRow.thread_id == ThreadRow.id) & (RunRow.created_at == latest))
        .where(ThreadRow.id.in_(recent))
        .order_by(RunRow.created_at.desc())
    )
    return list(connection.execute(query).mappings())


def turns(connection: Connection, thread_id: str) -> list[RowMapping]:
    """The runs of a thread in the order they were asked."""
    query = select(RunRow.__table__).where(RunRow.thread_id == thread_id).order_by(RunRow.created_at, RunRow.id)
    return list(connection.execute(query).mappings())


def change_thread(connection: Connection, thread_id: str, change: dict[str, Any]) -> None:
    """Rename (`title`) or pin (`pinned`) a thread; when it was last used stays."""
    if change:
        connection.execute(update(ThreadRow).where(ThreadRow.id == thread_id).values(**change))


def delete_thread(connection: Connection, thread_id: str) -> None:
    """Remove a thread with its runs and their events."""
    connection.execute(delete(ThreadRow).where(ThreadRow.id == thread_id))


def delete_threads_of(connection: Connection, *, workspace: str | None = None, owner: str | None = None) -> None:
    """Remove all threads of a workspace, or of a person; what the assistant remembers of them goes a moment later."""
    whose = ThreadRow.workspace == workspace if owner is None else ThreadRow.owner == owner
    for thread_id in connection.execute(select(ThreadRow.id).where(whose)).scalars().all():
        outbox.put(connection, outbox.Parcel("forget", thread_id))
    connection.execute(delete(ThreadRow).where(whose))


def prune_events(connection: Connection, before: datetime) -> int:
    """Drop the event logs of runs that ended before a moment; their answers stay. Returns the number of events."""
    ended = select(RunRow.id).where(RunRow.finished_at < before)
    return connection.execute(delete(EventRow).where(EventRow.run_id.in_(ended))).rowcount


def unused_threads(connection: Connection, before: datetime, most: int = 500) -> list[str]:
    """Threads that nobody used since a moment and nobody pinned, the oldest first."""
    query = select(ThreadRow.id).where(ThreadRow.updated_at < before, ThreadRow.pinned.is_(False))
    return list(connection.execute(query.order_by(ThreadRow.updated_at).limit(most)).scalars())
