"""A small shop and its event log with known truths, loaded once, for skills that follow the same people."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from agent.view import WorkspaceViews
from ingestion.pipeline import ingest
from store.principal import LOCAL_OWNER
from tools.registry import ToolContext
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.workspace import named

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 20)
STEPS = ("view", "cart", "buy")


@dataclass
class World:
    """What was written to the files: days by customer, their plan, and timed events by visit."""

    context: ToolContext
    days: dict[int, list[date]] = field(default_factory=dict)
    plan: dict[int, str] = field(default_factory=dict)
    events: dict[int, list[tuple[datetime, str, str]]] = field(default_factory=dict)


def orders(world: World) -> None:
    """900 customers who join over the year; the yearly plan buys again far more often; some buy twice a day."""
    rng = random.Random(3)
    for who in range(1, 901):
        at = FIRST + timedelta(days=rng.randrange(350))
        world.plan[who] = "Yearly" if rng.random() < 0.4 else "Monthly"
        chance = 0.75 if world.plan[who] == "Yearly" else 0.35
        days = [at, at] if rng.random() < 0.1 else [at]
        while rng.random() < chance:
            at += timedelta(days=rng.randrange(1, 45))
            days.append(at)
        world.days[who] = [d for d in days if d <= LAST]


def visits(world: World) -> None:
    """1,000 visits with repeats, ties in the same second and steps in the wrong order."""
    rng = random.Random(5)
    for visit in range(1, 1_001):
        start = datetime(2025, 11, 1) + timedelta(minutes=rng.randrange(60 * 24 * 28))
        device = rng.choice(("Phone", "Desktop"))
        log = [
            (start + timedelta(seconds=rng.randrange(0, 1_200, 60)), rng.choice(STEPS), device)
            for _ in range(rng.randrange(1, 8))
        ]
        world.events[visit] = log


def write(path: Path, head: list[str], rows: list[list[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The files loaded into a workspace, with what is true about them."""
    folder = tmp_path_factory.mktemp("journeys")
    made = World(None)  # type: ignore[arg-type]  # the context follows once the files are loaded
    orders(made)
    visits(made)
    bought = [(who, day) for who, days in made.days.items() for day in days]
    files = [
        write(folder / "orders.csv", ["order_id", "customer_id", "order_date", "plan", "amount"],
              [[n, who, day.isoformat(), made.plan[who], 10 + n % 7] for n, (who, day) in enumerate(bought, 1)]),
        write(folder / "events.csv", ["event_id", "visit_id", "happened_at", "event_name", "device"],
              [[100_000 + n, visit, at.isoformat(sep=" "), name, device] for n, (visit, at, name, device) in enumerate(
                  ((v, *e) for v, log in made.events.items() for e in log), 1)]),
    ]  # fmt: skip
    ingest(named("journeys", folder / "home"), files)
    view = WorkspaceViews(folder / "home").get("journeys")
    engine = DuckDBEngine(workers=1)
    made.context = ToolContext(
        view.workspace, LOCAL_OWNER, view.model, view.profile, engine, view.snapshot, datetime(2025, 12, 21, 9)
    )
    yield made
    engine.close()
