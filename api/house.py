"""Everything one server process holds, opened in order and closed in reverse."""

from __future__ import annotations

import asyncio
import fcntl
import importlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

import anyio
import structlog
from sqlalchemy import Connection

from api import forgetting, pushing, refreshing, retention, second_factor
from api.conversations import Conversations
from api.event_door import EventDoor
from api.gate import Usage
from api.hooks import Messenger
from api.jobs import Ingest, JobManager, load_files
from api.mcp_door import McpDoor
from api.meters import Meters
from api.people import People
from api.runs import Answering, RunManager
from api.shelf import Shelf
from api.sign_on import Provider
from api.training import Training
from store import bus, outbox, settings, tracing, usage, webhooks
from store import database as states
from store.bus import Bus
from store.database import Database
from store.delivery import Courier, Handler
from store.errors import ConfigProblem, PlainsayError, Unavailable
from store.outbox import Claimed
from store.principal import Principal
from store.rates import Rates
from store.runlog import RunLog
from store.schedule import Clock, Schedule, every
from warehouse.engines.base import Engine
from warehouse.snapshot import Snapshot

if TYPE_CHECKING:
    from agent.answer import Answer
    from agent.recipe import Recipe
    from agent.turn import Turn
    from bots.slack.app import SlackDoor
    from warehouse.query import Filter

log = structlog.get_logger("plainsay.house")

SWEEP_SECONDS = 3600.0
USAGE_SECONDS = 15.0
WATCH_SECONDS = 0.25
"""How often a process looks for work that another one left behind."""
WARM_SECONDS = 60.0
DRAIN_SECONDS = 8.0
DELIVER_SECONDS = 3.0
"""How long a stopping process goes on with mail and messages that it has in hand."""
LEAVE_SECONDS = 6.0
"""How long runs may go on once the server was told to stop; then their streams end, each in its own way."""


class Brainy(Answering, Protocol):
    """An assistant with a life: started once, closed once."""

    async def start(self) -> None: ...

    async def aclose(self) -> None: ...

    async def forget(self, thread_id: str) -> None: ...

    async def branch(self, source: str, target: str, answers: Mapping[str, str]) -> None: ...

    async def replay(
        self, recipe: Recipe, turn: Turn, changes: Mapping[str, str], conditions: Sequence[Filter] = ()
    ) -> Answer: ...


@dataclass(frozen=True)
class Parts:
    """What may be put in from outside: a fake assistant, another engine, another loader; None means the real one."""

    assistant: Brainy | None = None
    engine: Engine | None = None
    ingest: Ingest = load_files


class House:
    """State, runs, jobs and the assistant of one process. The assistant warms up while the door is already open."""

    def __init__(self, home: Path, parts: Parts) -> None:
        self.home = home
        self.shelf = Shelf(home)
        self.mcp = McpDoor(self)
        self.meters = Meters()
        self.meters.workers.set(settings.get("query_workers"))
        self._parts = parts
        self.slack: SlackDoor | None = None
        self._lock: IO[str] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._warm: asyncio.Task[tuple[Brainy, Engine | None]] | None = None

    async def open(self) -> None:
        """Open state, begin to warm up, continue what was cut off. Raises `ConfigProblem`."""
        self.home.mkdir(parents=True, exist_ok=True)
        tracing.start()
        self._address = address = states.address(self.home)
        shared = address.get_backend_name() == "postgresql"
        self._lock = own(self.home / "server.lock", shared=shared)
        self.database = await asyncio.to_thread(Database.open, self.home, address.render_as_string(False))
        self.database.written = self.meters.state_seconds.observe
        await self.database.write(lambda c: second_factor.seal_old(c, second_factor.sealing(self.home)))
        self.bus = Bus(self.database, address)
        self.runlog = RunLog(self.database, holder=self.bus.id)
        self.people = People(self.database)
        self.provider = Provider()
        self.conversations = Conversations(self.database)
        self.runs = RunManager(self.database, self.runlog, self.assistant, self.person, self.meters, self.bus.id)
        self._loop = asyncio.get_running_loop()
        training = Training(self.shelf, self._engine_now)
        self.jobs = JobManager(self.database, self.home, self.meters, self._parts.ingest, self.bus.id, training)
        self.rates, self.usage = Rates(self.database), Usage()
        self.events = EventDoor(self)
        self.clock = Clock(self.database)
        self.courier = Courier(self.database, self.bus.id, self._handlers())
        self.desk, self.alert_desk = pushing.start(self)
        self.slack = importlib.import_module("api.slack_door").opened(self)
        self.clock.add(Schedule("retention", every(SWEEP_SECONDS), retention.sweep))
        await self._join()
        self._warm = asyncio.create_task(self._warm_up())
        self._warm.add_done_callback(_report_cold)
        await forgetting.finish(self.database, self.shelf, self.bus.id)
        await self.jobs.recover(sweep=True)
        await self.runs.recover()
        if self.slack is not None:
            await self.slack.start()
        self.leaving = anyio.Event()
        loops = [self._leave(), self._count(), self.clock.run_forever(), self.courier.run_forever()]
        loops += [pushing.watch_data(self), self.events.run_forever(), refreshing.run_forever(self)]
        loops += [self._watch()] if self.database.shared else []
        self._tasks = [asyncio.create_task(loop) for loop in loops]

    async def close(self) -> None:
        """Let runs end for some seconds, then close everything; what goes on is continued at the next start."""
        if self.slack is not None:  # it begins runs, so it stops before them
            await self.slack.aclose()
        await self.runs.aclose(DRAIN_SECONDS)
        await self.mcp.aclose()
        await self.jobs.aclose()
        await self.courier.rest(DELIVER_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(PlainsayError):
            await self.database.write(lambda c: self.courier.settle(c, [self.bus.id]))
        await self.events.aclose()
        if self._warm is not None:
            self._warm.cancel()
            await asyncio.wait({self._warm})
        if self._warm is not None and self.warm():
            await self._warm.result()[0].aclose()
        await self.runlog.aclose()
        await self.write_usage()
        await self.bus.aclose()
        await asyncio.to_thread(self.database.close)
        await asyncio.to_thread(tracing.stop)
        if self._lock is not None:
            self._lock.close()

    async def person(self, user_id: str) -> Principal | None:
        """The person with this id as of now, or None when there is no such person any more."""
        return await self.people.person(user_id)

    async def assistant(self) -> Brainy:
        """The assistant, as soon as it is warm."""
        return (await self._ready())[0]

    async def engine(self) -> Engine:
        """The query engine behind the gate. Raises `Unavailable` when this house has none."""
        engine = (await self._ready())[1]
        if engine is None:
            raise Unavailable("No query engine is running here.")
        return engine

    def _engine_now(self) -> Engine:
        """The engine for a thread that waits for it. Raises `Unavailable`."""
        coming = asyncio.run_coroutine_threadsafe(self.engine(), self._loop)
        try:
            return coming.result(timeout=WARM_SECONDS)
        except TimeoutError as error:
            coming.cancel()
            raise Unavailable("The query engine is still starting.", retry_after=5.0) from error

    def warm(self) -> bool:
        """Whether questions are answered without waiting."""
        warm = self._warm
        return warm is not None and warm.done() and not warm.cancelled() and warm.exception() is None

    async def _ready(self) -> tuple[Brainy, Engine | None]:
        if self._warm is None:
            raise Unavailable("The server is starting.", retry_after=1.0)
        return await asyncio.shield(self._warm)

    async def _warm_up(self) -> tuple[Brainy, Engine | None]:
        if self._parts.assistant is not None:
            await self._parts.assistant.start()
            return self._parts.assistant, self._parts.engine
        engine = self._parts.engine or await asyncio.to_thread(_duckdb)
        module = await asyncio.to_thread(importlib.import_module, "agent.assistant")
        address = self._address if self.database.shared else None
        assistant: Brainy = module.Assistant(home=self.home, engine=engine, state=address)
        try:
            await assistant.start()
            await asyncio.to_thread(self._prewarm, getattr(engine, "prewarm", None))
        except BaseException:  # stopped while warming up: nobody else knows of this assistant yet
            await assistant.aclose()
            raise
        log.info("warm")
        return assistant, engine

    def _prewarm(self, prewarm: Callable[[Snapshot], None] | None) -> None:
        """Read the default workspace and start its query workers, so that the first question is as fast as the next."""
        try:
            view = self.shelf.views.get(self.shelf.default())
            if prewarm is not None:
                prewarm(view.snapshot)
        except PlainsayError as error:
            log.info("nothing_to_prewarm", code=error.code)
        except Exception:  # BLE001 - process edge: whatever one workspace's files hold, the server starts
            log.exception("prewarm_failed")

    async def _leave(self) -> None:
        """Let go of what is still running when the server stops, so that its readers hear of it in good time."""
        await self.leaving.wait()
        if self.slack is not None:
            await self.slack.aclose()
        await self.runs.aclose(LEAVE_SECONDS)

    async def _join(self) -> None:
        """Come alive for the other processes, and hear what they say."""
        self._left_behind = asyncio.Event()
        self.bus.on("run", self.runlog.hear)
        self.bus.on("stop", self.runs.abandon)
        self.bus.on("orphans", lambda _: self._left_behind.set())
        await self.bus.start()

    def _handlers(self) -> tuple[Handler, ...]:
        messenger = Messenger(self.database, self.home)
        return (
            Handler("forget", self._forget, "waiting"),
            Handler(forgetting.PASSAGES, self._forget_passages, "waiting"),
            Handler(webhooks.KIND, messenger.deliver, "waiting"),
        )

    async def write_usage(self) -> None:
        """Write down who used what since the last time."""
        counted = self.usage.take()
        if counted:
            await self.database.write(lambda connection: usage.add(connection, counted))

    async def _count(self) -> None:
        """Write usage down now and then, and look how much waits to be delivered."""
        while True:
            await asyncio.sleep(USAGE_SECONDS)
            with suppress(PlainsayError):
                await self.write_usage()
                for (kind, state), number in (await self.database.read(outbox.counts)).items():
                    self.meters.outbox.labels(kind, state).set(number)

    async def _forget(self, parcel: Claimed) -> None:
        """What the assistant remembers of a conversation that is past its time."""
        await (await self.assistant()).forget(parcel.key)

    async def _forget_passages(self, parcel: Claimed) -> None:
        """What the index of knowledge holds of a workspace that is gone."""
        await asyncio.to_thread(forgetting.passages, self.home, parcel.payload["workspace"])

    async def _watch(self) -> None:
        """Take over what a process that is gone left behind."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(WATCH_SECONDS):
                    await self._left_behind.wait()
            self._left_behind.clear()
            try:
                gone = await self.database.write(self._strike_off)
                taken = await self.runs.recover() + await self.jobs.recover()
            except PlainsayError as error:
                log.warning("watch_waits", code=error.code)
                continue
            if gone or taken:
                log.info("taken_over", processes=len(gone), items=taken)

    def _strike_off(self, connection: Connection) -> list[str]:
        """Forget processes that are gone; what they were delivering is settled at once."""
        gone = bus.forget_dead(connection, self.bus.id)
        if gone:
            self.courier.settle(connection, gone)
        return gone


def _report_cold(task: asyncio.Task[tuple[Brainy, Engine | None]]) -> None:
    """Nobody waits for the warm-up, so the log must say that it failed."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.error("warm_up_failed", exc_info=error)


def _duckdb() -> Engine:
    from warehouse.engines.duckdb import DuckDBEngine

    return DuckDBEngine()


def own(path: Path, shared: bool = False) -> IO[str]:
    """The lock that makes one process the owner of a home, or one of several that share it. Raises `ConfigProblem`."""
    handle = path.open("w")
    try:
        fcntl.flock(handle.fileno(), (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise ConfigProblem(
            "Another Plainsay server is already using this folder.",
            code="home_in_use",
            hint="Stop it first, or start this one with another PLAINSAY_HOME.",
        ) from error
    return handle


def of(request: Any) -> House:
    """The house behind a request."""
    house: House = request.app.state.house
    return house
