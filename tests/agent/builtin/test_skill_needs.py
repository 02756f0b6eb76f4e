"""A table without dates, customers, steps or formulas: each skill says plainly what it lacks."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pytest

from agent import claims
from agent.brain import PlanContext, TellContext
from agent.builtin.narrate import tell
from agent.builtin.planner import plan
from agent.plan import Decline, Plan
from agent.view import WorkspaceView, WorkspaceViews
from ingestion.pipeline import ingest
from store.errors import InvalidRequest, NotEnough, PlainsayError
from store.principal import LOCAL_OWNER
from tools.factbook.book import problems
from tools.links import rows
from tools.registry import ToolContext, get
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.workspace import named

AS_OF = datetime(2026, 11, 21, 9, 0)
NO_DATE = "I see no column with a date in employees"
NOBODY = "neither a date nor a customer"
REFUSED = (
    ("What will salary be next month?", NO_DATE), ("Forecast salary", NO_DATE),
    ("Anything unusual in salary?", NO_DATE), ("Any spikes in salary?", NO_DATE),
    ("Why did salary drop last month?", NO_DATE), ("What drove the change in salary?", NO_DATE),
    ("Will we reach 6 million salary this month?", NO_DATE), ("Is salary trending up?", NO_DATE),
    ("How do our departments compare like for like?", NO_DATE),
    ("Who are my best customers?", NOBODY), ("Segment our customers", NOBODY),
    ("How many new customers come back?", NOBODY), ("How long do customers stay with us?", NOBODY),
    ("Which customers are about to leave?", "a column that says who left"),
    ("What is a customer worth?", NOBODY), ("What is the lifetime value by segment?", NOBODY),
    ("What if orders fall by 10%?", "a formula that links figures"),
)  # fmt: skip
ARGS = {
    "pacing": {"metric": "salary", "goal": 10, "period": "month"}, "reach": {"goal": 10},
    "benchmark": {"metric": "salary", "by": "employees.department"}, "trend": {"metric": "salary"},
    "forecast": {"metric": "salary"}, "anomalies": {"metric": "salary"}, "insights": {},
    "explain_change": {"metric": "salary"}, "segments": {}, "cohorts": {}, "survival": {}, "funnel": {},
    "churn_risk": {}, "lifetime_value": {},
    "what_if": {"metric": "salary", "changes": [{"metric": "average_age", "by": "0.1"}]},
}  # fmt: skip


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> WorkspaceView:
    folder = tmp_path_factory.mktemp("staff")
    staff, series = folder / "employees.csv", folder / "series.csv"
    rng = np.random.default_rng(5)
    with staff.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["employee_id", "department", "salary", "age", "rating"])
        for i in range(1, 301):
            age = int(rng.integers(22, 64))
            pay = 28_000 + 700 * age + float(rng.normal(0, 6_000))
            out.writerow([i, ("Sales", "IT", "Finance")[i % 3], round(pay), age, round(float(rng.uniform(1, 5)), 1)])
    with series.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["series", *(f"V{i}" for i in range(1, 25))])
        for i in range(1, 4):
            out.writerow([f"M{i}", *(round(100 * i + float(rng.normal(0, 5)), 1) for _ in range(24))])
    ingest(named("staff", folder), [staff])
    ingest(named("wide", folder), [series])
    return WorkspaceViews(folder).get("staff")


@pytest.fixture(scope="module")
def tools(view: WorkspaceView) -> Iterator[ToolContext]:
    engine = DuckDBEngine(workers=1)
    yield ToolContext(view.workspace, LOCAL_OWNER, view.model, view.profile, engine, view.snapshot, AS_OF)
    engine.close()


def _context(view: WorkspaceView) -> PlanContext:
    return PlanContext(
        question="", model=view.model, profile=view.profile, values=view.values, principal=LOCAL_OWNER, as_of=AS_OF
    )


@pytest.mark.parametrize(("question", "said"), REFUSED)
def test_a_skill_names_what_is_missing(view: WorkspaceView, question: str, said: str) -> None:
    decision = plan(_context(view).asking(question))
    assert isinstance(decision, Decline), decision
    assert said in decision.reason
    assert decision.code in ("no_time", "no_entity", "no_events", "no_formula")


@pytest.mark.parametrize("name", sorted(ARGS))
def test_a_skill_called_by_itself_refuses_plainly(tools: ToolContext, name: str) -> None:
    with pytest.raises(PlainsayError) as caught:
        get(name).run(tools, ARGS[name])
    assert not any(w in caught.value.message for w in ("Error", "None", "SELECT", "Traceback", "Binder"))
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize("question", ["What is the average salary?", "How many employees are there?", "Hello"])
def test_other_questions_are_answered_or_declined_as_before(view: WorkspaceView, question: str) -> None:
    decision = plan(_context(view).asking(question))
    assert not isinstance(decision, Decline) or decision.code not in ("no_time", "no_entity")


def test_one_series_per_row_is_recognised(view: WorkspaceView) -> None:
    wide = WorkspaceViews(view.workspace.root.parent.parent).get("wide")
    decision = plan(_context(wide).asking("forecast the next 12 months"))
    assert isinstance(decision, Decline)
    assert "The columns v1 to v24 look like one series per row" in decision.reason


def test_numbers_of_the_same_records_are_held_side_by_side(view: WorkspaceView, tools: ToolContext) -> None:
    decision = plan(_context(view).asking("Is salary related to age?"))
    assert isinstance(decision, Plan)
    found = get("correlate").run(tools, decision.steps["s1"].args)
    assert problems(found) == []
    rendered = claims.render(
        tell(TellContext(question="?", plan=decision, evidence=(found,), model=view.model, as_of=AS_OF)), found.tables
    )
    assert rendered.dropped == 0
    assert claims.LINK.sub(lambda link: link[1], rendered.text).startswith(
        "The higher the salary, the higher the age: they go together closely (rank correlation 0."
    )


def test_rank_correlation_is_that_of_scipy_and_noise_is_no_link() -> None:
    from scipy.stats import spearmanr

    rng = np.random.default_rng(1)
    one = rng.normal(size=400)
    other = np.round(one * 0.5 + rng.normal(size=400), 1)
    found = rows.measured("x", one, other)
    assert found is not None
    assert found.r == pytest.approx(float(spearmanr(one, other).statistic), abs=1e-12)
    assert found.low < found.r < found.high
    held = []
    for _ in range(200):
        pairs = [rows.measured(str(n), *rng.normal(size=(2, 80))) for n in range(5)]
        held.append(any(k.holds for k in rows.decided([k for k in pairs if k is not None])))
    assert np.mean(held) <= 0.15
    assert rows.measured("x", one[:20], other[:20]) is None
    assert rows.measured("x", one, np.ones(400)) is None


def test_links_over_records_are_refused_with_a_reason(tools: ToolContext) -> None:
    with pytest.raises(NotEnough, match="no single number"):
        rows.linked(tools, "employees", (), ())
    with pytest.raises(InvalidRequest, match="same records"):
        rows.linked(tools, "salary", ("salary",), ())
