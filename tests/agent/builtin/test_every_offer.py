"""Whatever is offered as a question is answered: starters, nearest questions and completions, on three schemas."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from agent.brain import PlanContext
from agent.builtin.lexicon import lexicon_of
from agent.builtin.planner import plan
from agent.builtin.refusals import nearest
from agent.plan import Plan
from agent.typeahead import complete
from agent.view import WorkspaceView, WorkspaceViews
from ingestion.demo import build_demo
from ingestion.pipeline import ingest
from store import settings
from store.principal import LOCAL_OWNER
from warehouse.workspace import named

TODAY = datetime(2026, 11, 21, 12)
OUTSIDE = ("geography", "restaurants")
UNANSWERED = (
    "why is the sky blue", "revenue of gnomes", "population and area of everything", "best strategy for prices",
    "customers by mood", "rating per galaxy", "what should we do about rivers and orders", "",
)  # fmt: skip
TYPED = ("re", "rev", "total", "number of", "pop", "rating", "how many", "top")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> WorkspaceView:
    home = tmp_path_factory.mktemp("demo")
    build_demo("retail", named("demo", home), last_day=TODAY.date(), scale=0.02)
    return WorkspaceViews(home).get("demo")


@pytest.fixture(scope="module", params=OUTSIDE)
def outside(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> WorkspaceView:
    file = Path(settings.get("data")) / "nlq" / "defog" / "db" / f"{request.param}.duckdb"
    if not file.exists():
        pytest.skip("the outside question sets are not there")
    home = tmp_path_factory.mktemp(request.param)
    ingest(named(request.param, home), [file])
    return WorkspaceViews(home).get(request.param)


def _unplanned(view: WorkspaceView) -> list[str]:
    """The offered questions that make no plan."""
    lexicon = lexicon_of(view.model)
    offered = [*view.model.starters, *(q for text in UNANSWERED for q in nearest(lexicon, text))]
    offered += [q for starter in view.model.starters for q in nearest(lexicon, starter)]
    completions = [c for text in TYPED for c in complete(text, view.model, view.values, limit=20)]
    offered += [c.text for c in completions if c.kind == "question"]
    context = PlanContext("", view.model, view.profile, view.values, LOCAL_OWNER, TODAY, True)
    return [q for q in dict.fromkeys(offered) if not isinstance(plan(context.asking(q)), Plan)]


def test_every_offer_on_the_demo_is_answered(demo: WorkspaceView) -> None:
    assert demo.model.starters
    assert _unplanned(demo) == []


@pytest.mark.data
def test_every_offer_on_an_outside_schema_is_answered(outside: WorkspaceView) -> None:
    assert outside.model.starters
    assert _unplanned(outside) == []
