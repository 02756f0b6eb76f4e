"""What alerts found and what lasts: one line for one trouble, to be acknowledged, kept quiet for a while, or ended."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.engine import RowMapping

from api import accounts, bodies, house, pages, targets
from api.questions import IdText
from store import alerts as table
from store.models import utc_now

router = APIRouter(prefix="/v1/incidents")
State = Literal["open", "acknowledged", "resolved"]
_COLUMNS = (
    "id", "alert_id", "workspace", "member", "state", "severity", "since", "last", "text", "opened_at",
    "acknowledged_at", "snoozed_until", "resolved_at",
)  # fmt: skip
_MOST = 1_000


class IncidentChange(BaseModel):
    """What to do about it: `acknowledged` (somebody knows: it no longer reminds or escalates), `resolved`, `open`
    again; `snoozed_until` keeps it quiet until then and then says whether it lasts."""

    model_config = ConfigDict(extra="forbid")

    state: State | None = None
    snoozed_until: datetime | None = Field(None)


@router.get("")
async def list_incidents(
    request: Request,
    workspace: Annotated[str | None, Query(max_length=63)] = None,
    state: Annotated[State | None, Query()] = None,
    alert_id: Annotated[str | None, Query(max_length=64)] = None,
    limit: pages.Limit = 50,
    cursor: pages.Cursor = None,
) -> dict[str, Any]:
    """The asker's incidents, newest first."""
    person, home = accounts.current(), house.of(request)
    rows = await home.database.read(lambda c: table.incidents(c, owner=person.user_id, most=_MOST))
    names = {r["id"]: r["name"] for r in await home.database.read(lambda c: table.listed(c, person.user_id))}
    mine = [r for r in rows if person.owns(r) and workspace in (None, r["workspace"])]
    mine = [r for r in mine if state in (None, r["state"]) and alert_id in (None, r["alert_id"])]
    return pages.paged([shown(r, names) for r in mine], limit, cursor)


@router.patch("/{incident_id}", openapi_extra=bodies.schema(IncidentChange))
async def change_incident(
    request: Request, incident_id: IdText, body: Annotated[IncidentChange, Depends(bodies.json_of(IncidentChange))]
) -> dict[str, Any]:
    """Acknowledge it, keep it quiet for a while, or say that it is over."""
    person, home = accounts.current(), house.of(request)
    row = await home.database.read(lambda c: table.incident(c, person.user_id, incident_id))
    person.within(row["workspace"])
    values: dict[str, Any] = {}
    if body.state is not None:
        now = utc_now()
        values = {"state": body.state, "escalate_at": None}
        values["acknowledged_at"] = now if body.state == "acknowledged" else row["acknowledged_at"]
        values["resolved_at"] = now if body.state == "resolved" else None
    if "snoozed_until" in body.model_fields_set:
        values |= {"snoozed_until": targets.aware(body.snoozed_until), "escalate_at": None}
    await home.database.write(lambda c: table.mark_incident(c, incident_id, values) if values else None)
    alert = await home.database.read(lambda c: table.get(c, person.user_id, row["alert_id"]))
    after = await home.database.read(lambda c: table.incident(c, person.user_id, incident_id))
    return shown(after, {alert["id"]: alert["name"]})


def shown(row: RowMapping, names: dict[str, str]) -> dict[str, Any]:
    """An incident as lists show it."""
    return {name: row[name] for name in _COLUMNS} | {"alert": names.get(row["alert_id"], "")}
