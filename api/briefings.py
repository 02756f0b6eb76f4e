"""What stands out in a workspace, worked out once for each state of its data, each day and each person's rights."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from store.errors import NotEnough, Unavailable
from store.principal import Principal

if TYPE_CHECKING:
    from api.house import House
    from warehouse.engines.base import Engine

MOST_KEPT = 64
SECONDS = 15.0
Key = tuple[Any, ...]


@dataclass
class _Kept:
    """Finished briefings, the latest last, and those under way."""

    done: OrderedDict[Key, dict[str, Any]] = field(default_factory=OrderedDict)
    under_way: dict[Key, asyncio.Task[dict[str, Any]]] = field(default_factory=dict)


_KEPT: WeakKeyDictionary[House, _Kept] = WeakKeyDictionary()


async def briefing(home: House, name: str, person: Principal, as_of: datetime, grain: str | None) -> dict[str, Any]:
    """The findings of a workspace, one query at a time, so that questions asked meanwhile find a free worker."""
    try:
        engine = await home.engine()
    except Unavailable as error:
        return _empty(name) | {"reason": error.message}
    key = ("insights", *await rights_key(home, name, person, as_of), grain)
    return await once(home, key, lambda: _worked_out(home, engine, name, person, as_of, grain))


async def rights_key(home: House, name: str, person: Principal, as_of: datetime) -> Key:
    """What a finding depends on: the state of the data and of the model, who looks, and the day."""
    view = await asyncio.to_thread(home.shelf.views.get, name)
    rights = (person.user_id, person.role, person.groups, tuple(sorted(person.attributes.items())))
    return (name, view.snapshot.id, id(view), rights, as_of.date())


async def once(home: House, key: Key, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `work` finds in a thread, kept under the key; who asks while it is worked out waits for the same."""
    kept = _KEPT.setdefault(home, _Kept())
    if key not in kept.done:
        task = kept.under_way.get(key)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(work))
            kept.under_way[key] = task
            task.add_done_callback(lambda _: kept.under_way.pop(key, None))
        kept.done[key] = await asyncio.shield(task)
        while len(kept.done) > MOST_KEPT:
            kept.done.popitem(last=False)
    return kept.done[key]


def _empty(name: str) -> dict[str, Any]:
    return {"workspace": name, "period": None, "tested": 0, "items": [], "reason": None}


def _worked_out(
    home: House, engine: Engine, name: str, person: Principal, as_of: datetime, grain: str | None
) -> dict[str, Any]:
    from agent.brain import PlanContext
    from agent.briefing import briefing as items_of
    from tools import registry

    view = home.shelf.views.seen_by(name, person, engine)
    context = registry.ToolContext(
        workspace=view.workspace, principal=person, model=view.model, profile=view.profile, engine=engine,
        snapshot=view.snapshot, as_of=as_of,
    )  # fmt: skip
    args = {"seconds": SECONDS, "workers": 1} | ({"grain": grain} if grain else {})
    try:
        evidence = registry.get("insights").run(context, args)
    except NotEnough as error:
        return _empty(name) | {"reason": error.message}
    asked = {row[0]: row[1] for t in evidence.tables if t.kind == "params" for row in t.rows}
    plans = PlanContext(
        question="", model=view.model, profile=view.profile, values=view.values, principal=person, as_of=as_of
    )
    items = [item.to_dict() for item in items_of(evidence, plans, most=5)]
    tested = int(evidence.quality.figures["tests"]) if evidence.quality else 0
    return _empty(name) | {"period": asked.get("period"), "tested": tested, "items": items}
