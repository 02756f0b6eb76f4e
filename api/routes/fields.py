"""What the data looks like: the fields that narrow it, their values, and some rows, each as the reader may see them."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from api import accounts, house
from api.house import House
from store.errors import unknown

router = APIRouter(prefix="/v1")
Name = Annotated[str | None, Query(max_length=63)]
_FEW, _MANY = 2, 60
_MOST_VALUES = 200


@router.get("/fields")
async def list_fields(request: Request, workspace: Name = None) -> dict[str, Any]:
    """Fields with few values that answers can be narrowed by, the tables of figures first."""
    home = house.of(request)
    engine = await home.engine()

    def read() -> list[dict[str, str]]:
        name, person = accounts.entered(home.shelf, workspace)
        view = home.shelf.views.seen_by(name, person, engine)
        found = []
        for name, table in sorted(view.model.tables.items(), key=lambda pair: not pair[1].measures):
            stored = view.profile.tables.get(table.source)
            for field, spec in table.dimensions.items():
                column = stored.columns.get(spec.expr or field) if stored else None
                few = column is not None and _FEW <= column.distinct <= _MANY
                if few and spec.groupable and not spec.pii and spec.type in ("text", None) and field not in table.key:
                    label = spec.label or field.replace("_", " ").capitalize()
                    found.append({"field": f"{name}.{field}", "label": label, "table": table.label or name})
        return list({f["label"]: f for f in reversed(found)}.values())[::-1]

    return {"items": await asyncio.to_thread(read)}


@router.get("/fields/{field}/values")
async def list_values(
    request: Request, field: Annotated[str, Path(max_length=130)], workspace: Name = None
) -> dict[str, Any]:
    """The values of a field (`table.name`) among the rows that the reader may see, in order."""
    query = {"dimensions": [{"field": field}], "limit": _MOST_VALUES}
    found = await _run(house.of(request), "query_metrics", {"query": query}, workspace)
    main = found.main()
    values = sorted({str(row[-1]) for row in main.rows if row[-1] is not None}) if main else []
    return {"items": values, "truncated": bool(main and main.truncated)}


@router.get("/tables/{table}/rows")
async def show_rows(
    request: Request,
    table: Annotated[str, Path(max_length=63)],
    workspace: Name = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 8,
) -> dict[str, Any]:
    """Some rows of a table, as a table of results."""
    home = house.of(request)
    engine = await home.engine()
    name, person = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    known = await asyncio.to_thread(lambda: home.shelf.views.seen_by(name, person, engine).model.tables)
    if table not in known:
        raise unknown("table", table, known)
    found = await _run(home, "list_records", {"query": {"table": table, "limit": limit}}, workspace)
    main = found.main()
    return {"result": main.model_dump(mode="json") if main else None}


async def _run(home: House, tool: str, args: dict[str, Any], workspace: str | None) -> Any:
    """What a skill finds for who asks, through the gate like every question."""
    engine = await home.engine()

    def work() -> Any:
        from tools import registry

        name, person = accounts.entered(home.shelf, workspace)
        view = home.shelf.views.seen_by(name, person, engine)
        context = registry.ToolContext(
            workspace=view.workspace, principal=person, model=view.model, profile=view.profile, engine=engine,
            snapshot=view.snapshot, as_of=datetime.now(),
        )  # fmt: skip
        return registry.get(tool).run(context, args)

    return await asyncio.to_thread(work)
