"""Periods of the years companies count for themselves: "FY2025", "last fiscal quarter", "retail week 12"."""

from __future__ import annotations

import re
from datetime import datetime

from agent.builtin.dates import Said, Today, number, rule
from agent.builtin.days import Period, Unit
from agent.builtin.text import NUMBER_WORDS, ORDINALS
from warehouse.compiler import week_years
from warehouse.compiler.calendar_math import MONTHS, midnight, step, truncate
from warehouse.model.schema import Calendar

_KIND = r"(?P<kind>retail|trading|nrf|4-?4-?5|4-?5-?4|5-?4-?4|fiscal|financial|iso)"
_FISCAL = r"(?P<kind>fiscal|financial|retail|trading)"
_FY = r"(?:fy|fiscal|(?:fiscal|financial|retail) year|retail)"
_WHEN = r"(?P<year>(?:19|20)\d\d|(?<=fy)\d\d|(?<=fy )\d\d)(?![.,]?\d)"
_JOINT = r"(?: ?, ?| of | in | )?"
_OF = rf"(?:{_JOINT}(?:the )?(?:{_FY} ?)?{_WHEN}|(?: of)? (?P<which>last|this) (?:(?:fiscal|retail) )?year)"
_ORD = "|".join(ORDINALS)
_QUARTER = rf"(?:q(?P<q>[1-4])|quarter (?P<qn>[1-4])|(?P<qo>{_ORD}) quarter)"
_UNIT = r"(?P<unit>week|month|period|quarter|year)"
_NUM = rf"(?P<n>\d{{1,3}}|{'|'.join(NUMBER_WORDS)})"


def _rules(today: Today, kind: str) -> Calendar | None:
    """The model's calendar with the named years in use; None when it does not know such years."""
    known = today.calendar
    name = "iso" if kind == "iso" else "fiscal" if kind in ("fiscal", "financial") else "retail"
    if name == "fiscal" and known.default == "retail":
        name = "retail"  # a company whose own months are retail ones has no other year
    if name == "retail" and known.retail is None:
        return None
    return known.model_copy(update={"default": name})


def _said(rules: Calendar, start: datetime, end: datetime, **told: object) -> Said:
    period = Period(start.date(), end.date())
    return Said(period, calendar=rules.default, **told)  # type: ignore[arg-type]


def _unit(word: str) -> Unit:
    return "month" if word == "period" else word  # type: ignore[return-value]


@rule(rf"(?:this|the current|current) {_KIND} {_UNIT}(?: so far| to date)?")
@rule(rf"(?:the )?{_KIND} {_UNIT} to date")
@rule(r"(?:the )?(?P<kind>fy)(?P<unit>)(?:td| to date)")
@rule(r"(?:the )?current (?P<kind>fy)(?P<unit>)")
def _running(m: re.Match[str], today: Today) -> Said | None:
    rules = _rules(today, "fiscal" if m["kind"] == "fy" else m["kind"])
    if rules is None:
        return None
    unit = _unit(m["unit"] or "year")
    start = truncate(midnight(today.day), unit, rules)
    return _said(rules, start, step(start, unit, rules), relative=True, to_date=unit)


@rule(rf"(?:the )?(?:last|previous|prior|preceding)(?: full| complete)? {_KIND} {_UNIT}")
@rule(rf"(?:the )?(?:last|past|previous|prior) {_NUM}(?: full| complete)? {_KIND} {_UNIT}s")
@rule(r"(?:the )?last (?P<kind>fy)(?P<unit>)")
def _past(m: re.Match[str], today: Today) -> Said | None:
    rules = _rules(today, "fiscal" if m["kind"] == "fy" else m["kind"])
    if rules is None:
        return None
    unit, n = _unit(m["unit"] or "year"), number(m.groupdict().get("n") or "1")
    end = truncate(midnight(today.day), unit, rules)
    return _said(rules, step(end, unit, rules, -n), end, relative=True, span=(n, unit))


@rule(rf"(?:the )?{_KIND} year {_WHEN}")
@rule(rf"(?:the )?{_FISCAL} {_WHEN}")
@rule(rf"(?:the )?(?P<kind>fy) ?'?{_WHEN}")
def _whole_year(m: re.Match[str], today: Today) -> Said | None:
    return _numbered(m, today, "year", 1)


@rule(rf"(?:the )?{_KIND} {_QUARTER}(?:{_OF})?")
@rule(rf"(?:the )?(?P<qo>{_ORD}) {_KIND} quarter(?:{_OF})?(?P<q>)(?P<qn>)")
@rule(rf"(?:the )?(?P<kind>){_QUARTER}{_JOINT}(?:the )?{_FY} ?{_WHEN}")
@rule(rf"(?:the )?(?P<kind>fy) ?'?{_WHEN} {_QUARTER}")
@rule(rf"(?:the )?{_KIND} {_WHEN} {_QUARTER}")
def _quarter(m: re.Match[str], today: Today) -> Said | None:
    said = m["q"] or m["qn"]
    return _numbered(m, today, "quarter", int(said) if said else ORDINALS[m["qo"]])


@rule(rf"(?:the )?{_KIND} (?:month|period) (?P<n>1?\d)(?:{_OF})?")
@rule(rf"(?:the )?(?P<kind>)(?:p|period )(?P<n>1?\d){_JOINT}(?:the )?{_FY} ?{_WHEN}")
def _month(m: re.Match[str], today: Today) -> Said | None:
    return _numbered(m, today, "month", int(m["n"]))


@rule(rf"(?:the )?{_KIND} (?:week|wk) (?P<n>[0-5]?\d)(?:{_OF})?")
@rule(rf"(?:the )?(?P<kind>)week (?P<n>[0-5]?\d){_JOINT}(?:the )?{_FY} ?{_WHEN}")
@rule(rf"(?:the )?(?P<kind>)week (?P<n>[0-5]?\d)(?: ?, ?| of | in | ){_WHEN}")
@rule(r"(?:the )?(?P<kind>)(?P<bare>week) (?P<n>[0-5]?\d)")
def _week(m: re.Match[str], today: Today) -> Said | None:
    return _numbered(m, today, "week", int(m["n"]))


def _numbered(m: re.Match[str], today: Today, unit: Unit, n: int) -> Said | None:
    """The nth week, month or quarter of a year; without a year the last one that has begun."""
    rules = _rules(today, _kind(m, today))
    groups = m.groupdict()
    if rules is None or n < 1 or (unit == "week" and rules.weekly is None):
        return None
    if groups.get("bare") and today.calendar.weekly is None:
        return None  # "week 5" may be any week unless all weeks are numbered alike
    year, which = groups.get("year"), groups.get("which")
    running = _year_number(midnight(today.day), rules)
    if year:
        wanted = int(year) if len(year) == 4 else 2000 + int(year)
        start = _start(wanted, unit, n, rules)
        return _said(rules, start, step(start, unit, rules)) if start else None
    start = _start(running - (which == "last"), unit, n, rules)
    if start is not None and which is None and start.date() > today.day:
        start = _start(running - 1, unit, n, rules)
    if start is None:
        return None
    return _said(rules, start, step(start, unit, rules), relative=which is not None, assumed_year=which is None)


def _kind(m: re.Match[str], today: Today) -> str:
    """Which years are meant; "week 5 of 2025" without a word for it is ISO's, unless all years are the retail ones."""
    if m["kind"] and m["kind"] != "fy":
        return m["kind"]
    if "week" in m.group() and not re.search(_FY, m.group()) and today.calendar.default != "retail":
        return "iso"
    numbered = today.calendar.retail is not None and re.match(r"(?:the )?(?:week|p\d|period)", m.group())
    return "retail" if numbered else "fiscal"  # periods and weeks have numbers where years are made of weeks


def _year_number(day: datetime, rules: Calendar) -> int:
    if rules.weekly is not None:
        return week_years.year_name(week_years.year_of(day.date(), rules.weekly), rules.weekly)
    starts_in = truncate(day, "year", rules).year
    return starts_in + _names_its_end(rules)


def _start(year: int, unit: Unit, n: int, rules: Calendar) -> datetime | None:
    """The first day of the nth unit of the year that people call `year`; None when it has no such unit."""
    if rules.weekly is not None:
        begins = year + (year - week_years.year_name(year, rules.weekly))
        first = midnight(week_years.start_of(begins, 0, "year", rules.weekly))
    else:
        first = datetime(year - _names_its_end(rules), rules.first_month, 1)
    start = step(first, unit, rules, n - 1)
    return start if start < step(first, "year", rules) and (unit not in MONTHS or n <= 12 // MONTHS[unit]) else None


def _names_its_end(rules: Calendar) -> bool:
    return rules.fiscal_label == "end_year" and rules.first_month > 1
