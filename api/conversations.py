"""Conversations of clients that keep the history themselves: which thread of ours a list of messages goes on."""

from __future__ import annotations

import hashlib
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from agent.answer import Answer
from api.wires import reading
from store import runs as table
from store.database import Database
from store.errors import InvalidRequest
from store.principal import Principal

_TEXT_PARTS = frozenset({"text", "input_text", "output_text"})
_MOST_TAKEN = 1_000


class Message(BaseModel):
    """A message as OpenAI's and Vercel's clients send it; only its text is read, and nothing that it claims to be."""

    model_config = ConfigDict(extra="ignore")

    role: str = ""
    content: str | list[Any] | None = None
    parts: list[Any] | None = None

    @property
    def text(self) -> str:
        """The text of all parts."""
        if isinstance(self.content, str):
            return self.content
        parts = [p for p in self.parts or self.content or [] if isinstance(p, dict)]
        return "\n".join(str(p.get("text", "")) for p in parts if p.get("type") in _TEXT_PARTS)

    @property
    def attached(self) -> bool:
        """Whether the message holds more than text, such as a picture."""
        parts = self.parts or (self.content if isinstance(self.content, list) else [])
        kinds = {str(p.get("type", "")) for p in parts if isinstance(p, dict)}
        return any("image" in k or "audio" in k or k.endswith("file") for k in kinds)


@dataclass(frozen=True)
class Dialogue:
    """A question and what was said before it."""

    question: str
    before: tuple[Message, ...] = ()

    @property
    def questions(self) -> list[str]:
        """What the person asked before, in order."""
        return [_squashed(m.text) for m in self.before if m.role == "user"]

    @property
    def reply(self) -> str:
        """What was answered last."""
        return next((_squashed(m.text) for m in reversed(self.before) if m.role == "assistant"), "")


def dialogue(messages: Sequence[Message], field: str = "messages") -> Dialogue:
    """The last question of a person and what came before. Raises `InvalidRequest` for none, and for pictures."""
    place = next((i for i in reversed(range(len(messages))) if messages[i].role == "user"), None)
    if place is None or not messages[place].text.strip():
        raise InvalidRequest("There is no question.", code="no_question", details={"field": field})
    if messages[place].attached:
        raise InvalidRequest(
            "Only text can be asked here.", code="text_only", hint="Load files into a workspace first.",
            details={"field": field},
        )  # fmt: skip
    return Dialogue(messages[place].text, tuple(messages[:place]))


class Conversations:
    """Finds the thread by what was said in it: the same questions, the same last answer, nothing asked since."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._taken: OrderedDict[str, None] = OrderedDict()

    async def thread(self, person: Principal, workspace: str, said: Dialogue, user: str | None) -> str:
        """The thread that `said` goes on, or the name of a new one; `user` keeps the people behind one key apart."""
        prefix = f"api-{hashlib.blake2s((user or '').encode('utf-8', 'replace'), digest_size=6).hexdigest()}-"
        if said.questions:
            rows = await self._database.read(lambda c: table.asked_last(c, person.user_id, workspace, prefix))
            for row in rows:
                if row["id"] not in self._taken and await self._goes_on(row, said):
                    self._take(row["id"])
                    return str(row["thread_id"])
        return f"{prefix}{uuid.uuid4().hex}"

    async def _goes_on(self, row: Any, said: Dialogue) -> bool:
        if _squashed(row["question"]) != said.questions[-1]:
            return False
        turns = await self._database.read(lambda c: table.turns(c, row["thread_id"]))
        answer = turns[-1]["answer"]
        if answer is None or not said.reply.startswith(_squashed(reading.opening(Answer.model_validate(answer)))):
            return False
        asked = [_squashed(t["question"]) for t in turns if t["status"] == "done"]
        most = min(len(asked), len(said.questions))
        return asked[-most:] == said.questions[-most:]

    def _take(self, run_id: str) -> None:
        """Two who said the same are told apart from here on: the answer of a run is gone on from once."""
        self._taken[run_id] = None
        while len(self._taken) > _MOST_TAKEN:
            self._taken.popitem(last=False)


def _squashed(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())
