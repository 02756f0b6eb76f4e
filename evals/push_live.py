"""What a rehearsal says would have gone out is what the live scheduler sends, for every kind of rule and digest.

The rehearsal looks back over all rows. The live one sees each morning only the rows that had come by then.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from bots.alerts import run as alerting
from bots.alerts.rule import Looks, Target, Telling
from bots.digests import run
from bots.digests.desk import Wanted
from bots.digests.moments import Cadence, Timing
from bots.digests.recipe import Recipe
from evals.result import Figure
from store import alerts, digests
from store.database import Database
from store.delivery import Courier
from store.principal import LOCAL_OWNER, Principal

DAYS = 21
_METRIC = "sum:sales.amount"
RULES: dict[str, dict[str, Any]] = {
    "threshold": {"kind": "threshold", "metric": _METRIC, "direction": "below", "level": 1_700},
    "threshold by shop": {"kind": "threshold", "metric": _METRIC, "by": "sales.shop", "direction": "below",
                          "level": 400, "periods": 2},
    "change": {"kind": "change", "metric": _METRIC, "share": 0.25},
    "change on a year before": {"kind": "change", "metric": _METRIC, "grain": "week", "share": 0.2, "against": "year"},
    "anomaly": {"kind": "anomaly", "metric": _METRIC},
    "anomaly by shop": {"kind": "anomaly", "metric": _METRIC, "by": "sales.shop"},
    "forecast": {"kind": "forecast", "metric": _METRIC, "direction": "below", "level": 60_000, "period": "month"},
    "goal": {"kind": "goal", "metric": _METRIC, "goal": 62_000, "period": "month"},
    "freshness": {"kind": "freshness", "table": "sales", "days": 1},
    "few rows": {"kind": "quality", "table": "sales", "check": "few", "share": 0.3},
    "empty cells": {"kind": "quality", "table": "sales", "check": "empty", "column": "shop", "share": 0.01},
    "repeated": {"kind": "quality", "table": "sales", "check": "repeated", "column": "sale_id", "share": 0.01},
}  # fmt: skip
CADENCES: tuple[Cadence, ...] = ("daily", "workdays", "weekly", "monthly", "matters")
Row = list[str]


async def equality() -> list[Figure]:
    """Rehearse, then live through the same days, and compare every message word by word."""
    from evals.pushes import LAST, stories, year

    until = LAST + timedelta(days=1)
    mornings = [until - timedelta(days=back) for back in range(DAYS, -1, -1)]
    with tempfile.TemporaryDirectory(prefix="plainsay-evals-") as name:
        folder = Path(name)
        head, rows = _broken(year(folder, stories(), 11), LAST)
        _publish(folder, head, rows)
        database = Database.open(folder)
        try:
            await database.write(lambda c: _watch(c, _at(mornings[0])))
            rehearsed = await _rehearsed(database, folder, until)
            for morning in mornings:
                _publish(folder, head, [r for r in rows if r[1] < morning.isoformat()])
                await _morning(database, folder, _at(morning))
            sent = await database.read(_sent)
        finally:
            database.close()
    return _figures(rehearsed, sent)


def _figures(rehearsed: dict[str, list[str]], sent: dict[str, list[str]]) -> list[Figure]:
    wrong = sum(len(set(rehearsed[k]) ^ set(sent.get(k, ()))) for k in rehearsed)
    kinds = [k for k, told in rehearsed.items() if told]
    return [
        Figure("messages that differ between rehearsal and live", wrong, "messages", 0),
        Figure("messages compared, of every kind of rule and digest", sum(map(len, rehearsed.values())), "messages",
               2 * len(RULES), "more"),
        Figure("kinds of rules and digests that had something to say", len(kinds), "kinds", 14, "more"),
    ]  # fmt: skip


def _at(day: date) -> datetime:
    return datetime.combine(day, time(8), UTC)


def _broken(path: Path, last: date) -> tuple[Row, list[Row]]:
    """The rows of a year with faults in the last weeks: names missing, rows twice, half of a day, a day without any."""
    with path.open(newline="", encoding="utf-8") as file:
        head, *rows = list(csv.reader(file))
    days = {back: (last - timedelta(days=back)).isoformat() for back in range(DAYS)}
    found: list[Row] = []
    for n, row in enumerate(rows):
        if row[1] == days[4] or (row[1] == days[9] and n % 2):
            continue
        found.append([row[0], row[1], "" if row[1] == days[12] and n % 9 == 0 else row[2], row[3]])
        if row[1] == days[15] and n % 5 == 0:
            found.append(list(found[-1]))
    return head, found


def _publish(folder: Path, head: Row, rows: list[Row]) -> None:
    """Load rows anew; the model stays as the first load, which has all of them, made it."""
    from ingestion.pipeline import ingest
    from warehouse.workspace import named

    path, shop = folder / "sales.csv", named("shop", folder)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    model = shop.model_file.read_bytes() if shop.model_file.exists() else None
    ingest(shop, [path])
    if model is not None:
        shop.model_file.write_bytes(model)


def _watch(connection: Any, due: datetime) -> None:
    """One owner for each rule and digest: what goes the same way at once would come as one message."""
    for name, rule in RULES.items():
        values = {"name": name, "rule": rule, "looks": Looks().model_dump(mode="json"), "escalation": None,
                  "telling": Telling(remind_days=3).model_dump(mode="json"), "next_at": due,
                  "target": Target().model_dump(mode="json")}  # fmt: skip
        alerts.create(connection, name, "shop", values)
        alerts.wish(connection, name, {"budget": 200, "quiet": None})
    for cadence in CADENCES:
        timing = Timing(cadence=cadence, monthday=5)
        recipe = Recipe.model_validate({"goals": [{"metric": _METRIC, "goal": 62_000}]})
        wanted: dict[str, Any] = {"name": cadence, "recipe": recipe.model_dump(mode="json"),
                  "timing": timing.model_dump(mode="json"), "channels": ["inbox"], "webhook_id": None,
                  "next_at": timing.following(due - timedelta(seconds=1))}  # fmt: skip
        digests.create(connection, cadence, "shop", wanted)


@asynccontextmanager
async def _desks(folder: Path) -> AsyncIterator[tuple[Any, Any]]:
    from agent.view import WorkspaceViews
    from bots.alerts.desk import AlertDesk
    from bots.digests.desk import Desk
    from warehouse.engines.duckdb import DuckDBEngine

    engine, views = DuckDBEngine(workers=1), WorkspaceViews(folder)

    async def ready() -> Any:
        return engine

    try:
        yield Desk(lambda: views, ready), AlertDesk(lambda: views, ready)
    finally:
        engine.close()


async def _rehearsed(database: Database, folder: Path, until: date) -> dict[str, list[str]]:
    from bots.alerts.desk import Watched

    found: dict[str, list[str]] = {}
    async with _desks(folder) as (desk, alert_desk):
        for name in RULES:
            (row,) = await database.read(_of(alerts.listed, name))
            steps = alert_desk.rehearsal(Watched.of(dict(row)), LOCAL_OWNER, DAYS, _at(until))
            found[name] = [_text(s.body) async for s in steps if s.body is not None]
        for cadence in CADENCES:
            (row,) = await database.read(_of(digests.listed, cadence))
            moments = desk.rehearsal(Wanted.of(dict(row)), LOCAL_OWNER, DAYS, _at(until))
            found[cadence] = [_text(s.message.to_dict()) async for s in moments if not s.message.held]
    return found


def _of(listed: Callable[..., Any], owner: str) -> Callable[[Any], Any]:
    return lambda c: listed(c, owner)


async def _morning(database: Database, folder: Path, moment: datetime) -> None:
    """The scheduler's look at a moment, and everything it caused."""

    async def person(user_id: str) -> Principal | None:
        return LOCAL_OWNER

    async with _desks(folder) as (desk, alert_desk):
        await database.write(lambda c: (run.fire(c, moment), alerting.fire(c, moment)))
        handlers = (run.Runner(database, desk, person).handler(),
                    alerting.Runner(database, alert_desk, person).handler())  # fmt: skip
        courier = Courier(database, "live", handlers)
        while await courier.look():
            pass


def _sent(connection: Any) -> dict[str, list[str]]:
    found = {name: [_text(r["body"]) for r in alerts.told(connection, name)] for name in RULES}
    return found | {name: [_text(r["body"]) for r in digests.inbox(connection, name)] for name in CADENCES}


def _text(body: dict[str, Any]) -> str:
    """A message with every word and figure; a digest's name is its row's, which a rehearsal does not know."""
    kept = {k: v for k, v in body.items() if body.get("kind") == "alert" or k != "name"}
    return json.dumps(kept, sort_keys=True, default=str)
