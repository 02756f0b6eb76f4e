"""Whether messages may go where somebody wants them: a webhook needs its right, Slack must be connected."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from store import webhooks
from store.errors import InvalidRequest, QueryRefused
from store.principal import Principal

if TYPE_CHECKING:
    from api.house import House


class Ways(Protocol):
    """The channels of a digest or an alert, and what three of them need to know."""

    @property
    def channels(self) -> tuple[str, ...]: ...

    @property
    def webhook_id(self) -> str | None: ...

    @property
    def teams_id(self) -> str | None: ...

    @property
    def slack_channel(self) -> str | None: ...


async def check_target(home: House, workspace: str, person: Principal, target: Ways | None) -> None:
    """Raises `InvalidRequest` where something is missing, `QueryRefused` where the person may not send there."""
    if target is None:
        return
    for channel, field, hook_id in (
        ("webhook", "webhook_id", target.webhook_id),
        ("teams", "teams_id", target.teams_id),
    ):
        if channel in target.channels:
            await _check_webhook(home, workspace, person, field, hook_id)
    if "slack" in target.channels and home.slack is None:
        raise InvalidRequest(
            "Slack is not connected here.", code="no_slack", details={"field": "channels"},
            hint="An administrator connects it with SLACK_BOT_TOKEN.",
        )  # fmt: skip


async def _check_webhook(home: House, workspace: str, person: Principal, field: str, hook_id: str | None) -> None:
    """One of the workspace's own, chosen by who looks after them."""
    person.require("connect")
    if hook_id is None:
        raise InvalidRequest("Say which webhook it goes to.", details={"field": field})
    hook = await home.database.read(lambda c: webhooks.get(c, hook_id))
    if hook["workspace"] != workspace:
        raise QueryRefused("That webhook belongs to another workspace.", code="webhook_elsewhere")


def aware(moment: datetime | None) -> datetime | None:
    """A moment with a zone; without one it is UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
