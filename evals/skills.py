"""Every skill on the demo: its time on a million rows beside one plain scan, and whether five wordings reach it.

The answers are kept with the result: `docs/what-you-can-ask.md` shows them.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from evals.drivers import demo_context
from evals.place import AS_OF, WORKSPACE, demo_home
from evals.result import Figure, SuiteResult
from store.errors import PlainsayError

if TYPE_CHECKING:
    from tools.registry import ToolContext

_LIMITS = {"insights": 10.0, "explain_change": 2.0, "forecast": 3.0, "segments": 2.0, "churn_risk": 15.0,
           "lifetime_value": 5.0, "correlate": 5.0}  # fmt: skip
_LIMIT = 3.0


def book() -> dict[str, dict[str, Any]]:
    """Per skill its arguments and five questions."""
    text = resources.files("evals").joinpath("skill_questions.yaml").read_text("utf-8")
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return found


def run() -> SuiteResult:
    """Seconds of each skill on the full demo, the second of two runs; and how many wordings a skill answered."""
    skills = book()
    with demo_home() as home:
        figures = _timed(home, skills)
        cases = asyncio.run(asked(home, {n: [*s["ask"], *s.get("also", ())] for n, s in skills.items()}))
    for case in cases:
        case["kind"] = "asked" if case["question"] in skills[case["skill"]]["ask"] else "shown"
        case["verdict"] = case["verdict"] if case["kind"] == "asked" else "right"
    for name in skills:
        right = sum(c["verdict"] == "right" for c in cases if c["skill"] == name and c["kind"] == "asked")
        figures.append(Figure(f"{name}: of five wordings answered by it", right, "", 4, "more"))
    return SuiteResult("skills", "speed", figures, cases)


def _timed(home: Path, skills: dict[str, dict[str, Any]]) -> list[Figure]:
    from tools import registry

    figures = []
    with demo_context(home) as context:
        figures.append(Figure("one plain scan: revenue by day and category", _scan(context), "s"))
        for name, skill in skills.items():
            tool = registry.get(name)
            seconds = min(_seconds(partial(tool.run, context, skill["args"])) for _ in range(2))
            figures.append(Figure(f"{name}, 1.2 M rows", seconds, "s", _LIMITS.get(name, _LIMIT)))
    return figures


def _scan(context: ToolContext) -> float:
    from tools import registry

    query = {"metrics": [{"metric": "net_revenue"}], "dimensions": [{"field": "products.category"}],
             "time": {"grain": "day"}, "limit": 20_000}  # fmt: skip
    tool = registry.get("query_metrics")
    return min(_seconds(partial(tool.run, context, {"query": query})) for _ in range(2))


def _seconds(call: Any) -> float:
    from tools import fitting

    fitting.forget()
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


async def asked(home: Path, questions: dict[str, list[str]]) -> list[dict[str, Any]]:
    """A case for each question by skill, with what the built-in brain said to it on the demo in `home`."""
    from agent.assistant import Assistant
    from agent.turn import Turn

    assistant = Assistant(home=home)
    await assistant.start()
    cases = []
    try:
        for name, texts in questions.items():
            for n, text in enumerate(texts):
                turn = Turn(WORKSPACE, f"{name}-{n}", f"r-{name}-{n}", text, as_of=AS_OF, brain="builtin")
                cases.append(await _case(assistant, turn, name))
    finally:
        await assistant.aclose()
    return cases


async def _case(assistant: Any, turn: Any, name: str) -> dict[str, Any]:
    """Right when the skill itself answered; `text` is the answer without its links, or the reason there is none."""
    scored = {"skill": name, "question": turn.text}
    from agent.claims import LINK

    try:
        answer = await assistant.ask(turn)
    except PlainsayError as error:
        return {**scored, "verdict": "wrong", "why": error.message, "text": error.message}
    text = LINK.sub(lambda link: link[1], answer.text or "")
    used = [e.tool for e in answer.evidence]
    if name in used and answer.status == "answered":
        return {**scored, "verdict": "right", "text": text}
    why = answer.declined.reason if answer.declined else f"answered with {', '.join(used) or 'nothing'}"
    said = f"(declined) {why}" if answer.declined else text
    return {**scored, "verdict": "held back" if answer.declined else "wrong", "why": why, "text": said}
