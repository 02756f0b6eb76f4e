"""From what a door received to a `Turn`: the server decides workspace, thread and asker, never the text."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import Annotated, Any

from ag_ui.core import RunAgentInput, TextPart, UserMessage
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from agent.turn import BrainChoice, Turn
from api import turns
from api.errors import TooLarge
from api.house import House
from api.wires.reading import Detail
from store import runs as table
from store import settings
from store.errors import InvalidRequest, UnknownName
from store.principal import LOCAL_OWNER, Principal

MOST_TEXT = 4_000
IdText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,119}$")]


@dataclass(frozen=True)
class Asked:
    """A question as a door received it; ids that are missing are made."""

    text: str
    workspace: str | None = None
    thread_id: str | None = None
    run_id: str | None = None
    brain: BrainChoice = "auto"
    as_of: str | None = None
    locale: str = "en-US"
    answer_id: str | None = None
    patch: dict[str, Any] | None = None
    resume: dict[str, str] | None = None
    glossary: tuple[str, ...] = ()
    deep: bool = False


class Extras(BaseModel):
    """What a client that knows us may add to its request under `plainsay`."""

    model_config = ConfigDict(extra="ignore")

    thread_id: IdText | None = None
    brain: BrainChoice = "auto"
    as_of: str | None = None
    locale: str = Field("en-US", max_length=35)
    detail: Detail = "full"
    deep: bool = False

    def asked(self, text: str, workspace: str | None, thread_id: str | None, run_id: str) -> Asked:
        """The question with these extras."""
        return Asked(
            text=text, workspace=workspace, thread_id=thread_id, run_id=run_id, brain=self.brain, as_of=self.as_of,
            locale=self.locale, deep=self.deep,
        )  # fmt: skip


async def turn(home: House, principal: Principal, asked: Asked) -> Turn:
    """The turn. A thread keeps its workspace; a patch belongs to the thread of its answer.

    Raises `UnknownName` for a workspace, thread or answer that the asker cannot see, `InvalidRequest`, `TooLarge`,
    and `TooFast` when a workspace is asked too much.
    """
    text = clean(asked.text)
    if (asked.answer_id is None) != (asked.patch is None):
        raise InvalidRequest("A change needs both `answer_id` and `patch`.", details={"field": "patch"})
    thread_id = asked.thread_id
    if asked.answer_id is not None:
        thread_id, text = await _patched(home, principal, asked.answer_id, thread_id), ""
    thread_id = thread_id or f"th-{uuid.uuid4().hex}"
    thread = await home.database.read(lambda connection: table.thread(connection, thread_id))
    if thread is not None and not principal.owns(thread):
        raise UnknownName("There is no such thread.", code="unknown_thread")
    workspace = thread["workspace"] if thread is not None else asked.workspace
    chosen = await asyncio.to_thread(home.shelf.chosen, workspace, principal)
    principal = principal.within(chosen)
    principal.require("ask")
    if principal != LOCAL_OWNER and settings.get("workspace_per_minute"):
        await home.rates.spend(f"workspace:{chosen}", settings.get("workspace_per_minute"), "questions")
    return Turn(
        workspace=chosen,
        thread_id=thread_id,
        run_id=asked.run_id or f"r-{uuid.uuid4().hex}",
        text=text,
        principal=principal,
        as_of=turns.parse_as_of(asked.as_of),
        brain=asked.brain,
        answer_id=asked.answer_id,
        patch=asked.patch,
        resume=asked.resume,
        glossary=asked.glossary,
        locale=asked.locale,
        deep=asked.deep,
    )


def clean(text: str) -> str:
    """The question without NUL, which no store takes. Raises `TooLarge` beyond 4,000 characters."""
    if len(text) > MOST_TEXT:
        raise TooLarge(
            f"The question is longer than {MOST_TEXT:,} characters.", hint="Ask it in fewer words.",
            details={"limit": MOST_TEXT},
        )  # fmt: skip
    return text.replace("\x00", "")


def last_user_text(body: RunAgentInput) -> str:
    """What the person said last; everything else in the history comes from the store."""
    for message in reversed(body.messages):
        if isinstance(message, UserMessage):
            if isinstance(message.content, str):
                return message.content
            return " ".join(part.text for part in message.content if isinstance(part, TextPart))
    return ""


async def _patched(home: House, principal: Principal, answer_id: str, thread_id: str | None) -> str:
    """The thread of an answer that the asker may change."""
    row = await home.database.read(lambda connection: table.by_answer(connection, answer_id))
    if row is None or not principal.owns(row) or (thread_id or row["thread_id"]) != row["thread_id"]:
        raise UnknownName("There is no such answer.", code="unknown_answer")
    return str(row["thread_id"])
