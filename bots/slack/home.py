"""What the bot says about itself: help, linking, its home page, and what becomes of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bots.slack import blocks, mrkdwn, news
from bots.slack.host import Host
from bots.slack.readers import Readers
from bots.slack.send import Block, told
from store import settings, tickets
from store import slack as table
from store.errors import InvalidRequest, PlainsayError, Unavailable
from store.principal import Principal

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

MOST_STARTERS = 6
HELP = (
    "Ask me about your business data: mention me in a channel, write to me here, or type `/plainsay` and a question. "
    "`/plainsay link` connects you with your Plainsay account, `/plainsay unlink` ends that."
)
STRANGER = (
    "I do not know yet who you are in Plainsay, so I cannot show you any data. Type `/plainsay link` to connect your "
    "account, or ask your administrator for one."
)


async def linking(host: Host, team: str, slack_user: str) -> str:
    """A code that makes whoever enters it in Plainsay this Slack user; works once, for a quarter of an hour."""
    body = {"team": team, "slack_user": slack_user}
    _, code = await host.database.write(lambda c: tickets.issue(c, "slack", body, f"slack:{slack_user}"))
    base = str(settings.get("public_url")).rstrip("/")
    where = f" Open {base}/account, sign in, and enter it there." if base else ""
    return (
        f"Your code: `{code}`.{where} An administrator can run `plainsay slack link EMAIL CODE`. It works once, for "
        "15 minutes. Never enter a code that somebody else gave you: it would give that person your rights."
    )


async def unlinking(host: Host, team: str, slack_user: str) -> str:
    """Forget who a Slack user is."""
    done = await host.database.write(lambda c: table.unlink(c, team, slack_user))
    return "Done: you are no longer linked." if done else "You were not linked."


def refusal(error: PlainsayError) -> str:
    """Why not, encoded."""
    return mrkdwn.cut(mrkdwn.escape(f"{error.message} {error.hint or ''}".strip()))


async def show(host: Host, slack: AsyncWebClient, readers: Readers, team: str, slack_user: str) -> None:
    """The home page of a person: what to ask, and what changed."""
    person = await readers.person(team, slack_user)
    shown: list[Block] = [{"type": "header", "text": {"type": "plain_text", "text": "Ask your business data"}}]
    if person is None:
        shown.append(blocks.text(STRANGER))
    else:
        workspace, starters = await host.starters(person)
        shown += [blocks.text(HELP), {"type": "divider"}, blocks.note(f"Questions for *{mrkdwn.escape(workspace)}*:")]
        buttons = [blocks.button(q, f"start:{n}", str(n)) for n, q in enumerate(starters[:MOST_STARTERS])]
        shown += [{"type": "actions", "elements": [one]} for one in buttons]
        shown += await host.database.read(lambda c: news.home(c, person))
    base = str(settings.get("public_url")).rstrip("/")
    if base.startswith(("https://", "http://")):
        shown.append({"type": "actions", "elements": [blocks.link("Open Plainsay", base)]})
    async with told():
        await slack.views_publish(user_id=slack_user, view={"type": "home", "blocks": shown})


async def greet(host: Host, slack: AsyncWebClient, readers: Readers, team: str, thread: dict[str, Any]) -> None:
    """Questions to begin with, in a new assistant thread."""
    person = await readers.person(team, str(thread.get("user_id") or ""))
    if person is None:
        return
    _, starters = await host.starters(person)
    prompts = [{"title": q[:75], "message": q} for q in starters[:4]]
    if prompts:
        async with told():
            await slack.assistant_threads_setSuggestedPrompts(
                channel_id=str(thread["channel_id"]), thread_ts=str(thread["thread_ts"]), prompts=prompts
            )


async def load(
    host: Host, slack: AsyncWebClient, person: Principal, body: dict[str, Any], workspace: str | None
) -> str:
    """Take files out of Slack into the workspace; a sentence (encoded) of what came of it.

    Raises `InvalidRequest` for a file that is too large or lies elsewhere, and what loading raises.
    """
    name = await host.chosen(workspace, person)
    person.within(name).require("load")
    most = settings.get("upload_bytes")
    if sum(f["size"] for f in body["files"]) > most:
        raise InvalidRequest("The files are larger than what may be uploaded.", code="too_large")
    files = [(f["name"], await _fetched(slack, f["url"], most)) for f in body["files"]]
    return mrkdwn.escape(await host.load(name, person, files))


async def _fetched(slack: AsyncWebClient, url: str, most: int) -> bytes:
    """A file of Slack; our token goes to Slack's own hosts alone, and no redirect is followed."""
    import aiohttp

    there, api = urlsplit(url), urlsplit(slack.base_url)
    own = (there.hostname or "").endswith(".slack.com") and there.scheme == "https"
    if not own and (there.scheme, there.netloc) != (api.scheme, api.netloc):
        raise InvalidRequest("This file does not lie in Slack.", code="foreign_file")
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session,
            session.get(url, headers={"Authorization": f"Bearer {slack.token}"}, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise Unavailable("Slack did not give out the file.", code="slack_file")
            content = bytearray()
            async for part in response.content.iter_chunked(65_536):
                content += part
                if len(content) > most:
                    raise InvalidRequest("The file is larger than what may be uploaded.", code="too_large")
            return bytes(content)
    except aiohttp.ClientError as error:
        raise Unavailable("Slack did not give out the file.", code="slack_file") from error
