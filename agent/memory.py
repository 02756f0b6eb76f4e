"""What people taught: words and approved answers, kept aside until someone reviews them, each of them undoable."""

from __future__ import annotations

import json
import os
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from store.errors import InvalidRequest, LimitReached, QueryRefused, SourceProblem, UnknownName
from store.principal import Principal
from warehouse.workspace import Workspace

MOST = 2_000
MOST_WAITING = 200
_LOCK = threading.Lock()
State = Literal["waiting", "approved", "removed"]
Scope = Literal["person", "everyone"]


class Learned(BaseModel):
    """One thing that was taught. A `word` says what `said` means; an `answer` is a question with its metric query.

    A `verdict` says of days of a figure (`query`) that they were usual, or odd; it holds for its owner at once.

    `waiting` ones change nothing. `person` is for `owner` alone, `everyone` for the whole workspace; `by` reviewed it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    kind: Literal["word", "answer", "verdict"]
    said: str = Field(max_length=400)
    means: str = Field("", max_length=400)
    query: dict[str, Any] | None = None
    meaning: str | None = None
    owner: str
    scope: Scope = "person"
    state: State = "waiting"
    at: datetime
    by: str | None = None


_ALL = TypeAdapter(list[Learned])


def listed(workspace: Workspace, principal: Principal) -> list[Learned]:
    """What `principal` may see, newest first: their own, what holds for everyone, and all of it for a reviewer."""
    seen = [x for x in _read(workspace) if _visible(x, principal)]
    return sorted(seen, key=lambda x: x.at, reverse=True)


def in_force(workspace: Workspace, principal: Principal) -> tuple[Learned, ...]:
    """What holds for `principal` now: approved, and theirs or everyone's; a person's own word goes first."""
    found = [x for x in _read(workspace) if x.state == "approved"]
    mine = [x for x in found if x.scope == "person" and x.owner == principal.user_id]
    return (*mine, *(x for x in found if x.scope == "everyone"))


def propose_word(workspace: Workspace, principal: Principal, said: str, means: str) -> Learned:
    """Keep a word aside for review; saying the same again changes nothing.

    Raises `InvalidRequest` for an empty word and `LimitReached` when too many wait.
    """
    said, means = " ".join(said.split()), " ".join(means.split())
    if not said or not means or said.casefold() == means.casefold():
        raise InvalidRequest("Say which word means what, in two different ways.", code="nothing_to_learn")
    made = Learned(id=_new_id(), kind="word", said=said, means=means, owner=principal.user_id, at=datetime.now(UTC))
    return _added(workspace, made)


def propose_answer(
    workspace: Workspace, principal: Principal, question: str, query: dict[str, Any], meaning: str
) -> Learned:
    """Keep a question with the query that answered it aside for review; `meaning` marks how its figures were defined.

    Raises `LimitReached` when too many wait.
    """
    made = Learned(
        id=_new_id(), kind="answer", said=" ".join(question.split())[:400], query=query, meaning=meaning,
        owner=principal.user_id, at=datetime.now(UTC),
    )  # fmt: skip
    return _added(workspace, made)


def judge(workspace: Workspace, principal: Principal, said: str, verdict: str, about: dict[str, Any]) -> Learned:
    """Keep what a person said of a finding: `about` holds the figure and the judged days. Raises `LimitReached`."""
    made = Learned(
        id=_new_id(), kind="verdict", said=said[:400], means=verdict, query=about, owner=principal.user_id,
        state="approved", at=datetime.now(UTC), by=principal.user_id,
    )  # fmt: skip
    return _added(workspace, made)


def approve(workspace: Workspace, principal: Principal, learned_id: str, *, everyone: bool = False) -> Learned:
    """Put what was taught in force, for its owner or (by who may edit the model) for everyone.

    Raises `UnknownName`, and `QueryRefused` when the person may not approve it.
    """
    found = _get(workspace, principal, learned_id)
    if everyone and not principal.may_edit_model:
        raise QueryRefused("Only an editor of the model may approve a word for everyone.", code="review_role")
    if not everyone and found.owner != principal.user_id and not principal.may_edit_model:
        raise QueryRefused("Only the person who taught this may approve it.", code="review_role")
    scope: Scope = "everyone" if everyone else "person"
    return _put(workspace, found.model_copy(update={"state": "approved", "scope": scope, "by": principal.user_id}))


def remove(workspace: Workspace, principal: Principal, learned_id: str) -> Learned:
    """Take it out of force; it stays on record as removed and can be approved again. Raises as `approve` does."""
    found = _get(workspace, principal, learned_id)
    if (found.scope == "everyone" or found.owner != principal.user_id) and not principal.may_edit_model:
        raise QueryRefused("Only an editor of the model may take this back.", code="review_role")
    return _put(workspace, found.model_copy(update={"state": "removed", "by": principal.user_id}))


def _visible(one: Learned, principal: Principal) -> bool:
    return one.owner == principal.user_id or one.scope == "everyone" or principal.may_edit_model


def _get(workspace: Workspace, principal: Principal, learned_id: str) -> Learned:
    every = [x for x in _read(workspace) if _visible(x, principal)]
    found = [x for x in every if x.id == learned_id]
    if not found:
        hint = "`plainsay learned list` shows what there is."
        raise UnknownName(f"Nothing that was taught is called {learned_id}.", code="unknown_learned", hint=hint)
    return found[0]


def _added(workspace: Workspace, made: Learned) -> Learned:
    with _LOCK:
        every = _read(workspace)
        same = next((x for x in every if _content(x) == _content(made) and x.state != "removed"), None)
        if same is not None:
            return same
        waiting = sum(x.state == "waiting" and x.owner == made.owner for x in every)
        if waiting >= MOST_WAITING or len(every) >= MOST:
            raise LimitReached(
                "Too much waits for review.", code="too_much_waits", hint="Approve or remove some of it first."
            )
        _write(workspace, [*every, made])
    return made


def _content(one: Learned) -> tuple[object, ...]:
    return one.kind, one.owner, one.said.casefold(), one.means.casefold(), json.dumps(one.query, sort_keys=True)


def _put(workspace: Workspace, changed: Learned) -> Learned:
    with _LOCK:
        every = _read(workspace)
        _write(workspace, [changed if x.id == changed.id else x for x in every])
    return changed


def _new_id() -> str:
    return f"l-{uuid.uuid4().hex[:8]}"


def _file(workspace: Workspace) -> Path:
    return workspace.root / "learned.json"


def _read(workspace: Workspace) -> list[Learned]:
    path = _file(workspace)
    if not path.exists():
        return []
    try:
        return _ALL.validate_json(path.read_bytes())
    except (ValidationError, OSError) as error:
        raise SourceProblem(
            "What people taught cannot be read.", code="learned_damaged", hint=f"Mend or remove the file {path.name}."
        ) from error


def _write(workspace: Workspace, every: list[Learned]) -> None:
    path = _file(workspace)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_bytes(_ALL.dump_json(every, indent=1))
    draft.replace(path)
