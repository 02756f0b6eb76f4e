"""A demo is made with its industry's pack, and what the five packs promise is in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingestion.demo import INDUSTRIES
from knowledge.packs import load
from knowledge.packs.check import check
from tools import demos
from tools.binding import shelf
from warehouse.model import store
from warehouse.workspace import Workspace

LAST_DAY = date(2026, 11, 20)
GROWN = [i for i in INDUSTRIES if i not in demos.AUTHORED]


@pytest.mark.parametrize("industry", INDUSTRIES)
def test_packs_are_sound_and_deep(industry: str) -> None:
    pack = load.load(load.find(industry, Path("/nowhere")))
    assert [f for f in check(pack) if f.severity == "error"] == []
    assert len(pack.metrics) >= 25
    assert len(pack.trees) >= 3
    assert len(pack.passages) >= 25
    assert len(pack.playbooks) >= 3
    assert {role: len(asked) >= 15 for role, asked in pack.questions.items()} == dict.fromkeys(
        ("owner", "manager", "analyst", "executive"), True
    )
    assert pack.segments
    assert pack.quality
    assert pack.events
    assert pack.digests


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workspace]:
    home = tmp_path_factory.mktemp("made")
    there = {i: Workspace(f"demo-{i}", home / f"demo-{i}") for i in INDUSTRIES}
    for industry, workspace in there.items():
        demos.make(industry, workspace, last_day=LAST_DAY, scale=0.002 if industry == "retail" else 0.04)
    return there


@pytest.mark.parametrize("industry", GROWN)
def test_a_pack_is_bound_to_its_demo(made: dict[str, Workspace], industry: str) -> None:
    """All of it at full size; a demo this small lacks a few values, such as alerts that are still open."""
    workspace = made[industry]
    found = shelf.record(workspace, industry).binding.metrics
    bound = {name for name, metric in found.items() if metric.status in ("bound", "assumed")}
    assert len(bound) >= 0.9 * len(found), set(found) - bound
    model = store.load(workspace.model_file)
    measures = {m for t in model.tables.values() for m in t.measures}
    assert bound <= measures | set(model.metrics)
    assert model.driver_trees
    assert model.starters


@pytest.mark.parametrize("industry", GROWN)
def test_a_demo_is_ready_only_with_its_pack(made: dict[str, Workspace], industry: str, tmp_path: Path) -> None:
    assert demos.is_ready(industry, made[industry])
    assert not demos.is_ready(industry, Workspace("demo", tmp_path / "none"))


def test_patients_are_never_shown(made: dict[str, Workspace]) -> None:
    model = store.load(made["healthcare"].model_file)
    keys = [t.dimensions["patient_key"] for t in model.tables.values() if "patient_key" in t.dimensions]
    assert keys
    assert all(k.pii and not k.groupable and k.sample == 0 for k in keys)


def test_a_model_written_by_hand_keeps_its_figures_beside_the_pack(made: dict[str, Workspace]) -> None:
    found = shelf.record(made["retail"], "retail").binding.metrics
    model = store.load(made["retail"].model_file)
    assert found["return_on_ad_spend"].status in ("bound", "assumed")
    assert found["stock_units"].status not in ("bound", "assumed")
    assert model.metrics["average_order_value"].origin is None
