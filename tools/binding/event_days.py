"""When the events of a pack fall: fixed days, floating weekdays and days counted from Easter."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterable
from datetime import date, timedelta

from dateutil.easter import easter

from knowledge.packs.parts import Event, YearDay

_BACK, _AHEAD = 8, 3  # years
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def days(event: Event, today: date) -> list[date]:
    """The first day of each time the event happens, eight years back to three ahead."""
    if event.yearly is None:
        return sorted(event.dates)
    rule = event.yearly
    found = (_day(rule, year) for year in range(today.year - _BACK, today.year + _AHEAD + 1))
    return [day + timedelta(days=rule.plus) for day in found if day is not None]


def concerns(event: Event, holidays: Iterable[str]) -> bool:
    """Whether the event belongs to the workspace's countries, where both say which."""
    here = {code.split("-")[0] for code in holidays}
    return not event.countries or not here or bool(here & set(event.countries))


def _day(rule: YearDay, year: int) -> date | None:
    if rule.easter is not None:
        sunday: date = easter(year)
        return sunday + timedelta(days=rule.easter)
    month = rule.month or 1
    if rule.day is not None:
        return date(year, month, rule.day) if rule.day <= months.monthrange(year, month)[1] else None
    weekday, nth = _WEEKDAYS.index(rule.weekday or "monday"), rule.nth or 1
    last = months.monthrange(year, month)[1]
    matching = [date(year, month, d) for d in range(1, last + 1) if date(year, month, d).weekday() == weekday]
    return matching[nth - 1 if nth > 0 else nth] if abs(nth) <= len(matching) else None
