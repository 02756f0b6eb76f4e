"""One reply from its first word to its last: where it may be said, said there once, edited as it grows, then whole."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from agent.answer import Answer
from bots import pictures, sheets
from bots.slack import arrivals, blocks, mrkdwn
from bots.slack.host import Host, Outcome, Question
from bots.slack.inbox import Inbox, Work
from bots.slack.readers import Readers, workspace_of
from bots.slack.send import Block, File, Posted, edit, find, opened, post, share, whisper
from store import runs, settings
from store import slack as table
from store.errors import PlainsayError, QueryRefused, Unavailable
from store.principal import Principal

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

log = structlog.get_logger("plainsay.slack")

EDIT_SECONDS = 1.5
"""Slack takes about one edit a second and channel."""
MOST_CHARTS = 2
_INLINE_ROWS = mrkdwn.MOST_ROWS
PRIVATE = (
    "I answered you in our direct messages, because not everybody in this channel may see the same data in Plainsay."
)


@dataclass(frozen=True)
class Place:
    """Where a reply goes: its message is in `channel`, below `thread_ts` if that is given."""

    channel: str
    thread_ts: str | None
    private: bool


@dataclass(frozen=True)
class Reply:
    """How a run ended, and what is said above its answer (encoded)."""

    run_id: str
    outcome: Outcome
    head: str


class Talk:
    """Replies to questions. `patient` waits when Slack says so, `brisk` gives up at once: an edit may be left out."""

    def __init__(
        self, host: Host, patient: AsyncWebClient, brisk: AsyncWebClient, readers: Readers, inbox: Inbox
    ) -> None:
        self._host = host
        self._patient = patient
        self._brisk = brisk
        self._readers = readers
        self._inbox = inbox
        self.seeding: Callable[[Work, Principal], Awaitable[Question | None]] = _nothing_before
        """The question that a reply goes on from, when it is one to a message that was sent unasked."""

    async def asked(self, work: Work, person: Principal, question: Question, head: str = "") -> None:
        """Answer `question` where it was asked, or in private; what was done before a crash is not done again."""
        body = work.body
        body["channel"] = body["channel"] or await opened(self._patient, body["user"])
        question = await self._threaded(work, person, question)
        place, there = await self._placed(work, person, question)
        try:
            thread_id = await self._host.begin(person, question)
        except PlainsayError as error:
            told, words = blocks.failure(error.message, error.hint)
            await edit(self._patient, there, told, words, work.id)
            return
        await self._kept(work, place, there, thread_id)
        await self._follow(question.run_id, there, work.id)
        outcome = await self._host.outcome(question.run_id, person)
        await self._finish(work, person, place, there, Reply(question.run_id, outcome, head))

    async def _threaded(self, work: Work, person: Principal, question: Question) -> Question:
        """The question in the thread that this conversation is, with its workspace; the first one begins it."""
        body = work.body
        if question.thread_id is None and question.answer_id is None:
            spot = arrivals.conversation(body["team"], body["channel"], _asked_below(body), body["user"])
            known = await self._host.database.read(lambda c: _own_thread(c, spot, person))
            if known is not None:
                return replace(question, thread_id=known["id"], workspace=known["workspace"])
            before = await self.seeding(work, person)
            if before is not None:
                thread = await self._host.begin(person, before)
                async for _ in self._host.events(before.run_id):
                    pass
                await self._host.outcome(before.run_id, person)
                return replace(question, thread_id=thread, workspace=before.workspace)
            question = replace(question, thread_id=f"th-{question.run_id}")
        wanted = question.workspace or workspace_of(body["channel"])
        return replace(question, workspace=await self._host.chosen(wanted, person))

    async def _placed(self, work: Work, person: Principal, question: Question) -> tuple[Place, Posted]:
        """Where the reply goes, and its message: the one that is there already, else a new one."""
        stage = work.stage
        if "ts" in stage:
            return Place(stage["channel"], stage["thread_ts"], stage["private"]), Posted(stage["channel"], stage["ts"])
        place = await self._place(work.body, person, question)
        there = None
        if work.attempts > 1:
            there = await find(self._patient, place.channel, work.id, place.thread_ts)
        there = there or await post(
            self._patient, place.channel, blocks.working(), "Looking at the data …", work.id, place.thread_ts
        )
        await self._inbox.keep(
            work, channel=place.channel, thread_ts=place.thread_ts, private=place.private, ts=there.ts
        )
        return place, there

    async def _place(self, body: dict[str, Any], person: Principal, question: Question) -> Place:
        if body["direct"]:
            return Place(body["channel"], body["thread_ts"], True)
        workspace = question.workspace or ""
        if await self._readers.all_may_see(body["team"], body["channel"], workspace, person.within(workspace)):
            return Place(body["channel"], body["thread_ts"] or body["ts"], False)
        direct = await opened(self._patient, body["user"])
        await whisper(self._patient, body["channel"], body["user"], PRIVATE, body["thread_ts"])
        return Place(direct, None, True)

    async def _kept(self, work: Work, place: Place, there: Posted, thread_id: str) -> None:
        """Go on in this thread wherever the person answers: where they asked, and where they were answered."""
        body = work.body
        spots = {(body["channel"], _asked_below(body)), (place.channel, place.thread_ts), (place.channel, there.ts)}
        names = sorted(arrivals.conversation(body["team"], channel, ts, body["user"]) for channel, ts in spots)

        def keep(connection: Connection) -> None:
            for name in names:
                table.keep_thread(connection, name, thread_id)

        await self._host.database.write(keep)

    async def _follow(self, run_id: str, there: Posted, key: str) -> None:
        """Show the answer while it grows, now and then; an edit that Slack does not want is left out."""
        said, doing, shown, at = "", "Looking at the data …", "", time.monotonic()
        async for event in self._host.events(run_id):
            if event.get("type") == "TEXT_MESSAGE_CONTENT":
                said += str(event.get("delta") or "")
            elif event.get("type") == "STEP_STARTED":
                doing = str(event.get("stepName") or doing)
            due = time.monotonic() - at >= EDIT_SECONDS
            if due and f"{said}{doing}" != shown:
                shown = f"{said}{doing}"
                try:
                    told = blocks.working(doing, said)
                    await edit(self._brisk, there, told, "Looking at the data …", key)
                except (Unavailable, QueryRefused):
                    log.info("slack_edit_left_out")
                at = time.monotonic()

    async def _finish(self, work: Work, person: Principal, place: Place, there: Posted, reply: Reply) -> None:
        outcome = reply.outcome
        if outcome.answer is None:
            told, words = blocks.failure(outcome.message or "The question was stopped.", outcome.hint)
            await edit(self._patient, there, told, words, work.id)
            return
        found = Answer.model_validate(outcome.answer)
        values = {"run_id": reply.run_id, "user_id": person.user_id, "private": place.private}
        await self._host.database.write(lambda c: table.keep_post(c, there.channel, there.ts, **values))
        told, words = blocks.answer(found, reply.run_id, web_link(outcome.thread_id), reply.head)
        await edit(self._patient, there, told, words, work.id)
        if not work.stage.get("files"):
            # noted first: files that are missing after a crash are better than files that come twice
            await self._inbox.keep(work, files=True)
            await self._attach(found, place)

    async def _attach(self, found: Answer, place: Place) -> None:
        files = await attachments(found)
        if files:
            try:
                await share(self._patient, place.channel, place.thread_ts, files)
            except (Unavailable, QueryRefused) as error:
                log.warning("slack_files_not_shared", code=error.code)

    async def say(self, work: Work, words: str, told: list[Block] | None = None) -> None:
        """A sentence of our own where something was said, only for who said it where others read along."""
        body = work.body
        if "said" in work.stage:
            return
        if body["direct"]:
            channel = body["channel"] or await opened(self._patient, body["user"])
            there = await find(self._patient, channel, work.id, body["thread_ts"]) if work.attempts > 1 else None
            if there is None:
                await post(self._patient, channel, told or [blocks.text(words)], words, work.id, body["thread_ts"])
        else:
            await whisper(self._patient, body["channel"], body["user"], words, body["thread_ts"])
        await self._inbox.keep(work, said=True)


async def _nothing_before(_work: Work, _person: Principal) -> Question | None:
    return None


def _asked_below(body: dict[str, Any]) -> str | None:
    """The thread a question stands in; one in a channel begins its own."""
    return body["thread_ts"] or (None if body["direct"] else body["ts"])


def _own_thread(connection: Connection, spot: str, person: Principal) -> RowMapping | None:
    """The Plainsay thread of a conversation, if it is still there and the person's own."""
    known = table.thread_of(connection, spot)
    row = runs.thread(connection, known) if known is not None else None
    return row if row is not None and person.owns(row) else None


async def attachments(found: Answer) -> list[File]:
    """The charts as pictures and, where the message shows only its head, the table as a file."""
    files: list[File] = []
    tables = {t.id: t for t in found.all_tables()}
    for chart in found.charts[:MOST_CHARTS]:
        drawn = await pictures.drawn(chart, tables[chart.table]) if chart.table in tables else None
        if drawn is not None:
            files.append(File(sheets.file_name(chart.title, "png"), drawn, chart.title, chart.alt[:1000]))
    main = found.result
    if main is not None and (len(main.rows) > _INLINE_ROWS or len(main.columns) > 4):
        files.append(File(sheets.file_name(main.title, "csv"), sheets.csv_file(main), main.title))
    return files


def web_link(thread_id: str) -> str | None:
    """Where a conversation goes on in the web, when the address that people open is known."""
    base = str(settings.get("public_url")).rstrip("/")
    return f"{base}/t/{thread_id}" if base.startswith(("https://", "http://")) else None
