"""Who is asking in Slack, and who reads along: a channel is told only what each of its readers may see."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog

from bots.slack.host import Host
from bots.slack.send import told
from store import people, settings
from store import slack as table
from store.errors import InvalidRequest, PlainsayError, QueryRefused, UnknownName
from store.principal import LOCAL_OWNER, Principal

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

log = structlog.get_logger("plainsay.slack")

MOST_READERS = 500
PROFILE_SECONDS = 600.0
_MOST_PROFILES = 5_000


@dataclass(frozen=True)
class Profile:
    """What Slack says of one of its users; `email` only where Slack confirmed it and the user is of this team."""

    name: str
    email: str | None
    bot: bool
    zone: str = "UTC"


class Readers:
    """Slack users as people of Plainsay, with their rights as of now."""

    def __init__(self, host: Host, slack: AsyncWebClient) -> None:
        self._host = host
        self._slack = slack
        self._profiles: dict[str, tuple[float, Profile]] = {}

    async def person(self, team: str, slack_user: str) -> Principal | None:
        """Who a Slack user is: by the code they linked, else by their confirmed e-mail; None for a stranger."""
        user_id = await self._host.database.read(lambda c: table.linked(c, team, slack_user))
        if user_id is not None:
            return await self._host.person(user_id)
        if not settings.get("slack_by_email"):
            return None
        email = (await self.profile(slack_user)).email
        if email is None:
            return None
        row = await self._host.database.read(lambda c: people.by_email(c, email))
        return await self._host.person(row["id"]) if row is not None and row["kind"] == "person" else None

    async def slack_user(self, team: str, person: Principal) -> str | None:
        """The Slack user that a person is: the one they linked, else the one with their confirmed e-mail."""
        links = await self._host.database.read(lambda c: table.slack_users_of(c, person.user_id))
        for place, slack_user in links:
            if place == team:
                return slack_user
        if not settings.get("slack_by_email") or person.user_id == LOCAL_OWNER.user_id:
            return None
        email = (await self._host.database.read(lambda c: people.get(c, person.user_id)))["email"]
        if not email:
            return None
        try:
            async with told():
                found = str((await self._slack.users_lookupByEmail(email=email))["user"]["id"])
        except QueryRefused:
            return None
        known = await self.person(team, found)
        return found if known is not None and known.user_id == person.user_id else None

    async def is_in(self, channel: str, slack_user: str) -> bool:
        """Whether a Slack user reads a channel; no where Slack does not say."""
        try:
            return slack_user in await self._members(channel)
        except PlainsayError:
            return False

    async def profile(self, slack_user: str) -> Profile:
        """What Slack says of a user, looked up again after some minutes."""
        known = self._profiles.get(slack_user)
        if known is not None and time.monotonic() - known[0] < PROFILE_SECONDS:
            return known[1]
        async with told():
            found = (await self._slack.users_info(user=slack_user))["user"]
        if len(self._profiles) >= _MOST_PROFILES:
            self._profiles.clear()
        made = _profile(found)
        self._profiles[slack_user] = (time.monotonic(), made)
        return made

    async def zone(self, slack_user: str) -> str:
        """The time zone of a user, UTC where Slack does not say."""
        try:
            return (await self.profile(slack_user)).zone
        except PlainsayError:
            return "UTC"

    async def all_may_see(self, team: str, channel: str, workspace: str, asker: Principal) -> bool:
        """Whether every reader of a channel sees the very rows and columns that the asker sees, or more.

        Who cannot be told, or has no rights here, is a reason to say no.
        """
        try:
            mine = await self._host.sight(workspace, asker)
            members = await self._members(channel)
            if len(members) > MOST_READERS:
                return False
            return await self._all(team, members, workspace, mine)
        except PlainsayError as error:
            log.warning("readers_unknown", code=error.code)
            return False

    async def may_see(self, reader: Principal, owner_id: str, workspace: str) -> bool:
        """Whether a person may look at what was worked out with the rights of another."""
        owner = await self._host.person(owner_id)
        if owner is None:
            return False
        if owner.user_id == reader.user_id:
            return reader.role_in(workspace) is not None
        return await self._reads(reader, workspace, await self._host.sight(workspace, owner))

    async def _all(self, team: str, members: Iterable[str], workspace: str, mine: str) -> bool:
        for member in members:
            if (await self.profile(member)).bot:
                continue
            reader = await self.person(team, member)
            if reader is None or not await self._reads(reader, workspace, mine):
                return False
        return True

    async def _reads(self, reader: Principal, workspace: str, mine: str) -> bool:
        try:
            inside = reader.within(workspace)
        except UnknownName:
            return False
        return inside.may("ask") and await self._host.sight(workspace, inside) in ("", mine)

    async def _members(self, channel: str) -> list[str]:
        found: list[str] = []
        cursor = ""
        while len(found) <= MOST_READERS:
            async with told():
                page = await self._slack.conversations_members(channel=channel, limit=200, cursor=cursor)
            found += page["members"]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return found


def workspace_of(channel: str) -> str | None:
    """The workspace that the administrator gave a channel, else the one for all of Slack, else None."""
    for_all: str | None = None
    for part in str(settings.get("slack_workspaces")).split(","):
        place, mark, name = part.strip().rpartition("=")
        if mark and place.strip() == channel:
            return name.strip()
        if not mark and name:
            for_all = name
    return for_all


def _profile(user: dict[str, Any]) -> Profile:
    """Guests of other companies and users whose e-mail nobody confirmed have none here."""
    told_of = user.get("profile") or {}
    sure = bool(user.get("is_email_confirmed")) and not any(
        user.get(k) for k in ("deleted", "is_stranger", "is_bot", "is_restricted", "is_ultra_restricted")
    )
    email = None
    if sure and isinstance(told_of.get("email"), str):
        try:
            email = people.clean_email(told_of["email"])
        except InvalidRequest:
            email = None
    bot = bool(user.get("is_bot")) or user.get("id") == "USLACKBOT"
    name = str(user.get("real_name") or user.get("name") or "")[:200]
    return Profile(name, email, bot, _zone(str(user.get("tz") or "")))


def _zone(name: str) -> str:
    """A time zone as this machine knows it."""
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, KeyError):  # empty, a path, unknown
        return "UTC"
