"""General questions on schemas nobody prepared for, by what they ask: sets, groups, superlatives, comparisons."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from agent.plan import Plan
from evals.nlq import Outcome, run_set
from evals.result import Figure, SuiteResult, percentile

_VERDICTS = ("right", "wrong", "held back")
_LONGEST = 600
_FAMILIES = (
    ("sets", {"set"}), ("group with the most", {"group", "order_limit"}), ("groups", {"group"}),
    ("beside other rows", {"nested"}), ("superlatives", {"order_limit"}), ("figures", {"agg"}),
    ("joined lists", {"join"}),
)  # fmt: skip
"""What a question asks for, by the clauses of its gold; the first that fits."""


def run(data: Path) -> SuiteResult:
    """The outside set of general questions: all, those on one table, and each family of what their gold needs."""
    outcomes, scored = run_set(data / "nlq" / "spider_dev")
    cases = _cases(outcomes, scored)
    single = [c for c in cases if c["single_table"]]
    figures = [*_shares("all", cases, 55, 10), *_shares("one table", single, 75, 8)]
    families: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for case in cases:
        families[case["family"]].append(case)
    for name in sorted(families):
        figures += _shares(name, families[name])
    times = [o.plan_ms for o in outcomes]
    figures += [
        Figure("plan p50", percentile(times, 0.5), "ms", 30),
        Figure("plan p95", percentile(times, 0.95), "ms", 100),
    ]
    return SuiteResult("spider", "accuracy", figures, cases)


def family_of(category: str) -> str:
    """The family of a question from the clauses of its gold: `join+group+agg` is about groups."""
    parts = set(category.split("+"))
    return next((name for name, needed in _FAMILIES if needed <= parts), "lists")


def _shares(
    name: str, cases: list[dict[str, Any]], right: float | None = None, wrong: float | None = None
) -> list[Figure]:
    """The share of each verdict among some cases, in percent, with the targets of the first two."""
    counted = {v: sum(c["verdict"] == v for c in cases) for v in _VERDICTS}
    each = 100 / len(cases) if cases else 0.0
    return [
        Figure(f"{name}: questions", len(cases), ""),
        Figure(f"{name}: right", each * counted["right"], "%", right, "more"),
        Figure(f"{name}: wrong", each * counted["wrong"], "%", wrong),
        Figure(f"{name}: held back", each * counted["held back"], "%"),
    ]


def _cases(outcomes: list[Outcome], scored: dict[str, Any]) -> list[dict[str, Any]]:
    """Every scored question with its verdict, and for those not right with the parse or why there is none."""
    judged = {d["id"]: d for d in scored["judged"]}
    cases = []
    for outcome in outcomes:
        question = outcome.question
        found = judged.get(question["id"])
        if found is None:
            continue  # gold without rows is left out by the scorer
        answered = found["status"] == "answered"
        verdict = ("right" if found["contains"] else "wrong") if answered else "held back"
        case = {
            "id": question["id"], "db": question["db"], "question": question["question"], "verdict": verdict,
            "family": family_of(question["category"]), "single_table": question["single_table"],
        }  # fmt: skip
        cases.append(case if verdict == "right" else {**case, "parse": parse_of(outcome)})
    return cases


def parse_of(outcome: Outcome) -> str:
    """How a question was read: the query, or the reason why there is none."""
    decision = outcome.decision
    if isinstance(decision, Plan):
        args = {step.tool: step.args for step in decision.steps.values()}
        return json.dumps(args, ensure_ascii=False, default=str)[:_LONGEST] + f" {outcome.error}".rstrip()
    return getattr(decision, "reason", "") or getattr(decision, "question", "")
