"""A conversation gone on from in two directions: the turns up to one of them, copied under names of their own."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, insert

from store import runs
from store.errors import UnknownName
from store.models import RunRow, ThreadRow, utc_now


def branch(connection: Connection, thread_id: str, run_id: str) -> tuple[str, dict[str, str]]:
    """Copy a thread up to and with one of its answered runs; the new thread and the new answer ids by the old ones.

    Raises `UnknownName` when the run is not an answered one of the thread.
    """
    source, every = runs.thread(connection, thread_id), runs.turns(connection, thread_id)
    at = next((i for i, run in enumerate(every) if run["id"] == run_id and run["answer"]), None)
    if source is None or at is None:
        raise UnknownName("There is no such answer in this conversation.", code="unknown_run")
    kept = [dict(run) for run in every[: at + 1] if run["status"] == "done" and run["answer"]]
    made, now = f"th-{uuid.uuid4().hex}", utc_now()
    connection.execute(
        insert(ThreadRow).values(
            id=made, workspace=source["workspace"], owner=source["owner"], title=source["title"], pinned=False,
            created_at=now, updated_at=now,
        )
    )  # fmt: skip
    names = {run["id"]: f"r-{uuid.uuid4().hex}" for run in kept}
    answers = {run["answer"]["id"]: f"a-{names[run['id']]}" for run in kept}
    for run in kept:
        connection.execute(insert(RunRow).values(**_copied(run, made, names, answers)))
    return made, answers


def _copied(run: dict[str, Any], thread_id: str, names: dict[str, str], answers: dict[str, str]) -> dict[str, Any]:
    name, answer, turn = names[run["id"]], dict(run["answer"]), dict(run["turn"])
    answer |= {"id": answers[answer["id"]], "thread_id": thread_id}
    turn |= {"run_id": name, "thread_id": thread_id, "answer_id": answers.get(turn.get("answer_id") or "")}
    return {
        **run, "id": name, "thread_id": thread_id, "answer": answer, "answer_id": answer["id"], "turn": turn,
        "resumed_by": names.get(run["resumed_by"] or ""),
    }  # fmt: skip
