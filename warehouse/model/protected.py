"""What of a model decides who sees which rows: who may not set policies may not change this either."""

from __future__ import annotations

from typing import Any

from warehouse.model.schema import SemanticModel, personal_columns


def shape(model: SemanticModel) -> dict[str, Any]:
    """The policies, what they take for personal data, and of each table where its rows come from, how it leads to
    others, and whether it has figures.

    With another source, join or set of tables a policy would no longer reach rows that it binds; dimensions and
    measures made from hidden columns stay hidden wherever they are written.
    """
    masks = any(p.personal for p in model.column_policies)
    return {
        "personal": _personal(model) if masks else [],
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


def _personal(model: SemanticModel) -> list[tuple[str, str, str]]:
    """Which dimensions count as personal data, and what they are made from."""
    return sorted((t, c, model.tables[t].dimensions[c].expr or "") for t, c, _ in personal_columns(model))
