"""A saved segment is a word of the workspace: usable in any figure, kept by a reload, undone by forgetting it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from agent.view import WorkspaceViews
from ingestion.pipeline import ingest
from store.errors import InvalidRequest, QueryRefused, UnknownName
from store.principal import LOCAL_OWNER, Principal
from tools.evidence import Evidence
from tools.factbook.book import problems
from tools.registry import ToolContext, get
from tools.segments.tool import SegmentsArgs, segmented
from warehouse.engines.base import Engine
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.model import history
from warehouse.model import store as model_store
from warehouse.model.schema import Policy

NAME = "at-risk customers"


@pytest.fixture
def home(shop_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop_home, tmp_path / "home"))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = DuckDBEngine(workers=1)
    yield made
    made.close()


def seen(home: Path, engine: Engine, who: Principal = LOCAL_OWNER) -> ToolContext:
    """The workspace as the next question meets it."""
    view = WorkspaceViews(home).get("shop")
    return ToolContext(view.workspace, who, view.model, view.profile, engine, view.snapshot, datetime(2026, 11, 1, 9))


def save(context: ToolContext, name: str = NAME, only: str = "At risk") -> Evidence:
    return get("save_segment").run(context, {"name": name, "skill": "segments", "args": {"only": only}})


def revenue(context: ToolContext, **more: object) -> list[list[object]]:
    query = {"metrics": [{"metric": "revenue"}], "filters": [{"term": NAME}], **more}
    main = get("query_metrics").run(context, {"query": query}).main()
    assert main is not None
    return main.rows


def test_a_saved_segment_answers_any_question_and_is_forgotten_again(home: Path, engine: Engine) -> None:
    context = seen(home, engine)
    members = segmented(context, SegmentsArgs()).members("At risk")
    spent = sum(segmented(context, SegmentsArgs()).columns["amount"][members])
    before = model_store.load(context.workspace.model_file)
    saved = save(context)
    assert problems(saved) == []
    assert saved.rows == len(members)
    after = seen(home, engine)
    assert float(str(revenue(after)[0][0])) == pytest.approx(spent, rel=1e-9)
    split = revenue(after, dimensions=[{"field": "customers.country"}])
    assert sum(float(str(r[1])) for r in split) == pytest.approx(spent, rel=1e-9)
    assert any("saved" in v.why for v in history.versions(context.workspace))
    get("forget_segment").run(after, {"name": "At risk customers"})
    again = seen(home, engine)
    assert model_store.load(context.workspace.model_file) == before
    assert "saved_at_risk_customers" not in again.snapshot.tables
    assert set(again.profile.tables) == {"customers", "orders"}
    with pytest.raises(UnknownName):
        get("forget_segment").run(again, {"name": NAME})


def test_saving_again_renews_the_list_and_a_reload_keeps_it(home: Path, engine: Engine, shop_home: Path) -> None:
    save(seen(home, engine))
    first = float(str(revenue(seen(home, engine))[0][0]))
    save(seen(home, engine), only="Champions")
    expected = revenue(seen(home, engine))
    assert float(str(expected[0][0])) > first
    assert list(seen(home, engine).model.filters) == [NAME]
    ingest(seen(home, engine).workspace, [shop_home.parent / "orders.csv"])
    after = seen(home, engine)
    assert revenue(after) == expected
    assert list(after.model.tables["saved_at_risk_customers"].joins) == []


def test_who_may_save_and_under_which_name(home: Path, engine: Engine) -> None:
    with pytest.raises(QueryRefused) as caught:
        save(seen(home, engine, Principal(user_id="v", name="Viewer", role="analyst")))
    assert caught.value.code == "model_role"
    for taken in ("revenue", "Customers", "orders"):
        with pytest.raises(InvalidRequest) as refused:
            save(seen(home, engine), name=taken)
        assert refused.value.code == "name_taken"
    with pytest.raises(InvalidRequest, match="which segment"):
        get("save_segment").run(seen(home, engine), {"name": "sleepers", "args": {}})
    with pytest.raises(InvalidRequest):
        get("save_segment").run(seen(home, engine), {"name": "sleepers", "args": {"onyl": "Lost"}})


def test_nothing_is_saved_from_part_of_the_rows(home: Path, engine: Engine) -> None:
    context = seen(home, engine)
    path = context.workspace.model_file
    policy = Policy(name="mine", table="customers", where="country = :country")
    model = model_store.load(path).model_copy(update={"policies": (policy,)})
    history.save(context.workspace, model, why="policy")
    with pytest.raises(QueryRefused) as caught:
        save(seen(home, engine))
    assert caught.value.code in ("policy_rows", "policy_attribute")
