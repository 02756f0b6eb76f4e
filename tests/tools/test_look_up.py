"""Looking up tells what a source says, in its words, and nothing that no source says."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from agent.brain import PlanContext, TellContext
from agent.builtin import narrate
from agent.builtin.bench import Bench
from agent.builtin.planner import plan
from agent.builtin.suggest import suggest
from agent.claims import render
from agent.plan import Decline, Plan
from agent.view import WorkspaceView, WorkspaceViews
from ingestion.pipeline import ingest
from knowledge.packs import load
from store.errors import UnknownName
from store.principal import LOCAL_OWNER, Principal
from tools import registry
from tools.binding import install as packing
from tools.binding import known
from tools.evidence import Evidence
from tools.look_up import excerpt
from tools.registry import ToolContext
from warehouse.workspace import named

AS_OF = datetime(2026, 7, 1, 12)
OWN = """\
passages:
  own#returns: {title: Return rates of web shops, text: "In 2024 web shops took back 15 to 30 % of the units sold."}
benchmarks:
  returns_online:
    metric: return_rate
    range: [15, 30]
    unit: percent
    population: web shops of one association
    year: 2024
    source: {title: Yearbook, publisher: The association, year: 2024, address: "https://example.org/x"}
    passage: own#returns
"""


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> WorkspaceView:
    folder = tmp_path_factory.mktemp("known")
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT i AS order_line_id, i // 2 AS order_id, DATE '2026-01-01' + (i % 170)::INT AS order_date,"
            " (i % 7)::INT + 1 AS quantity, (i % 50)::DECIMAL(9, 2) + 5 AS net_amount, (i % 3 = 0)::INT AS"
            " returned_quantity, ['completed', 'cancelled'][1 + (i % 9 = 0)::INT] AS status FROM range(600) r(i))"
            f" TO '{folder}/order_lines.csv'"
        )
    place = named("shop", folder / "home")
    ingest(place, [folder / "order_lines.csv"])
    packing.install(place, load.find("retail", Path("/nowhere")), today=date(2026, 7, 1))
    packing.change(place, "retail", OWN, today=date(2026, 7, 1))
    return WorkspaceViews(folder / "home").get("shop")


def asking(view: WorkspaceView, question: str) -> PlanContext:
    return PlanContext(
        question=question, model=view.model, profile=view.profile, values=view.values, principal=LOCAL_OWNER,
        as_of=AS_OF, known=known.of(view.workspace, view.model),
    )  # fmt: skip


def called(view: WorkspaceView, args: dict[str, Any], who: Principal = LOCAL_OWNER) -> Evidence:
    engine: Any = None  # looking up reads no data
    context = ToolContext(
        workspace=view.workspace, principal=who, model=view.model, profile=view.profile, engine=engine,
        snapshot=view.snapshot, as_of=AS_OF,
    )  # fmt: skip
    return registry.get("look_up").run(context, args)


def told(view: WorkspaceView, evidence: Evidence) -> str:
    made = Plan(intent="describe", steps={})
    draft = narrate.tell(TellContext(question="", plan=made, evidence=(evidence,), model=view.model, as_of=AS_OF))
    rendered = render(draft, evidence.tables)
    assert rendered.dropped == 0
    return rendered.text


@pytest.mark.parametrize(
    "question", ["What is sell-through?", "What does GMROI mean?", "define AOV", "what is meant by sell through rate?"]
)
def test_words_of_the_trade_are_looked_up(view: WorkspaceView, question: str) -> None:
    decision = plan(asking(view, question))
    assert isinstance(decision, Plan)
    assert [s.tool for s in decision.steps.values()] == ["look_up"]


def test_a_figure_with_a_name_is_told_and_explained(view: WorkspaceView) -> None:
    decision = plan(asking(view, "what is average order value?"))
    assert isinstance(decision, Plan)
    assert [s.tool for s in decision.steps.values()] == ["query_metrics", "look_up"]


def test_the_text_is_the_source_s_and_cites_it(view: WorkspaceView) -> None:
    found = called(view, {"topic": "sell-through"})
    assert told(view, found).count("[^aa]") == 2
    assert found.sources[0].title == "Sell-through"
    assert "divided by the units received" in found.sources[0].passage


def test_what_is_usual_stands_beside_the_own_figure(view: WorkspaceView) -> None:
    for question in (
        "How does our return rate compare with the industry?",
        "is our return rate high compared with similar businesses?",
        "what is a good return rate?",
    ):
        decision = plan(asking(view, question))
        assert isinstance(decision, Plan), question
        assert [s.tool for s in decision.steps.values()] == ["query_metrics", "look_up"]
    text = told(view, called(view, {"topic": "return_rate", "about": "benchmark"}))
    assert "15.0%" in text
    assert "30.0%" in text
    assert "web shops of one association" in text


def test_no_source_no_figure(view: WorkspaceView) -> None:
    decision = plan(asking(view, "How does our average order value compare with the industry?"))
    assert isinstance(decision, Decline)
    assert decision.code == "no_benchmark"
    with pytest.raises(UnknownName, match="no source"):
        called(view, {"topic": "average_order_value", "about": "benchmark"})


def test_a_benchmark_that_its_passage_no_longer_states_is_silent(view: WorkspaceView) -> None:
    packs = known.of(view.workspace, view.model)
    pack, binding = packs.packs[0]
    passages = tuple(p.model_copy(update={"text": "About 15 to 40 %."}) if p.id == "own#returns" else p
                     for p in pack.passages)  # fmt: skip
    changed = known.Known(((pack.model_copy(update={"passages": passages}), binding),), view.model)
    assert list(packs.benchmarks("return_rate"))
    assert not list(changed.benchmarks("return_rate"))


def test_nothing_is_made_up_about_unknown_words(view: WorkspaceView) -> None:
    assert not isinstance(plan(asking(view, "what is hedge accounting?")), Plan)
    with pytest.raises(UnknownName, match="hedge accounting"):
        called(view, {"topic": "hedge accounting"})


def test_playbooks_suggest_what_to_look_at(view: WorkspaceView) -> None:
    asked = asking(view, "Why did net revenue change last month?")
    context = TellContext(question="x", plan=Plan(intent="x", steps={}), evidence=(), model=view.model, as_of=AS_OF)
    found = suggest(context, Bench(asked, plan))
    assert "How many orders did we have yesterday?" in [s.question for s in found]


def test_an_excerpt_is_plain_text() -> None:
    assert excerpt("**Turn** is [fast](https://x.org).\n\n- a list\n\nMore `here`.") == "Turn is fast. More here."
