"""Where alerts are worked out: once for equal rights, the same way for a preview, a rehearsal and the real thing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bots.alerts.judge import Event, Standing, judged
from bots.alerts.message import News, compose
from bots.alerts.reading import Looked, Reading
from bots.alerts.rule import RULE, Looks, Rule, Telling
from bots.digests.moments import Timing
from bots.once import Once
from store.errors import PlainsayError
from store.principal import Principal

if TYPE_CHECKING:
    from agent.view import WorkspaceViews
    from bots.alerts.proposed import Proposal
    from bots.digests.gather import Reader
    from warehouse.engines.base import Engine
    from warehouse.profile import DataProfile

MOST_KEPT = 512
MOST_DAYS = 32


@dataclass(frozen=True)
class Watched:
    """An alert as it is worked out: of which workspace, what, when it is looked at, how often it may speak."""

    workspace: str
    rule: Rule
    looks: Looks = field(default_factory=Looks)
    telling: Telling = field(default_factory=Telling)
    name: str = "Alert"
    alert_id: str = "preview"

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Watched:
        """The alert of a row of the table."""
        return cls(
            row["workspace"], RULE.validate_python(row["rule"]), Looks.model_validate(row["looks"]),
            Telling.model_validate(row["telling"]), row["name"], row["id"],
        )  # fmt: skip

    @property
    def timing(self) -> Timing:
        """Its regular looks as moments."""
        cadence = "workdays" if self.looks.every == "workdays" else "daily"
        return Timing.model_validate({"cadence": cadence, "at": self.looks.at, "zone": self.looks.zone})


@dataclass(frozen=True)
class Found:
    """What a look came to: the readings, the incidents after it, and what is news."""

    looked: Looked
    standings: Mapping[str, Standing]
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Rehearsed:
    """A moment that would have had a message; None where it would have been silent. `done` of `of` are worked out."""

    moment: datetime
    body: dict[str, Any] | None
    waiting: str
    done: int
    of: int


class AlertDesk:
    """Works alerts out. `views` and `engine` give the workspaces and the query engine when they are first needed."""

    def __init__(self, views: Callable[[], WorkspaceViews], engine: Callable[[], Awaitable[Engine]]) -> None:
        self._views = views
        self._engine = engine
        self._looked: Once[Looked] = Once(MOST_KEPT)
        self._why: Once[str] = Once(MOST_KEPT)
        self._then: Once[DataProfile] = Once(MOST_DAYS)

    @property
    def worked_out(self) -> int:
        """How many looks were made; readers with equal rights share one."""
        return self._looked.made

    async def look(self, watched: Watched, person: Principal, moment: datetime) -> Looked:
        """What a rule finds at a moment. Raises what reading the workspace and its skills raise."""
        reader, key = await self._reader(watched, person, moment)
        return await self._looked.get(key, lambda: _evaluated(reader, watched.rule))

    async def proposed(self, workspace: str, person: Principal, text: str, moment: datetime) -> Proposal | None:
        """The rule that a sentence asks for, None when it asks for no alert."""
        from bots.alerts.proposed import proposal  # brings the planner, which the server's start does without
        from bots.alerts.rule import Freshness

        reader, _ = await self._reader(Watched(workspace, Freshness(table="any")), person, moment)
        return await asyncio.to_thread(proposal, reader, text)

    async def found(
        self, watched: Watched, person: Principal, moment: datetime, known: Mapping[str, Standing]
    ) -> Found:
        """What a look is for somebody who knows of some incidents; news has its likely driver."""
        looked = await self.look(watched, person, moment)
        standings, events = after(looked, known, watched.telling, moment)
        return Found(looked, standings, tuple([await self._explained(watched, person, moment, e) for e in events]))

    async def _explained(self, watched: Watched, person: Principal, moment: datetime, event: Event) -> Event:
        if event.deed not in ("opened", "worse"):
            return event
        reader, key = await self._reader(watched, person, moment)
        why = await self._why.get(
            (*key, event.reading.member, event.reading.day), lambda: _driver(reader, watched.rule, event.reading)
        )
        return replace(event, reading=replace(event.reading, why=why))

    async def _reader(self, watched: Watched, person: Principal, moment: datetime) -> tuple[Reader, tuple[Any, ...]]:
        engine = await self._engine()
        views = self._views()
        view = await asyncio.to_thread(views.seen_by, watched.workspace, person, engine)
        whole = await asyncio.to_thread(views.get, watched.workspace)
        from bots.digests.gather import Reader  # brings the skills, which the server's start does without
        from bots.digests.then import profile
        from warehouse.compiler.policies import Rights

        inside = person.within(watched.workspace)
        wall = watched.timing.wall(moment)
        key = (watched.workspace, whole.snapshot.id, id(whole), Rights(whole.model, inside).digest,
               watched.rule.model_dump_json(), wall.date())  # fmt: skip
        reader = Reader(view, inside, engine, wall)
        then = await self._then.get((*key[:4], wall.date()), lambda: profile(reader))
        return replace(reader, view=replace(view, profile=then)), key

    async def rehearsal(
        self, watched: Watched, person: Principal, days: int, until: datetime
    ) -> AsyncIterator[Rehearsed]:
        """Every regular look of the days before `until`, each on the rows of its own day, as it would have been told.

        It begins knowing of no incident and keeps them from one look to the next, as when they are sent.
        """
        timing = watched.timing
        last = timing.wall(until).date()
        moments = [m for m in map(timing.moment, timing.days(last - timedelta(days=days), last)) if m <= until]
        known: Mapping[str, Standing] = {}
        for number, moment in enumerate(moments):
            try:
                found = await self.found(watched, person, moment, known)
            except PlainsayError as error:
                if error.exit_code == 1 and error.retry == "as_is":
                    raise
                yield Rehearsed(moment, None, error.message, number + 1, len(moments))
                continue
            known = found.standings
            news = News(watched.alert_id, watched.name, found.events, found.looked.label)
            body = compose([news]) if found.events else None
            yield Rehearsed(moment, body, found.looked.waiting, number + 1, len(moments))


def after(
    looked: Looked, known: Mapping[str, Standing], telling: Telling, moment: datetime
) -> tuple[dict[str, Standing], list[Event]]:
    """Incidents and news after all rounds of a look."""
    standings, events = dict(known), []
    for readings in looked.rounds:
        standings, new = judged(readings, standings, telling, moment)
        events += new
    return standings, events


def _evaluated(reader: Reader, rule: Rule) -> Looked:
    from bots.alerts import ahead, figures, state_of_data

    kinds: dict[str, Callable[[Reader, Any], Looked]] = {
        "threshold": figures.threshold, "change": figures.change, "anomaly": ahead.anomaly,
        "forecast": ahead.forecast, "goal": ahead.goal, "freshness": state_of_data.freshness,
        "quality": state_of_data.quality,
    }  # fmt: skip
    return kinds[rule.kind](reader, rule)


def _driver(reader: Reader, rule: Rule, reading: Reading) -> str:
    from bots.alerts.driver import driver

    return driver(reader, rule, reading)
