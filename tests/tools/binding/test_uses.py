"""What packs offer beyond answers: digest recipes in the model's words, checks of the data, news after new data."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.packs import load
from tools.binding import install, shelf, uses
from tools.registry import ToolContext
from warehouse.lake import Lake
from warehouse.model import store
from warehouse.workspace import named


@pytest.fixture
def shop_with_pack(context: ToolContext, tmp_path: Path) -> ToolContext:
    """A copy of the small demo with its pack."""
    place = named("demo-retail", tmp_path)
    shutil.copytree(context.workspace.root, place.root)
    install.install(place, load.find("retail"))
    return replace(
        context, workspace=place, model=store.load(place.model_file), snapshot=Lake.open(place.lake).current()
    )


def test_recipes_name_what_the_model_has(shop_with_pack: ToolContext) -> None:
    model = shop_with_pack.model
    known = {*model.metrics, *(m for t in model.tables.values() for m in t.measures)}
    found = uses.recipes(shop_with_pack.workspace)
    assert found
    for one in found:
        assert one.metrics and set(one.metrics) <= known
        assert all(f.split(".")[0] in model.tables for f in one.by)


def test_rules_are_held_against_the_data(shop_with_pack: ToolContext) -> None:
    found = uses.quality(shop_with_pack)
    assert found and all(b.rows > 0 for b in found)
    assert all(b.broken is not None and 0 <= b.broken <= b.rows for b in found)


def test_no_news_until_the_data_changes(shop_with_pack: ToolContext, monkeypatch: pytest.MonkeyPatch) -> None:
    assert uses.news(shop_with_pack.workspace) == []
    early = shelf.record(shop_with_pack.workspace, "retail")
    lost = {n: m.model_copy(update={"status": "missing"}) for n, m in early.binding.metrics.items()}
    told = early.model_copy(
        update={"at": datetime.now(UTC) - timedelta(days=4000),
                "binding": early.binding.model_copy(update={"metrics": lost})}
    )  # fmt: skip
    monkeypatch.setattr(shelf, "record", lambda _place, _name: told)
    found = uses.news(shop_with_pack.workspace)
    assert [n.pack for n in found] == ["retail"] and len(found[0].more) > 10 and not found[0].fewer


def test_binding_again_changes_nothing(shop_with_pack: ToolContext) -> None:
    before = shop_with_pack.workspace.model_file.read_bytes()
    assert install.rebound(shop_with_pack.workspace, "retail").metrics
    assert shop_with_pack.workspace.model_file.read_bytes() == before
