"""Loading and training in the background: one of each per workspace at a time, picked up again after a crash."""

from __future__ import annotations

import asyncio
import math
import shutil
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from sqlalchemy import Connection

from api import errors
from api.meters import Meters
from store import bus, webhooks
from store import jobs as table
from store.database import Database
from store.errors import LimitReached, PlainsayError, Unavailable, UnknownName
from store.principal import Principal
from warehouse import workspace as workspaces
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from sqlalchemy.engine import RowMapping

    from api.training import Training
    from ingestion.report import LoadReport

log = structlog.get_logger("plainsay.jobs")

MOST_ATTEMPTS = 12
TELL_SECONDS = 1.0
UPLOAD_SECONDS = 6 * 3600.0
"""How old files must be that nobody acknowledged before they are swept away, where others receive files too."""
TRAIN = "train:"
DEMO = "demo:"
Progress = Callable[[str, float | None], None]
Work = Callable[[], dict[str, Any]]


SAFE_SHARE = 0.6
"""Files are stored from here on: what is stopped later has been done."""


class Stopped(Exception):
    """A person stopped the job; no error of ours, so that nobody on the way takes it for a source's."""


class Ingest(Protocol):
    """How files get into a workspace; blocking, run in a thread."""

    def __call__(self, workspace: Workspace, paths: Sequence[Path], *, progress: Progress) -> LoadReport: ...


def load_files(workspace: Workspace, paths: Sequence[Path], *, progress: Progress) -> LoadReport:
    """The real one; imported when first needed."""
    from ingestion.pipeline import ingest

    return ingest(workspace, list(paths), progress=progress)


class JobManager:
    """Queues, runs and resumes jobs, and tells how far they are."""

    def __init__(
        self, database: Database, home: Path, meters: Meters, ingest: Ingest = load_files, me: str = "alone",
        training: Training | None = None,
    ) -> None:  # fmt: skip
        self._training = training
        self._database = database
        self._me = me
        self._home = home
        self._meters = meters
        self._ingest = ingest
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._progress: dict[str, dict[str, Any]] = {}
        self._stopping: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @staticmethod
    def new_id() -> str:
        """An id for a job that is about to be queued."""
        return f"j-{uuid.uuid4().hex}"

    def folder(self, workspace: Workspace, job_id: str) -> Path:
        """Where the files of a job wait."""
        return workspace.root / "spool" / job_id

    async def queue(self, workspace: Workspace, job_id: str, names: list[str], principal: Principal) -> None:
        """Record a job whose files are on disk and run it; returns when it cannot be lost any more."""
        await self._queue(workspace.name, job_id, names, principal.user_id)

    async def _queue(self, workspace: str, job_id: str, names: Sequence[str], owner: str) -> None:
        files = [*names]
        await self._database.write(lambda connection: table.add(connection, job_id, workspace, owner, files, self._me))
        self._spawn(job_id, workspace, files)

    async def describe(self, job_id: str, principal: Principal) -> dict[str, Any]:
        """{id, state, progress, result, error}. Raises `UnknownName`, also for somebody else's job."""
        row = await self._database.read(lambda connection: table.job(connection, job_id))
        if row is None or not principal.owns(row):
            raise UnknownName("There is no such job.", code="unknown_job")
        return self._told(row)

    async def of_workspace(self, workspace: str, principal: Principal) -> list[dict[str, Any]]:
        """The person's last jobs in a workspace, the newest first: as `describe`, with `kind` and `created_at`."""
        rows = await self._database.read(lambda connection: table.of_workspace(connection, workspace))
        return [self._told(r) | _about(r) for r in rows if principal.owns(r)]

    async def cancel(self, job_id: str, principal: Principal) -> dict[str, Any]:
        """Stop a job: one that waits at once, one that runs as soon as it says how far it is; then as `describe`.

        What is over stays as it is. Raises `UnknownName`, `Unavailable` where another process runs it.
        """
        told = await self.describe(job_id, principal)
        if told["state"] in ("done", "failed"):
            return told
        if job_id not in self._progress:
            raise Unavailable("Another process of this server runs this job.", code="elsewhere", retry_after=5.0)
        self._stopping.add(job_id)
        if told["state"] == "queued":
            await self._end(job_id, "failed", error=_stopped())
        return await self.describe(job_id, principal)

    def _told(self, row: RowMapping) -> dict[str, Any]:
        finished = {"text": "", "share": 1.0 if row["state"] == "done" else None}
        progress = finished if row["finished_at"] else self._progress.get(row["id"], row["progress"] or finished)
        return {
            "id": row["id"], "state": row["state"], "progress": progress, "result": row["result"],
            "error": row["error"],
        }  # fmt: skip

    async def recover(self, sweep: bool = False) -> int:
        """Run what was acknowledged and not loaded when its process ended; at a start `sweep` uploads cut off before.

        Returns how many jobs.
        """
        rows = await self._database.write(
            lambda connection: table.claim_orphans(connection, self._me, bus.living(connection, self._me))
        )
        if sweep:
            await asyncio.to_thread(self._sweep, await self._database.read(table.unfinished))
        for row in rows:
            log.info("job_resumed", job=row["id"])
            self._spawn(row["id"], row["workspace"], list(row["files"]))
        return len(rows)

    def _sweep(self, kept: set[str]) -> None:
        """Remove uploads that a crash cut off before anybody was told that they arrived."""
        youngest = time.time() - UPLOAD_SECONDS if self._database.shared else math.inf
        for folder in workspaces.folder(self._home).glob("*/spool/j-*"):
            if folder.name not in kept and folder.stat().st_mtime < youngest:
                shutil.rmtree(folder, ignore_errors=True)

    async def aclose(self) -> None:
        """Stop waiting for jobs; what is not done is done at the next start."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._database.write(lambda connection: table.let_go(connection, self._me))

    def _spawn(self, job_id: str, workspace: str, names: list[str]) -> None:
        self._progress[job_id] = {"text": "Waiting", "share": 0.0}
        task = asyncio.create_task(self._run(job_id, workspace, names), name=f"job {job_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, job_id: str, workspace: str, names: list[str]) -> None:
        training = bool(names) and names[0].startswith(TRAIN)
        async with self._locks[f"{TRAIN}{workspace}" if training else workspace]:
            if job_id in self._stopping:
                self._stopping.discard(job_id)
                await asyncio.to_thread(self._clean, workspace, job_id)
                return
            await self._database.write(lambda connection: table.move(connection, job_id, "running"))
            try:
                place = workspaces.existing(workspace, self._home)
                tell = self._teller(job_id)
                work = self._work(place, job_id, names, tell)
                result = await (asyncio.to_thread(work) if training else self._load(work, tell))
            except Stopped:
                await self._end(job_id, "failed", error=_stopped())
            except Exception as exception:  # noqa: BLE001  the edge of a job: its failure is its result
                await self._end(job_id, "failed", error=errors.of_exception(exception))
            else:
                await self._end(job_id, "done", result=result)
                if not training:
                    await self._train_stale(place, job_id)
            self._stopping.discard(job_id)
            await asyncio.to_thread(self._clean, workspace, job_id)

    async def _train_stale(self, place: Workspace, job_id: str) -> None:
        """Queue what the load made stale, for whoever loaded. A check that fails must not fail the load."""
        if self._training is None:
            return
        try:
            stale = await asyncio.to_thread(self._training.stale, place)
        except PlainsayError as error:
            log.warning("drift_not_checked", workspace=place.name, code=error.code)
            return
        row = await self._database.read(lambda connection: table.job(connection, job_id)) if stale else None
        for model_id in stale if row is not None else ():
            owner = str(row["owner"]) if row is not None else ""
            await self._queue(place.name, self.new_id(), [f"{TRAIN}{model_id}"], owner)

    def _work(self, place: Workspace, job_id: str, names: list[str], tell: Progress) -> Work:
        """What a job does: load its files, or a connected source (`source:ID`), or what a source sent (`events:ID`);
        or make a demo (`demo:INDUSTRY`), or train a model again (`train:ID`)."""
        kind, _, source = names[0].partition(":") if names else ("", "", "")
        training = self._training
        if kind == "train" and training is not None:
            return lambda: training.again(place, source, tell)
        if kind == "demo":
            return lambda: _demo(place, source, tell)
        if kind in ("source", "events") and len(names) == 1:
            from api import sources

            return lambda: _loaded((sources.refresh if kind == "source" else sources.take_in)(place, source, tell))
        paths = [self.folder(place, job_id) / name for name in names]
        return lambda: _loaded(self._ingest(place, paths, progress=tell))

    async def _load(self, work: Work, tell: Progress) -> dict[str, Any]:
        """Load; a workspace that another program is loading into is waited for."""
        for _ in range(MOST_ATTEMPTS - 1):
            try:
                return await _abandonable(work)
            except Unavailable as busy:
                tell("Waiting for another load to end", None)
                await asyncio.sleep(busy.retry_after or 1.0)
        return await _abandonable(work)

    async def _end(
        self, job_id: str, state: str, result: dict[str, Any] | None = None, error: PlainsayError | None = None
    ) -> None:
        told = error.to_dict() if error else None

        def end(connection: Connection) -> None:
            table.move(connection, job_id, state, result=result, error=told)
            row = table.job(connection, job_id)
            if row is not None:
                webhooks.emit(connection, row["workspace"], f"job.{state}", job_id, {"job_id": job_id, "status": state})

        await self._database.write(end)
        self._progress.pop(job_id, None)
        self._meters.jobs.labels(state).inc()
        log.info("job_ended", job=job_id, state=state)

    def _teller(self, job_id: str) -> Progress:
        loop, told = asyncio.get_running_loop(), 0.0

        def tell(text: str, share: float | None = None) -> None:
            nonlocal told
            if job_id in self._stopping and (share is None or share <= SAFE_SHARE):
                raise Stopped
            self._progress[job_id] = {"text": text, "share": share}
            if self._database.shared and time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                asyncio.run_coroutine_threadsafe(self._write_down(job_id), loop)

        return tell

    async def _write_down(self, job_id: str) -> None:
        """Let other processes tell how far a job is."""
        progress = self._progress.get(job_id)
        if progress is not None:
            with suppress(PlainsayError):
                await self._database.write(lambda connection: table.tell(connection, job_id, progress))

    def _clean(self, workspace: str, job_id: str) -> None:
        shutil.rmtree(self.folder(workspaces.named(workspace, self._home), job_id), ignore_errors=True)


def _stopped() -> PlainsayError:
    return LimitReached("It was stopped before it was done.", code="stopped", hint="Start it again when you like.")


def _loaded(report: LoadReport) -> dict[str, Any]:
    return report.model_dump(mode="json", include={"tables", "problems"})


def _demo(place: Workspace, industry: str, tell: Progress) -> dict[str, Any]:
    """Make a demo, as a load reports it."""
    from tools import demos

    report = demos.make(industry, place, tell)
    tables = [{"name": n, "rows": r, "columns": 0, "origin": "demo", "warnings": []} for n, r in report.tables.items()]
    return {"tables": tables, "problems": []}


def _about(row: RowMapping) -> dict[str, Any]:
    """What a job does: train, refresh a source, take in events, make a demo, or load files; and since when."""
    kind = str(row["files"][0]).partition(":")[0] if row["files"] else ""
    known = {"train": "train", "source": "refresh", "events": "events", "demo": "demo"}
    return {"kind": known.get(kind, "load"), "created_at": row["created_at"].isoformat()}


async def _abandonable(work: Work) -> dict[str, Any]:
    """Run `work` in a daemon thread, so that a long load never holds up the end of the process; it is done again."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[dict[str, Any]] = loop.create_future()

    def settle(report: dict[str, Any] | None, error: BaseException | None) -> None:
        if done.done():
            return
        if report is not None:
            done.set_result(report)
        else:
            done.set_exception(error or RuntimeError("the load gave no report"))

    def run() -> None:
        report, error = None, None
        try:
            report = work()
        except Exception as exception:  # noqa: BLE001  the edge of a thread: whoever waits gets the exception
            error = exception
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, report, error)

    threading.Thread(target=run, name="load", daemon=True).start()
    return await done
