"""What a program that speaks MCP may do, over HTTP in a house or over standard input beside one: the same things."""

from __future__ import annotations

import asyncio
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from agent import events as ours
from agent.turn import Turn
from api import accounts, errors, questions, streams, turns
from api.house import Brainy, House
from api.questions import Asked
from api.shelf import Shelf
from api.wires import agui
from store.principal import LOCAL_OWNER, Principal
from warehouse.engines.base import Engine

if TYPE_CHECKING:
    from tools.evidence import Evidence
    from tools.registry import Tool


class Desk(ABC):
    """Answers questions, runs tools and shows models for one kind of door."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    @abstractmethod
    def person(self) -> Principal:
        """Who is asking."""

    @abstractmethod
    async def engine(self) -> Engine:
        """The query engine behind the gate."""

    @abstractmethod
    def events(self, asked: Asked) -> AsyncIterator[dict[str, Any]]:
        """The AG-UI events of a question. Leaving early stops it."""

    async def workspaces(self) -> list[str]:
        """The names, the default one first."""
        person = self.person()
        names = await asyncio.to_thread(self.shelf.names, person)
        first = await asyncio.to_thread(self.shelf.default, person) if names else None
        return sorted(names, key=lambda n: (n != first, n))

    async def model(self, workspace: str | None) -> dict[str, Any]:
        """The semantic model as the asker may see it."""
        person = self.person()

        def read() -> dict[str, Any]:
            name = self.shelf.chosen(workspace, person)
            return self.shelf.model(name, person.within(name))

        return await asyncio.to_thread(read)

    async def tools(self) -> list[Tool]:
        """The analytic skills that the asker may use; who calls them is a model, so none that writes."""

        def read() -> list[Tool]:
            from tools import registry

            return registry.all_tools()

        person = self.person()
        return [t for t in await asyncio.to_thread(read) if not t.writes and t.asks and person.may_somewhere(t.asks)]

    async def run(self, name: str, args: dict[str, Any], workspace: str | None, as_of: str | None) -> Evidence:
        """What a skill finds. Raises what the skill raises."""
        moment, engine, person = turns.parse_as_of(as_of) or datetime.now(), await self.engine(), self.person()

        def work() -> Evidence:
            from tools import registry

            view = self.shelf.views.seen_by(self.shelf.chosen(workspace, person), person, engine)
            context = registry.ToolContext(
                workspace=view.workspace, principal=person, model=view.model, profile=view.profile, engine=engine,
                snapshot=view.snapshot, as_of=moment,
            )  # fmt: skip
            return registry.get(name).run(context, args)

        return await asyncio.to_thread(work)


class HouseDesk(Desk):
    """The desk of a served house: runs are stored, threads are shared with the page, rights are the caller's."""

    def __init__(self, home: House) -> None:
        super().__init__(home.shelf)
        self._home = home

    def person(self) -> Principal:
        """Whoever sent the request."""
        return accounts.current()

    async def engine(self) -> Engine:
        """The house's engine."""
        return await self._home.engine()

    async def events(self, asked: Asked) -> AsyncIterator[dict[str, Any]]:
        """A run of the house, stopped when its asker leaves."""
        turn = await questions.turn(self._home, self.person(), asked)
        await self._home.runs.start(turn)
        try:
            async for event in streams.events(self._home, turn.run_id):
                yield event
        finally:
            self._home.runs.abandon(turn.run_id)


class LocalDesk(Desk):
    """The desk of one person's own process, beside a server or without one; its turns are not kept in the history."""

    def __init__(self, shelf: Shelf, assistant: Brainy, engine: Engine, workspace: str | None = None) -> None:
        super().__init__(shelf)
        self._assistant = assistant
        self._engine = engine
        self._workspace = workspace
        self._started: asyncio.Task[None] | None = None

    def person(self) -> Principal:
        """Whoever started the process."""
        return LOCAL_OWNER

    async def engine(self) -> Engine:
        """The process's own engine."""
        return self._engine

    async def workspaces(self) -> list[str]:
        """The one that the command named, else all."""
        return [self._workspace] if self._workspace else await super().workspaces()

    async def model(self, workspace: str | None) -> dict[str, Any]:
        """The model of that workspace, or of the one that the command named."""
        return await super().model(workspace or self._workspace)

    async def run(self, name: str, args: dict[str, Any], workspace: str | None, as_of: str | None) -> Evidence:
        """The skill on that workspace, or on the one that the command named."""
        return await super().run(name, args, workspace or self._workspace, as_of)

    async def events(self, asked: Asked) -> AsyncIterator[dict[str, Any]]:
        """A turn of the assistant, as the house would send it."""
        await self._ready()
        thread, run = asked.thread_id or f"mcp-{uuid.uuid4().hex}", asked.run_id or f"r-{uuid.uuid4().hex}"
        wire = agui.AguiWire(run, thread)
        workspace = await asyncio.to_thread(self.shelf.chosen, asked.workspace or self._workspace, self.person())
        turn = Turn(
            workspace=workspace, thread_id=thread, run_id=run, text=questions.clean(asked.text),
            as_of=turns.parse_as_of(asked.as_of), brain=asked.brain, locale=asked.locale, deep=asked.deep,
        )  # fmt: skip
        try:
            async for event in self._assistant.stream(turn):
                for sent in wire.feed(event):
                    yield orjson.loads(agui.body(sent))
        except Exception as exception:  # noqa: BLE001  the edge of a run: its failure is its last event
            error = errors.of_exception(exception)
            for sent in wire.feed(ours.RunFailed(code=error.code, message=error.message, hint=error.hint)):
                yield orjson.loads(agui.body(sent))

    async def _ready(self) -> None:
        if self._started is None:
            self._started = asyncio.create_task(self._assistant.start())
        await asyncio.shield(self._started)

    async def aclose(self) -> None:
        """Close the assistant."""
        if self._started is not None:
            await self._ready()
            await self._assistant.aclose()
