"""The retrieval suite: which tables a question needs, found by words and by meaning in a schema too large to show."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources

import yaml

from agent.llm import meanings, retrieve
from evals.result import Figure, SuiteResult
from warehouse.model.schema import SemanticModel

FIRST = 5


def run() -> SuiteResult:
    """Questions that name a table otherwise than the schema does, and others that use its words."""
    book = yaml.safe_load(resources.files("evals.llm").joinpath("retrieval.yaml").read_text("utf-8"))
    model = model_of(book["tables"])
    cases = []
    for kind in ("meant", "named"):
        for question, table in book[kind].items():
            by_words = retrieve.tables_for(model, question, near=[])
            both = retrieve.tables_for(model, question, near=meanings.ranked(model, question, wait=True))
            found = {"words": table in by_words[:FIRST], "both": table in both[:FIRST]}
            verdict = "right" if found["both"] else "wrong"
            cases.append({"kind": kind, "question": question, "table": table, "verdict": verdict, **found})

    def share(kind: str, wanted: Callable[[dict[str, object]], object]) -> float:
        of = [c for c in cases if c["kind"] == kind]
        return 100 * sum(bool(wanted(c)) for c in of) / len(of)

    return SuiteResult("retrieval", "quality", [
        Figure("tables", len(model.tables), ""),
        Figure("questions", len(cases), ""),
        Figure("other words: table among the first five, by words", share("meant", lambda c: c["words"]), "%"),
        Figure("other words: by words and meaning", share("meant", lambda c: c["both"]), "%", 80, "more"),
        Figure("the schema's words: by words", share("named", lambda c: c["words"]), "%"),
        Figure("the schema's words: by words and meaning", share("named", lambda c: c["both"]), "%", 100, "more"),
    ], cases)  # fmt: skip


def model_of(tables: dict[str, str]) -> SemanticModel:
    """A model of tables with their fields, a word or two each."""
    made = {
        name: {
            "source": name, "key": [f"{name}_id"],
            "dimensions": {f: {"type": "text"} for f in fields.split()},
        }
        for name, fields in tables.items()
    }  # fmt: skip
    return SemanticModel.model_validate({"model": "company", "tables": made})
