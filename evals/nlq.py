"""Outside question sets against gold: files in, the planner's answers out, scored by the sets' own scorer."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from datetime import time as clock
from pathlib import Path
from typing import Any

from agent.brain import PlanContext
from agent.builtin.planner import plan
from agent.plan import Decision
from agent.view import WorkspaceView, WorkspaceViews
from evals.result import Figure, SuiteResult, percentile
from store.errors import PlainsayError
from store.principal import LOCAL_OWNER
from tools import registry
from tools.registry import ToolContext
from warehouse.engines.base import Engine
from warehouse.workspace import named

_HEADLINE = ("broker", "car_dealership")
_NOON = clock(12)


@dataclass(frozen=True)
class Outcome:
    """One question with its prediction line, the decision behind it and the milliseconds planning took."""

    question: dict[str, Any]
    prediction: dict[str, Any]
    decision: Decision
    plan_ms: float
    error: str = ""


def run(data: Path) -> SuiteResult:
    """The headline figures: business questions of `defog`, and abstention on `defog_idk`."""
    business, scored = run_set(data / "nlq" / "defog", databases=_HEADLINE)
    _, held = run_set(data / "nlq" / "defog_idk")
    figures = [
        Figure("questions", scored["n"], ""),
        Figure("right", scored["correct"], "", 12, "more"),
        Figure("wrong", scored["wrong"], "", 0),
        Figure("selective accuracy", 100 * (scored["selective_accuracy"] or 0), "%"),
        Figure("coverage", 100 * scored["coverage"], "%"),
        Figure("unanswerable answered", held["abstention"]["answered_unanswerable"], "", 0),
        Figure("plan p50", percentile([o.plan_ms for o in business], 0.5), "ms", 15),
        Figure("plan p95", percentile([o.plan_ms for o in business], 0.95), "ms", 40),
    ]
    return SuiteResult(
        "nlq", "accuracy", figures, [o.prediction | {"question": o.question["question"]} for o in business]
    )


def run_set(
    folder: Path,
    *,
    ids: Iterable[str] | None = None,
    databases: Iterable[str] | None = None,
    details: Path | None = None,
    prepare: Callable[[WorkspaceView], WorkspaceView] = lambda view: view,
) -> tuple[list[Outcome], dict[str, Any]]:
    """Ask every question of a set (or those `ids`, those `databases`) and score them with the set's `score.py`.

    `details` is a file for the scorer's verdicts, one JSON line a question; `prepare` gives a view another model.
    """
    wanted, named_databases = set(ids or ()), set(databases or ())
    questions = [
        q
        for q in map(json.loads, (folder / "questions.jsonl").read_text("utf-8").splitlines())
        if (not wanted or q["id"] in wanted) and (not named_databases or q["db"] in named_databases)
    ]
    with tempfile.TemporaryDirectory(prefix="plainsay-nlq-") as home, _engine() as engine:
        outcomes = list(_ask_all(folder, questions, Path(home), engine, prepare))
    return outcomes, _scored(folder, questions, outcomes, details)


@contextmanager
def _engine() -> Iterator[Engine]:
    from warehouse.engines.duckdb import DuckDBEngine

    with closing(DuckDBEngine()) as engine:
        yield engine


def _ask_all(
    folder: Path,
    questions: list[dict[str, Any]],
    home: Path,
    engine: Engine,
    prepare: Callable[[WorkspaceView], WorkspaceView],
) -> Iterator[Outcome]:
    views: dict[str, WorkspaceView] = {}
    for question in questions:
        file = question["db_file"]
        if file not in views:
            views[file] = prepare(_load(folder / file, f"db{len(views)}", home))
        yield _ask(question, views[file], engine)


def _load(path: Path, name: str, home: Path) -> WorkspaceView:
    """The file in a throw-away workspace, its model inferred."""
    from ingestion.pipeline import ingest

    ingest(named(name, home), [path])
    return WorkspaceViews(home).get(name)


def _ask(question: dict[str, Any], view: WorkspaceView, engine: Engine) -> Outcome:
    as_of = datetime.combine(datetime.fromisoformat(question["as_of"]).date(), _NOON) if question.get("as_of") else None
    lines = tuple(x for x in (question.get("instructions") or "").splitlines() if x.strip())
    context = PlanContext(
        question=question["question"],
        model=view.model,
        profile=view.profile,
        values=view.values,
        principal=LOCAL_OWNER,
        as_of=as_of or datetime.combine(datetime(2025, 1, 15).date(), _NOON),
        as_of_given=as_of is not None,
        glossary=lines,
    )
    started = time.perf_counter()
    decision = plan(context)
    ms = (time.perf_counter() - started) * 1000
    try:
        prediction = _predict(question["id"], decision, context, view, engine)
    except PlainsayError as error:
        return Outcome(question, {"id": question["id"], "status": "declined"}, decision, ms, str(error))
    return Outcome(question, prediction, decision, ms)


def _predict(key: str, decision: Decision, context: PlanContext, view: WorkspaceView, engine: Engine) -> dict[str, Any]:
    if decision.kind != "plan":
        return {"id": key, "status": "clarify" if decision.kind == "clarify" else "declined"}
    step = decision.steps["s1"]
    tool_context = ToolContext(
        workspace=view.workspace,
        principal=LOCAL_OWNER,
        model=view.model,
        profile=view.profile,
        engine=engine,
        snapshot=view.snapshot,
        as_of=context.as_of,
    )
    evidence = registry.get(step.tool).run(tool_context, step.args)
    table = evidence.main()
    if table is None or evidence.refusal:
        return {"id": key, "status": "declined"}
    rows = [[_number(v, c.type) for v, c in zip(row, table.columns, strict=True)] for row in table.rows]
    return {"id": key, "status": "answered", "columns": [c.name for c in table.columns], "rows": rows}


def _number(value: Any, kind: str) -> Any:
    """Decimals travel as strings; the scorer wants numbers."""
    if isinstance(value, str) and kind in ("decimal", "float", "integer"):
        return int(value) if kind == "integer" else float(value)
    return value


def _scored(
    folder: Path, questions: list[dict[str, Any]], outcomes: list[Outcome], details: Path | None
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="plainsay-score-") as work:
        lines = Path(work) / "predictions.jsonl"
        lines.write_text("".join(json.dumps(o.prediction) + "\n" for o in outcomes), "utf-8")
        verdicts = details or Path(work) / "details.jsonl"
        command = [sys.executable, str(folder.parent / "score.py"), str(folder), str(lines), "--details", str(verdicts)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
        summary: dict[str, Any] = json.loads(done.stdout)
        chosen = {q["id"] for q in questions}
        judged = [d for d in map(json.loads, verdicts.read_text("utf-8").splitlines()) if d["id"] in chosen]
    return _narrowed(summary, judged)


def _narrowed(summary: dict[str, Any], judged: list[dict[str, Any]]) -> dict[str, Any]:
    """The scorer counts missing lines as declined; a part of a set is counted over its own questions."""
    if len(judged) == summary.get("n"):
        return {**summary, "judged": judged}
    counts = {k: sum(d["status"] == k for d in judged) for k in ("declined", "clarify")}
    counts["correct"] = sum(d["status"] == "answered" and d["contains"] for d in judged)
    counts["wrong"] = sum(d["status"] == "answered" and not d["contains"] for d in judged)
    answered = counts["correct"] + counts["wrong"]
    return {
        **counts,
        "n": len(judged),
        "coverage": answered / len(judged) if judged else 0.0,
        "selective_accuracy": counts["correct"] / answered if answered else None,
        "judged": judged,
    }
