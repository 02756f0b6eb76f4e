"""The engine contract: a bound query in, an Arrow table with its cost out."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from warehouse.guard import BoundQuery
    from warehouse.snapshot import Snapshot


run_of_query: ContextVar[str] = ContextVar("run_of_query", default="")
"""The run that a query belongs to, so that stopping the run can stop the query; set where a run begins."""


@dataclass(frozen=True)
class QueryResult:
    """Rows as Arrow, engine time in milliseconds, and whether a row or byte limit cut the rest off.

    With `cached` the rows come from an earlier run and `ms` is that run's.
    """

    table: pa.Table
    ms: float
    truncated: bool = False
    cached: bool = False


class Engine(Protocol):
    """Runs authorised queries. Thread-safe: many questions share one engine.

    Raises `LimitReached` (time, memory, bytes), `Unavailable` (no worker in time) and `Defect` (an engine error that
    the gate and compiler should have made impossible; the log has its text).
    """

    dialect: str

    def run(self, bound: BoundQuery) -> QueryResult: ...

    def cancel(self, run_id: str) -> int:
        """Stop the queries under way for a run, within a second; how many there were. They raise `LimitReached`."""
        ...

    def prewarm(self, snapshot: Snapshot, count: int | None = None) -> None:
        """Make ready for questions on `snapshot`, in the background."""
        ...

    def close(self) -> None: ...
