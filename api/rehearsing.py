"""Rehearsals under way: begun by the first who asks, shown as far as they are to whoever asks again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy.engine import RowMapping

from bots.alerts.desk import Watched
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
    """Messages by period, how many moments of all are worked out, and how many of them had to wait for data."""

    of: int = 0
    done: int = 0
    messages: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    waited: int = 0
    task: asyncio.Task[None] | None = None


_UNDER_WAY: WeakKeyDictionary[House, dict[tuple[Any, ...], Rehearsal]] = WeakKeyDictionary()


async def of_digest(home: House, row: RowMapping, person: Principal, days: int) -> dict[str, Any]:
    """How far the rehearsal of a digest is; it begins when nobody asked for it yet today."""
    now = utc_now()
    wanted = Wanted.of(dict(row))
    key = (row["id"], row["version"], days, now.date(), repr(person))
    return await _progress(home, key, lambda made: _digest(home, made, wanted, person, (days, now)))


async def of_alert(
    home: House, named: tuple[Any, ...], watched: Watched, person: Principal, span: tuple[int, datetime]
) -> dict[str, Any]:
    """How far the rehearsal of a rule is over `span` (days, and until when); it begins when nobody asked yet today."""
    key = (*named, span[0], span[1].date(), repr(person))
    return await _progress(home, key, lambda made: _alert(home, made, watched, person, span))


async def _progress(
    home: House, key: tuple[Any, ...], begin: Callable[[Rehearsal], Coroutine[Any, Any, None]]
) -> dict[str, Any]:
    known = _UNDER_WAY.setdefault(home, {})
    if key not in known:
        for old in [k for k in known if k[0] == key[0] != "rule"] + list(known)[: max(0, len(known) - MOST)]:
            gone = known.pop(old, None)
            if gone is not None and gone.task is not None:
                gone.task.cancel()
        known[key] = made = Rehearsal()
        made.task = asyncio.create_task(begin(made))
    found = known[key]
    if found.task is not None:
        await asyncio.wait({found.task}, timeout=SECONDS)
    finished = found.task is not None and found.task.done()
    return {
        "finished": finished, "done": found.done, "of": found.of, "messages": found.messages, "error": found.error,
        "waited": found.waited,
    }  # fmt: skip


async def _digest(home: House, made: Rehearsal, wanted: Wanted, person: Principal, span: tuple[int, datetime]) -> None:
    try:
        async for step in home.desk.rehearsal(wanted, person, *span):
            made.done, made.of = step.done, step.of
            if not step.message.held:
                made.messages.append({"period": step.period, "at": step.moment, **step.message.to_dict()})
    except PlainsayError as error:
        made.error = error.message


async def _alert(home: House, made: Rehearsal, watched: Watched, person: Principal, span: tuple[int, datetime]) -> None:
    try:
        async for step in home.alert_desk.rehearsal(watched, person, *span):
            made.done, made.of = step.done, step.of
            made.waited += bool(step.waiting)
            if step.body is not None:
                made.messages.append({"at": step.moment, **step.body})
    except PlainsayError as error:
        made.error = error.message
