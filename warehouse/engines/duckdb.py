"""The DuckDB engine: authorised queries run in fenced worker processes, so that no query can take the service down."""

from __future__ import annotations

import pyarrow as pa

from store import settings
from store.errors import Defect, LimitReached, PlainsayError
from warehouse.engines import problems
from warehouse.engines.base import QueryResult
from warehouse.engines.cache import ResultCache
from warehouse.engines.pool import Pool
from warehouse.engines.process import WorkerEnded, WorkerProcess
from warehouse.engines.running import Running
from warehouse.guard import BoundQuery, is_authorized
from warehouse.snapshot import Snapshot

_CACHE_BYTES = 64_000_000
_WAIT_SECONDS = 15.0
_VALUE_ERRORS = ("Conversion Error", "Out of Range Error", "Invalid Input Error")
_TEXT_ERRORS = ("Binder Error", "Catalog Error", "Parser Error", "Syntax Error", "Not implemented Error")
_DISTRUSTED = ("query_seconds", "query_memory")


class DuckDBEngine:
    """Implements `Engine` with a warm pool of workers and a cache of results. Close it to end the workers."""

    dialect = "duckdb"

    def __init__(self, workers: int | None = None) -> None:
        self._pool = Pool(workers or settings.get("query_workers"))
        self._cache = ResultCache(_CACHE_BYTES)
        self._running = Running()

    def run(self, bound: BoundQuery) -> QueryResult:
        """The rows of an authorised query; see `Engine` for the errors."""
        if not is_authorized(bound) or bound.dialect != self.dialect:
            raise Defect("This query did not pass the gate.", code="not_authorized")
        return self._cache.obtain(bound.cache_key, lambda: self._compute(bound))

    def cancel(self, run_id: str) -> int:
        """End the workers that are busy for a run; new ones take their place."""
        handles = self._running.stop(run_id)
        for handle in handles:
            if isinstance(handle, WorkerProcess):
                handle.process.kill()  # its borrower sees the pipe close, and frees it
        return len(handles)

    def _compute(self, bound: BoundQuery) -> QueryResult:
        with (
            self._running.task() as task,
            self._pool.lease(bound.snapshot, bound.limits.memory_mb, _WAIT_SECONDS) as worker,
        ):
            task.handle = worker
            outcome = problems.stopped() if task.stopped else self._ask(worker, bound)
            if isinstance(outcome, LimitReached) and outcome.code in _DISTRUSTED:
                # A worker that ran out of memory or time is not trusted with the next question.
                worker.end()
        if isinstance(outcome, PlainsayError):
            if not worker.alive:
                self._pool.prewarm(bound.snapshot, bound.limits.memory_mb, 1)
            raise problems.stopped() if task.stopped else outcome
        return outcome

    def prewarm(self, snapshot: Snapshot, count: int | None = None) -> None:
        """Start workers for a snapshot in the background, so that the first question finds one ready."""
        self._pool.prewarm(snapshot, settings.get("query_memory_mb"), count or self._pool.size)

    def worker_ids(self) -> list[int]:
        """Process ids of the workers that are ready or busy."""
        return self._pool.processes()

    def close(self) -> None:
        """End all workers and forget all results."""
        self._pool.close()
        self._cache.clear()

    def _ask(self, worker: WorkerProcess, bound: BoundQuery) -> QueryResult | PlainsayError:
        limits = bound.limits
        request = {
            "sql": bound.sql, "seconds": limits.seconds, "rows": limits.rows, "bytes": limits.bytes,
            "scan_rows": limits.scan_rows,
        }  # fmt: skip
        try:
            head, body = worker.ask(request, limits.seconds)
        except WorkerEnded as error:
            return problems.too_slow(bound) if error.timed_out else problems.lost()
        if "scan_rows" in head:
            return problems.too_much_to_read(head["scan_rows"], bound)
        if body is None:
            return _explained(head["error"], bound)
        with pa.ipc.open_stream(pa.py_buffer(body)) as reader:
            return QueryResult(reader.read_all(), head["ms"], head["truncated"])


def _explained(text: str, bound: BoundQuery) -> PlainsayError:
    """The engine's text for the log, under an id; for people the sentence that it means."""
    if text.startswith("INTERRUPT Error"):
        return problems.too_slow(bound)
    reference = problems.logged(text, bound)
    if text.startswith("Out of Memory Error") or "bad_alloc" in text or "memory" in text.lower()[:60]:
        return problems.too_big(reference)
    if text.startswith(_VALUE_ERRORS):
        return problems.bad_value(reference)
    if bound.raw and text.startswith(_TEXT_ERRORS):
        return problems.does_not_fit(text, bound, reference)
    return problems.defect(reference)
