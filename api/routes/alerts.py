"""Alerts: what one wants to hear of when it happens, what it would have said, what lasts now, and what was told."""

from __future__ import annotations

import asyncio
import hmac
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.engine import RowMapping
from starlette.responses import Response

from api import accounts, bodies, house, pages, rehearsing, targets
from api.house import House
from api.questions import IdText
from bots.alerts import run
from bots.alerts.desk import Watched
from bots.alerts.message import News, compose
from bots.alerts.quiet import Wishes
from bots.alerts.rule import RULE, Escalation, Looks, Rule, Target, Telling
from bots.digests import channels
from store import alerts as table
from store.errors import UnknownName
from store.models import utc_now
from store.principal import Principal

router = APIRouter(prefix="/v1/alerts")
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
MOST_DAYS = 400
_COLUMNS = ("id", "workspace", "name", "rule", "looks", "target", "telling", "escalation", "active", "snoozed_until")


class NewAlert(BaseModel):
    """What to watch (`rule`), when to look, where to tell of it, how often, and where else if nobody answers."""

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = None
    name: Name | None = None
    rule: Rule
    looks: Looks = Looks()
    target: Target = Target()
    telling: Telling = Telling()
    escalation: Escalation | None = None


class AlertChange(BaseModel):
    """What to change; an alert that is snoozed is not looked at until then, one that is not active not at all."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    rule: Rule | None = None
    looks: Looks | None = None
    target: Target | None = None
    telling: Telling | None = None
    escalation: Escalation | None = None
    active: bool | None = None
    snoozed_until: datetime | None = None


class Sentence(BaseModel):
    """What somebody wants to be told of, in plain English."""

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = None
    text: str = Field(min_length=1, max_length=1_000)


class Tried(BaseModel):
    """A rule that need not be kept, the moment it is looked at (now, when none is given), the days to look back."""

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = None
    rule: Rule
    looks: Looks = Looks()
    telling: Telling = Telling()
    at: datetime | None = None
    days: int = Field(180, ge=1, le=MOST_DAYS)


@router.get("")
async def list_alerts(
    request: Request, workspace: Annotated[str | None, Query(max_length=63)] = None
) -> dict[str, Any]:
    """The asker's alerts, oldest first, each with what lasts now and how its last look came out."""
    person, home = accounts.current(), house.of(request)
    rows = [r for r in await home.database.read(lambda c: table.listed(c, person.user_id, workspace)) if person.owns(r)]
    return {"items": await home.database.read(lambda c: [shown(r) | standing(c, r) for r in rows])}


@router.post("", status_code=201, openapi_extra=bodies.schema(NewAlert))
async def create_alert(
    request: Request, body: Annotated[NewAlert, Depends(bodies.json_of(NewAlert))]
) -> dict[str, Any]:
    """Watch something from now on; the rule is tried once, so that one that cannot work is refused at once."""
    home = house.of(request)
    workspace, person = await asyncio.to_thread(accounts.entered, home.shelf, body.workspace)
    watched = Watched(workspace, body.rule, body.looks, body.telling)
    looked = await home.alert_desk.look(watched, person, utc_now())
    for target in (body.target, body.escalation):
        await targets.check_target(home, workspace, person, target)
    values = body.model_dump(mode="json", exclude={"workspace"}) | {
        "name": body.name or name_of(body.rule, looked.label), "on_data": body.looks.on_data,
        "next_at": watched.timing.following(utc_now()),
    }  # fmt: skip
    made = await home.database.write(lambda c: table.create(c, person.user_id, workspace, values))
    accounts.note(made, name=values["name"])
    return await _card(home, await home.database.read(lambda c: table.get(c, person.user_id, made)))


@router.post("/read", openapi_extra=bodies.schema(Sentence))
async def read_alert(request: Request, body: Annotated[Sentence, Depends(bodies.json_of(Sentence))]) -> dict[str, Any]:
    """The rule that a sentence in plain English asks for, said back to be confirmed; nothing is made yet.

    `asked` is false when the sentence asks for no alert; without a `rule`, `says` is why not and `options` may help.
    """
    home = house.of(request)
    workspace, person = await asyncio.to_thread(accounts.entered, home.shelf, body.workspace)
    found = await home.alert_desk.proposed(workspace, person, body.text, utc_now())
    if found is None:
        return {"asked": False, "rule": None, "says": "", "options": []}
    rule = RULE.dump_python(found.rule, mode="json") if found.rule is not None else None
    return {"asked": True, "rule": rule, "says": found.says, "options": list(found.options)}


@router.post("/preview", openapi_extra=bodies.schema(Tried))
async def preview_alert(request: Request, body: Annotated[Tried, Depends(bodies.json_of(Tried))]) -> dict[str, Any]:
    """What a rule finds now, or at a moment on the rows of then; nothing is kept or sent."""
    home = house.of(request)
    workspace, person = await asyncio.to_thread(accounts.entered, home.shelf, body.workspace)
    moment = targets.aware(body.at) or utc_now()
    watched = Watched(workspace, body.rule, body.looks, body.telling)
    found = await home.alert_desk.found(watched, person, moment, {})
    name = name_of(body.rule, found.looked.label)
    last = found.looked.rounds[-1] if found.looked.rounds else ()
    return {
        "name": name, "holds": any(r.holds for r in last), "waiting": found.looked.waiting, "shown": found.looked.shown,
        "label": found.looked.label, "readings": [vars(r) for r in last], "course": list(found.looked.course),
        "message": compose([News("preview", name, found.events, found.looked.label)]) if found.events else None,
    }  # fmt: skip


@router.post("/rehearsal", openapi_extra=bodies.schema(Tried))
async def rehearse_rule(request: Request, body: Annotated[Tried, Depends(bodies.json_of(Tried))]) -> dict[str, Any]:
    """Which messages a rule would have sent in the last days, each on the rows of its own day.

    Asking again with the same body shows how far it is: `done` of `of` moments are worked out.
    """
    home = house.of(request)
    workspace, person = await asyncio.to_thread(accounts.entered, home.shelf, body.workspace)
    watched = Watched(workspace, body.rule, body.looks, body.telling)
    until = targets.aware(body.at) or utc_now()
    return await rehearsing.of_alert(home, ("rule", body.model_dump_json()), watched, person, (body.days, until))


@router.get("/wishes")
async def show_wishes(request: Request) -> dict[str, Any]:
    """How the asker wants to be told: messages a week that go further than the inbox, and hours of rest."""
    owner = accounts.current().user_id
    found = await house.of(request).database.read(lambda c: table.wishes(c, owner))
    return Wishes.model_validate(found).model_dump(mode="json")


@router.put("/wishes", openapi_extra=bodies.schema(Wishes))
async def change_wishes(request: Request, body: Annotated[Wishes, Depends(bodies.json_of(Wishes))]) -> dict[str, Any]:
    """Say how one wants to be told; what is critical goes out all the same."""
    owner = accounts.current().user_id
    await house.of(request).database.write(lambda c: table.wish(c, owner, body.model_dump(mode="json")))
    return body.model_dump(mode="json")


@router.post("/stop")
async def stop_alert(
    request: Request, alert: Annotated[str, Query(max_length=64)], mark: Annotated[str, Query(max_length=64)] = ""
) -> dict[str, Any]:
    """Switch an alert off by the link of its mail, without signing in."""
    home = house.of(request)
    right = await asyncio.to_thread(channels.mark, alert, home.home)
    if not hmac.compare_digest(mark.encode(), right.encode()):
        raise UnknownName("There is no such alert.", code="unknown_alert")
    await home.database.write(lambda c: table.change(c, alert, {"active": False, "next_at": None}))
    return {"stopped": True}


@router.get("/{alert_id}")
async def show_alert(request: Request, alert_id: IdText) -> dict[str, Any]:
    """One alert."""
    row, _ = await _own(request, alert_id)
    return await _card(house.of(request), row)


@router.patch("/{alert_id}", openapi_extra=bodies.schema(AlertChange))
async def change_alert(
    request: Request, alert_id: IdText, body: Annotated[AlertChange, Depends(bodies.json_of(AlertChange))]
) -> dict[str, Any]:
    """Change what is watched, when and where it is told, snooze it, or switch it off and on."""
    home = house.of(request)
    row, person = await _own(request, alert_id)
    given = body.model_dump(mode="json", exclude_unset=True, exclude={"snoozed_until"})
    values = {k: v for k, v in given.items() if v is not None or k == "escalation"}
    if "snoozed_until" in body.model_fields_set:
        values["snoozed_until"] = targets.aware(body.snoozed_until)
    for target in (body.target, body.escalation):
        await targets.check_target(home, row["workspace"], person, target)
    watched = Watched.of({**row, **values})
    if body.rule is not None:
        await home.alert_desk.look(watched, person, utc_now())
    values["on_data"] = watched.looks.on_data
    values["next_at"] = watched.timing.following(utc_now()) if values.get("active", row["active"]) else None
    await home.database.write(lambda c: _changed(c, row, values))
    accounts.note(alert_id, name=values.get("name", row["name"]))
    return await show_alert(request, alert_id)


@router.delete("/{alert_id}", status_code=204)
async def delete_alert(request: Request, alert_id: IdText) -> Response:
    """Watch it no more; what was told stays in the inbox."""
    row, _ = await _own(request, alert_id)
    accounts.note(alert_id, name=row["name"])
    await house.of(request).database.write(lambda c: table.remove(c, alert_id))
    return Response(status_code=204)


@router.get("/{alert_id}/rehearsal")
async def rehearse_alert(
    request: Request, alert_id: IdText, days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 180
) -> dict[str, Any]:
    """Which messages it would have sent in the last days, each on the rows of its own day.

    Asking again shows how far it is: `done` of `of` moments are worked out.
    """
    row, person = await _own(request, alert_id)
    key = (row["id"], row["version"])
    return await rehearsing.of_alert(house.of(request), key, Watched.of(dict(row)), person, (days, utc_now()))


@router.post("/{alert_id}/check", status_code=202)
async def check_alert(request: Request, alert_id: IdText) -> dict[str, Any]:
    """Look at it now, beside its regular times; two requests within a minute make one look."""
    row, _ = await _own(request, alert_id)
    now = utc_now().replace(second=0, microsecond=0)
    mark = f"now-{now:%Y-%m-%dT%H:%M}"
    queued = await house.of(request).database.write(
        lambda c: run.put(c, row["owner"], row["workspace"], now, [row["id"]], mark)
    )
    return {"queued": queued}


@router.get("/{alert_id}/history")
async def list_alert_history(
    request: Request, alert_id: IdText, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> dict[str, Any]:
    """Its looks, newest first, with what came of each: news, lasts, quiet, waiting (for data), failed."""
    row, _ = await _own(request, alert_id)
    begun = pages.start(cursor)
    found = await house.of(request).database.read(lambda c: table.looks(c, row["id"], begun + limit + 1))
    names = ("id", "outcome", "note", "wall", "looked_at")
    return pages.page([{n: look[n] for n in names} for look in found[begun:]], begun, limit)


def name_of(rule: Any, label: str) -> str:
    """What a rule is called when nobody gave it a name."""
    words = {
        "threshold": "{0} {direction} its limit", "change": "{0} changed", "anomaly": "{0} out of the ordinary",
        "forecast": "{0} heading {direction} its limit", "goal": "Goal for {0} in danger",
        "freshness": "{0}: no new data", "quality": "{0}: data in order?",
    }  # fmt: skip
    direction = getattr(rule, "direction", "")
    return words[rule.kind].format(label or "Figure", direction=direction)[:120]


def shown(row: RowMapping) -> dict[str, Any]:
    """An alert as lists show it; its rule with all defaults filled in."""
    rule = RULE.dump_python(RULE.validate_python(row["rule"]), mode="json")
    return {name: row[name] for name in (*_COLUMNS, "next_at", "created_at")} | {"rule": rule}


def standing(connection: Any, row: RowMapping) -> dict[str, Any]:
    """What lasts now, and how the last look came out."""
    cases = [c for c in run.standings(connection, row["id"]).values() if c.state != "resolved"]
    last = next(iter(table.looks(connection, row["id"], 1)), None)
    return {
        "open": len(cases), "severity": max((c.severity for c in cases), key=_rank, default=None),
        "last": {n: last[n] for n in ("outcome", "note", "wall", "looked_at")} if last is not None else None,
    }  # fmt: skip


def _rank(severity: str) -> int:
    return ("info", "warning", "critical").index(severity)


async def _card(home: House, row: RowMapping) -> dict[str, Any]:
    return shown(row) | await home.database.read(lambda c: standing(c, row))


def _changed(connection: Any, row: RowMapping, values: dict[str, Any]) -> None:
    """What lasted under another rule is over: the new one begins anew."""
    table.change(connection, row["id"], values)
    if "rule" in values and values["rule"] != row["rule"]:
        for case in table.incidents(connection, alert_id=row["id"]):
            if case["state"] != "resolved":
                over = {"state": "resolved", "resolved_at": utc_now(), "escalate_at": None}
                table.mark_incident(connection, case["id"], over)


async def _own(request: Request, alert_id: str) -> tuple[RowMapping, Principal]:
    """The asker's alert and the asker inside its workspace. Raises `UnknownName`, `QueryRefused`."""
    home, owner = house.of(request), accounts.current().user_id
    row = await home.database.read(lambda c: table.get(c, owner, alert_id))
    _, person = await asyncio.to_thread(accounts.entered, home.shelf, row["workspace"])
    return row, person
