"""How far ahead: “next 30 days”, “until the end of the quarter”, “December” as the days that are meant."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from store.errors import InvalidRequest

_MONTHS = {n.lower(): i for i, n in enumerate(calendar.month_name) if n}
_MONTHS |= {n.lower(): i for i, n in enumerate(calendar.month_abbr) if n} | {"sept": 9}
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: n for n, word in enumerate(_WORDS)}
_COUNT = rf"(?P<n>\d{{1,3}}|{'|'.join(_NUMBERS)}|couple of|few)"
_UNIT = r"(?P<unit>day|week|month|quarter|year)s?"
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


@dataclass(frozen=True)
class Target:
    """The days meant: half-open, and whether it is one whole calendar period with a name of its own."""

    start: date
    end: date
    label: str


def read(text: str, today: date) -> Target:
    """The target of a horizon in words or of a number of days. Raises `InvalidRequest`."""
    plain = " ".join(re.sub(r"[?.!,]", " ", text.lower()).split())
    if plain.isdigit():
        plain = f"{plain} days"
    hit = find(plain, today)
    if hit is None or hit[0].end <= hit[0].start:
        raise InvalidRequest(
            f"I do not know how far ahead “{text[:60]}” is.",
            hint="Say it like “next 30 days”, “next month” or “until the end of the quarter”.",
            details={"field": "horizon"},
        )
    return hit[0]


def find(text: str, today: date) -> tuple[Target, int, int] | None:
    """The first horizon in a lower-case text, with where it starts and ends; None when there is none."""
    for match in _UNTIL.finditer(text):
        unit = match["until"].rstrip("s")
        return _target(today, _next(_floor(today, unit), unit)), match.start(), match.end()
    for match in _NAMED.finditer(text):
        target = _named(match, today)
        if target is not None:
            return target, match.start(), match.end()
    return None


def _named(m: re.Match[str], today: date) -> Target | None:
    if m["day"]:
        return _target(today + timedelta(1), today + timedelta(2))
    if m["next"] and not m["n"]:
        start = _next(_floor(today, m["unit"]), m["unit"])
        return _target(start, _next(start, m["unit"]))
    if m["next"] or m["n2"]:
        n, unit = _count(m["n"] or m["n2"]), m["unit"] or m["unit3"]
        if n < 1:
            return None
        whole = unit in ("month", "quarter", "year")
        start = _next(_floor(today, unit), unit) if whole and m["next"] else today
        end = start
        for _ in range(n):
            end = _next(end, unit) if unit != "week" else end + timedelta(7)
        return _target(start, end)
    if m["this"]:
        start = _floor(today, m["unit2"])
        return _target(start, _next(start, m["unit2"]))
    return _calendar(m, today)


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
    if unit == "day":
        return day
    month = {"month": day.month, "quarter": 3 * ((day.month - 1) // 3) + 1, "year": 1}[unit]
    return date(day.year, month, 1)


def _next(day: date, unit: str) -> date:
    if unit in ("day", "week"):
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
