"""From what a look found to what is news: one incident for one trouble, told once, again when worse, and when over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from bots.alerts.reading import Reading, worse
from bots.alerts.rule import Severity, Telling

State = Literal["open", "acknowledged", "resolved"]
Deed = Literal["opened", "worse", "reminded", "ended"]


@dataclass(frozen=True)
class Standing:
    """An incident as it is remembered: `since` its first day, `last` the last one it was seen, `told` the day on which
    it was told last (ISO dates; "" when it came back so soon that nobody was told)."""

    member: str
    since: str
    last: str
    told: str
    severity: Severity
    size: float
    text: str
    state: State = "open"
    snoozed_until: datetime | None = None


@dataclass(frozen=True)
class Event:
    """Something to tell: what happened to an incident, and the reading behind it."""

    deed: Deed
    standing: Standing
    reading: Reading


def judged(
    readings: Iterable[Reading], known: Mapping[str, Standing], telling: Telling, moment: datetime
) -> tuple[dict[str, Standing], list[Event]]:
    """The incidents of an alert by segment after one round of readings, and what of it is news."""
    standings, events = dict(known), []
    for reading in readings:
        before = standings.get(reading.member)
        if before is not None and reading.day < before.last:
            continue
        after, deed = _step(reading, before, telling, moment)
        if after is not None:
            standings[reading.member] = after
            if deed is not None:
                events.append(Event(deed, after, reading))
    return standings, events


def _step(
    reading: Reading, before: Standing | None, telling: Telling, moment: datetime
) -> tuple[Standing | None, Deed | None]:
    past = before is not None and before.since < reading.began
    if before is not None and past and before.state != "resolved":
        return replace(before, state="resolved"), None  # it was about a month that is over, however that one ended
    if before is None or before.state == "resolved":
        return _from_rest(reading, before, telling, moment)
    if not reading.holds:
        over = replace(before, state="resolved", last=reading.day)
        told = telling.tell_end and before.told and not _snoozed(before, moment)
        return over, "ended" if told else None
    return _going_on(reading, before, telling, moment)


def _from_rest(
    reading: Reading, before: Standing | None, telling: Telling, moment: datetime
) -> tuple[Standing | None, Deed | None]:
    if not reading.holds:
        return None, None
    since = max(reading.day, reading.began)
    new = Standing(reading.member, since, reading.day, _day(moment), reading.severity, reading.size, reading.text)
    if before is None or before.since < reading.began:
        return new, "opened"
    calm = date.fromisoformat(reading.day) - date.fromisoformat(before.last)
    if calm > timedelta(days=telling.calm_days) or worse(reading.severity, before.severity):
        return new, "opened"
    again = replace(before, state="open", last=reading.day, told="", size=reading.size, text=reading.text)
    return again, None


def _going_on(reading: Reading, before: Standing, telling: Telling, moment: datetime) -> tuple[Standing, Deed | None]:
    now = replace(before, last=reading.day, size=reading.size, text=reading.text)
    if _snoozed(before, moment):
        return now, None
    if worse(reading.severity, before.severity):
        return replace(now, severity=reading.severity, told=_day(moment), state="open"), "worse"
    waited = moment.date() - date.fromisoformat(before.told or before.since)
    newer = reading.day > before.last  # the same week is not told again in its middle
    over = before.snoozed_until is not None  # a snooze that ended: whoever asked for it wants to know
    due = telling.remind_days and before.state == "open" and newer and waited >= timedelta(days=telling.remind_days)
    if over or due:
        return replace(now, told=_day(moment), snoozed_until=None), "reminded"
    return now, None


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _snoozed(standing: Standing, moment: datetime) -> bool:
    return standing.snoozed_until is not None and standing.snoozed_until > moment
