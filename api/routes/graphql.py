"""Dashboards over GraphQL: one request brings a page with its figures; nothing can be changed this way."""

from __future__ import annotations

import asyncio
import importlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from api import bodies, house
from store.errors import ConfigProblem

router = APIRouter(prefix="/v1")
LONGEST = 16_000


class GraphQuery(BaseModel):
    """A GraphQL request as clients send it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    query: str = Field(min_length=1, max_length=LONGEST)
    variables: dict[str, Any] | None = None
    operation_name: str | None = Field(None, alias="operationName", max_length=200)
    extensions: dict[str, Any] | None = Field(None, description="ignored")


@router.post("/graphql", openapi_extra=bodies.schema(GraphQuery))
async def ask_graph(
    request: Request, body: Annotated[GraphQuery, Depends(bodies.json_of(GraphQuery))]
) -> dict[str, Any]:
    """Read dashboards, their cards and what these answer now, with the asker's rights; docs/connect-an-app.md."""
    try:
        graph = await asyncio.to_thread(importlib.import_module, "api.graph")
    except ModuleNotFoundError as error:
        raise ConfigProblem(
            "GraphQL needs a package that is not installed.",
            code="missing_extra",
            hint="Install it with: pip install 'plainsay[graphql]'.",
        ) from error
    found: dict[str, Any] = await graph.executed(house.of(request), body.query, body.variables, body.operation_name)
    return found
