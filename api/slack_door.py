"""The server as the Slack bot sees it: runs, rights and files of this house, through the same gates as every door."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api import questions, streams
from api.questions import Asked
from bots.alerts.rule import Looks, Target, Telling
from bots.slack.host import Outcome, Question
from store import alerts, settings, shares
from store import runs as run_table
from store.database import Database
from store.errors import InvalidRequest, PlainsayError, Unavailable, UnknownName
from store.models import utc_now
from store.principal import LOCAL_OWNER, Principal
from warehouse import workspace as workspaces

if TYPE_CHECKING:
    from sqlalchemy.engine import RowMapping

    from api.house import House
    from bots.slack.app import SlackDoor

LOAD_SECONDS = 120.0
LOOK_SECONDS = 0.25


class HouseHost:
    """Implements `bots.slack.host.Host` for a house."""

    def __init__(self, home: House) -> None:
        self._home = home

    @property
    def database(self) -> Database:
        """Application state."""
        return self._home.database

    @property
    def holder(self) -> str:
        """This process among others."""
        return self._home.bus.id

    async def person(self, user_id: str) -> Principal | None:
        """The person as of now."""
        return await self._home.person(user_id)

    async def chosen(self, workspace: str | None, person: Principal) -> str:
        """The workspace meant. Raises `UnknownName`."""
        return await asyncio.to_thread(self._home.shelf.chosen, workspace, person)

    async def sight(self, workspace: str, person: Principal) -> str:
        """What hides rows and columns from a person, as a digest; empty when nothing does."""

        def read() -> str:
            from warehouse.compiler.policies import Rights

            inside = person.within(workspace)
            return Rights(self._home.shelf.views.get(workspace).model, inside).digest

        return await asyncio.to_thread(read)

    async def begin(self, person: Principal, question: Question) -> str:
        """Start a run, or attach to the one with its id; the thread it is in.

        Raises what asking raises: `UnknownName`, `InvalidRequest`, `TooFast`, `Conflict`.
        """
        known = await self.database.read(lambda c: run_table.run(c, question.run_id))
        if known is not None and person.owns(known):
            return str(known["thread_id"])
        most = settings.get("questions_per_minute")
        if person != LOCAL_OWNER and most:
            await self._home.rates.spend(f"asks:{person.user_id}", most, "questions")
        asked = Asked(
            text=question.text, workspace=question.workspace, thread_id=question.thread_id, run_id=question.run_id,
            answer_id=question.answer_id, patch=question.patch, resume=question.resume,
        )  # fmt: skip
        turn = await questions.turn(self._home, person, asked)
        await self._home.runs.start(turn, question.resumes)
        return turn.thread_id

    def events(self, run_id: str) -> AsyncIterator[dict[str, Any]]:
        """The AG-UI events of a run from its first."""
        return streams.events(self._home, run_id)

    async def outcome(self, run_id: str, person: Principal) -> Outcome:
        """How a run of this person ended, once it has."""
        await self._home.runs.wait(run_id)
        row = await self._home.runs.check(run_id, person)
        if row["status"] == "running":
            raise Unavailable("The server is stopping.", code="stopping", retry_after=1.0)
        error = row["error"] or {}
        return Outcome(row["thread_id"], row["workspace"], row["answer"], error.get("message", ""), error.get("hint"))

    async def wished(self, workspace: str, person: Principal, text: str, zone: str) -> tuple[str, str | None] | None:
        """What is said back to a sentence that asks for an alert, and the alert that waits to be agreed to."""
        from agent.alert_words import wished

        if wished(text) is None:
            return None
        inside = person.within(workspace)
        found = await self._home.alert_desk.proposed(workspace, inside, text, utc_now())
        if found is None:
            return None
        if found.rule is None or not inside.may("keep"):
            return " ".join([found.says, *(f"“{o}”" for o in found.options[:2])]), None
        values = {
            "name": found.says.removeprefix("I will tell you when ")[:117].rstrip("."), "active": False,
            "rule": found.rule.model_dump(mode="json"), "looks": Looks(zone=zone).model_dump(mode="json"),
            "telling": Telling().model_dump(mode="json"), "escalation": None, "next_at": None,
            "target": Target(channels=("inbox", "slack")).model_dump(mode="json"),
        }  # fmt: skip
        made = await self.database.write(lambda c: alerts.create(c, person.user_id, workspace, values))
        return found.says, made

    async def rate(self, run_id: str, person: Principal, said: dict[str, str]) -> None:
        """Keep what a person thinks of their answer. Raises `UnknownName`."""
        row = await self._home.runs.check(run_id, person)
        await self.database.write(lambda c: shares.say(c, row, person, said))

    async def followed(self, message: RowMapping, person: Principal, item: int) -> None:
        """Learn from who goes on from a finding of a digest; alerts were asked for one by one and teach nothing."""
        from bots.digests import learning

        def work() -> None:
            view = self._home.shelf.views.get(message["workspace"])
            learning.learn(view, person, "followed", learning.told(message["body"], item))

        if "alerts" not in message:
            with suppress(PlainsayError):
                await asyncio.to_thread(work)

    async def load(self, workspace: str, person: Principal, files: Sequence[tuple[str, bytes]]) -> str:
        """Load files as an upload of the page would; a sentence that says what came of it."""
        person.within(workspace).require("load")
        home = self._home
        place = workspaces.existing(workspace, home.home)
        job_id = home.jobs.new_id()
        folder = home.jobs.folder(place, job_id)
        names = await asyncio.to_thread(_spooled, folder, files)
        await home.jobs.queue(place, job_id, names, person)
        job: dict[str, Any] = {"state": "waiting"}
        async with asyncio.timeout(LOAD_SECONDS):
            while job["state"] not in ("done", "failed"):
                await asyncio.sleep(LOOK_SECONDS)
                job = await home.jobs.describe(job_id, person)
        if job["state"] == "failed":
            error = job["error"] or {}
            raise InvalidRequest(str(error.get("message") or "The file could not be read."), hint=error.get("hint"))
        return f"I loaded {', '.join(names)} into the workspace {workspace}."

    async def starters(self, person: Principal) -> tuple[str, Sequence[str]]:
        """The workspace a person would ask, and questions to begin with."""
        from bots.slack.readers import workspace_of

        def read() -> tuple[str, Sequence[str]]:
            from warehouse import sight

            name = self._home.shelf.chosen(workspace_of(""), person)
            model = self._home.shelf.views.get(name).model
            return name, tuple(sight.model_for(model, person.within(name)).starters)

        try:
            return await asyncio.to_thread(read)
        except UnknownName:
            return "", ()


def _spooled(folder: Path, files: Sequence[tuple[str, bytes]]) -> list[str]:
    """Files on disk under safe, different names."""
    from api.spool import safe_name

    names: list[str] = []
    folder.mkdir(parents=True)
    try:
        for given, content in files:
            name = safe_name(given, set(names))
            (folder / name).write_bytes(content)
            names.append(name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return names


def opened(home: House) -> SlackDoor | None:
    """The bot of this house, when Slack is set up; the libraries load only then. Raises `ConfigProblem`."""
    if not (
        settings.get("slack_bot_token") and (settings.get("slack_signing_secret") or settings.get("slack_app_token"))
    ):
        return None
    from bots.slack.app import SlackDoor

    return SlackDoor(HouseHost(home))
