"""Row and column policies of a workspace: who sees what, put in force as a new version of its model."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api import accounts, bodies, errors, house
from store.errors import InvalidRequest
from warehouse.model.policies import ColumnPolicy, Policy

router = APIRouter(prefix="/v1/policies")
Name = Annotated[str | None, Query(max_length=63)]


class Policies(BaseModel):
    """All policies of a workspace, and the tables that are open to all though no policy reaches them."""

    model_config = ConfigDict(extra="forbid")

    policies: list[Policy] = Field(default_factory=list, max_length=200)
    column_policies: list[ColumnPolicy] = Field(default_factory=list, max_length=200)
    public_facts: list[str] = Field(default_factory=list, max_length=500)


@router.get("")
async def list_policies(request: Request, workspace: Name = None) -> dict[str, Any]:
    """The policies in force, with the tables and columns that they can be about, and where personal data was found."""
    shelf = house.of(request).shelf

    def read() -> dict[str, Any]:
        from warehouse.model.schema import personal_columns

        view = shelf.views.get(accounts.entered(shelf, workspace)[0])
        model = view.model
        columns = {
            name: sorted(view.profile.tables[t.source].columns) if t.source in view.profile.tables else []
            for name, t in model.tables.items()
        }
        told = model.model_dump(mode="json", include={"policies", "column_policies", "public_facts"})
        found = [
            {"table": n, "column": c, "kind": kind, "label": model.tables[n].dimensions[c].label or c}
            for n, c, kind in personal_columns(model)
        ]
        return told | {
            "personal": found,
            "tables": columns,
            "labels": {n: t.label or n for n, t in model.tables.items()},
        }

    return await asyncio.to_thread(read)


@router.put("", openapi_extra=bodies.schema(Policies))
async def set_policies(
    request: Request, body: Annotated[Policies, Depends(bodies.json_of(Policies))], workspace: Name = None
) -> dict[str, Any]:
    """Put these policies in the place of those in force; they hold from the next question on."""
    home = house.of(request)

    def put() -> None:
        from warehouse.compiler.check import check_model
        from warehouse.model import history
        from warehouse.model.schema import SemanticModel

        name, person = accounts.entered(home.shelf, workspace)
        view = home.shelf.views.get(name)
        plain = view.model.model_dump(mode="json", by_alias=True, exclude_none=True) | body.model_dump(mode="json")
        try:
            changed = SemanticModel.model_validate(plain)
        except ValidationError as error:
            raise errors.of_validation(error) from error
        for problem in check_model(changed, view.profile):
            if problem.where.startswith(("policies", "column_policies")) and not problem.warning:
                raise InvalidRequest(problem.message, code=problem.code, hint=problem.hint,
                                     details={"field": problem.where})  # fmt: skip
        history.save(view.workspace, changed, why="policies changed", by=person.user_id)

    await asyncio.to_thread(put)
    named = [p.name for p in body.policies] + [p.name for p in body.column_policies]
    accounts.note(", ".join(named) or "none", policies=len(named))
    home.people.changed()
    return await list_policies(request, workspace)
