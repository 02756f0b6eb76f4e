"""How far ahead: “next 30 days”, “until the end of the quarter”, “December” as the days that are meant."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from store.errors import InvalidRequest

_MONTHS = {n.lower(): i for i, n in enumerate(calendar.month_name) if n}
_MONTHS |= {n.lower(): i for i, n in enumerate(calendar.month_abbr) if n} | {"sept": 9}
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: n for n, word in enumerate(_WORDS)}
_COUNT = rf"(?P<n>\d{{1,3}}|{'|'.join(_NUMBERS)}|couple of|few)"
_UNIT = r"(?P<unit>hour|day|week|month|quarter|year)s?"
_ENTIRE = r"(?:(?:whole|entire|full|coming|following|calendar) )*"
_NAMED = re.compile(
    rf"(?:(?:in|for|during|over|within|through) )?(?:the )?{_ENTIRE}(?:(?P<next>next|coming|following) {_ENTIRE}"
    rf"(?:{_COUNT} )?{_UNIT}|(?P<this>this|current|running) {_UNIT.replace('unit', 'unit2')}"
    rf"|{_COUNT.replace('<n>', '<n2>')} {_UNIT.replace('unit', 'unit3')}(?: ahead| from now)?"
    r"|(?P<day>tomorrow)"
    r"|q(?P<q>[1-4])(?: (?P<qy>20\d\d))?"
    rf"|(?:next )?(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?(?:,? (?P<my>20\d\d))?)\b"
)
_UNTIL = re.compile(
    rf"(?:for )?(?:the )?(?:until|till|through|to|by|up to|rest of|remainder of|before|at)? ?(?:the )?"
    rf"(?:end of|rest of|remainder of) (?:the |this )?(?P<until>{_UNIT}|year)"
)


_HOURS = re.compile(rf"(?:{_COUNT} )?hours?\b")


@dataclass(frozen=True)
class Target:
    """The days meant: half-open, and whether it is one whole calendar period with a name of its own."""

    start: date
    end: date
    label: str


def read(text: str, today: date, *, fresh: bool = False) -> Target:
    """The target of a horizon in words or of a number of days. Raises `InvalidRequest`.

    `fresh` says that nothing of the period that begins today has come in: it is itself the next one.
    """
    plain = " ".join(re.sub(r"[?.!,]", " ", text.lower()).split())
    if plain.isdigit():
        plain = f"{plain} days"
    hit = find(plain, today, fresh=fresh)
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


def find(text: str, today: date, *, fresh: bool = False) -> tuple[Target, int, int] | None:
    """The first horizon in a lower-case text, with where it starts and ends; None when there is none."""
    for match in _UNTIL.finditer(text):
        unit = match["until"].rstrip("s")
        return _target(today, _next(_floor(today, unit), unit)), match.start(), match.end()
    for match in _NAMED.finditer(text):
        target = _named(match, today, fresh)
        if target is not None:
            return target, match.start(), match.end()
    return None


def _named(m: re.Match[str], today: date, fresh: bool) -> Target | None:
    if m["day"]:
        return _target(today + timedelta(1), today + timedelta(2))
    if m["next"] and not m["n"]:
        start = _coming(today, m["unit"], fresh)
        return _target(start, _next(start, m["unit"]))
    if m["next"] or m["n2"]:
        n, unit = _count(m["n"] or m["n2"]), m["unit"] or m["unit3"]
        if n < 1:
            return None
        whole = unit in ("month", "quarter", "year")
        start = _coming(today, unit, fresh) if whole and m["next"] else today
        end = start
        if unit == "hour":
            return _target(start, start + timedelta(days=-(-n // 24)))
        for _ in range(n):
            end = _next(end, unit) if unit != "week" else end + timedelta(7)
        return _target(start, end)
    if m["this"]:
        start = _floor(today, m["unit2"])
        return _target(start, _next(start, m["unit2"]))
    return _calendar(m, today)


def _coming(today: date, unit: str, fresh: bool) -> date:
    """The first day of the next period."""
    first = _floor(today, unit)
    return first if fresh and first == today else _next(first, unit)


def _calendar(m: re.Match[str], today: date) -> Target | None:
    if m["q"]:
        year = int(m["qy"] or today.year)
        start = date(year, 3 * int(m["q"]) - 2, 1)
        unit = "quarter"
    else:
        start, unit = date(int(m["my"] or today.year), _MONTHS[m["month"]], 1), "month"
    if _next(start, unit) <= today and not (m["qy"] or m["my"]):
        start = start.replace(year=start.year + 1)
    return _target(start, _next(start, unit)) if _next(start, unit) > today else None


def _count(text: str) -> int:
    return int(text) if text.isdigit() else {"couple of": 2, "few": 3}.get(text) or _NUMBERS[text]


def _floor(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit in ("day", "hour"):
        return day
    month = {"month": day.month, "quarter": 3 * ((day.month - 1) // 3) + 1, "year": 1}[unit]
    return date(day.year, month, 1)


def _next(day: date, unit: str) -> date:
    if unit in ("hour", "day", "week"):
        return day + timedelta(days=7 if unit == "week" else 1)
    months = day.year * 12 + day.month - 1 + {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _target(start: date, end: date) -> Target:
    return Target(start, end, label(start, end))


def label(start: date, end: date) -> str:
    """The days as a person names them: "December 2026", "Q1 2027", "the 30 days to Dec 21, 2026"."""
    for unit in ("month", "quarter", "year"):
        if _floor(start, unit) == start and _next(start, unit) == end:
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
