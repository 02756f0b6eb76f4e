"""The Slack app: Bolt takes what Slack says, we write it down and acknowledge at once, and answer when it is ready."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import structlog

from bots.reports.files import Report
from bots.slack import arrivals, home, modals, unfurls
from bots.slack.host import Host, Question
from bots.slack.inbox import Inbox, Work
from bots.slack.orders import Orders
from bots.slack.presses import Presses
from bots.slack.pushes import PREFIX, Pushes
from bots.slack.readers import Readers, workspace_of
from bots.slack.send import client
from bots.slack.talk import Talk
from store import settings
from store.errors import PlainsayError
from store.principal import Principal

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

log = structlog.get_logger("plainsay.slack")

OLDEST_SECONDS = 300
_NOISY = ("slack_bolt", "slack_sdk")
"""Their loggers write whole bodies; ours says what happened without what was said."""


def configured() -> bool:
    """Whether Slack is set up: a bot token, and a way in for what Slack says."""
    ways = settings.get("slack_signing_secret") or settings.get("slack_app_token")
    return bool(settings.get("slack_bot_token") and ways)


def signed(headers: Mapping[str, str], body: bytes, now: float | None = None) -> bool:
    """Whether Slack signed this body, in the last five minutes."""
    from slack_sdk.signature import SignatureVerifier

    secret = settings.get("slack_signing_secret")
    stamp, given = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    if not secret or not re.fullmatch(r"[0-9]{1,12}", stamp) or not given.isascii():
        return False
    if abs((now or time.time()) - int(stamp)) > OLDEST_SECONDS:
        return False
    return bool(SignatureVerifier(secret).is_valid(body, stamp, given))


class SlackDoor:
    """The bot of one server: `start` it in a running loop, give it what Slack says, `aclose` it at the end."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._patient = client()
        self._brisk = client()
        self._brisk.retry_handlers = []
        self._readers = Readers(host, self._patient)
        self.inbox = Inbox(host.database, host.holder, self._work)
        self._talk = Talk(host, self._patient, self._brisk, self._readers, self.inbox)
        self._presses = Presses(host, self._patient, self._readers, self._talk)
        self._orders = Orders(host, self._readers)
        self._pushes = Pushes(host, self._patient, self._readers, self._orders)
        self._talk.seeding = self._pushes.seeded
        self._bot: str | None = None
        self._team = ""
        self._bot_id: str | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket: Any = None
        self._app = self._made()

    async def start(self) -> None:
        """Work on what waits, and listen over Socket Mode where an app token says so."""
        self._spawn(self.inbox.run_forever())
        if settings.get("slack_app_token"):
            self._spawn(self._listen())

    async def aclose(self) -> None:
        """Stop; what is unanswered is answered by the next process."""
        if self._socket is not None:
            await self._socket.close_async()
            self._socket = None
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def push(
        self, message: Mapping[str, Any], person: Principal, channel: str | None, reports: Sequence[Report] = ()
    ) -> str:
        """Tell somebody something unasked, in a channel or in direct messages; where it went."""
        await self._know_myself()
        return await self._pushes.deliver(self._team, message, person, channel, reports)

    async def http(self, request: Any) -> Any:
        """What Slack sent over HTTP, as a Starlette request whose signature was checked."""
        from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler

        return await AsyncSlackRequestHandler(self._app).handle(request)

    def _made(self) -> AsyncApp:
        from slack_bolt.async_app import AsyncApp
        from slack_bolt.authorization import AuthorizeResult

        quiet = logging.getLogger("slack_bolt.plainsay")
        for name in _NOISY:
            logging.getLogger(name).setLevel(logging.ERROR)
        quiet.setLevel(logging.CRITICAL)

        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            await self._know_myself()
            return AuthorizeResult(
                enterprise_id=enterprise_id, team_id=team_id, bot_token=settings.get("slack_bot_token"),
                bot_user_id=self._bot, bot_id=self._bot_id,
            )  # fmt: skip

        app = AsyncApp(
            logger=quiet, client=self._patient, authorize=authorize, process_before_response=True,
            request_verification_enabled=False, signing_secret="checked before", ssl_check_enabled=False,
        )  # fmt: skip
        self._listeners(app)
        return app

    def _listeners(self, app: AsyncApp) -> None:
        app.event("app_mention")(self._said)
        app.event("message")(self._said)
        app.event("app_home_opened")(self._visited)
        app.event("assistant_thread_started")(self._greeted)
        app.event("link_shared")(self._linked)
        app.command("/plainsay")(self._commanded)
        app.action(re.compile(r"^(receipt|own)$"))(self._window)
        app.action("down")(self._complained)
        app.view(re.compile(rf"^({modals.CLARIFY}|{modals.COMPLAIN})$"))(self._submitted)
        app.action("web")(_nothing)
        app.action(re.compile(r"^(ask|near|choose|assume|start):\d+$"))(self._pressed)
        app.action("up")(self._pressed)
        app.action(re.compile(rf"^{PREFIX}(ask:\d+|ack|snooze|keep|(keep|stop):\d+)$"))(self._pressed)

    async def _said(self, body: dict[str, Any]) -> None:
        await self._know_myself()
        arrived = arrivals.of_event(body, self._bot)
        if arrived is not None:
            await self.inbox.take(*arrived)

    async def _pressed(self, ack: Any, body: dict[str, Any]) -> None:
        arrived = arrivals.of_press(body)
        if arrived is not None:
            await self.inbox.take(*arrived)
        await ack()

    async def _window(self, ack: Any, body: dict[str, Any]) -> None:
        await ack()
        self._open(body)

    def _open(self, body: dict[str, Any]) -> None:
        """Open the window of a button in the background; Slack lets one in for three seconds."""
        arrived = arrivals.of_press(body)
        if arrived is not None:
            self._spawn(self._presses.window(arrived[1], str(body.get("trigger_id") or "")))

    async def _complained(self, ack: Any, body: dict[str, Any]) -> None:
        """A thumb down counts as it is; the window that asks for more may be closed."""
        await self._pressed(ack, body)
        self._open(body)

    async def _submitted(self, ack: Any, body: dict[str, Any]) -> None:
        lacking, arrived = modals.missing(body), modals.submitted(body)
        if lacking:
            await ack(response_action="errors", errors=lacking)
            return
        if arrived is not None:
            await self.inbox.take(*arrived)
        await ack()

    async def _commanded(self, ack: Any, body: dict[str, Any]) -> None:
        words = str(body.get("text") or "").strip()
        if words.casefold() in ("", "help"):
            await ack(home.HELP)
        elif words.casefold() == "link":
            await ack(await home.linking(self._host, str(body["team_id"]), str(body["user_id"])))
        elif words.casefold() == "unlink":
            await ack(await home.unlinking(self._host, str(body["team_id"]), str(body["user_id"])))
        else:
            await self.inbox.take(*arrivals.of_command(body))
            await ack("I will answer you in our direct messages.")

    async def _visited(self, body: dict[str, Any]) -> None:
        event = body.get("event") or {}
        if event.get("tab", "home") == "home":
            self._spawn(home.show(self._host, self._patient, self._readers, str(body["team_id"]), str(event["user"])))

    async def _linked(self, body: dict[str, Any]) -> None:
        self._spawn(unfurls.unfurl(self._host, self._patient, self._readers, body))

    async def _greeted(self, body: dict[str, Any]) -> None:
        thread = (body.get("event") or {}).get("assistant_thread") or {}
        self._spawn(home.greet(self._host, self._patient, self._readers, str(body["team_id"]), thread))

    async def _work(self, work: Work) -> None:
        """Answer one event. Raises what is to be tried again, or given up."""
        body = work.body
        person = await self._readers.person(body["team"], body["user"])
        if person is None:
            await self._talk.say(work, home.STRANGER)
        elif body["kind"] == "press" and body["action"].startswith(PREFIX):
            await self._refusing(work, self._pushes.pressed(work, person, self._talk))
        elif body["kind"] == "press":
            await self._refusing(work, self._presses.pressed(work, person))
        else:
            await self._refusing(work, self._ask(work, person))

    async def _ask(self, work: Work, person: Any) -> None:
        body, head = work.body, ""
        if body["files"] and "loaded" not in work.stage:
            head = await home.load(self._host, self._patient, person, body, workspace_of(body["channel"]))
            await self.inbox.keep(work, loaded=head)
        head = str(work.stage.get("loaded", head))
        if not body["text"]:
            await self._talk.say(work, head or home.HELP)
            return
        if await self._orders.heard(work, person, self._talk):
            return
        if not await self._pushes.wished(work, person, self._talk):
            await self._talk.asked(work, person, Question(work.run_id, body["text"]), head)

    async def _refusing(self, work: Work, doing: Coroutine[Any, Any, None]) -> None:
        """What our own house refuses is said to the asker; what Slack refuses is not."""
        try:
            await doing
        except PlainsayError as error:
            if error.code.startswith("slack_") or error.retry == "as_is":
                raise
            await self._talk.say(work, home.refusal(error))

    async def _know_myself(self) -> None:
        if self._bot is None:
            found = await self._patient.auth_test()
            self._bot, self._bot_id = str(found["user_id"]), found.get("bot_id")
            self._team = str(found.get("team_id") or "")

    async def _listen(self) -> None:
        from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

        quiet = logging.getLogger("slack_sdk.plainsay")
        quiet.setLevel(logging.CRITICAL)
        handler = AsyncSocketModeHandler(self._app, settings.get("slack_app_token"), logger=quiet)
        self._socket = handler
        while True:
            try:
                await handler.connect_async()  # type: ignore[no-untyped-call]
                log.info("slack_socket_open")
                return
            except Exception as error:  # noqa: BLE001  the edge to Slack: whatever is wrong there, try again
                log.warning("slack_socket_waits", error=type(error).__name__)
                await asyncio.sleep(5.0)

    def _spawn(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_safely(doing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _safely(doing: Coroutine[Any, Any, None]) -> None:
    try:
        await doing
    except Exception as error:  # BLE001 - process edge: a failed courtesy must not stop the server
        log.exception("slack_task_failed", error=type(error).__name__)


async def _nothing(ack: Any) -> None:
    await ack()
