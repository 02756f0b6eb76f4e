"""What Slack says to us, and how a signed-in person says which Slack user they are."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api import accounts, bodies, house
from api.errors import Unauthorised
from store import settings, tickets
from store import slack as table
from store.errors import UnknownName

router = APIRouter()


class Code(BaseModel):
    """The code that `/plainsay link` told in Slack."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=200)


@router.post("/slack/events", include_in_schema=False)
async def slack_events(request: Request) -> Response:
    """Events, interactions and commands of Slack; nothing is read of what Slack did not sign."""
    door = house.of(request).slack
    if door is None or not settings.get("slack_signing_secret"):
        raise UnknownName("There is no such address.", code="not_found")
    from bots.slack.app import signed

    body = await bodies.capped(request, settings.get("request_bytes"))
    if not signed(request.headers, body):
        raise Unauthorised("The signature does not fit.", code="bad_signature")
    request._body = body  # where Starlette keeps what was read
    answered: Response = await door.http(request)
    return answered


@router.post("/v1/me/slack", status_code=201, openapi_extra=bodies.schema(Code))
async def link_slack(request: Request, body: Annotated[Code, Depends(bodies.json_of(Code))]) -> dict[str, Any]:
    """Be the Slack user who was told this code. Raises 410 for a code that was used or is too old."""
    home, person = house.of(request), accounts.caller().self
    row = await home.database.write(lambda c: _linked(c, body.code.strip(), person.user_id))
    accounts.note(row["slack_user"])
    return {"team": row["team"], "slack_user": row["slack_user"]}


@router.delete("/v1/me/slack", status_code=204)
async def unlink_slack(request: Request) -> Response:
    """Be no Slack user any more."""
    home, person = house.of(request), accounts.caller().self

    def forget(connection: Any) -> None:
        for team, slack_user in table.slack_users_of(connection, person.user_id):
            table.unlink(connection, team, slack_user)

    await home.database.write(forget)
    return Response(status_code=204)


def _linked(connection: Any, code: str, user_id: str) -> dict[str, str]:
    body: dict[str, str] = tickets.spend(connection, "slack", code)["body"]
    table.link(connection, body["team"], body["slack_user"], user_id)
    return body
