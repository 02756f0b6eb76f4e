"""Where digests are worked out: once for equal rights, the same way for preview, rehearsal and the real thing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bots.digests.moments import Timing
from bots.digests.recipe import Recipe
from bots.once import Once
from store.principal import Principal

if TYPE_CHECKING:
    from agent.view import WorkspaceViews
    from bots.digests.gather import Finding, Gathered
    from bots.digests.memory import Told
    from bots.digests.message import Message
    from warehouse.engines.base import Engine

MOST_KEPT = 128
_STALE_DAYS = 7


@dataclass(frozen=True)
class Wanted:
    """A digest as it is worked out: of which workspace, about what, how often."""

    workspace: str
    recipe: Recipe
    timing: Timing

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Wanted:
        """The digest of a row of the table."""
        return cls(row["workspace"], Recipe.model_validate(row["recipe"]), Timing.model_validate(row["timing"]))


@dataclass(frozen=True)
class Made:
    """A message with what it was made from; `told` is what to remember when it is sent."""

    message: Message
    gathered: Gathered
    told: Mapping[str, Told]


@dataclass(frozen=True)
class Rehearsed:
    """What would have been said for a period; `done` of `of` moments are worked out."""

    period: str
    moment: datetime
    message: Message
    done: int
    of: int


class Desk:
    """Works out digests. `views` and `engine` give the workspaces and the query engine when they are first needed."""

    def __init__(self, views: Callable[[], WorkspaceViews], engine: Callable[[], Awaitable[Engine]]) -> None:
        self._views = views
        self._engine = engine
        self._gathered: Once[Gathered] = Once(MOST_KEPT)

    @property
    def worked_out(self) -> int:
        """How often there was work to do; readers with equal rights share it."""
        return self._gathered.made

    async def made(
        self, wanted: Wanted, person: Principal, moment: datetime, told: Mapping[str, Told], *, note: str = ""
    ) -> Made:
        """What a person is told at a moment (UTC). Raises what reading the workspace raises."""
        from bots.digests import memory
        from bots.digests.message import MOST_TOLD, compose, worth

        found = await self.gathered(wanted, person, moment)
        timing, day = wanted.timing, wanted.timing.wall(moment).date()
        findings = worth(found.findings, timing.cadence)
        new = memory.news(findings, told, day, timing.grain)
        shown = await asyncio.to_thread(self._ordered, wanted.workspace, person, new[:MOST_TOLD])
        message = compose(found, shown, timing.cadence, note or _note(found, day))
        return Made(message, found, memory.remembered(findings, message.items, told, day))

    def _ordered(self, workspace: str, person: Principal, findings: list[Finding]) -> list[Finding]:
        from bots.digests.learning import ordered

        return ordered(self._views().get(workspace), person, findings)

    async def gathered(self, wanted: Wanted, person: Principal, moment: datetime) -> Gathered:
        """What there is to tell; whoever has the same rights and asks for the same waits for the same work."""
        engine = await self._engine()
        view = await asyncio.to_thread(self._views().seen_by, wanted.workspace, person, engine)
        whole = await asyncio.to_thread(self._views().get, wanted.workspace)
        from warehouse.compiler.policies import Rights  # brings the compiler, which the server's start does without

        inside = person.within(wanted.workspace)
        wall = wanted.timing.wall(moment)
        key = (
            wanted.workspace, id(whole), Rights(whole.model, inside).digest,
            wanted.recipe.model_dump_json(), wanted.timing.grain, wall.date(),
        )  # fmt: skip

        def work() -> Gathered:
            from bots.digests.gather import Reader, gather
            from bots.digests.then import as_it_was

            grain = wanted.timing.grain
            reader = as_it_was(Reader(view, inside, engine, wall), closed=grain != "day")
            return gather(reader, wanted.recipe, grain)

        return await self._gathered.get(key, work)

    async def rehearsal(
        self, wanted: Wanted, person: Principal, days: int, until: datetime
    ) -> AsyncIterator[Rehearsed]:
        """Every moment of the days before `until`, each on the rows of its own day, as it would have gone out.

        Memory starts empty and is kept from one to the next, as when they are sent.
        """
        timing = wanted.timing
        last = timing.wall(until).date()
        dates = timing.days(last - timedelta(days=days), last)
        moments = [m for m in (timing.moment(d) for d in dates) if m <= until]
        told: Mapping[str, Told] = {}
        sent: list[str] = []
        for number, moment in enumerate(moments):
            made = await self.made(wanted, person, moment, told)
            told = {**told, **made.told}
            message = made.message
            if said_all(made, timing.wall(moment).date(), sent):
                message = replace(message, held=True)
            sent += [] if message.held else [message.through]
            yield Rehearsed(timing.period(moment), moment, message, number + 1, len(moments))


def _note(found: Gathered, day: date) -> str:
    """That the data ends before yesterday, said rather than passed over."""
    if found.through is None or found.through >= day - timedelta(days=1) or found.reason:
        return ""
    return f"The data ends on {found.through:%B} {found.through.day}, {found.through.year}."


def said_all(made: Made, day: date, sent: Iterable[str]) -> bool:
    """Whether the data ended long ago and a message that was sent (`through` of each) told of all there is."""
    if not made.gathered.through or not stale(made.gathered, day):
        return False
    return any(through >= made.message.through for through in sent)


def stale(found: Gathered, day: date) -> bool:
    """Whether the data ended so long ago that waiting for it makes no sense."""
    return found.through is None or (day - found.through).days > _STALE_DAYS
