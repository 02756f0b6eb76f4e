"""The suite of industries: a table of what is answered right and what is found, one line an industry."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from evals.industries.questions import INDUSTRIES, judged
from evals.industries.stories import asked, unasked
from evals.place import LAST_DAY
from evals.result import Figure, SuiteResult

Case = dict[str, Any]


def run() -> SuiteResult:
    """Build every demo at full size with its pack, ask its questions, and look for what is hidden in it."""
    cases: list[Case] = []
    figures: list[Figure] = []
    for industry in INDUSTRIES:
        with tempfile.TemporaryDirectory(prefix="plainsay-evals-") as folder:
            found, seconds = _one(Path(folder), industry)
        cases += found
        figures += [*_figures(industry, found), Figure(f"{industry}: building the demo", seconds, "s")]
    return SuiteResult("industries", "accuracy", [*_figures("all", cases), *figures], cases)


def _one(home: Path, industry: str) -> tuple[list[Case], float]:
    from tools.demos import make
    from warehouse.workspace import named

    report = make(industry, named(f"demo-{industry}", home), last_day=LAST_DAY)
    return [*asyncio.run(_conversed(home, industry)), *unasked(home, industry)], report.seconds


async def _conversed(home: Path, industry: str) -> list[Case]:
    from agent.assistant import Assistant

    assistant = Assistant(home=home)
    await assistant.start()
    try:
        return [*await judged(assistant, home, industry), *await asked(assistant, industry)]
    finally:
        await assistant.aclose()


def _figures(name: str, cases: list[Case]) -> list[Figure]:
    why = [c for c in cases if c["kind"] == "why"]
    told = [c for c in cases if c["kind"] == "unasked"]
    asked_of = [c for c in cases if c["kind"] not in ("why", "unasked")]
    counts = Counter(c["verdict"] for c in asked_of)
    return [
        Figure(f"{name}: questions answered right", _share(asked_of), "%", 85, "more"),
        Figure(f"{name}: answered wrong", 100 * counts["wrong"] / len(asked_of), "%", 2),
        Figure(f"{name}: stories found when asked", _share(why), "%", 90, "more"),
        Figure(f"{name}: stories told unasked", _share(told), "%", 90, "more"),
    ]


def _share(cases: list[Case]) -> float:
    right = sum(1 for c in cases if c["verdict"] == "right")
    return 100 * right / max(1, len(cases))
