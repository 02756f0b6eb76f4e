"""Windows of Slack that ask for more than a button can: what was meant in one's own words, and what was wrong."""

from __future__ import annotations

import json
from typing import Any

from agent.answer import Answer
from bots.slack import blocks, mrkdwn
from bots.slack.arrivals import Body
from bots.slack.send import Block

CLARIFY, COMPLAIN = "clarify", "complain"
MOST_WORDS = 2_000
REASONS = (
    ("wrong_figure", "A figure is wrong"), ("wrong_period", "It is about the wrong period"),
    ("misread", "My question was misread"), ("unclear", "It is hard to understand"), ("other", "Something else"),
)  # fmt: skip


def clarifying(found: Answer, body: Body) -> dict[str, Any]:
    """The question back with all of its choices, and a field for one's own words where these are taken."""
    asked = found.clarification
    if asked is None:
        return blocks.message_modal("What do you mean?", "This question was answered already.")
    shown: list[Block] = [blocks.text(part) for part in mrkdwn.split(mrkdwn.of_markdown(asked.question))[:5]]
    options = [
        {"text": blocks.plain(o.label), "value": str(n), **({"description": blocks.plain(o.hint)} if o.hint else {})}
        for n, o in enumerate(asked.options[: blocks.MOST_CHOICES])
    ]
    if options:
        shown.append(_input("choice", "Choose one", {"type": "radio_buttons", "options": options}))
    if asked.allow_other:
        label = "Or say it in your own words" if options else "Say it in your own words"
        shown.append(_input("words", label, {"type": "plain_text_input", "max_length": MOST_WORDS}))
    return _view(CLARIFY, "What do you mean?", "Ask", shown, body)


def complaining(body: Body) -> dict[str, Any]:
    """What was wrong with an answer, for those who mend the model."""
    options = [{"text": blocks.plain(label), "value": reason} for reason, label in REASONS]
    words = {"type": "plain_text_input", "multiline": True, "max_length": MOST_WORDS}
    shown = [
        _input("reason", "What was wrong?", {"type": "radio_buttons", "options": options}),
        _input("words", "What would have been right?", words),
    ]
    return _view(COMPLAIN, "What was wrong?", "Send", shown, body)


def submitted(body: Body) -> tuple[str, Body] | None:
    """What somebody sent off in one of these windows, as a press on the message that it was opened from.

    None for what is none of ours. Of choices only their number counts, and of reasons only known ones.
    """
    view = body.get("view") or {}
    user = body.get("user") or {}
    team = str((body.get("team") or {}).get("id") or user.get("team_id") or "")
    try:
        at = json.loads(view.get("private_metadata") or "")
    except ValueError:
        return None
    kind = view.get("callback_id")
    if kind not in (CLARIFY, COMPLAIN) or not isinstance(at, dict) or not (team and user.get("id")):
        return None
    given = {k: v for block in ((view.get("state") or {}).get("values") or {}).values() for k, v in block.items()}
    words = str((given.get("words") or {}).get("value") or "").strip()[:MOST_WORDS]
    option = str(((given.get("choice") or given.get("reason") or {}).get("selected_option") or {}).get("value") or "")
    channel = str(at.get("channel") or "")
    made: Body = {
        "kind": "press", "team": team, "user": str(user["id"]), "channel": channel, "ts": str(at.get("ts") or ""),
        "thread_ts": at.get("thread_ts"), "direct": channel.startswith("D") or not channel,
        "action": _action(str(kind), option, words), "value": str(at.get("run") or ""), "option": option,
        "words": mrkdwn.of_person(words),
    }  # fmt: skip
    return f"view:{team}:{made['user']}:{view.get('id')}"[:200], made


def missing(body: Body) -> dict[str, str]:
    """What to say below a field when nothing was chosen and nothing written; empty where it can be sent."""
    taken = submitted(body)
    if taken is None or taken[1]["option"] or taken[1]["words"]:
        return {}
    blocks_of = [b.get("block_id") for b in (body.get("view") or {}).get("blocks") or []]
    return {"words" if "words" in blocks_of else "choice": "Choose one, or write what you mean."}


def _action(kind: str, option: str, words: str) -> str:
    """One's own words count before a choice: whoever writes says more than the choices do."""
    if kind == COMPLAIN:
        return "complaint"
    return "own" if words else f"choose:{option}"


def _input(name: str, label: str, element: dict[str, Any]) -> Block:
    return {
        "type": "input", "block_id": name, "optional": True, "label": blocks.plain(label),
        "element": {**element, "action_id": name},
    }  # fmt: skip


def _view(kind: str, title: str, submit: str, shown: list[Block], body: Body) -> dict[str, Any]:
    at = {"channel": body["channel"], "ts": body["ts"], "thread_ts": body["thread_ts"], "run": body["value"]}
    return {
        "type": "modal", "callback_id": kind, "private_metadata": json.dumps(at), "blocks": shown,
        "title": blocks.plain(title, 24), "submit": blocks.plain(submit, 24), "close": blocks.plain("Close", 24),
    }  # fmt: skip
