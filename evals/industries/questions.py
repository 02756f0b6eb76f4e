"""Sixty plain questions an industry, answered by the built-in brain and judged by hand-written SQL on the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from evals import bare
from evals.demo import judge, same_rows
from evals.place import AS_OF
from store.errors import PlainsayError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from agent.answer import Answer
    from agent.assistant import Assistant

INDUSTRIES = ("retail", "restaurant", "automotive", "healthcare", "financial")


@dataclass(frozen=True)
class Asked:
    """A question and what came of it."""

    text: str
    reply: Answer | PlainsayError


def book(industry: str, kind: str) -> dict[str, Any]:
    """The `questions` or `stories` written for an industry."""
    file = resources.files("evals") / "industries" / f"{industry}_{kind}.yaml"
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


async def ask_all(assistant: Assistant, workspace: str, texts: list[str]) -> list[Asked]:
    """Every question in a conversation of its own; an error is an outcome to be scored."""
    from agent.turn import Turn

    asked: list[Asked] = []
    for n, text in enumerate(texts):
        turn = Turn(workspace, f"{workspace}-{n}", f"{workspace}-{n}", text, as_of=AS_OF, brain="builtin")
        try:
            asked.append(Asked(text, await assistant.ask(turn)))
        except PlainsayError as error:
            asked.append(Asked(text, error))
    return asked


async def judged(assistant: Assistant, home: Path, industry: str) -> list[dict[str, Any]]:
    """One scored case a question: right, wrong or held back."""
    told = book(industry, "questions")
    asked = await ask_all(assistant, f"demo-{industry}", [c["q"] for c in told["questions"]])
    with bare.connect(home, f"demo-{industry}") as gold:
        gold.execute(told["views"])
        return [
            {"industry": industry, **_judged(case, one.reply, gold)}
            for case, one in zip(told["questions"], asked, strict=True)
        ]


def _judged(case: dict[str, Any], reply: Answer | PlainsayError, gold: DuckDBPyConnection) -> dict[str, Any]:
    """`which` questions ask for the first row alone; the rest of a ranking does no harm."""
    scored = judge(case, reply, gold)
    if case["kind"] != "which" or scored["verdict"] != "wrong" or isinstance(reply, PlainsayError) or not reply.result:
        return scored
    wanted, found = bare.rows(gold, case["gold"]), [tuple(row) for row in reply.result.rows[:1]]
    return {**scored, "verdict": "right", "why": ""} if same_rows(wanted, found) else scored
