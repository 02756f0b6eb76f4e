"""A digest for a thousand readers and a threshold on each of fifty metrics: worked out once where rights allow."""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from evals.result import Figure
from store.principal import Principal

READERS, METRICS, EACH = 1_000, 50, 10
MOMENT = datetime(2026, 11, 21, 12, tzinfo=UTC)
_SEES = ("all", "some")
"""Two kinds of rights: every second reader sees the rows of one value of a column alone."""


async def readers() -> list[Figure]:
    """Weekly digests over fifty metrics, ten each, and a look of an alert at each metric, for every reader."""
    from evals.place import demo_home

    with demo_home(0.25) as home, _desks(home) as (views, desk, alert_desk):
        metrics = _bounded(home, views)
        began, before = time.perf_counter(), _memory()
        said = await _digests(desk, metrics)
        told, seconds = desk.worked_out, time.perf_counter() - began
        grown = _memory() - before
        looked_at = time.perf_counter()
        await _looks(alert_desk, metrics)
        looked = time.perf_counter() - looked_at
    groups = -(-len(metrics) // EACH)
    return [
        Figure(f"digests for {READERS} readers over {len(metrics)} metrics, worked out, kept and queued", seconds, "s",
               300),
        Figure("digests that came, in the inbox and queued for mail", said, "messages", READERS, "more"),
        Figure(f"times a digest was worked out ({groups} recipes, two kinds of rights)", told, "times", 2.0 * groups),
        Figure("memory grown by the digests", grown, "MB", 300),
        Figure(f"looks for {READERS} readers over {len(metrics)} metrics", looked, "s", 240),
        Figure("times a look was worked out (two kinds of rights)", alert_desk.worked_out, "looks", 2.0 * len(metrics)),
    ]  # fmt: skip


def _memory() -> float:
    """Megabytes in use now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


@contextmanager
def _desks(home: Path) -> Iterator[tuple[Any, Any, Any]]:
    from agent.view import WorkspaceViews
    from bots.alerts.desk import AlertDesk
    from bots.digests.desk import Desk
    from warehouse.engines.duckdb import DuckDBEngine

    engine, views = DuckDBEngine(workers=1), WorkspaceViews(home)

    async def ready() -> Any:
        return engine

    try:
        yield views, Desk(lambda: views, ready), AlertDesk(lambda: views, ready)
    finally:
        engine.close()


def _bounded(home: Path, views: Any) -> list[str]:
    """Give the demo a rule for rows, and tell the metrics of its table with dates."""
    from evals.place import WORKSPACE
    from warehouse.model import store
    from warehouse.model.adhoc import adhoc_name
    from warehouse.model.schema import SemanticModel
    from warehouse.workspace import named

    model = views.get(WORKSPACE).model
    table, column = next((t, d) for t, spec in model.tables.items() if spec.time is not None
                         for d, dim in spec.dimensions.items() if dim.type == "text")  # fmt: skip
    policy = {"name": "some", "table": table, "where": f"'all' IN (:sees) OR {column} IS NOT NULL"}
    file = named(WORKSPACE, home).model_file
    whole = store.load(file).model_dump(mode="json", by_alias=True, exclude_none=True)
    store.save(SemanticModel.model_validate(whole | {"policies": [*whole.get("policies", []), policy]}), file)
    dated = {t: spec for t, spec in model.tables.items() if spec.time}
    found = [*model.metrics, *(m for spec in dated.values() for m in spec.measures)]
    found += [
        adhoc_name(agg, t, n) for agg in ("sum", "avg", "max", "min") for t, spec in dated.items() for n in spec.numbers
    ]
    return list(dict.fromkeys(found))[:METRICS]


async def _digests(desk: Any, metrics: list[str]) -> int:
    """Every reader's digest through clock, outbox and courier to the inbox and the queue for mail; how many came."""
    from bots.digests import run
    from store import digests, outbox
    from store.database import Database
    from store.delivery import Courier

    async def person(user_id: str) -> Principal | None:
        return _reader(int(user_id))

    with tempfile.TemporaryDirectory(prefix="plainsay-evals-") as folder:
        database = Database.open(Path(folder))
        try:
            await database.write(lambda c: _subscribed(c, metrics))
            await database.write(lambda c: (run.fire(c, MOMENT), run.fire(c, MOMENT)))
            courier = Courier(database, "a", (run.Runner(database, desk, person).handler(),))
            while await courier.look():
                pass
            queued = await database.read(lambda c: len(outbox.listed(c, run.EMAIL, limit=2 * READERS)))
            return min(queued, await database.read(lambda c: sum(digests.unread(c, str(n)) for n in range(READERS))))
        finally:
            database.close()


def _subscribed(connection: Any, metrics: list[str]) -> None:
    from bots.digests.moments import Timing
    from bots.digests.recipe import Recipe
    from evals.place import WORKSPACE
    from store import digests

    groups = [metrics[n : n + EACH] for n in range(0, len(metrics), EACH)]
    timing = Timing(cadence="weekly", weekday=6).model_dump(mode="json")
    for number in range(READERS):
        recipe = Recipe(metrics=tuple(groups[number // 2 % len(groups)])).model_dump(mode="json")
        values = {"name": "Week", "recipe": recipe, "timing": timing, "channels": ["inbox", "email"],
                  "webhook_id": None, "next_at": MOMENT - timedelta(hours=4)}  # fmt: skip
        digests.create(connection, str(number), WORKSPACE, values)


def _reader(number: int) -> Principal:
    sees = MappingProxyType({"sees": (_SEES[number % 2],)})
    return Principal(f"u{number}", f"U{number}", "viewer", sees)


async def _looks(desk: Any, metrics: list[str]) -> None:
    from bots.alerts.desk import Watched
    from bots.alerts.rule import RULE
    from evals.place import WORKSPACE

    people = [_reader(n) for n in range(READERS)]
    for metric in metrics:
        rule = {"kind": "threshold", "metric": metric, "direction": "below", "level": 0}
        watched = Watched(WORKSPACE, RULE.validate_python(rule))
        await asyncio.gather(*(_look(desk, watched, person) for person in people))


async def _look(desk: Any, watched: Any, person: Principal) -> None:
    from store.errors import PlainsayError

    try:
        await desk.look(watched, person, MOMENT)
    except PlainsayError:
        return  # a figure that its data cannot carry: it was looked at all the same
