"""Clauses inside clauses: several wordings of one question give the rows of one query, and no wording a wrong one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from agent.brain import PlanContext
from agent.builtin.planner import plan
from agent.plan import Plan
from agent.view import WorkspaceView, WorkspaceViews
from ingestion.pipeline import ingest
from store.principal import LOCAL_OWNER
from tools import registry
from tools.registry import ToolContext
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.workspace import named

HERE = Path(__file__).parent
CASES = yaml.safe_load((HERE / "clauses.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def cellar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WorkspaceView, DuckDBEngine, Path]]:
    home = tmp_path_factory.mktemp("cellar")
    file = home / "cellar.duckdb"
    with duckdb.connect(str(file)) as made:
        made.execute((HERE / "clauses.sql").read_text("utf-8"))
    ingest(named("cellar", home), [file])
    with closing(DuckDBEngine()) as engine:
        yield WorkspaceViews(home).get("cellar"), engine, file


@pytest.fixture(scope="module")
def ask(cellar: tuple[WorkspaceView, DuckDBEngine, Path]) -> Callable[[str], list[tuple[Any, ...]] | None]:
    """The rows of a question's first step; None when it is not answered."""
    view, engine, _ = cellar

    def asked(question: str) -> list[tuple[Any, ...]] | None:
        context = PlanContext(
            question=question, model=view.model, profile=view.profile, values=view.values, principal=LOCAL_OWNER,
            as_of=datetime(2024, 7, 1, 12), as_of_given=True,
        )  # fmt: skip
        decision = plan(context)
        if not isinstance(decision, Plan):
            return None
        step = decision.steps["s1"]
        run = ToolContext(
            workspace=view.workspace, principal=LOCAL_OWNER, model=view.model, profile=view.profile,
            engine=engine, snapshot=view.snapshot, as_of=context.as_of,
        )  # fmt: skip
        table = registry.get(step.tool).run(run, step.args).main()
        return [tuple(row) for row in table.rows] if table is not None else None

    return asked


def _plain(value: Any) -> Any:
    try:
        return round(float(value), 6)
    except (TypeError, ValueError):
        return str(value)


def _columns(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    return [[_plain(r[k]) for r in rows] for k in range(len(rows[0]))] if rows else []


def _told(got: list[tuple[Any, ...]], wanted: list[tuple[Any, ...]], *, ordered: bool) -> bool:
    """Whether the wanted columns are among the rows that were given, and no further rows."""
    if len(got) != len(wanted):
        return False
    have = _columns(got)
    if ordered:
        return all(column in have for column in _columns(wanted))
    return all(sorted(map(str, c)) in [sorted(map(str, h)) for h in have] for c in _columns(wanted))


@pytest.mark.parametrize("family", CASES["families"], ids=lambda f: f["family"])
def test_wordings_of_a_family(family: dict[str, Any], ask: Any, cellar: Any) -> None:
    """No wording gives wrong rows, and at least four of five are understood."""
    sql, wordings = family["rows"], family["wordings"]
    with duckdb.connect(str(cellar[2]), read_only=True) as stored:
        wanted = stored.execute(sql).fetchall()
    answers = {w: ask(w) for w in wordings}
    wrong = {
        w: rows for w, rows in answers.items() if rows is not None and not _told(rows, wanted, ordered="ORDER" in sql)
    }
    assert not wrong
    understood = [w for w, rows in answers.items() if rows is not None]
    assert len(understood) >= len(wordings) - 1, [w for w in wordings if w not in understood]


@pytest.mark.parametrize("question", CASES["unanswerable"])
def test_words_nobody_explains_are_never_passed_over(question: str, ask: Any) -> None:
    assert ask(question) is None
