"""Runs belong to the server, not to a connection: a detached task drives the assistant, and any client may tail it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol
from weakref import WeakValueDictionary

import orjson
import structlog
from ag_ui.core import BaseEvent
from sqlalchemy import Connection, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from agent import events as ours
from agent.answer import Answer
from agent.turn import Turn
from api import errors, turns
from api.fairness import FairGate, share_of_one
from api.meters import Meters
from api.wires import agui
from store import budgets, bus, rights, settings, tracing, webhooks
from store import runs as table
from store.database import Database
from store.errors import Defect, PlainsayError, UnknownName, unknown
from store.models import RunRow
from store.principal import Principal
from store.runlog import Entry, RunLog, RunTaken

log = structlog.get_logger("plainsay.runs")

FIRST_EVENTS = 8
JOIN_TEXT_SECONDS = 0.05
UNWRITTEN_EVENTS = 128
MOST_ATTEMPTS = 3
TAKEN_AT_ONCE = 8
"""How many runs of a process that died one of the others takes before it lets the rest have their share."""
STOP_SECONDS = 5.0
THREAD_POLL_SECONDS = 0.05
_BEYOND = 2**31 - 1


class Answering(Protocol):
    """What a run needs of an assistant."""

    def stream(self, turn: Turn) -> AsyncIterator[ours.Event]: ...


class _Sink:
    """Numbers the events of one run and hands them to the log, text joined for at most 50 ms."""

    def __init__(self, runlog: RunLog, wire: agui.AguiWire, run_id: str, written: int) -> None:
        self.wire = wire
        self._log = runlog
        self._run_id = run_id
        self._seq = written
        self._timer: asyncio.TimerHandle | None = None
        self._last: asyncio.Future[None] | None = None
        self._waited = written

    def send(self, events: list[BaseEvent], **how: Any) -> asyncio.Future[None] | None:
        """Queue events; the future is done when they are on disk."""
        if not events and "extra" not in how:
            return self._last
        entries = [Entry(self._seq + n, str(e.type.value), agui.body(e)) for n, e in enumerate(events, 1)]
        self._seq += len(entries)
        how.setdefault("urgent", self._seq <= FIRST_EVENTS)
        self._last = self._log.append(self._run_id, entries, **how)
        self._last.add_done_callback(_retrieve)
        return self._last

    async def feed(self, event: ours.Event) -> None:
        """Send one of our events; waits when the log is far behind, and raises what the log raised."""
        self.send(self.wire.feed(event))
        if self.wire.holding and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(JOIN_TEXT_SECONDS, self._flush)
        behind = self._seq - self._waited >= UNWRITTEN_EVENTS
        if self._last is not None and (behind or self._last.done()):
            await self._last
            self._waited = self._seq

    async def end(self, event: ours.Event, ending: table.Ending) -> None:
        """Send the terminal event and record the ending in the same transaction."""
        if self._timer is not None:
            self._timer.cancel()
        done = self.send(
            self.wire.feed(event),
            extra=lambda connection: _finish(connection, self._run_id, ending),
            last=True,
        )
        if done is not None:
            await asyncio.shield(done)

    def _flush(self) -> None:
        self._timer = None
        self.send(self.wire.flush())
        if self.wire.holding and not self.wire.ended:
            self._timer = asyncio.get_running_loop().call_later(JOIN_TEXT_SECONDS, self._flush)


class RunManager:
    """Starts, continues, cancels and follows runs."""

    def __init__(
        self,
        database: Database,
        runlog: RunLog,
        assistant: Callable[[], Awaitable[Answering]],
        asker: Callable[[str], Awaitable[Principal | None]],
        meters: Meters,
        me: str = "alone",
    ) -> None:
        self._database = database
        self._log = runlog
        self._assistant = assistant
        self._asker = asker
        self._meters = meters
        self._me = me
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._threads: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._stopping = False
        most: int = settings.get("runs_at_once")
        self._fair = FairGate(most, share_of_one(most, waits_elsewhere=bool(settings.get("model"))))

    async def start(self, turn: Turn, resumes: str | None = None) -> bool:
        """Start a run, or attach to the one that has its id (false). `resumes` is the run whose question it answers.

        Returns when the first event is on disk. Raises `UnknownName` for somebody else's run or thread, `Conflict`
        when the question was answered before, `BudgetSpent` when all questions of today are asked.
        """
        began = time.perf_counter()
        if turn.run_id in self._tasks:
            await self.check(turn.run_id, turn.principal, turn.thread_id)
            return False
        wire = agui.AguiWire(turn.run_id, turn.thread_id)
        sink = _Sink(self._log, wire, turn.run_id, 0)
        started = ours.RunStarted(run_id=turn.run_id, thread_id=turn.thread_id, question=turn.text)
        first = sink.send(wire.feed(started), extra=lambda c: _begin(c, turn, resumes, self._me))
        try:
            if first is not None:
                await first
        except IntegrityError:
            await self.check(turn.run_id, turn.principal, turn.thread_id)
            return False
        self._meters.first_event.observe(time.perf_counter() - began)
        self._spawn(turn, sink)
        return True

    async def check(self, run_id: str, principal: Principal, thread_id: str | None = None) -> Any:
        """The run's row. Raises `UnknownName` when there is none that this person may see."""
        row = await self._database.read(lambda connection: table.run(connection, run_id))
        if row is None or not principal.owns(row) or (thread_id or row["thread_id"]) != row["thread_id"]:
            raise UnknownName("There is no such run.", code="unknown_run")
        return row

    def tail(self, run_id: str, after: int = 0) -> AsyncIterator[Entry]:
        """The stored events of a run above `after`, then those to come."""
        return self._log.tail(run_id, after)

    async def wait(self, run_id: str) -> None:
        """Until the run is over, here or in another process; whoever waits may leave without stopping it."""
        task = self._tasks.get(run_id)
        if task is not None:
            await asyncio.wait({task})
        async for _ in self._log.tail(run_id, _BEYOND):
            pass

    async def cancel(self, run_id: str) -> None:
        """Stop a run and wait until its last event is on disk. A run that is over stays as it is."""
        task = self._tasks.get(run_id)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        elif self._database.shared:
            await self._database.write(lambda connection: _ask_stop(connection, run_id))
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await self.wait(run_id)

    def abandon(self, run_id: str) -> None:
        """Stop a run that nobody can come back for; does not wait."""
        task = self._tasks.get(run_id)
        if task is not None:
            task.cancel()

    async def recover(self) -> int:
        """Continue the runs whose process is gone. Returns how many; others may take some of them."""
        count = 0
        while True:
            rows = await self._database.write(self._orphans)
            await asyncio.gather(*(self._continue(dict(row)) for row in rows))  # their events share commits
            count += len(rows)
            if len(rows) < TAKEN_AT_ONCE:
                return count

    def _orphans(self, connection: Connection) -> list[Any]:
        rows = table.claim_orphans(connection, self._me, bus.living(connection, self._me), TAKEN_AT_ONCE)
        return [row for row in rows if row["id"] not in self._tasks]

    async def aclose(self, patience: float) -> None:
        """Let runs end for `patience` seconds; what goes on then is left to another process or the next start."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=patience)
        self.leave()
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        if self._database.shared:
            await self._database.write(self._let_go)

    def leave(self) -> None:
        """A run stopped from here on is not over: another process or the next start has it, and its readers go."""
        self._stopping = True
        self._log.let_readers_go()

    def _let_go(self, connection: Connection) -> None:
        if table.let_go(connection, self._me):
            bus.say(connection, "orphans", ["runs"])

    def _spawn(self, turn: Turn, sink: _Sink) -> None:
        task = asyncio.create_task(self._drive(turn, sink), name=f"run {turn.run_id}")
        self._tasks[turn.run_id] = task
        self._meters.live_runs.inc()
        task.add_done_callback(lambda _: self._forget(turn.run_id))

    def _forget(self, run_id: str) -> None:
        self._tasks.pop(run_id, None)
        self._meters.live_runs.dec()

    async def _drive(self, turn: Turn, sink: _Sink) -> None:
        began = time.perf_counter()
        try:
            with tracing.span("turn", run=turn.run_id, brain=turn.brain):
                answer = await self._answer(turn, sink)
            await self._end(sink, ours.RunFinished(answer=answer), table.Ending("done", answer.model_dump(mode="json")))
        except asyncio.CancelledError:
            if self._stopping:
                self._log.release(turn.run_id)
                raise
            await self._end(sink, ours.RunCancelled(), table.Ending("cancelled"))
        except RunTaken:
            log.warning("run_taken", run=turn.run_id)
            self._log.release(turn.run_id)
        except Exception as exception:  # noqa: BLE001  the edge of a run: whatever happens, its log gets a last event
            error = errors.of_exception(exception)
            failed = ours.RunFailed(code=error.code, message=error.message, hint=error.hint)
            await self._give_up(turn.run_id, sink, failed, table.Ending("failed", error=error.to_dict()))
        self._meters.run_seconds.observe(time.perf_counter() - began)

    async def _give_up(self, run_id: str, sink: _Sink, failed: ours.RunFailed, ending: table.Ending) -> None:
        """End a broken run; if even that cannot be written, its readers are let go and the next start continues it."""
        try:
            await self._end(sink, failed, ending)
        except (PlainsayError, SQLAlchemyError, RunTaken) as error:
            log.error("run_end_not_written", run=run_id, error=type(error).__name__)
            self._log.release(run_id)

    async def _end(self, sink: _Sink, event: ours.Event, ending: table.Ending) -> None:
        if not sink.wire.ended:
            self._meters.runs.labels(ending.status).inc()
            await sink.end(event, ending)

    async def _answer(self, turn: Turn, sink: _Sink) -> Answer:
        """Send what the assistant sends, up to its answer. Turns of one thread run one after the other."""
        assistant = await self._assistant()
        answer: Answer | None = None
        async with self._threads.setdefault(turn.thread_id, asyncio.Lock()):
            await self._earlier_ones(turn.run_id)
            self._meters.waiting_runs.set(self._fair.waiting)
            async with self._fair.turn(turn.workspace, turn.principal.user_id):
                async for event in assistant.stream(turn):
                    if isinstance(event, ours.RunFinished):
                        answer = event.answer
                        continue
                    if not may_hear(turn.principal, event):
                        continue
                    if isinstance(event, ours.ToolFinished):
                        self._meters.query_seconds.observe(event.ms / 1000)
                    await sink.feed(event)
        if answer is None:
            raise Defect("The question ended without an answer.")
        return answer

    async def _earlier_ones(self, run_id: str) -> None:
        """Until the turns of this thread that other processes work on are over."""
        if not self._database.shared:
            return
        while await self._database.read(lambda connection: table.earlier_running(connection, run_id)):
            await asyncio.sleep(THREAD_POLL_SECONDS)

    async def _continue(self, row: dict[str, Any]) -> None:
        """Make the log of a cut-off run whole, then go on; after three attempts it fails instead."""
        run_id, turn_json = row["id"], dict(row["turn"])
        attempts = int(turn_json.pop("attempts", 1)) + 1
        entries = await self._log.entries(run_id)
        written = entries[-1].seq if entries else 0
        wire = agui.AguiWire(run_id, row["thread_id"], origin=written + 1, started=bool(entries))
        sink = _Sink(self._log, wire, run_id, written)
        counted = {**turn_json, "attempts": attempts}
        mended = sink.send(
            agui.superseded(run_id, [orjson.loads(e.body) for e in entries]),
            extra=lambda connection: _count_attempt(connection, run_id, counted),
            urgent=True,
        )
        if mended is not None:
            await asyncio.wait({mended})  # whoever comes back sees at once what was taken back
        asker = await self._asker(row["owner"])
        log.info("run_continued", run=run_id, attempt=attempts)
        if row["stop_asked"]:
            await self._end(sink, ours.RunCancelled(), table.Ending("cancelled"))
            return
        if asker is None or attempts > MOST_ATTEMPTS:
            error = Defect("This question stopped the server more than once, so it was given up.")
            failed = ours.RunFailed(code=error.code, message=error.message)
            await self._end(sink, failed, table.Ending("failed", error=error.to_dict()))
            return
        self._spawn(replace(turns.from_json(turn_json, asker), run_id=run_id), sink)


def may_hear(asker: Principal, event: ours.Event) -> bool:
    """Whether an event is for the asker; one without a line in the table is for nobody."""
    asks = rights.EVENTS.get(type(event).__name__)
    return asks is not None and asker.may(asks)


def _finish(connection: Connection, run_id: str, ending: table.Ending) -> None:
    table.finish(connection, run_id, ending)
    row = table.run(connection, run_id)
    if row is not None:
        told = {"run_id": run_id, "thread_id": row["thread_id"], "status": ending.status, "answer_id": row["answer_id"]}
        webhooks.emit(connection, row["workspace"], f"run.{ending.status}", run_id, told)


def _ask_stop(connection: Connection, run_id: str) -> None:
    table.ask_stop(connection, run_id)
    bus.say(connection, "stop", [run_id])


def _begin(connection: Connection, turn: Turn, resumes: str | None, me: str) -> None:
    thread = table.thread(connection, turn.thread_id)
    if thread is not None and (thread["owner"], thread["workspace"]) != (turn.principal.user_id, turn.workspace):
        raise unknown("thread", turn.thread_id, ())
    table.start(
        connection,
        table.NewRun(
            turn.run_id, turn.thread_id, turn.workspace, turn.principal.user_id, turn.text, turns.to_json(turn), me
        ),
    )
    budgets.spend(connection, turn.principal.user_id, turn.workspace)
    if resumes is not None and not table.claim_resume(connection, resumes, turn.run_id):
        raise errors.Conflict("This question was answered before.", code="already_resumed")


def _count_attempt(connection: Connection, run_id: str, turn: dict[str, Any]) -> None:
    connection.execute(update(RunRow).where(RunRow.id == run_id).values(turn=turn))


def _retrieve(future: asyncio.Future[None]) -> None:
    """Mark a failure as seen; `feed` and `end` raise it to the run."""
    if not future.cancelled():
        future.exception()
