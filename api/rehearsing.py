"""Rehearsals under way: begun by the first who asks, shown as far as they are to whoever asks again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy.engine import RowMapping

from bots.digests.desk import Wanted
from store.errors import PlainsayError
from store.models import utc_now
from store.principal import Principal

if TYPE_CHECKING:
    from api.house import House

MOST = 16
SECONDS = 2.0
"""How long a request waits for a rehearsal that may be over soon."""


@dataclass
class Rehearsal:
    """Messages by period, and how many moments of all are worked out."""

    of: int = 0
    done: int = 0
    messages: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    task: asyncio.Task[None] | None = None


_UNDER_WAY: WeakKeyDictionary[House, dict[tuple[Any, ...], Rehearsal]] = WeakKeyDictionary()


async def progress(home: House, row: RowMapping, person: Principal, days: int) -> dict[str, Any]:
    """How far a rehearsal is; it begins when nobody asked for it yet today."""
    now = utc_now()
    known = _UNDER_WAY.setdefault(home, {})
    key = (row["id"], row["version"], days, now.date(), person)
    if key not in known:
        for old in [k for k, r in known.items() if k[0] == row["id"]] + list(known)[: max(0, len(known) - MOST)]:
            gone = known.pop(old, None)
            if gone is not None and gone.task is not None:
                gone.task.cancel()
        known[key] = made = Rehearsal()
        made.task = asyncio.create_task(_rehearse(home, made, Wanted.of(dict(row)), person, (days, now)))
    found = known[key]
    if found.task is not None:
        await asyncio.wait({found.task}, timeout=SECONDS)
    finished = found.task is not None and found.task.done()
    return {
        "finished": finished, "done": found.done, "of": found.of, "messages": found.messages, "error": found.error
    }  # fmt: skip


async def _rehearse(
    home: House, made: Rehearsal, wanted: Wanted, person: Principal, span: tuple[int, datetime]
) -> None:
    try:
        async for step in home.desk.rehearsal(wanted, person, *span):
            made.done, made.of = step.done, step.of
            if not step.message.held:
                made.messages.append({"period": step.period, "at": step.moment, **step.message.to_dict()})
    except PlainsayError as error:
        made.error = error.message
