"""All outside question sets beside the headline one: every database, abstention in both directions, a given model."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

from agent.view import WorkspaceView
from evals.nlq import Outcome, run_set
from evals.result import Figure, SuiteResult, percentile
from warehouse.model import store

_ACME = "models/acme.yaml"


def run(data: Path) -> SuiteResult:
    """Every defog database, the answerable controls of `defog_idk`, the unanswerable questions of `ehrsql_abstain`."""
    folder = data / "nlq"
    defog, scored = run_set(folder / "defog")
    _, held = run_set(folder / "defog_idk")
    wards, abstained = run_set(folder / "ehrsql_abstain")
    idk, ehr = held["abstention"], abstained["abstention"]
    figures = [
        *_accuracy("defog", scored, 50, 8),
        Figure("idk: answerable refused", 100 * idk["refused_answerable_rate"], "%", 25),
        Figure("idk: unanswerable answered", 100 * idk["answered_unanswerable_rate"], "%", 10),
        Figure("ehrsql: unanswerable declined", 100 * (1 - ehr["answered_unanswerable_rate"]), "%", 85, "more"),
        Figure("ehrsql: answerable refused", 100 * ehr["refused_answerable_rate"], "%"),
        Figure("plan p50, 17 tables", percentile([o.plan_ms for o in wards], 0.5), "ms"),
        Figure("plan p95, 17 tables", percentile([o.plan_ms for o in wards], 0.95), "ms"),
    ]
    return SuiteResult("nlq-wide", "accuracy", figures, _cases(defog, scored))


def run_acme(data: Path) -> SuiteResult:
    """The insurance questions over a semantic model written from the set's dbt files (`models/acme.yaml`)."""
    outcomes, scored = run_set(data / "nlq" / "acme", prepare=_with_model)
    return SuiteResult("acme", "accuracy", _accuracy("acme", scored, 75, 10), _cases(outcomes, scored))


def _with_model(view: WorkspaceView) -> WorkspaceView:
    with resources.as_file(resources.files("evals").joinpath(_ACME)) as path:
        return replace(view, model=store.load(path))


def _accuracy(name: str, scored: dict[str, Any], right: float, wrong: float) -> list[Figure]:
    share = 100 / scored["n"]
    return [
        Figure(f"{name}: questions", scored["n"], ""),
        Figure(f"{name}: right", share * scored["correct"], "%", right, "more"),
        Figure(f"{name}: wrong", share * scored["wrong"], "%", wrong),
        Figure(f"{name}: selective accuracy", 100 * (scored["selective_accuracy"] or 0), "%"),
        Figure(f"{name}: coverage", 100 * scored["coverage"], "%"),
    ]


def _cases(outcomes: list[Outcome], scored: dict[str, Any]) -> list[dict[str, Any]]:
    """Each question with what became of it and why, so that a person can see what is missing."""
    judged = {d["id"]: d for d in scored["judged"]}
    cases = []
    for outcome in outcomes:
        key = outcome.question["id"]
        found = judged.get(key, {})
        status = found.get("status", "declined")
        verdict = ("right" if found.get("contains") else "wrong") if status == "answered" else "held back"
        why = getattr(outcome.decision, "reason", "") or getattr(outcome.decision, "question", "") or outcome.error
        cases.append({"id": key, "question": outcome.question["question"], "verdict": verdict, "why": why})
    return cases
