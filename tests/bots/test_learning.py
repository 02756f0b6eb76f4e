"""What somebody follows and mutes orders their messages: seen, deleted, and never another finding or number."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent import personal
from bots.digests import learning, proposals
from bots.digests.gather import Finding
from ingestion.pipeline import ingest
from store.principal import Principal
from tools.binding.uses import Recipe
from warehouse.model import store
from warehouse.workspace import named

ANN, BOB = Principal("ann", "Ann"), Principal("bob", "Bob")


def finding(text: str) -> Finding:
    return Finding(text[:8], "moved", "bad", "down", 0.5, 0.2, text, text, "Why?")


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Any:
    home = tmp_path_factory.mktemp("learning")
    rows = [f"{n},2026-0{1 + n % 9}-01,{('North', 'South')[n % 2]},{n}.5,{n % 3}" for n in range(90)]
    (home / "sales.csv").write_text("sale_id,sale_date,shop,amount,discount\n" + "\n".join(rows) + "\n")
    ingest(named("shop", home), [home / "sales.csv"])
    place = named("shop", home)
    return SimpleNamespace(workspace=place, model=store.load(place.model_file))


def test_following_puts_it_first_and_muting_takes_that_back(view: Any) -> None:
    found = [finding("Total amount fell."), finding("Total discount rose.")]
    assert learning.ordered(view, ANN, found) == found
    for _ in range(2):
        learning.learn(view, ANN, "followed", "Total discount of South rose.")
    first = learning.ordered(view, ANN, found)
    assert [f.text for f in first] == ["Total discount rose.", "Total amount fell."] and set(first) == set(found)
    assert learning.ordered(view, BOB, found) == found, "what one reader cares for is theirs alone"
    assert any("discount" in name for name in personal.of(view.workspace, ANN).learned), "it can be seen"
    learning.learn(view, ANN, "muted", "Total discount rose.")
    assert learning.ordered(view, ANN, found) == found


def test_nothing_is_learned_where_learning_is_off(view: Any) -> None:
    cid = Principal("cid", "Cid")
    personal.change(view.workspace, cid, learning=False)
    learning.learn(view, cid, "followed", "Total discount rose.")
    assert personal.of(view.workspace, cid).learned == {}


def test_the_words_of_a_quiet_message_are_none() -> None:
    assert learning.told({"items": []}) == "" and learning.told({"items": [{"text": "a"}]}, 0) == "a"


def test_packs_propose_only_what_the_reader_sees(view: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    metric = next(iter(view.model.metrics), "") or next(m for t in view.model.tables.values() for m in t.measures)
    given = Recipe("retail", "morning", "Morning", "owner", "quarterly", (metric, "hidden"), ("sales.shop", "x.y"),
                   ((metric, "above", 10.0), (metric, "below", 3.0), ("hidden", "above", 1.0)),
                   ("Returns",))  # fmt: skip
    nothing = Recipe("retail", "other", "Other", "owner", "daily", ("hidden",), (), (), ())
    monkeypatch.setattr("tools.binding.uses.recipes", lambda workspace: [given, nothing])
    (one,) = proposals.proposals(view.workspace, view.model)
    assert (one["id"], one["cadence"], one["missing"]) == ("retail.morning", "quarterly", ["Returns"])
    assert one["recipe"]["metrics"] == [metric] and one["recipe"]["by"] == ["sales.shop"]
    assert [(g["metric"], g["goal"]) for g in one["recipe"]["goals"]] == [(metric, 10.0)]


def test_a_new_home_knows_of_nobody(view: Any, tmp_path: Path) -> None:
    assert personal.of(view.workspace, Principal("eve", "Eve")).learned == {}
