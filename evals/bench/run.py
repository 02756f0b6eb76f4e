"""The speed suite: warm turns on the full demo beside bare DuckDB, and what cold processes cost."""

from __future__ import annotations

import asyncio
import time

from evals.bench import start, turn
from evals.demo import questions
from evals.place import demo_home
from evals.result import Figure, SuiteResult

TURNS = 50


def run() -> SuiteResult:
    """Build the demo, ask `TURNS` varied questions of its book after a warm-up, then time cold processes."""
    texts = [c["q"] for c in questions()["questions"] if "gold" in c]
    warm_up, timed = texts[-turn.WARM_UP :], texts[:TURNS]
    began = time.perf_counter()
    with demo_home() as home:
        built = time.perf_counter() - began
        turns = asyncio.run(turn.measure(home, warm_up, timed))
        turn.on_bare_engine(home, turns)
        figures = [Figure("demo built", built, "s", 6), *turn.figures(turns), *start.figures(home)]
    return SuiteResult("bench", "speed", figures, turn.cases(turns))
