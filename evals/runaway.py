"""Runaway queries beside an ordinary person: when each ends, and how much longer the other waits."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evals.result import Figure, SuiteResult, percentile
from store.errors import ConfigProblem, PlainsayError
from store.principal import LOCAL_OWNER
from warehouse import guard
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.guard import BoundQuery, Limits
from warehouse.lake import Lake
from warehouse.snapshot import Snapshot

BOMBS = Path("corpora") / "duckdb-guard" / "bombs.jsonl"
SECONDS = 2.0
GRACE = 1.5
"""Seconds after the limit in which a worker is ended and a new one is ready."""
MOST_TIMES = 2.0
PAUSE = 0.02
ALONE = 200


@dataclass(frozen=True)
class Runaway:
    """A text that asks for more than any machine has, by its id and name."""

    id: str
    name: str
    sql: str


def bombs(data: Path) -> list[Runaway]:
    """The corpus of runaway queries, the long ones written out; `ConfigProblem` without the outside data."""
    path = data / BOMBS
    if not path.is_file():
        raise ConfigProblem(f"The runaway queries are not at {path}.", hint="Set PLAINSAY_DATA to the outside data.")
    return [_bomb(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _bomb(entry: dict[str, Any]) -> Runaway:
    if "sql" in entry:
        return Runaway(entry["id"], entry["name"], str(entry["sql"]))
    items = entry.get("sep", "").join(entry["item"].replace("{i}", str(i)) for i in range(entry["n"]))
    text = entry["head"] + items + entry.get("mid", "") + entry.get("item2", "") * entry["n"]
    return Runaway(entry["id"], entry["name"], str(text))


def forged(sql: str, snapshot: Snapshot, limits: Limits) -> BoundQuery:
    """A query that skipped the gate, to see what the worker alone stops."""
    draft = BoundQuery(sql, (), LOCAL_OWNER, snapshot, limits, "", True)
    return replace(draft, _seal=guard._sealed(draft))


class Neighbour:
    """Somebody who asks small questions all the while, each a new one, so that no cache helps."""

    def __init__(self, engine: DuckDBEngine, snapshot: Snapshot) -> None:
        self._engine, self._snapshot = engine, snapshot
        self._numbers = iter(range(1_000_000))

    def ask(self) -> float:
        """Seconds of one answer; a `PlainsayError` when there is none."""
        began = time.perf_counter()
        sql = f"SELECT status, sum(amount) + {next(self._numbers)} AS n FROM orders GROUP BY 1"
        self._engine.run(forged(sql, self._snapshot, Limits(seconds=30.0)))
        return time.perf_counter() - began

    def beside(self, thread: threading.Thread) -> list[float]:
        """Seconds of each answer while a thread is at work."""
        thread.start()
        took = []
        while thread.is_alive():
            took.append(self.ask())
            time.sleep(PAUSE)
        thread.join()
        return took


def run(data: Path) -> SuiteResult:
    """Every runaway query in turn, a neighbour beside them; two workers, as on a machine of two cores."""
    texts = bombs(data)
    with _lake() as snapshot, closing(DuckDBEngine(workers=2)) as engine:
        neighbour = Neighbour(engine, snapshot)
        alone = [neighbour.ask() for _ in range(ALONE)][ALONE // 10 :]
        cases: list[dict[str, Any]] = []
        thread = threading.Thread(target=lambda: cases.extend(_ended(engine, snapshot, bomb) for bomb in texts))
        beside = neighbour.beside(thread)
    times = percentile(beside, 0.95) / percentile(alone, 0.95)
    late = sum(case["seconds"] > SECONDS + GRACE for case in cases)
    figures = [
        Figure("runaway queries", len(cases), ""),
        Figure("ended late", late, "", target=0),
        Figure("slowest end", max(case["seconds"] for case in cases), "s", target=SECONDS + GRACE),
        Figure("another's answer alone, 95 %", percentile(alone, 0.95) * 1000, "ms"),
        Figure("another's answer beside, 95 %", percentile(beside, 0.95) * 1000, "ms"),
        Figure("times as long", times, "", target=MOST_TIMES),
    ]
    return SuiteResult("runaway", "safety", figures, cases)


def _ended(engine: DuckDBEngine, snapshot: Snapshot, bomb: Runaway) -> dict[str, Any]:
    began, outcome = time.perf_counter(), "answered"
    try:
        engine.run(forged(bomb.sql, snapshot, Limits(seconds=SECONDS)))
    except PlainsayError as error:
        outcome = error.code
    return {"id": bomb.id, "name": bomb.name, "outcome": outcome, "seconds": round(time.perf_counter() - began, 3)}


@contextmanager
def _lake() -> Iterator[Snapshot]:
    """The snapshot of a small lake that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="plainsay-runaway-") as folder:
        lake = Lake.create(Path(folder) / "lake")
        with lake.writer() as connection:
            connection.execute(
                "CREATE TABLE orders AS SELECT range AS id, range * 1.5 AS amount,"
                " CASE WHEN range % 5 = 0 THEN 'open' ELSE 'paid' END AS status FROM range(1000);"
                " CREATE TABLE t AS SELECT range AS i, 'x' || range AS s FROM range(1000);"
            )
        yield lake.publish()
