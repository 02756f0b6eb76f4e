"""The insights suite: nothing is told of shuffled data, the demo's planted stories are, and a look is quick."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from evals import goals
from evals.result import Figure, SuiteResult
from tools.factbook.weigh import TELL
from tools.insights import rank
from tools.insights.course import Shape
from tools.insights.judge import Finding, Looked, judge_panel, judge_whole, room_of
from tools.insights.panel import Floats, Panel
from warehouse.query import DimRef

if TYPE_CHECKING:
    from tools.evidence import Evidence
    from tools.registry import ToolContext

SHUFFLED = 300
"""A hundred cannot tell one in twenty from one in twelve."""
ROWS = 60_000
MEMBERS = (4, 6, 12, 30, 60, 120)
SHAPES = {"month": (Shape(3, 12), 36), "week": (Shape(4, 52), 61), "day": (Shape(6, 0), 57)}
"""By grain what is compared with what: days are held against the same weekdays before them."""

LOOKED = (
    Looked(0, 0, None, 1.0), Looked(1, 1, None, 0.9), Looked(2, 2, None, 0.85), Looked(3, 3, 1, 0.9),
    Looked(4, 0, 4, 1.0),
)  # fmt: skip


STORIES: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("South runs out of garden goods", "2026-06-01", {"grain": "month"}, "South"),
    ("customers move to the app", "2026-11-01", {"grain": "month"}, "Mobile app"),
    ("clearance eats the margin", "2026-04-01", {"grain": "month"}, "Furniture"),
    ("bad batch of lamps", "2026-08-01", {"grain": "month"}, "Aurora Floor Lamp"),
    ("website goes down", "2025-09-22", {"grain": "week"}, "2025-09-17"),
    ("Berlin opens", "2025-05-01", {"grain": "month"}, "Berlin"),
)
SECONDS = 10.0


def run() -> SuiteResult:
    """Three hundred shuffled data sets at each grain, the demo's stories told unasked, a look at everything timed."""
    cases = [_silence(grain) for grain in SHAPES]
    from evals.drivers import demo_context
    from evals.place import demo_home

    with demo_home() as home, demo_context(home) as context:
        cases += [_story(context, *story) for story in STORIES]
        began = time.perf_counter()
        _look(context, "2026-11-01", {"grain": "month"})
        seconds = time.perf_counter() - began
    found = [c for c in cases if c["kind"] == "story"]
    silent = [c for c in cases if c["kind"] == "shuffled"]
    figures = [
        Figure(f"shuffled data sets with anything told, {c['grain']}s", 100 * c["told_sets"] / SHUFFLED, "%", 5)
        for c in silent
    ]
    figures += [
        Figure("comparisons on shuffled data", sum(c["tests"] for c in silent), ""),
        Figure("of these told", sum(c["told"] for c in silent), ""),
        Figure("planted stories told unasked", 100 * sum(c["verdict"] == "right" for c in found) / len(found), "%", 80,
               "more"),
        Figure("a look at everything, 1.2 M rows", seconds, "s", SECONDS),
        *goals.figures(),
    ]  # fmt: skip
    return SuiteResult("insights", "quality", figures, cases)


def _silence(grain: str) -> dict[str, Any]:
    """How many of the shuffled data sets have a finding above the threshold for telling."""
    sets = told = tests = 0
    for seed in range(SHUFFLED):
        found = shuffled(seed, grain)
        loud = [f for f in rank.stands(found) if f.impact >= TELL]
        sets, told, tests = sets + bool(loud), told + len(loud), tests + len(found)
    return {"kind": "shuffled", "grain": grain, "told_sets": sets, "told": told, "tests": tests}


def _look(context: ToolContext, day: str, args: dict[str, Any]) -> Evidence:
    from tools import registry

    on_day = registry.ToolContext(**{**vars(context), "as_of": datetime.fromisoformat(day)})
    return registry.get("insights").run(on_day, args)


def _story(context: ToolContext, name: str, day: str, args: dict[str, Any], wanted: str) -> dict[str, Any]:
    """Right when a finding that would be told unasked names the group, or the day, of the story."""
    evidence = _look(context, day, args)
    main = evidence.main()
    assert main is not None
    told = [row for row, fact in zip(main.rows, evidence.facts, strict=False) if fact.impact >= TELL]
    named = [str(cell) for row in told for cell in (row[1], row[4])]
    verdict = "right" if any(wanted in n for n in named) else "wrong"
    return {"kind": "story", "name": name, "verdict": verdict, "why": f"told: {[row[:4] for row in told]}"}


def shuffled(seed: int, grain: str) -> list[Finding]:
    """Every test on rows whose date, groups and figures have nothing to do with each other: amounts with heavy tails,
    units, returned units, orders."""
    rng = np.random.default_rng(seed)
    shape, periods = SHAPES[grain]
    when = rng.integers(0, periods, ROWS)
    units = rng.integers(1, 6, ROWS).astype(np.float64)
    sums = np.stack(
        [rng.lognormal(4, 1.0, ROWS), units, rng.poisson(2, ROWS) * units, (rng.random(ROWS) < 0.07) * units,
         np.ones(ROWS), np.ones(ROWS)], axis=1,
    )  # fmt: skip
    room = room_of(_panel("", np.zeros(ROWS, dtype=np.int64), 1, when, sums), LOOKED, shape)
    found = judge_whole(room, LOOKED)
    for number, members in enumerate(MEMBERS):
        weights = 1 / np.arange(1, members + 1) ** 0.8
        who = rng.choice(members, ROWS, p=weights / weights.sum())
        found += judge_panel(room, _panel(f"t.split{number}", who, members, when, sums), LOOKED)
    return found


def _panel(split: str, who: Any, members: int, when: Any, sums: Floats) -> Panel:
    periods = int(when.max()) + 1
    shaped = np.zeros((members, periods, sums.shape[1]))
    np.add.at(shaped, (who, when), sums)
    return Panel(DimRef(field=split) if split else None, split, [f"m{i}" for i in range(members)], shaped)
