"""The DuckDB engine: authorised queries run in fenced worker processes, so that no query can take the service down."""

from __future__ import annotations

import logging
import re
import secrets

import pyarrow as pa

from store import settings
from store.errors import Defect, InvalidRequest, LimitReached, PlainsayError, SourceProblem, Unavailable
from warehouse.engines.base import QueryResult
from warehouse.engines.cache import ResultCache
from warehouse.engines.pool import Pool
from warehouse.engines.process import WorkerEnded, WorkerProcess
from warehouse.guard import BoundQuery, is_authorized
from warehouse.snapshot import Snapshot

_log = logging.getLogger(__name__)
_CACHE_BYTES = 64_000_000
_WAIT_SECONDS = 15.0
_VALUE_ERRORS = ("Conversion Error", "Out of Range Error", "Invalid Input Error")
_TEXT_ERRORS = ("Binder Error", "Catalog Error", "Parser Error", "Syntax Error", "Not implemented Error")
_MISSING_COLUMN = re.compile(r'column (?:named )?"([^"]{1,100})"', re.IGNORECASE)


class DuckDBEngine:
    """Implements `Engine` with a warm pool of workers and a cache of results. Close it to end the workers."""

    dialect = "duckdb"

    def __init__(self, workers: int | None = None) -> None:
        self._pool = Pool(workers or settings.get("query_workers"))
        self._cache = ResultCache(_CACHE_BYTES)

    def run(self, bound: BoundQuery) -> QueryResult:
        """The rows of an authorised query; see `Engine` for the errors."""
        if not is_authorized(bound):
            raise Defect("This query did not pass the gate.", code="not_authorized")
        if bound.cache_key and (known := self._cache.get(bound.cache_key)):
            return known
        with self._pool.lease(bound.snapshot, bound.limits.memory_mb, _WAIT_SECONDS) as worker:
            outcome = self._ask(worker, bound)
            if isinstance(outcome, LimitReached):
                # A worker that ran out of memory or time is not trusted with the next question.
                worker.end()
        if isinstance(outcome, PlainsayError):
            if not worker.alive:
                self._pool.prewarm(bound.snapshot, bound.limits.memory_mb, 1)
            raise outcome
        self._cache.put(bound.cache_key, outcome)
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
        request = {"sql": bound.sql, "seconds": limits.seconds, "rows": limits.rows, "bytes": limits.bytes}
        try:
            head, body = worker.ask(request, limits.seconds)
        except WorkerEnded as error:
            return _too_slow(bound) if error.timed_out else _worker_lost()
        if body is None:
            return _explained(head["error"], bound)
        with pa.ipc.open_stream(pa.py_buffer(body)) as reader:
            return QueryResult(reader.read_all(), head["ms"], head["truncated"])


def _explained(text: str, bound: BoundQuery) -> PlainsayError:
    """The engine's text for the log, under an id; for people the sentence that it means."""
    if text.startswith("INTERRUPT Error"):
        return _too_slow(bound)
    reference = secrets.token_hex(4)
    _log.warning("query failed", extra={"reference": reference, "engine_text": text, "sql": bound.sql})
    if text.startswith("Out of Memory Error") or "bad_alloc" in text or "memory" in text.lower()[:60]:
        return _too_big(reference)
    if text.startswith(_VALUE_ERRORS):
        return SourceProblem(
            "A value in the data could not be read as the query needs it.",
            code="bad_value",
            hint="A column holds text that is no number or date, or a number that is too large.",
            details={"reference": reference},
        )
    if bound.raw and text.startswith(_TEXT_ERRORS):
        return _does_not_fit(text, bound, reference)
    return Defect(f"The query could not be run (reference {reference}).", details={"reference": reference})


def _does_not_fit(text: str, bound: BoundQuery, reference: str) -> InvalidRequest:
    """A person's own SQL: say which name is wrong, and only names that person may see."""
    found = _MISSING_COLUMN.search(text)
    known = [f"{t}: {', '.join(bound.snapshot.tables[t])}" for t in bound.tables if t in bound.snapshot.tables]
    return InvalidRequest(
        f"There is no column “{found[1]}” here." if found else "The SQL does not fit the tables and types of the data.",
        code="sql_does_not_fit",
        hint=f"The columns are {'; '.join(known)}." if known else None,
        details={"reference": reference},
    )


def _too_slow(bound: BoundQuery) -> LimitReached:
    return LimitReached(
        f"The query took longer than {bound.limits.seconds:g} seconds and was stopped.",
        code="query_seconds",
        hint="Narrow it: a shorter period, fewer dimensions, or a filter.",
        details={"seconds": bound.limits.seconds},
    )


def _too_big(reference: str) -> LimitReached:
    return LimitReached(
        "The query needed more memory than one query may use and was stopped.",
        code="query_memory",
        hint="Narrow it: a shorter period, fewer dimensions, or a filter.",
        details={"reference": reference},
    )


def _worker_lost() -> Unavailable:
    return Unavailable(
        "The query engine stopped in the middle of this query.",
        code="worker_lost",
        hint="Ask again; if it happens twice, narrow the question.",
        retry_after=0.5,
    )
