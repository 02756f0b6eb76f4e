"""The JSON Schemas of everything that crosses the wire, so that other languages get their types from ours.

`python -m api.schemas` prints them; `web/scripts/gen-types.mjs` turns them into the page's TypeScript types.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from agent.answer import Answer
from warehouse.model.schema import SemanticModel

ROOTS: tuple[type[BaseModel], ...] = (Answer, SemanticModel)


def wire_schemas() -> dict[str, Any]:
    """One JSON Schema whose `$defs` are the models as they are sent: every field present, only types carry titles."""
    _, schema = models_json_schema([(model, "serialization") for model in ROOTS], title="Wire")
    for definition in schema["$defs"].values():
        fields = definition.get("properties", {})
        definition["required"] = sorted(fields)
        for field in fields.values():
            field.pop("title", None)
    return schema


if __name__ == "__main__":
    sys.stdout.write(json.dumps(wire_schemas(), indent=1, sort_keys=True) + "\n")
