"""What is told unasked in Slack: where it may stand, how it looks, and what its buttons do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from agent.alert_words import wished
from bots import sheets
from bots.alerts.desk import Watched
from bots.alerts.run import answered
from bots.digests import picture
from bots.digests.changes import in_brackets
from bots.digests.channels import pushed
from bots.digests.moments import Timing
from bots.reports.files import Report
from bots.slack import blocks, mrkdwn
from bots.slack.host import Host, Question
from bots.slack.inbox import Work
from bots.slack.orders import Orders
from bots.slack.readers import Readers, workspace_of
from bots.slack.send import Block, File, send
from bots.slack.talk import Talk
from store import alerts, digests, settings
from store import slack as table
from store.errors import QueryRefused
from store.models import utc_now
from store.principal import Principal

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

PREFIX = "push_"
SNOOZE = timedelta(days=1)
_MOST_ITEMS = 8
_GONE = "This message is too old for its buttons."
_OTHERS = "This message went to somebody else; only that person can answer for it."
_PRIVATE = "This was meant for a channel where not everybody may see the same data, so it comes to you alone."


class Pushes:
    """Posts digests and alerts, and does what their buttons say."""

    def __init__(self, host: Host, slack: AsyncWebClient, readers: Readers, orders: Orders) -> None:
        self._host = host
        self._slack = slack
        self._readers = readers
        self._orders = orders

    async def deliver(
        self, team: str, message: Mapping[str, Any], person: Principal, channel: str | None,
        reports: Sequence[Report] = (),
    ) -> str:  # fmt: skip
        """Post a message with its files to its reader, or into a channel whose readers may all see it; where it went.

        Done again it finds what it posted. Raises `QueryRefused` for somebody whom Slack does not know.
        """
        user = await self._readers.slack_user(team, person)
        if user is None:
            raise QueryRefused(
                "The reader is nobody in Slack.", code="no_slack_user",
                hint="Link the account: type /plainsay link in Slack.",
            )  # fmt: skip
        body, workspace = dict(message["body"]), message["workspace"]
        open_to_all = channel is not None and await self._readers.is_in(channel, user)
        open_to_all = open_to_all and await self._readers.all_may_see(
            team, str(channel), workspace, person.within(workspace)
        )
        told = shown(body, message["id"])
        if channel is not None and not open_to_all:
            told.insert(0, blocks.note(_PRIVATE))
        drawn = picture.png(body["chart"]) if body.get("chart") else None
        files = [File(sheets.file_name(body["chart"]["title"], "png"), drawn, body["chart"]["title"],
                      body["chart"]["alt"][:1000])] if drawn else []  # fmt: skip
        files += [File(r.name, r.content, body["name"]) for r in reports]
        words = mrkdwn.cut(mrkdwn.escape(body["headline"]), 300)
        to = str(channel) if open_to_all else user
        there = await send(self._slack, to, told, words, key=message["id"], files=files)
        values = {"run_id": message["id"], "user_id": person.user_id, "private": not open_to_all}
        await self._host.database.write(lambda c: table.keep_post(c, there.channel, there.ts, **values))
        return "posted to the channel" if open_to_all else "sent as a direct message"

    async def pressed(self, work: Work, person: Principal, talk: Talk) -> None:
        """Do what a button of a message says, with the rights of whoever pressed it."""
        action, _, number = work.body["action"].removeprefix(PREFIX).partition(":")
        value = work.body["value"]
        if action == "keep":
            await self._keep(work, person, talk, value)
            return
        if action == "stop":
            await self._orders.stopped(work, person, talk)
            return
        message = await self._host.database.read(lambda c: pushed(c, value))
        if message is None:
            await talk.say(work, _GONE)
        elif action == "ask":
            questions = message["body"]["questions"]
            at = int(number) if number.isascii() and number.isdigit() else len(questions)
            if at < len(questions) and person.role_in(message["workspace"]) is not None:
                if message["owner"] == person.user_id:
                    await self._host.followed(message, person, _item_of(message["body"], questions[at]))
                question = Question(work.run_id, questions[at], None, message["workspace"])
                await talk.asked(work, person, question, f"*{mrkdwn.cut(mrkdwn.escape(questions[at]), 200)}*")
        elif message["owner"] != person.user_id or "alerts" not in message:
            await talk.say(work, _OTHERS)
        else:
            now = utc_now()
            until = now + SNOOZE if action == "snooze" else None
            await self._host.database.write(lambda c: answered(c, message["body"], now, until))
            await talk.say(work, "Noted: it is quiet until tomorrow." if until else "Noted: you know of it.")

    async def wished(self, work: Work, person: Principal, talk: Talk) -> bool:
        """Say back an alert that somebody asks for, with a button to agree; false where they ask for something else."""
        body = work.body
        if wished(body["text"]) is None or "said" in work.stage:
            return "said" in work.stage
        workspace = await self._host.chosen(workspace_of(body["channel"]), person)
        if not body["direct"]:
            await talk.say(work, "Alerts are made in direct messages: write that to me there, please.")
            return True
        zone = await self._readers.zone(body["user"])
        found = await self._host.wished(workspace, person, body["text"], zone)
        if found is None:
            return False
        words, alert = mrkdwn.cut(mrkdwn.escape(found[0])), found[1]
        told = [blocks.text(words)]
        if alert is not None:
            told.append({"type": "actions", "elements": [blocks.button("Keep it", f"{PREFIX}keep", alert, "primary")]})
        await talk.say(work, words, told)
        return True

    async def _keep(self, work: Work, person: Principal, talk: Talk, alert: str) -> None:
        """Switch on an alert that its owner agreed to, or wants back, or a digest."""
        kept = alerts if alert.startswith("al-") else digests
        row = await self._host.database.read(lambda c: kept.find(c, alert))
        if row is None or row["owner"] != person.user_id:
            await talk.say(work, _GONE if row is None else _OTHERS)
            return
        timing = Watched.of(dict(row)).timing if kept is alerts else Timing.model_validate(row["timing"])
        again = {"active": True, "next_at": timing.following(utc_now())}
        again |= {"snoozed_until": None} if kept is alerts else {"muted_until": None}
        await self._host.database.write(lambda c: kept.change(c, alert, again))
        looks = "I look every morning, and when new data comes." if kept is alerts else "It comes as before."
        await talk.say(work, f"Kept: {mrkdwn.escape(row['name'])}. {looks}")

    async def seeded(self, work: Work, person: Principal) -> Question | None:
        """The question behind the message that somebody replies to, so that the conversation starts from its figures.

        None where the message is none of these, or the person has no rights where it comes from.
        """
        body = work.body
        if not body["thread_ts"]:
            return None
        post = await self._host.database.read(lambda c: table.post(c, body["channel"], body["thread_ts"]))
        message = await self._host.database.read(lambda c: pushed(c, post["run_id"])) if post is not None else None
        if message is None or person.role_in(message["workspace"]) is None:
            return None
        questions = [i["question"] for i in message["body"]["items"] if i["question"]]
        questions += message["body"]["questions"]
        if not questions:
            return None
        if message["owner"] == person.user_id:
            await self._host.followed(message, person, 0)
        run = f"{work.run_id}-seed"
        return Question(run, questions[0], f"th-{run}", message["workspace"])


def _item_of(body: Mapping[str, Any], question: str) -> int:
    """Which finding a question goes on from; one past the last where it is none of them."""
    asked = [item["question"] for item in body["items"]]
    return asked.index(question) if question in asked else len(asked)


def shown(body: Mapping[str, Any], message_id: str) -> list[Block]:
    """The blocks of a message; buttons carry its id and a number, never a word of it."""
    told: list[Block] = [blocks.text(f"*{mrkdwn.cut(mrkdwn.escape(body['headline']), 2_900)}*")]
    told += [part for n, item in enumerate(body["items"][:_MOST_ITEMS]) for part in _item(n, item, body["headline"])]
    if body["figures"]:
        lines = [
            f"{mrkdwn.escape(f['label'])}: {mrkdwn.escape(f['value'])}{mrkdwn.escape(in_brackets(f))}"
            for f in body["figures"]
        ]
        told.append(blocks.text("\n".join(lines)))
    told += [blocks.text(f"*Goals*\n{mrkdwn.cut(mrkdwn.escape(g), 2_900)}") for g in body["goals"]]
    told += [blocks.text(f"*Ahead*\n{mrkdwn.cut(mrkdwn.escape(body['ahead']), 2_900)}")] if body["ahead"] else []
    told += [blocks.note(mrkdwn.escape(body["note"]))] if body["note"] else []
    asked = [blocks.button(q, f"{PREFIX}ask:{n}", message_id) for n, q in enumerate(body["questions"][:3])]
    told += [{"type": "actions", "elements": [one]} for one in asked]
    return [*told, *_foot(body, message_id)]


def _item(number: int, item: Mapping[str, Any], headline: str) -> list[Block]:
    parts = [blocks.text(mrkdwn.cut(mrkdwn.escape(item["text"])))] if number or item["text"] not in headline else []
    if item["why"]:
        parts.append(blocks.note(f"Why: {mrkdwn.escape(item['why'])}"))
    if item.get("silence"):
        parts.append(blocks.note(mrkdwn.escape(item["silence"])))
    return parts


def _foot(body: Mapping[str, Any], message_id: str) -> list[Block]:
    made = []
    if body.get("kind") == "alert" and not body.get("over"):
        made.append(blocks.button("I know", f"{PREFIX}ack", message_id, "primary"))
        made.append(blocks.button("Quiet for a day", f"{PREFIX}snooze", message_id))
    site = str(settings.get("public_url")).rstrip("/")
    if site.startswith(("https://", "http://")):
        made.append(blocks.link("Open in Plainsay", f"{site}/inbox/{message_id}"))
    return [{"type": "actions", "elements": made}] if made else []
