"""One question as a door hands it over; everything about the asker comes from the server."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from store.principal import LOCAL_OWNER, Principal

BrainChoice = Literal["auto", "builtin", "llm"]


@dataclass(frozen=True)
class Turn:
    """A new question (`text`), a changed assumption (`answer_id` and `patch`), or a reply to a clarifying question.

    `resume` is {"choice": option value} or {"other": free text}. `as_of` None means now. A turn with the run id of an
    unfinished run of the thread continues it from its checkpoint. `deep` asks for a report around the answer.
    """

    workspace: str
    thread_id: str
    run_id: str
    text: str
    principal: Principal = LOCAL_OWNER
    as_of: datetime | None = None
    brain: BrainChoice = "auto"
    answer_id: str | None = None
    patch: dict[str, Any] | None = None
    resume: dict[str, str] | None = None
    glossary: tuple[str, ...] = field(default=())
    locale: str = "en-US"
    deep: bool = False
