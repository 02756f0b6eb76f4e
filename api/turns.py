"""A turn as JSON and back, so that a run which a crash cut off can be asked again; rights are never read from it."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from agent.turn import Turn
from store.errors import InvalidRequest
from store.principal import Principal


def to_json(turn: Turn) -> dict[str, Any]:
    """The turn without its asker, who is looked up again by the owner of the run."""
    return {
        "workspace": turn.workspace,
        "thread_id": turn.thread_id,
        "run_id": turn.run_id,
        "text": turn.text,
        "as_of": turn.as_of.isoformat() if turn.as_of else None,
        "brain": turn.brain,
        "answer_id": turn.answer_id,
        "patch": turn.patch,
        "resume": turn.resume,
        "glossary": list(turn.glossary),
        "locale": turn.locale,
        "deep": turn.deep,
    }


def from_json(data: dict[str, Any], principal: Principal) -> Turn:
    """The turn again, asked by `principal`."""
    as_of = datetime.fromisoformat(data["as_of"]) if data["as_of"] else None
    return Turn(**{**data, "as_of": as_of, "glossary": tuple(data["glossary"]), "principal": principal})


def parse_as_of(text: str | None) -> datetime | None:
    """What "today" means: a date is its noon, a time is taken as it is. Raises `InvalidRequest`."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest(
            "The value of `as_of` is not a date.", hint="Write it like 2026-11-21.", details={"field": "as_of"}
        ) from error
    if len(text) == len("2026-11-21"):
        return datetime.combine(moment.date(), time(12))
    return moment.replace(tzinfo=None)
