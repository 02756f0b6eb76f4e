"""Opening questions are promises: each one that a pack's model offers must be planned on that model."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from agent.brain import PlanContext
from agent.builtin.planner import plan
from agent.plan import Plan
from store.principal import LOCAL_OWNER
from warehouse.model.schema import SemanticModel
from warehouse.model.store import load
from warehouse.model.values import ValuesIndex
from warehouse.profile import DataProfile

PACKS = Path(__file__).parents[3] / "industry_prompts"
MODELS = sorted(PACKS.glob("*/demo_model.yaml"))


def starters() -> list[tuple[Path, str]]:
    return [(path, question) for path in MODELS for question in load(path).starters]


def context(model: SemanticModel, question: str) -> PlanContext:
    profile = DataProfile(tables={})
    return PlanContext(question, model, profile, ValuesIndex(), LOCAL_OWNER, datetime(2026, 11, 21, 12), True)


def test_every_demo_model_has_starters() -> None:
    assert MODELS
    assert all(load(path).starters for path in MODELS)


@pytest.mark.parametrize(("path", "question"), starters(), ids=lambda x: x.parent.name if isinstance(x, Path) else x)
def test_every_starter_is_planned(path: Path, question: str) -> None:
    found = plan(context(load(path), question))
    assert isinstance(found, Plan), found
