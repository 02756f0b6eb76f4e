"""What reading a question costs by itself, on a model as a small and as a large company has it."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from agent.brain import PlanContext
from agent.builtin.brain import BuiltinBrain
from agent.builtin.lexicon import lexicon_of
from agent.plan import Plan
from evals.bench.compiling import company
from evals.result import Figure, SuiteResult, percentile
from store.principal import LOCAL_OWNER
from warehouse.model.schema import SemanticModel
from warehouse.model.values import ValuesIndex
from warehouse.profile import DataProfile

AS_OF = datetime(2026, 3, 2, 9)
REPEATS = 3
_ASKED = 120
_TARGETS = {30: (30.0, 100.0), 200: (80.0, 250.0)}
_WORDINGS = (
    "What was {amount} last month?",
    "{amount} by {status} this year",
    "monthly {amount} in 2025",
    "top 5 {kind} by {amount} last quarter",
    "{amount} by {kind} in 2025 compared with 2024",
    "which {kind} had the lowest {amount}?",
    "{rows} by {status} and {kind}",
    "share of {amount} by {status}",
    "{ratio} by month since March 2025",
    "how did {amount} develop over the last 6 months and why?",
)


def run() -> SuiteResult:
    """Plan questions in words on each model after one warm-up each; milliseconds of processor time."""
    figures: list[Figure] = []
    cases: list[dict[str, Any]] = []
    for tables, (middle, slow) in _TARGETS.items():
        model, held = _held(tables)
        took, planned = timed(model)
        figures += [
            Figure(f"plan, {tables} tables, p50", percentile(list(took.values()), 0.5), "ms", middle),
            Figure(f"plan, {tables} tables, p95", percentile(list(took.values()), 0.95), "ms", slow),
            Figure(f"plan, {tables} tables, answered", planned / len(took), "share"),
            Figure(f"model and lexicon, {tables} tables", held, "MB"),
        ]
        cases += [{"tables": tables, "question": question, "ms": round(ms, 3)} for question, ms in took.items()]
    return SuiteResult("planning", "speed", figures, cases)


def _held(tables: int) -> tuple[SemanticModel, float]:
    """The model with its lexicon, and the megabytes that the two hold."""
    tracemalloc.start()
    model = company(tables)
    lexicon_of(model)
    held = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    return model, held


def timed(model: SemanticModel) -> tuple[dict[str, float], int]:
    """Milliseconds by question, best of `REPEATS`, and how many questions made a plan."""
    brain, took, planned = BuiltinBrain(), dict[str, float](), 0
    for question in dict.fromkeys(questions(model)):
        context = PlanContext(question, model, DataProfile(), ValuesIndex(), LOCAL_OWNER, AS_OF)
        planned += isinstance(brain.plan(context), Plan)
        times = []
        for _ in range(REPEATS):
            began = time.thread_time()
            brain.plan(context)
            times.append((time.thread_time() - began) * 1000)
        took[question] = min(times)
    return took, planned


def questions(model: SemanticModel) -> Iterator[str]:
    """Everyday wordings over the facts of the model, spread over its tables."""
    facts = [name for name in model.tables if name.startswith("fact")]
    for number in range(_ASKED):
        fact = facts[number % len(facts)]
        n, near = fact.removeprefix("fact"), model.tables[fact].joins[0].to.removeprefix("dim")
        words = {"amount": f"amount{n}", "rows": f"rows{n}", "status": f"status{n}", "ratio": f"ratio{n}"}
        yield _WORDINGS[(number + number // len(facts)) % len(_WORDINGS)].format(kind=f"kind{near}", **words)
