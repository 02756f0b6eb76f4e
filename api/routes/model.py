"""The semantic model over HTTP: what was assumed and decided, its versions, and what a change would do."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api import accounts, bodies, house
from api.errors import Conflict
from api.shelf import Shelf
from store.errors import InvalidRequest, QueryRefused
from store.principal import Principal, refused
from warehouse.model.crafting import Crafted
from warehouse.model.naming import Naming

if TYPE_CHECKING:
    from agent.view import WorkspaceView
    from api.house import House
    from warehouse.engines.base import Engine
    from warehouse.model.schema import SemanticModel

router = APIRouter(prefix="/v1/model")
Name = Annotated[str | None, Query(max_length=63)]


class Verdict(BaseModel):
    """What a person says about an assumption; an edit gives the value to put in its place."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["accepted", "edited", "rejected"]
    value: Any = None


class Proposed(BaseModel):
    """The text of a model file, to be tried."""

    model_config = ConfigDict(extra="forbid")

    yaml: str = Field(max_length=5_000_000)


class NewText(BaseModel):
    """The text of a model file to put in force, and the `state` of the text it was made from."""

    model_config = ConfigDict(extra="forbid")

    yaml: str = Field(max_length=5_000_000)
    state: str = Field(max_length=64)
    why: str = Field("", max_length=200)


@router.get("/schema")
async def model_schema() -> dict[str, Any]:
    """The JSON Schema of model files."""

    def read() -> dict[str, Any]:
        from warehouse.model.store import json_schema

        return json_schema()

    return await asyncio.to_thread(read)


@router.get("/review")
async def list_review(request: Request, workspace: Name = None) -> dict[str, Any]:
    """What was assumed about the data and nobody has decided yet, the least sure first."""
    shelf = house.of(request).shelf

    def read() -> list[dict[str, Any]]:
        from warehouse.model.refresh import load_review

        items = load_review(_made(shelf, workspace)[0].workspace)
        return [{"id": item.id, **item.model_dump(mode="json")} for item in items]

    return {"items": await asyncio.to_thread(read)}


@router.post("/review/{item}", openapi_extra=bodies.schema(Verdict))
async def decide_review(
    request: Request, item: str, body: Annotated[Verdict, Depends(bodies.json_of(Verdict))], workspace: Name = None
) -> dict[str, Any]:
    """Accept, correct or reject an assumption for good; gives what is left to review."""
    shelf = house.of(request).shelf

    def settle() -> None:
        from warehouse.model import history, store
        from warehouse.model.refresh import decide

        view, person = _made(shelf, workspace)
        here = view.workspace
        before = here.model_file.read_text(encoding="utf-8")
        decide(here, item, body.verdict, value=body.value, by=person.user_id)
        try:
            _keeps(view, store.load(here.model_file), person)
        except QueryRefused:
            history.save_text(here, before, why="taken back: it changed who sees what", by=person.user_id)
            raise

    await asyncio.to_thread(settle)
    return await list_review(request, workspace)


@router.get("/history")
async def list_versions(request: Request, workspace: Name = None) -> dict[str, Any]:
    """The versions of the model, oldest first: number, when, who and why."""
    shelf = house.of(request).shelf

    def read() -> list[dict[str, Any]]:
        from warehouse.model import history

        return [v.model_dump(mode="json") for v in history.versions(_made(shelf, workspace)[0].workspace)]

    return {"items": await asyncio.to_thread(read)}


@router.post("/history/{number}/restore")
async def restore_version(request: Request, number: int, workspace: Name = None) -> dict[str, Any]:
    """Put an older version in force again; it becomes the newest one."""
    shelf = house.of(request).shelf

    def back() -> None:
        from warehouse.model import history, store

        view, person = _made(shelf, workspace)
        _keeps(view, store.parse(history.text_of(view.workspace, number)), person)
        history.restore(view.workspace, number, by=person.user_id)

    await asyncio.to_thread(back)
    return await list_versions(request, workspace)


@router.post("/check", openapi_extra=bodies.schema(Proposed))
async def check_model_text(
    request: Request, body: Annotated[Proposed, Depends(bodies.json_of(Proposed))], workspace: Name = None
) -> dict[str, Any]:
    """Try a model on the data without putting it in force: its faults, and the metrics whose values would change."""
    home = house.of(request)
    engine = await home.engine()

    def tried() -> dict[str, Any]:
        from warehouse.model import store, trial

        view, person = _made(home.shelf, workspace)
        model = store.parse(body.yaml)
        _keeps(view, model, person)
        on = trial.Trial(view.profile, view.snapshot, engine, person, datetime.now())
        found = trial.check(model, on, body.yaml)
        changes = trial.changed(trial.figures(view.model, on), trial.figures(model, on))
        return {
            "findings": [vars(f) for f in found],
            "changes": [{"before": b and vars(b), "after": a and vars(a)} for b, a in changes],
        }

    return await asyncio.to_thread(tried)


@router.get("/text")
async def show_model_text(request: Request, workspace: Name = None) -> dict[str, Any]:
    """The model file as it is written, with a `state` that changes whenever it does."""
    shelf = house.of(request).shelf

    def read() -> dict[str, Any]:
        text = _made(shelf, workspace)[0].workspace.model_file.read_text(encoding="utf-8")
        return {"yaml": text, "state": _state(text)}

    return await asyncio.to_thread(read)


@router.put("/text", openapi_extra=bodies.schema(NewText))
async def save_model_text(
    request: Request, body: Annotated[NewText, Depends(bodies.json_of(NewText))], workspace: Name = None
) -> dict[str, Any]:
    """Put a model file in force as a new version; what somebody else changed meanwhile is never overwritten."""
    shelf = house.of(request).shelf

    def put() -> None:
        from warehouse.model import history, store

        view, person = _made(shelf, workspace)
        here = view.workspace
        if _state(here.model_file.read_text(encoding="utf-8")) != body.state:
            raise Conflict(
                "The model was changed while you were writing.",
                code="model_changed",
                hint="Copy your text, load the model again and put your changes into it.",
            )
        _keeps(view, store.parse(body.yaml), person)
        history.save_text(here, body.yaml, why=body.why or "edited as text", by=person.user_id)

    await asyncio.to_thread(put)
    return await show_model_text(request, workspace)


@router.patch("/names", openapi_extra=bodies.schema(Naming))
async def change_names(
    request: Request, body: Annotated[Naming, Depends(bodies.json_of(Naming))], workspace: Name = None
) -> dict[str, Any]:
    """Change what people call a table, a column, a measure or a metric; comments and layout of the file are kept."""
    shelf = house.of(request).shelf

    def put() -> dict[str, Any]:
        from warehouse.model import history, naming

        name, person = accounts.entered(shelf, workspace)
        view = shelf.views.get(name)
        changed = naming.named(view.model, body)
        history.save(view.workspace, changed, why=f"words of {body.name or body.table} changed", by=person.user_id)
        return shelf.model(name, person)

    return await asyncio.to_thread(put)


@router.post("/metrics/check", openapi_extra=bodies.schema(Crafted))
async def try_metric(
    request: Request, body: Annotated[Crafted, Depends(bodies.json_of(Crafted))], workspace: Name = None
) -> dict[str, Any]:
    """What a new figure would be, over all time and over the last full month, without putting it in the model."""
    home = house.of(request)
    engine = await home.engine()
    return (await asyncio.to_thread(_tried, home, engine, body, workspace))[2]


@router.post("/metrics", status_code=201, openapi_extra=bodies.schema(Crafted))
async def make_metric(
    request: Request, body: Annotated[Crafted, Depends(bodies.json_of(Crafted))], workspace: Name = None
) -> dict[str, Any]:
    """Put a new figure in the model, once it could be computed; comments and layout of the file are kept."""
    home = house.of(request)
    engine = await home.engine()

    def put() -> dict[str, Any]:
        from warehouse.model import history

        (view, person), after, found = _tried(home, engine, body, workspace)
        accounts.note(target=found["name"])
        history.save(view.workspace, after, why=f"metric {found['name']} made", by=person.user_id)
        return found

    return await asyncio.to_thread(put)


@router.delete("/metrics/{metric}", status_code=204)
async def remove_metric(request: Request, metric: str, workspace: Name = None) -> None:
    """Take a figure out of the model, unless something else is made of it; an older version brings it back."""
    shelf = house.of(request).shelf

    def drop() -> None:
        from warehouse.model import crafting, history, trial

        view, person = _made(shelf, workspace)
        after = crafting.without(view.model, metric)
        _keeps(view, after, person)
        broken = trial.faults_of(after, view.profile, view.model)
        if broken:
            raise Conflict(
                f"Something else is made of it: {broken[0].where.rpartition('.')[2]}.",
                code="metric_in_use",
                hint="Remove or change that first.",
            )
        accounts.note(target=metric)
        history.save(view.workspace, after, why=f"metric {metric} removed", by=person.user_id)

    await asyncio.to_thread(drop)


def _tried(
    home: House, engine: Engine, body: Crafted, workspace: str | None
) -> tuple[tuple[WorkspaceView, Principal], SemanticModel, dict[str, Any]]:
    """Where, the model with a new figure, and what that is. Raises `InvalidRequest` with what is wrong with it."""
    from warehouse.model import crafting, trial

    view, person = _made(home.shelf, workspace)
    name, after = crafting.crafted(view.model, body)
    _keeps(view, after, person)
    on = trial.Trial(view.profile, view.snapshot, engine, person, datetime.now())
    for fault in trial.faults_of(after, view.profile, view.model):
        raise InvalidRequest(fault.message, code=fault.code, hint=fault.hint)
    figure, column = trial.figure_of(after, name, on)
    told = {"name": name, "total": figure.total, "last_month": figure.last_month}
    return (view, person), after, {**told, "column": column.model_dump(mode="json")}


def _made(shelf: Shelf, workspace: str | None) -> tuple[WorkspaceView, Principal]:
    """A workspace for who may see how its model is made, which tells of all rows and columns. Raises `QueryRefused`."""
    from warehouse.compiler.policies import Rights

    name, person = accounts.entered(shelf, workspace)
    view = shelf.views.get(name)
    if Rights(view.model, person).digest and not person.may("policies"):
        raise QueryRefused(
            "You may see a part of the data only, and how the model is made tells of all of it.", code="policies_role",
            hint="You can still change what things are called.",
        )  # fmt: skip
    return view, person


def _keeps(view: WorkspaceView, after: SemanticModel, person: Principal) -> None:
    """Refuse a change of who sees what to who may not set policies. Raises `QueryRefused`."""
    from warehouse.model.protected import loosens

    if not person.may("policies") and loosens(view.model, after):
        raise refused("policies")


def _state(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
