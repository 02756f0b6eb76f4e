"""How far ahead: “next 30 days”, “until the end of the quarter”, “December” as the days that are meant.

Months, quarters and years are those of the model's calendar, or of the one that is named (“next retail month”).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from store.errors import InvalidRequest
from tools.periods import Periods
from warehouse.model.schema import Calendar

_MONTHS = {n.lower(): i for i, n in enumerate(calendar.month_name) if n}
_MONTHS |= {n.lower(): i for i, n in enumerate(calendar.month_abbr) if n} | {"sept": 9}
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: n for n, word in enumerate(_WORDS)}
_COUNT = rf"(?P<n>\d{{1,3}}|{'|'.join(_NUMBERS)}|couple of|few)"
_UNIT = r"(?P<unit>hour|day|week|month|quarter|year)s?"
_OURS = r"calendar|fiscal|financial|retail|trading"
_ENTIRE = rf"(?:(?:whole|entire|full|coming|following|{_OURS}) )*"
_NAMED = re.compile(
    rf"(?:(?:in|for|during|over|within|through) )?(?:the )?{_ENTIRE}(?:(?P<next>next|coming|following) {_ENTIRE}"
    rf"(?:{_COUNT} )?{_UNIT}|(?P<this>this|current|running) {_UNIT.replace('unit', 'unit2')}"
    rf"|{_COUNT.replace('<n>', '<n2>')} {_UNIT.replace('unit', 'unit3')}(?: ahead| from now)?"
    r"|(?P<day>tomorrow)"
    r"|(?:fy ?|fiscal (?:year )?|financial year )(?P<fy>20\d\d)"
    r"|q(?P<q>[1-4])(?: (?P<qy>20\d\d))?"
    rf"|(?:next )?(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?(?:,? (?P<my>20\d\d))?)\b"
)
_UNTIL = re.compile(
    rf"(?:for )?(?:the )?(?:until|till|through|to|by|up to|rest of|remainder of|before|at)? ?(?:the )?"
    rf"(?:end of|rest of|remainder of) (?:the |this |our )?(?:(?:{_OURS}) )?(?P<until>{_UNIT}|year)"
)


_HOURS = re.compile(rf"(?:{_COUNT} )?hours?\b")


@dataclass(frozen=True)
class Target:
    """The days meant: half-open, and whether it is one whole calendar period with a name of its own."""

    start: date
    end: date
    label: str


def read(text: str, today: date, *, fresh: bool = False, rules: Calendar | None = None) -> Target:
    """The target of a horizon in words or of a number of days. Raises `InvalidRequest`.

    `fresh` says that nothing of the period that begins today has come in: it is itself the next one.
    """
    plain = " ".join(re.sub(r"[?.!,]", " ", text.lower()).split())
    if plain.isdigit():
        plain = f"{plain} days"
    hit = find(plain, today, fresh=fresh, rules=rules)
    if hit is None or hit[0].end <= hit[0].start:
        raise InvalidRequest(
            f"I do not know how far ahead “{text[:60]}” is.",
            hint="Say it like “next 30 days”, “next month” or “until the end of the quarter”.",
            details={"field": "horizon"},
        )
    return hit[0]


def hours(text: str, start: date) -> Target | None:
    """The next so many hours from a moment; None when the words do not count hours. Raises nothing."""
    found = _HOURS.search(" ".join(text.lower().split()))
    if found is None or not isinstance(start, datetime):
        return None
    count = _count(found["n"] or "1")
    end = start + timedelta(hours=count)
    last = end - timedelta(hours=1)
    return Target(start, end, f"the {count} hours to {last:%b} {last.day}, {last.year}, {last:%H:%M}")


def find(
    text: str, today: date, *, fresh: bool = False, rules: Calendar | None = None
) -> tuple[Target, int, int] | None:
    """The first horizon in a lower-case text, with where it starts and ends; None when there is none.

    `rules` is the model's calendar; without it years start in January.
    """
    ours = Periods(rules) if rules is not None else Periods()
    for match in _UNTIL.finditer(text):
        unit, years = match["until"].rstrip("s"), ours.named(match.group())
        if years is not None:
            return _target(years, today, years.next(years.floor(today, unit), unit)), match.start(), match.end()
    for match in _NAMED.finditer(text):
        years = ours.named(match.group())
        target = _named(match, today, fresh, years) if years is not None else None
        if target is not None:
            return target, match.start(), match.end()
    return None


def _named(m: re.Match[str], today: date, fresh: bool, years: Periods) -> Target | None:
    if m["day"]:
        return _target(years, today + timedelta(1), today + timedelta(2))
    if m["next"] and not m["n"]:
        start = _coming(today, m["unit"], fresh, years)
        return _target(years, start, years.next(start, m["unit"]))
    if m["next"] or m["n2"]:
        n, unit = _count(m["n"] or m["n2"]), m["unit"] or m["unit3"]
        if n < 1:
            return None
        whole = unit in ("month", "quarter", "year")
        start = _coming(today, unit, fresh, years) if whole and m["next"] else today
        end = start
        if unit == "hour":
            return _target(years, start, start + timedelta(days=-(-n // 24)))
        for _ in range(n):
            end = years.next(end, unit)
        return _target(years, start, end)
    if m["this"]:
        start = years.floor(today, m["unit2"])
        return _target(years, start, years.next(start, m["unit2"]))
    return _calendar(m, today, years)


def _coming(today: date, unit: str, fresh: bool, years: Periods) -> date:
    """The first day of the next period."""
    first = years.floor(today, unit)
    return first if fresh and first == today else years.next(first, unit)


def _calendar(m: re.Match[str], today: date, years: Periods) -> Target | None:
    """A quarter by its number, a fiscal year, or a month by its name, which is always that of January to December."""
    if m["q"] or m["fy"]:
        unit = "quarter" if m["q"] else "year"
        start = years.numbered("quarter", f"Q{m['q']}", m["qy"], today) if m["q"] else _year(m["fy"], today, years)
    else:
        years = Periods()
        start, unit = date(int(m["my"] or today.year), _MONTHS[m["month"]], 1), "month"
        if years.next(start, unit) <= today and not m["my"]:
            start = start.replace(year=start.year + 1)
    if start is None or years.next(start, unit) <= today:
        return None
    return _target(years, start, years.next(start, unit))


def _year(year: str, today: date, years: Periods) -> date | None:
    return years.numbered("year", f"FY{year}", None, today) or years.numbered("year", year, None, today)


def _count(text: str) -> int:
    return int(text) if text.isdigit() else {"couple of": 2, "few": 3}.get(text) or _NUMBERS[text]


def _on(day: date, unit: str) -> date:
    """So much later, by the days of the calendar."""
    if unit in ("hour", "day", "week"):
        return day + timedelta(days=7 if unit == "week" else 1)
    months = day.year * 12 + day.month - 1 + {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _target(years: Periods, start: date, end: date) -> Target:
    return Target(start, end, years.label(start, end) or label(start, end))


def label(start: date, end: date) -> str:
    """The days as a person names them: "December 2026", "Q1 2027", "the 30 days to Dec 21, 2026"."""
    for unit in ("month", "quarter", "year"):
        if Periods().floor(start, unit) == start and _on(start, unit) == end:
            return {
                "month": f"{start:%B} {start.year}", "quarter": f"Q{(start.month + 2) // 3} {start.year}",
                "year": str(start.year),
            }[unit]  # fmt: skip
    last = end - timedelta(1)
    if start.day == end.day == 1:
        return f"{start:%B} {start.year} – {last:%B} {last.year}"
    short = f"{last:%b} {last.day}, {last.year}"
    days = (end - start).days
    return short if days == 1 else f"the {days} days to {short}"
