"""Buttons and menus: looked up by the message they stand on, done with the rights of whoever pressed them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import RowMapping

from agent.answer import Answer
from agent.plan import Assumption
from bots.slack import blocks, modals, mrkdwn
from bots.slack.host import Host, Question
from bots.slack.inbox import Work
from bots.slack.readers import Readers
from bots.slack.send import told
from bots.slack.talk import Talk
from store import slack as table
from store.errors import PlainsayError, UnknownName
from store.principal import Principal

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

_GONE = "This message is too old for its buttons. Ask again, please."
_NOT_YOURS = "This was worked out with the rights of somebody else. Ask the question yourself to see your figures."
_TITLES = {"receipt": "How we know", "own": "What do you mean?", "down": "What was wrong?"}
_VERDICTS = {"up": "up", "down": "down", "complaint": "down"}
_THANKS = {
    "up": "Thank you, noted.", "down": "Thank you, we will look into it.",
    "complaint": "Thank you. Those who look after the figures will see what you wrote.",
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """What a message shows: the run, whose it is, and the answer."""

    run_id: str
    owner: Principal
    workspace: str
    thread_id: str
    answer: Answer


class Presses:
    """What each button does."""

    def __init__(self, host: Host, slack: AsyncWebClient, readers: Readers, talk: Talk) -> None:
        self._host = host
        self._slack = slack
        self._readers = readers
        self._talk = talk

    async def pressed(self, work: Work, person: Principal) -> None:
        """Do what a button says. Raises what Slack and the house raise."""
        action, _, number = work.body["action"].partition(":")
        if action == "start":
            await self._start(work, person, number)
            return
        shown = await self._shown(work.body)
        if shown is None or (work.body["value"] and work.body["value"] != shown.run_id):
            await self._talk.say(work, _GONE)
            return
        if not await self._readers.may_see(person, shown.owner.user_id, shown.workspace):
            await self._talk.say(work, _NOT_YOURS)
            return
        await self._do(work, person, shown, action, number)

    async def window(self, body: dict[str, Any], trigger: str) -> None:
        """Open the window of a button: how an answer was worked out, what was meant, what was wrong. What it shows is
        for who may see the answer, and only who asked can say what was wrong with it."""
        person = await self._readers.person(body["team"], body["user"])
        shown = await self._shown(body)
        title = _TITLES[body["action"]]
        if person is None or shown is None or body["value"] != shown.run_id:
            view = blocks.message_modal(title, _GONE)
        elif not await self._readers.may_see(person, shown.owner.user_id, shown.workspace):
            view = blocks.message_modal(title, _NOT_YOURS)
        elif body["action"] == "receipt":
            view = blocks.receipt(shown.answer)
        elif body["action"] == "own":
            view = modals.clarifying(shown.answer, body)
        elif person.user_id == shown.owner.user_id:
            view = modals.complaining(body)
        else:
            return
        async with told():
            await self._slack.views_open(trigger_id=trigger, view=view)

    async def _do(self, work: Work, person: Principal, shown: Shown, action: str, number: str) -> None:
        mine = person.user_id == shown.owner.user_id
        at = int(number) if number.isascii() and number.isdigit() else 0
        if action in _VERDICTS:
            await self._rate(work, person, shown, action, mine)
        elif action == "own":
            await self._own(work, person, shown, mine)
        elif action == "ask" and at < len(shown.answer.suggestions):
            await self._ask(work, person, shown.answer.suggestions[at].question, shown, mine)
        elif action == "near" and shown.answer.declined and at < len(shown.answer.declined.nearest):
            await self._ask(work, person, shown.answer.declined.nearest[at], shown, mine)
        elif action == "choose":
            await self._choose(work, person, shown, at, mine)
        elif action == "assume":
            await self._assume(work, person, shown, at, mine)

    async def _rate(self, work: Work, person: Principal, shown: Shown, verdict: str, mine: bool) -> None:
        if not mine:
            await self._talk.say(work, "Only the person who asked can rate this answer.")
            return
        body = work.body
        reason = body["option"] if body["option"] in dict(modals.REASONS) else ""
        said = {"verdict": _VERDICTS[verdict], "reason": reason, "comment": body.get("words", "")}
        await self._host.rate(shown.run_id, person, said)
        await self._talk.say(work, _THANKS[verdict])

    async def _own(self, work: Work, person: Principal, shown: Shown, mine: bool) -> None:
        """A question back is answered in one's own words; somebody else's is asked anew in these words."""
        words = work.body.get("words", "")
        if shown.answer.clarification is None or not words:
            await self._talk.say(work, _GONE)
            return
        if mine:
            question = Question(
                work.run_id, "", shown.thread_id, shown.workspace, resume={"other": words}, resumes=shown.run_id
            )  # fmt: skip
        else:
            question = Question(work.run_id, f"{shown.answer.question} ({words})", None, shown.workspace)
        await self._talk.asked(work, person, question, _said(words))

    async def _ask(self, work: Work, person: Principal, words: str, shown: Shown, mine: bool) -> None:
        thread = shown.thread_id if mine else None
        question = Question(work.run_id, words, thread, shown.workspace)
        await self._talk.asked(work, person, question, _said(words))

    async def _choose(self, work: Work, person: Principal, shown: Shown, at: int, mine: bool) -> None:
        asked = shown.answer.clarification
        if asked is None or at >= len(asked.options):
            await self._talk.say(work, _GONE)
            return
        chosen, run, thread = asked.options[at], shown.run_id, shown.thread_id
        if not mine:
            run, thread, again = await self._again(work, person, shown)
            options = again.clarification.options if again.clarification else []
            if chosen.value not in {o.value for o in options}:
                await self._talk.say(work, _NOT_YOURS)
                return
        question = Question(work.run_id, "", thread, shown.workspace, resume={"choice": chosen.value}, resumes=run)
        await self._talk.asked(work, person, question, _said(chosen.label))

    async def _assume(self, work: Work, person: Principal, shown: Shown, at: int, mine: bool) -> None:
        option = work.body["option"]
        index = int(option) if option.isascii() and option.isdigit() else -1
        found = shown.answer.assumptions[at] if at < len(shown.answer.assumptions) else None
        if found is None or not 0 <= index < len(found.options):
            await self._talk.say(work, _GONE)
            return
        value, label, answer = found.options[index].value, found.options[index].label, shown.answer
        if not mine:
            _, _, answer = await self._again(work, person, shown)
        patch = _patch(answer.assumptions, found.key, value)
        if patch is None:
            await self._talk.say(work, _NOT_YOURS)
            return
        question = Question(work.run_id, "", None, shown.workspace, answer_id=answer.id, patch=patch)
        await self._talk.asked(work, person, question, _said(f"{found.label}: {label}"))

    async def _again(self, work: Work, person: Principal, shown: Shown) -> tuple[str, str, Answer]:
        """The question of somebody else, asked with one's own rights: its run, thread and answer."""
        run = f"{work.run_id}-own"
        question = Question(run, shown.answer.question, f"th-{run}", shown.workspace)
        thread = await self._host.begin(person, question)
        async for _ in self._host.events(run):
            pass
        outcome = await self._host.outcome(run, person)
        if outcome.answer is None:
            raise UnknownName(outcome.message or "The question was stopped.", code="not_again")
        return run, thread, Answer.model_validate(outcome.answer)

    async def _start(self, work: Work, person: Principal, number: str) -> None:
        workspace, starters = await self._host.starters(person)
        at = int(number) if number.isascii() and number.isdigit() else len(starters)
        if at < len(starters):
            question = Question(work.run_id, starters[at], None, workspace)
            await self._talk.asked(work, person, question, _said(starters[at]))

    async def _shown(self, body: dict[str, Any]) -> Shown | None:
        row: RowMapping | None = await self._host.database.read(lambda c: table.post(c, body["channel"], body["ts"]))
        owner = await self._host.person(row["user_id"]) if row is not None else None
        if row is None or owner is None:
            return None
        try:
            outcome = await self._host.outcome(row["run_id"], owner)
        except PlainsayError:
            return None
        if outcome.answer is None:
            return None
        answer = Answer.model_validate(outcome.answer)
        return Shown(row["run_id"], owner, outcome.workspace, outcome.thread_id, answer)


def _patch(assumptions: list[Assumption], key: str, value: str) -> dict[str, Any] | None:
    options = next((a.options for a in assumptions if a.key == key), [])
    return next((o.patch for o in options if o.value == value), None)


def _said(words: str) -> str:
    return f"*{mrkdwn.cut(mrkdwn.escape(words), 200)}*"
