"""Digests that installed packs propose, as somebody may take them over: recipe, rhythm and goals of this workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bots.digests.moments import Cadence
from bots.digests.recipe import Goal, Recipe

if TYPE_CHECKING:
    from tools.binding.uses import Recipe as Proposed
    from warehouse.model.schema import SemanticModel
    from warehouse.workspace import Workspace

_CADENCES: Mapping[str, Cadence] = {
    "daily": "daily", "weekly": "weekly", "monthly": "monthly", "quarterly": "quarterly"
}  # fmt: skip
_MOST_BY = 16


def proposals(workspace: Workspace, model: SemanticModel) -> list[dict[str, Any]]:
    """Each with `id`, `name`, `pack`, `audience`, `cadence`, the `recipe` to send and what the data lack.

    `model` is as the reader sees it: figures and fields that are hidden from them are left out, and so is a digest of
    which nothing is left.
    """
    from tools.binding import uses

    shown = (_shown(one, model) for one in uses.recipes(workspace))
    return [one for one in shown if one is not None]


def _shown(one: Proposed, model: SemanticModel) -> dict[str, Any] | None:
    metrics = tuple(m for m in one.metrics if _known(m, model))
    if not metrics:
        return None
    by = tuple(f for f in one.by if _field(f, model))[:_MOST_BY]
    goals = tuple(Goal(metric=m, goal=v) for m, keep, v in one.goals if keep == "above" and v and _known(m, model))
    recipe = Recipe(metrics=metrics, by=by, goals=goals)
    return {
        "id": f"{one.pack}.{one.name}", "name": one.label, "pack": one.pack, "audience": one.audience,
        "cadence": _CADENCES[one.cadence], "recipe": recipe.model_dump(mode="json"), "missing": list(one.missing),
    }  # fmt: skip


def _known(metric: str, model: SemanticModel) -> bool:
    return metric in model.metrics or any(metric in table.measures for table in model.tables.values())


def _field(name: str, model: SemanticModel) -> bool:
    table, _, field = name.partition(".")
    return table in model.tables and field in model.tables[table].dimensions
