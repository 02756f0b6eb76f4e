"""The oracle suite: a perfect planner shows what the tools can express; a real model may take its place."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from datetime import datetime, time
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from agent.plan import Decline
from evals import nlq
from evals.fakes.model_server import Asked, Call, Reply, Script
from evals.llm.stage import ask, assistant, served
from evals.result import Figure, SuiteResult
from store.errors import ConfigProblem, PlainsayError

if TYPE_CHECKING:
    from agent.answer import Answer
    from agent.assistant import Assistant

_DATABASES = ("broker", "car_dealership")


def run(data: Path) -> SuiteResult:
    """The business questions of `defog`, planned by gold calls that only the scripted server knows."""
    folder, gold = data / "nlq" / "defog", book()
    questions = _questions(folder)
    with served(_script(questions, gold)):
        cases, scored = _asked(folder, questions)
    by_hand = {k: p["because"] for k, p in gold.items() if p["tool"] == "run_sql"}
    for case in cases:
        case["because"] = by_hand.get(case["id"], "")
    right = sum(c["verdict"] == "right" for c in cases)
    queried = sum(c["verdict"] == "right" and not c["because"] for c in cases)
    return SuiteResult("oracle", "accuracy", [
        Figure("questions", len(cases), ""),
        Figure("right through the tools", 100 * right / len(cases), "%", 95, "more"),
        Figure("right through metric queries and listings alone", 100 * queried / len(cases), "%"),
        Figure("wrong", scored["wrong"], ""),
    ], cases)  # fmt: skip


def run_real(data: Path) -> SuiteResult:
    """The same questions planned by the model that the environment names. Raises `ConfigProblem` without one."""
    from agent.llm.endpoint import configured

    endpoint = configured()
    if endpoint is None:
        raise ConfigProblem(
            "No language model is set up.", hint="Searched: PLAINSAY_MODEL with OPENAI_BASE_URL or OPENAI_API_KEY."
        )
    folder = data / "nlq" / "defog"
    cases, scored = _asked(folder, _questions(folder))
    return SuiteResult("model", "accuracy", [
        Figure("questions", len(cases), ""),
        Figure("right", sum(c["verdict"] == "right" for c in cases), ""),
        Figure("wrong", scored["wrong"], ""),
        Figure("selective accuracy", 100 * (scored["selective_accuracy"] or 0), "%"),
        Figure("answered by the model", sum(c["brain"] == "llm" for c in cases), ""),
        Figure("tokens a question", sum(c["tokens"] for c in cases) / max(1, len(cases)), ""),
    ], [{"model": endpoint.model}, *cases])  # fmt: skip


def book() -> dict[str, Any]:
    """Question id -> the tool call of a perfect planner."""
    found: dict[str, Any] = yaml.safe_load(resources.files("evals.llm").joinpath("oracle.yaml").read_text("utf-8"))
    return found


def _questions(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "questions.jsonl").read_text("utf-8").splitlines()
    return [q for q in map(json.loads, lines) if q["db"] in _DATABASES]


def _script(questions: list[dict[str, Any]], gold: dict[str, Any]) -> Script:
    """Finds the question in the prompt and calls what the book says; words nothing."""
    by_text = {q["question"].replace("<", "‹").replace(">", "›"): gold.get(q["id"]) for q in questions}

    def script(asked: Asked) -> Reply:
        if not asked.tools:
            return Reply(text="See the table.")
        asked_about = str(asked.messages[1]["content"]).rsplit("<data>\n", 1)[-1]
        plan = next((p for text, p in by_text.items() if asked_about.startswith(text[:1900])), None)
        if plan is None or len(asked.messages) > 2:
            return Reply(calls=(Call("give_up", {"reason": "no plan"}),))
        return Reply(calls=(Call(plan["tool"], {**plan["arguments"], "done": True}),))

    return script


def _asked(folder: Path, questions: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="plainsay-oracle-") as home, tempfile.NamedTemporaryFile() as details:
        outcomes = asyncio.run(_ask_all(folder, questions, Path(home)))
        none = Decline(reason="", code="")
        predictions = [nlq.Outcome(q, p, none, 0.0) for q, (p, _) in zip(questions, outcomes, strict=True)]
        scored = nlq._scored(folder, questions, predictions, Path(details.name))
    verdicts = {j["id"]: j for j in scored["judged"]} if "judged" in scored else {}
    cases = [_case(q, p, a, verdicts.get(q["id"], {})) for q, (p, a) in zip(questions, outcomes, strict=True)]
    return cases, scored


def _case(question: dict[str, Any], prediction: dict[str, Any], answer: Answer | None, judged: Any) -> dict[str, Any]:
    answered = prediction["status"] == "answered"
    verdict = ("right" if judged.get("contains") else "wrong") if answered else "held back"
    receipt = answer.receipt if answer else None
    return {
        "id": question["id"], "question": question["question"], "verdict": verdict, "status": prediction["status"],
        "brain": receipt.brain if receipt else "", "tokens": sum(receipt.tokens.values()) if receipt else 0,
        "why": answer.declined.reason if answer and answer.declined else "",
    }  # fmt: skip


async def _ask_all(
    folder: Path, questions: list[dict[str, Any]], home: Path
) -> list[tuple[dict[str, Any], Answer | None]]:
    names = dict(_loaded(folder, questions, home))
    async with assistant(home) as made:
        return [await _ask(made, q, names[q["db"]]) for q in questions]


def _loaded(folder: Path, questions: list[dict[str, Any]], home: Path) -> Iterator[tuple[str, str]]:
    """Each database in a workspace of its own, its model inferred."""
    from ingestion.pipeline import ingest
    from warehouse.workspace import named

    for database in sorted({q["db"] for q in questions}):
        workspace = database.replace("_", "-")
        file = next(q["db_file"] for q in questions if q["db"] == database)
        ingest(named(workspace, home), [folder / file])
        yield database, workspace


async def _ask(made: Assistant, question: dict[str, Any], workspace: str) -> tuple[dict[str, Any], Answer | None]:
    day = datetime.combine(datetime.fromisoformat(question["as_of"]).date(), time(12))
    lines = tuple(x for x in (question.get("instructions") or "").splitlines() if x.strip())
    try:
        answer = await ask(made, question["question"], workspace=workspace, as_of=day, glossary=lines)
    except PlainsayError:
        return {"id": question["id"], "status": "declined"}, None
    if answer.status != "answered" or answer.result is None:
        return {"id": question["id"], "status": answer.status}, answer
    table = answer.result
    rows = [[nlq._number(v, c.type) for v, c in zip(row, table.columns, strict=True)] for row in table.rows]
    columns = [c.name for c in table.columns]
    return {"id": question["id"], "status": "answered", "columns": columns, "rows": rows}, answer
