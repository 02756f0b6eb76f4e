"""Every sentence of many plans over the demo and three odd little models reads as English and has its receipts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from agent import claims
from agent.brain import PlanContext, TellContext
from agent.builtin import narrate
from agent.builtin.bench import Bench
from agent.builtin.planner import plan as planner
from agent.builtin.suggest import suggest
from agent.check import CheckContext, inspect
from agent.plan import Plan, Step
from agent.view import WorkspaceView, WorkspaceViews
from ingestion.pipeline import ingest
from store.errors import PlainsayError
from store.principal import LOCAL_OWNER
from tools import registry
from tools.evidence import Evidence
from tools.registry import ToolContext
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.workspace import named

AS_OF = datetime(2026, 11, 21, 9)
ODD = {
    # ties, a nameless group, a negative and a zero
    "ledger": "entry_id,entry_date,account,amount\n"
    "1,2026-01-05,Rent,-100\n2,2026-02-05,Rent,-100\n3,2026-03-01,Sales,250.5\n"
    "4,2026-04-02,,250.5\n5,2026-05-02,Fees,0\n6,2026-06-02,Gifts,250.5\n",
    # one row, one group
    "single": "visit_id,visit_date,room,score\n1,2026-07-01,Blue *room* [x],4\n",
    # growth from zero, numbers as names, huge figures
    "plant": "run_id,run_date,line,output\n"
    "1,2025-06-01,7,0\n2,2026-06-01,7,9000000000000\n3,2026-06-02,8,1\n4,2026-06-03,8,2\n",
}
TIMES: tuple[dict[str, Any] | None, ...] = (
    None,
    {"start": "2026-01-01", "end": "2027-01-01"},
    {"start": "2026-10-01", "end": "2026-11-01"},
    {"start": "2031-01-01", "end": "2032-01-01"},
    {"grain": "month", "start": "2026-01-01", "end": "2027-01-01"},
    {"grain": "year"},
)
EXTRAS: tuple[dict[str, Any], ...] = ({}, {"top": 1}, {"top": 3, "low": True}, {"compare": True}, {"share": True})


@dataclass
class Stage:
    """The views of all models and one engine."""

    views: WorkspaceViews
    engine: DuckDBEngine

    def evidence(self, view: WorkspaceView, query: dict[str, Any]) -> Evidence | None:
        context = ToolContext(
            workspace=view.workspace, principal=LOCAL_OWNER, model=view.model, profile=view.profile,
            engine=self.engine, snapshot=view.snapshot, as_of=AS_OF,
        )  # fmt: skip
        try:
            found: Evidence = registry.get("query_metrics").run(context, {"query": query})
        except PlainsayError:
            return None
        return inspect(found, CheckContext(view.model, view.profile, AS_OF))


@pytest.fixture(scope="module")
def stage(retail_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    home = tmp_path_factory.mktemp("odd")
    for name, text in ODD.items():
        file = home / f"{name}.csv"
        file.write_text(text, encoding="utf-8")
        ingest(named(name, home), [file])
    (home / "workspaces" / "demo-retail").symlink_to(retail_home / "workspaces" / "demo-retail")
    engine = DuckDBEngine(workers=1)
    yield Stage(WorkspaceViews(home), engine)
    engine.close()


def queries(view: WorkspaceView) -> Iterator[dict[str, Any]]:
    for name, table in list(view.model.tables.items())[:1]:
        measures = [m for m, s in table.measures.items()][:3]
        groups = [d for d, s in table.dimensions.items() if s.groupable and not s.pii][:2]
        shapes: list[list[str]] = [[], *([g] for g in groups), groups]
        for metrics, by, time, extra in product([measures[:1], measures[:2]], shapes, TIMES, EXTRAS):
            made = _query(name, metrics, by, time, extra)
            if made is not None:
                yield made


def _query(
    table: str, metrics: list[str], by: list[str], time: dict[str, Any] | None, extra: dict[str, Any]
) -> dict[str, Any] | None:
    if not metrics or (extra and not by and "compare" not in extra) or ("compare" in extra and time is None):
        return None
    query: dict[str, Any] = {"metrics": [{"metric": m} for m in metrics]}
    query |= {"dimensions": [{"field": f"{table}.{d}"} for d in by]} if by else {}
    query |= {"time": time} if time else {}
    query |= {"compare": {"to": "same_date_last_year"}} if "compare" in extra else {}
    query |= {"transforms": [{"kind": "share", "of": metrics[0]}]} if "share" in extra else {}
    if "top" in extra:
        query["top"] = {"n": extra["top"], "by": metrics[0], "bottom": extra.get("low", False)}
        query["order"] = [{"by": metrics[0], "desc": not extra.get("low", False)}]
    return query


def faults(text: str) -> list[str]:
    """What is wrong with a told text, read as a person would."""
    plain = claims.LINK.sub(lambda m: m.group(1), text)
    found = [name for name, pattern in BAD.items() if re.search(pattern, plain)]
    for paragraph in plain.split("\n\n"):
        if not paragraph.endswith("."):
            found.append("no full stop")
        if not (paragraph[0].isupper() or paragraph[0] in "(0123456789\\" or not paragraph[0].isalpha()):
            found.append("no capital")
    bare = plain.replace("\\[", "").replace("\\]", "")
    if bare.count("(") != bare.count(")") or bare.count("[") != bare.count("]"):
        found.append("unbalanced brackets")
    return found


BAD = {
    "double space": r"  ",
    "None": r"\bNone\b",
    "space before a mark": r" [.,;:]",
    "double mark": r"[.,;:][.,;:]",
    "one of many": r"\b(?:are|were) 1 |\b1 (?:rows|orders|stores|products)\b",
    "many of one": r"\b(?:is|was) (?:0|[2-9]|\d\d+) (?:row|order|store|product)\b",
}


@pytest.mark.parametrize("name", ["demo-retail", *ODD])
def test_every_text_reads_well(stage: Stage, name: str) -> None:
    view = stage.views.get(name)
    told = 0
    for query in list(queries(view))[:: 19 if name == "demo-retail" else 5]:
        evidence = stage.evidence(view, query)
        if evidence is None or evidence.refusal:
            continue
        plan = Plan(intent="x", steps={"s1": Step(tool="query_metrics", args={"query": query})})
        draft = narrate.tell(TellContext("q", plan, (evidence,), view.model, AS_OF))
        rendered = claims.render(draft, evidence.tables)
        assert rendered.dropped == 0, query
        assert rendered.text, query
        assert faults(rendered.text) == [], (rendered.text, query)
        assert not re.search(r"\d", claims.LINK.sub("", rendered.text)), (rendered.text, query)
        told += 1
    assert told > 5


@pytest.mark.parametrize("name", ["demo-retail", *ODD])
def test_every_suggestion_is_a_plan_and_not_the_question(stage: Stage, name: str) -> None:
    view = stage.views.get(name)
    context = PlanContext("q", view.model, view.profile, view.values, LOCAL_OWNER, AS_OF, True)
    bench = Bench(context, planner)
    checked = 0
    for query in list(queries(view))[:: 60 if name == "demo-retail" else 25]:
        evidence = stage.evidence(view, query)
        if evidence is None:
            continue
        plan = Plan(intent="x", steps={"s1": Step(tool="query_metrics", args={"query": query})})
        offered = suggest(TellContext("Revenue by channel", plan, (evidence,), view.model, AS_OF), bench)
        questions = [s.question for s in offered]
        assert len(questions) <= 4 and len(set(questions)) == len(questions)
        assert all(isinstance(bench.plan(q), Plan) for q in questions), questions
        assert all(q.casefold() != "revenue by channel" for q in questions)
        checked += 1
    assert checked > 1
