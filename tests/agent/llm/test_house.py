"""A remembered plan belongs to one person with one set of rights: its constants may come from rows only they see."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from agent.llm.house import _where
from store.principal import Principal

ANN = Principal("ann", "Ann", "analyst", MappingProxyType({"region": ("north",)}), ("sales",))


def _key(asker: Principal, folder: Path) -> Any:
    workspace = SimpleNamespace(name="shop", model_file=folder / "model.yaml")
    view = SimpleNamespace(workspace=workspace, snapshot=SimpleNamespace(id="s1"))
    model = SimpleNamespace(endpoint=SimpleNamespace(url="http://127.0.0.1", model="m"))
    return _where(SimpleNamespace(view=view, turn=SimpleNamespace(principal=asker)), model)[2]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        {"user_id": "bob"}, {"role": "editor"}, {"groups": ("support",)}, {"groups": ()}, {"viewed_by": "boss"},
        {"attributes": MappingProxyType({"region": ("south",)})}, {"attributes": MappingProxyType({})},
        {"scopes": frozenset()}, {"scopes": frozenset({"ask"})},
    ],
)  # fmt: skip
def test_other_rights_have_plans_of_their_own(other: dict[str, Any], tmp_path: Path) -> None:
    assert _key(replace(ANN, **other), tmp_path) != _key(ANN, tmp_path)


def test_the_same_rights_share_them(tmp_path: Path) -> None:
    assert _key(replace(ANN, groups=("sales",)), tmp_path) == _key(ANN, tmp_path)
