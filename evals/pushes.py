"""Alerts on planted years: what was planted is told, little else is, a quiet year stays quiet, nothing comes twice."""

from __future__ import annotations

import asyncio
import csv
import math
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from evals.result import Figure, SuiteResult
from store.principal import LOCAL_OWNER

LAST = date(2026, 11, 20)
DAYS, WATCHED = 600, 240
SHOPS = (("North", 60.0), ("South", 50.0), ("West", 40.0))
WEEK = (0.8, 0.85, 0.9, 1.0, 1.25, 1.4, 0.9)
NOISE = 0.06


@dataclass(frozen=True)
class Story:
    """Something planted: from `day` on for `days`, one shop (or all) sells `times` as much."""

    day: date
    days: int
    shop: str
    times: float

    def holds(self, day: date) -> bool:
        """Whether it lasts on a day."""
        return 0 <= (day - self.day).days < self.days


def run() -> SuiteResult:
    """Rehearsals beside the live scheduler, and a thousand readers."""
    from evals.push_live import equality
    from evals.push_readers import readers

    return SuiteResult("pushes", "quality", [*asyncio.run(equality()), *asyncio.run(readers())])


def run_stories() -> SuiteResult:
    """Planted stories and a quiet year."""
    return SuiteResult("push-stories", "quality", asyncio.run(told()))


def run_kills() -> SuiteResult:
    """Kills at every step, two schedulers at once, changing clocks and jumping ones."""
    from evals.push_clocks import clocks
    from evals.push_kills import kills

    return SuiteResult("push-kills", "safety", [*asyncio.run(kills(100)), *asyncio.run(clocks())])


def stories() -> list[Story]:
    """Ten of them, 23 days apart: dips and spikes of the whole and of one shop, of one to four days."""
    shapes = ((1, "", 0.4), (2, "South", 0.2), (3, "", 0.65), (1, "North", 2.4), (4, "West", 0.3),
              (1, "", 1.8), (2, "North", 0.35), (3, "South", 2.0), (1, "West", 0.1), (2, "", 0.55))  # fmt: skip
    first = LAST - timedelta(days=WATCHED - 10)
    return [Story(first + timedelta(days=23 * n), *shape) for n, shape in enumerate(shapes)]


def year(folder: Path, planted: list[Story], seed: int) -> Path:
    """Sales of three shops with a week, a slow growth and noise."""
    rng, path = random.Random(seed), folder / "sales.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["sale_id", "sale_date", "shop", "amount"])
        number = 0
        for back in range(DAYS - 1, -1, -1):
            day = LAST - timedelta(days=back)
            for shop, base in SHOPS:
                level = base * WEEK[day.weekday()] * (1 + 0.0003 * (DAYS - back)) * rng.gauss(1, NOISE)
                level *= math.prod(s.times for s in planted if s.shop in ("", shop) and s.holds(day))
                for _ in range(12):
                    number += 1
                    out.writerow([number, day.isoformat(), shop, round(level * rng.gauss(1, 0.15), 2)])
    return path


RULES: tuple[dict[str, Any], ...] = (
    {"kind": "anomaly", "metric": "sum:sales.amount"},
    {"kind": "anomaly", "metric": "sum:sales.amount", "by": "sales.shop"},
    {"kind": "freshness", "table": "sales"},
)
"""What somebody with a shop would watch; their messages of one day come as one."""


@contextmanager
def _home(planted: list[Story], seed: int) -> Iterator[Path]:
    from ingestion.pipeline import ingest
    from warehouse.workspace import named

    with tempfile.TemporaryDirectory(prefix="plainsay-evals-") as name:
        folder = Path(name)
        ingest(named("shop", folder), [year(folder, planted, seed)])
        yield folder


async def _opened(folder: Path) -> list[tuple[date, str]]:
    """The day and the words of what the rules would have told as new."""
    from agent.view import WorkspaceViews
    from bots.alerts.desk import AlertDesk, Watched
    from bots.alerts.rule import RULE
    from warehouse.engines.duckdb import DuckDBEngine

    engine, views = DuckDBEngine(workers=1), WorkspaceViews(folder)

    async def ready() -> Any:
        return engine

    found = []
    until = datetime(LAST.year, LAST.month, LAST.day, 12, tzinfo=UTC) + timedelta(days=1)
    try:
        desk = AlertDesk(lambda: views, ready)
        for rule in RULES:
            watched = Watched("shop", RULE.validate_python(rule))
            async for step in desk.rehearsal(watched, LOCAL_OWNER, WATCHED, until):
                items = step.body["items"] if step.body is not None else []
                found += [
                    (date.fromisoformat(i["since"]), i["text"]) for i in items if i["deed"] in ("opened", "worse")
                ]
    finally:
        engine.close()
    return found


async def told() -> list[Figure]:
    """How much of what was told was planted, how much of what was planted was told; how often a quiet year speaks."""
    planted = stories()
    with _home(planted, 11) as folder:
        found = await _opened(folder)
    with _home([], 12) as folder:
        quiet = await _opened(folder)
    inside = [d for d, _ in found if any(_belongs(d, s) for s in planted)]
    told = [s for s in planted if any(_belongs(d, s) for d, _ in found)]
    months = WATCHED / 30.4
    return [
        Figure("alerts about something planted", 100 * len(inside) / max(len(found), 1), "%", 80, "more"),
        Figure("planted stories told", 100 * len(told) / len(planted), "%", 80, "more"),
        Figure("days with a message a month and reader, nothing planted", len({d for d, _ in quiet}) / months,
               "messages", 2, "less"),
    ]  # fmt: skip


def _belongs(day: date, story: Story) -> bool:
    return story.day <= day <= story.day + timedelta(days=story.days)
