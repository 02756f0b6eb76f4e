"""Posting to Slack without saying anything twice: the one place that knows its limits, its faults and its retries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from store import settings
from store.errors import ConfigProblem, QueryRefused, Unavailable

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

log = structlog.get_logger("plainsay.slack")

MARK = "plainsay_reply"
"""What our messages are marked with, so that one whose sending was cut off is found again."""
SECONDS = 30
MOST_WAITS = 5
_PASSING = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_ON_PLAIN: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False, "parse": "none", "link_names": False}

Block = dict[str, Any]


@dataclass(frozen=True)
class File:
    """A file beside a message; `alt` describes a picture to who cannot see it."""

    name: str
    content: bytes
    title: str
    alt: str = ""


@dataclass(frozen=True)
class Posted:
    """Where a message is."""

    channel: str
    ts: str


def client(token: str | None = None, url: str | None = None) -> AsyncWebClient:
    """A client of Slack's Web API that waits as long as Slack says. Raises `ConfigProblem` without a token."""
    try:
        from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
        from slack_sdk.web.async_client import AsyncWebClient
    except ModuleNotFoundError as error:
        raise ConfigProblem(
            "Slack needs a package that is not installed.",
            code="missing_extra",
            hint="Install it with: pip install 'plainsay[slack]'.",
        ) from error
    token = token or settings.get("slack_bot_token")
    if not token:
        raise ConfigProblem(
            "Slack is not set up here.", code="no_slack", hint="Set SLACK_BOT_TOKEN; see docs/slack.md."
        )
    base = url or settings.get("slack_url")
    waiting = AsyncRateLimitErrorRetryHandler(max_retry_count=MOST_WAITS)
    return AsyncWebClient(token=token, base_url=base, timeout=SECONDS, retry_handlers=[waiting])


@asynccontextmanager
async def told() -> AsyncIterator[None]:
    """Slack's faults as ours: `Unavailable` where trying again helps, `QueryRefused` where it does not."""
    import aiohttp
    from slack_sdk.errors import SlackApiError, SlackClientError

    try:
        yield
    except SlackApiError as error:
        data = error.response.data if isinstance(error.response.data, dict) else {}
        code = str(data.get("error", "unknown"))
        status = error.response.status_code or 200
        log.warning("slack_said_no", code=code, status=status)
        if code in _PASSING or status >= 500 or status == 429:
            raise Unavailable("Slack does not answer at the moment.", code="slack_busy", retry_after=5.0) from error
        raise QueryRefused("Slack refused the message.", code="slack_refused", details={"slack": code}) from error
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("slack_unreachable", error=type(error).__name__)
        raise Unavailable("Slack does not answer at the moment.", code="slack_unreachable", retry_after=5.0) from error


async def send(
    slack: AsyncWebClient,
    to: str,
    blocks: Sequence[Block],
    text: str,
    *,
    key: str,
    thread_ts: str | None = None,
    files: Sequence[File] = (),
) -> Posted:
    """Post blocks and files to a channel (C…) or person (U…); `text` is what a notification shows, already encoded.

    With the same `key` it finds the message that an earlier, cut-off call posted, and posts no second one.
    Raises `Unavailable` to be tried again, `QueryRefused` when Slack will not have it.
    """
    channel = await opened(slack, to)
    there = await find(slack, channel, key, thread_ts) or await post(slack, channel, blocks, text, key, thread_ts)
    if files:
        await share(slack, there.channel, thread_ts or there.ts, files)
    return there


async def opened(slack: AsyncWebClient, to: str) -> str:
    """The channel to write to: that of the direct messages with a person, or the one given."""
    if not to.startswith(("U", "W")):
        return to
    async with told():
        return str((await slack.conversations_open(users=[to]))["channel"]["id"])


async def post(
    slack: AsyncWebClient, channel: str, blocks: Sequence[Block], text: str, key: str, thread_ts: str | None = None
) -> Posted:
    """Post one message, marked with `key`."""
    async with told():
        said = await slack.chat_postMessage(
            channel=channel, text=text[:3_000], blocks=list(blocks)[:50], thread_ts=thread_ts, mrkdwn=False,
            metadata={"event_type": MARK, "event_payload": {"key": key}}, **_ON_PLAIN,
        )  # fmt: skip
    return Posted(str(said["channel"]), str(said["ts"]))


async def edit(slack: AsyncWebClient, there: Posted, blocks: Sequence[Block], text: str, key: str) -> None:
    """Put something else into a message of ours."""
    async with told():
        await slack.chat_update(
            channel=there.channel, ts=there.ts, text=text[:3_000], blocks=list(blocks)[:50], parse="none",
            link_names=False, metadata={"event_type": MARK, "event_payload": {"key": key}},
        )  # fmt: skip


async def whisper(slack: AsyncWebClient, channel: str, user: str, text: str, thread_ts: str | None = None) -> None:
    """Tell one person in a channel something that the others do not see; `text` is encoded already."""
    async with told():
        block = {"type": "section", "text": {"type": "mrkdwn", "text": text[:3_000], "verbatim": True}}
        more: dict[str, Any] = {"thread_ts": thread_ts} if thread_ts else {}
        await slack.chat_postEphemeral(
            channel=channel, user=user, text=text[:3_000], blocks=[block], parse="none", link_names=False, **more
        )


async def find(slack: AsyncWebClient, channel: str, key: str, thread_ts: str | None = None) -> Posted | None:
    """The message that was marked with `key`, among the latest of a conversation."""
    async with told():
        if thread_ts:
            found = await slack.conversations_replies(
                channel=channel, ts=thread_ts, limit=200, include_all_metadata=True
            )
        else:
            found = await slack.conversations_history(channel=channel, limit=100, include_all_metadata=True)
    for message in found.get("messages") or []:
        marked = message.get("metadata") or {}
        if marked.get("event_type") == MARK and (marked.get("event_payload") or {}).get("key") == key:
            return Posted(channel, str(message["ts"]))
    return None


async def share(slack: AsyncWebClient, channel: str, thread_ts: str | None, files: Sequence[File]) -> None:
    """Upload files and show them in a thread, all in one message."""
    async with told():
        await slack.files_upload_v2(
            channel=channel, thread_ts=thread_ts,
            file_uploads=[
                {"content": f.content, "filename": f.name, "title": f.title, **({"alt_txt": f.alt} if f.alt else {})}
                for f in files
            ],
        )  # fmt: skip
