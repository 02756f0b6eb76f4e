"""What of a model decides who sees which rows: who may not set policies may not change this either."""

from __future__ import annotations

from typing import Any

from warehouse.model.schema import SemanticModel


def shape(model: SemanticModel) -> dict[str, Any]:
    """The policies, and of each table where its rows come from, how it leads to others, and whether it has figures.

    With another source, join or set of tables a policy would no longer reach rows that it binds; dimensions and
    measures made from hidden columns stay hidden wherever they are written.
    """
    return {
        "policies": [p.model_dump(mode="json") for p in model.policies],
        "columns": [p.model_dump(mode="json") for p in model.column_policies],
        "open": sorted(model.public_facts),
        "dialect": model.expr_dialect,
        "tables": {
            name: (t.source, [j.model_dump(mode="json") for j in t.joins], bool(t.measures), list(t.key))
            for name, t in model.tables.items()
        },
    }


def loosens(before: SemanticModel, after: SemanticModel) -> bool:
    """Whether a change touches who sees what; where there are no policies, only adding some does."""
    if not before.policies and not before.column_policies:
        return bool(after.policies or after.column_policies)
    return shape(before) != shape(after)
