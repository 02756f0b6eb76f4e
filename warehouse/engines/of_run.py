"""An engine as one run uses it: its queries can be stopped together, and it knows whether all came from the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store import tracing
from warehouse.engines.base import Engine, QueryResult, run_of_query

if TYPE_CHECKING:
    from warehouse.guard import BoundQuery
    from warehouse.snapshot import Snapshot


class EngineOfRun:
    """Implements `Engine` for the queries of run `run_id`, on whatever thread they are asked."""

    def __init__(self, engine: Engine, run_id: str) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._run_id = run_id
        self._fresh = 0
        self._kept = 0

    @property
    def cached(self) -> bool:
        """Whether there were queries and none of them was computed anew."""
        return self._kept > 0 and self._fresh == 0

    def run(self, bound: BoundQuery) -> QueryResult:
        """The rows of an authorised query; see `Engine` for the errors."""
        before = run_of_query.set(self._run_id)
        try:
            with tracing.span("engine", dialect=self.dialect):
                result = self._engine.run(bound)
        finally:
            run_of_query.reset(before)
        self._kept += result.cached
        self._fresh += not result.cached
        return result

    def stop(self) -> None:
        """End the queries of this run that are under way."""
        self._engine.cancel(self._run_id)

    def cancel(self, run_id: str) -> int:
        """Stop the queries of a run."""
        return self._engine.cancel(run_id)

    def prewarm(self, snapshot: Snapshot, count: int | None = None) -> None:
        """Make ready for questions on `snapshot`."""
        self._engine.prewarm(snapshot, count)

    def close(self) -> None:
        """Nothing: the engine belongs to the house, not to the run."""
