"""Days people call by name ("Black Friday 2025", "last Saturday"), where the name means one day wherever it is said."""

from __future__ import annotations

import re
from calendar import THURSDAY, day_name
from datetime import date, timedelta

from agent.builtin.dates import Said, Today, rule
from agent.builtin.days import one_day

_WEEKDAYS = tuple(name.casefold() for name in day_name)
_FIXED = {
    "christmas eve": (12, 24), "christmas day": (12, 25), "boxing day": (12, 26), "new year eve": (12, 31),
    "new year day": (1, 1), "valentine day": (2, 14), "halloween": (10, 31),
}  # fmt: skip
_AFTER_EASTER = {"good friday": -2, "easter sunday": 0, "easter monday": 1}
_SALES = {"black friday": 0, "cyber monday": 3}
_NAMES = (
    "|".join((*_FIXED, *_AFTER_EASTER, *_SALES)).replace("ne day", "ne(?:'?s)? day").replace("year ", "year(?:'?s)? ")
)
NAMED_DAY = rf"(?:{_NAMES})"
"""Matches the name of such a day in lower case."""


def day_of(name: str, year: int) -> date:
    """The day of that name in a year. Raises `KeyError` for a name that is none of them."""
    plain = re.sub(r"(?<=year|tine)'?s(?= )", "", name.casefold())
    if plain in _FIXED:
        return date(year, *_FIXED[plain])
    if plain in _AFTER_EASTER:
        return easter(year) + timedelta(days=_AFTER_EASTER[plain])
    return _thanksgiving(year) + timedelta(days=1 + _SALES[plain])


def _thanksgiving(year: int) -> date:
    """The fourth Thursday of November, which the days of the autumn sales follow in every country."""
    first = date(year, 11, 1)
    return first + timedelta(days=(THURSDAY - first.weekday()) % 7 + 21)


def easter(year: int) -> date:
    """Western Easter Sunday, by the method of Meeus, Jones and Butcher (Meeus, Astronomical Algorithms, 1991)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    month, day = divmod(h + weekday - 7 * ((a + 11 * h + 22 * weekday) // 451) + 114, 31)
    return date(year, month, day + 1)


@rule(rf"(?P<name>{_NAMES})(?:(?: ?, ?| of | in | ){{1}}(?P<year>(?:19|20)\d\d))(?![\d.,]*\d)")
def _of_year(m: re.Match[str], _today: Today) -> Said:
    return Said(one_day(day_of(m["name"], int(m["year"]))), named=True)


@rule(rf"(?:the )?(?:(?P<which>last|this) )?(?P<name>{_NAMES})(?: (?P<whose>last|this) year)?")
def _latest(m: re.Match[str], today: Today) -> Said:
    """The one that came last; of a named year where one is named."""
    if m["whose"]:
        return Said(one_day(day_of(m["name"], today.day.year - (m["whose"] == "last"))), relative=True, named=True)
    this = day_of(m["name"], today.day.year)
    day = this if this <= today.day else day_of(m["name"], today.day.year - 1)
    return Said(one_day(day), relative=m["which"] is not None, assumed_year=m["which"] is None, named=True)


@rule(rf"(?:the |this )?(?:last|past|previous|most recent) (?P<name>{'|'.join(_WEEKDAYS)})")
def _weekday(m: re.Match[str], today: Today) -> Said:
    """The nearest day of that name before today."""
    back = (today.day.weekday() - _WEEKDAYS.index(m["name"])) % 7 or 7
    return Said(one_day(today.day - timedelta(days=back)), relative=True)
