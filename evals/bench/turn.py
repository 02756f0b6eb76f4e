"""How long a person waits for an answer on the demo, and how much of that is the engine's own work."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals import bare
from evals.place import AS_OF, WORKSPACE
from evals.result import Figure, percentile

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from agent.assistant import Assistant

WARM_UP = 8
REPEATS = 3


@dataclass
class Timed:
    """One warm turn, in milliseconds; `bare` is the same SQL on a plain connection, best of `REPEATS`."""

    question: str
    first: float = 0.0
    total: float = 0.0
    engine: float = 0.0
    bare: float = 0.0
    status: str = ""
    sql: list[str] = field(default_factory=list)

    @property
    def rest(self) -> float:
        """Everything but the engine."""
        return max(0.0, self.total - self.engine)


async def measure(home: Path, warm_up: Sequence[str], questions: Sequence[str]) -> list[Timed]:
    """Ask `warm_up` unmeasured, then every question once, each on a thread of its own and with today fixed."""
    from agent.assistant import Assistant

    assistant = Assistant(home=home)
    await assistant.start()
    try:
        for no, text in enumerate(warm_up):
            await _ask(assistant, f"warm{no}", text)
        return [await _ask(assistant, f"timed{no}", text) for no, text in enumerate(questions)]
    finally:
        await assistant.aclose()


async def _ask(assistant: Assistant, thread: str, text: str) -> Timed:
    from agent.events import RunFinished
    from agent.turn import Turn

    timed = Timed(text)
    began = time.perf_counter()
    async for event in assistant.stream(Turn(WORKSPACE, thread, f"r-{thread}", text, as_of=AS_OF, brain="builtin")):
        elapsed = 1000 * (time.perf_counter() - began)
        timed.first = timed.first or elapsed
        if isinstance(event, RunFinished):
            timed.total, timed.status = elapsed, event.answer.status
            timed.engine = sum(item.ms for item in event.answer.evidence)
            timed.sql = [item.sql for item in event.answer.evidence if item.sql]
    return timed


def on_bare_engine(home: Path, turns: Sequence[Timed]) -> None:
    """Fill in `bare`: the turns' own SQL over the same Parquet files, on one warm in-memory connection."""
    with bare.connect(home, WORKSPACE) as connection:
        for timed in turns:
            timed.bare = sum(_best(connection, sql) for sql in timed.sql)


def _best(connection: DuckDBPyConnection, sql: str) -> float:
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        connection.execute(sql).fetch_arrow_table()
        taken.append(1000 * (time.perf_counter() - began))
    return min(taken)


def figures(turns: Sequence[Timed]) -> list[Figure]:
    """Percentiles over all turns; the ratio compares the engine with the bare one on the answered turns."""
    answered = [t for t in turns if t.sql]
    ran = sum(t.engine for t in answered)
    plain = sum(t.bare for t in answered)
    named: list[tuple[str, list[float], float | None]] = [
        ("first event", [t.first for t in turns], 30),
        ("full answer", [t.total for t in turns], None),
        ("engine", [t.engine for t in answered], None),
        ("everything but the engine", [t.rest for t in turns], 100),
        ("same SQL on bare DuckDB", [t.bare for t in answered], None),
    ]
    found = [Figure("questions", len(turns), ""), Figure("questions answered", len(answered), "")]
    for name, values, target in named:
        found.append(Figure(f"{name}, p50", percentile(values, 0.5), "ms", target))
        found.append(Figure(f"{name}, p95", percentile(values, 0.95), "ms"))
    return [*found, Figure("engine time over bare DuckDB", ran / plain if plain else 0.0, "x")]


def cases(turns: Sequence[Timed]) -> list[dict[str, Any]]:
    """One row a turn, in milliseconds."""
    keys = ("first", "total", "engine", "rest", "bare")
    return [
        {"question": t.question, "status": t.status, **{k: round(getattr(t, k), 2) for k in keys}} for t in turns
    ]  # fmt: skip
