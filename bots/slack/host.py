"""What the Slack door needs of the server it lives in, so that it can be mounted anywhere and tested alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.engine import RowMapping

from store.database import Database
from store.principal import Principal


@dataclass(frozen=True)
class Question:
    """What a person asks from Slack. `run_id` makes it the same question however often it is begun.

    `resume` replies to the question back of run `resumes`; `patch` changes an assumption of `answer_id`.
    """

    run_id: str
    text: str
    thread_id: str | None = None
    workspace: str | None = None
    answer_id: str | None = None
    patch: dict[str, Any] | None = None
    resume: dict[str, str] | None = None
    resumes: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How a run ended: an answer as JSON, or the message and hint of an error."""

    thread_id: str
    workspace: str
    answer: dict[str, Any] | None
    message: str = ""
    hint: str | None = None


class Host(Protocol):
    """The server behind the Slack door."""

    @property
    def database(self) -> Database: ...

    @property
    def holder(self) -> str: ...

    async def person(self, user_id: str) -> Principal | None: ...

    async def chosen(self, workspace: str | None, person: Principal) -> str: ...

    async def sight(self, workspace: str, person: Principal) -> str:
        """What hides rows and columns from a person, as a digest; empty when nothing does."""

    async def begin(self, person: Principal, question: Question) -> str:
        """Start a run, or attach to the one with its id; the thread it is in."""

    def events(self, run_id: str) -> AsyncIterator[dict[str, Any]]:
        """The AG-UI events of a run."""

    async def outcome(self, run_id: str, person: Principal) -> Outcome: ...

    async def wished(self, workspace: str, person: Principal, text: str, zone: str) -> tuple[str, str | None] | None:
        """What is said back to a sentence that asks for an alert, and the id of the alert, which is off until it is
        agreed to and then looked at in the morning of `zone`; None for every other sentence."""

    async def rate(self, run_id: str, person: Principal, said: dict[str, str]) -> None:
        """Keep what a person thinks of their answer: `verdict` (up, down), `reason` and `comment`."""

    async def followed(self, message: RowMapping, person: Principal, item: int) -> None:
        """Learn that a person went on from a finding of a digest."""

    async def load(self, workspace: str, person: Principal, files: Sequence[tuple[str, bytes]]) -> str:
        """Load files; a sentence that says what came of it."""

    async def starters(self, person: Principal) -> tuple[str, Sequence[str]]:
        """The workspace a person would ask, and questions to begin with."""
