"""Reads what a figure is held against: the month before, the same week last year, another period that is named."""

from __future__ import annotations

from dataclasses import replace

from agent.builtin.cursor import Cursor
from agent.builtin.days import UNITS, add, unit_at
from agent.builtin.reading import Reading
from agent.builtin.spelled import phrases
from agent.builtin.times import TimeHit
from agent.builtin.vocabulary import COMPARE_LEADS, UNIT_WORDS
from warehouse.model.bags import bag

_CHANGE = phrases("month over month | week over week | quarter over quarter | day over day | mom | wow | qoq | dod")
_CHANGE_UNITS = {
    "month": "month",
    "week": "week",
    "quarter": "quarter",
    "day": "day",
    "mom": "month",
    "wow": "week",
    "qoq": "quarter",
    "dod": "day",
}
_YEAR_CHANGE = phrases(
    "year over year | yoy | year on year | same period last year | the same period last year | the year before | "
    "same time last year | the same time last year | a year ago | one year ago | a year before | a year earlier | "
    "the same month last year | the same quarter last year | same month last year | "
    "same quarter last year | the same day last year | same day last year"
)
_WEEKDAY_YEAR = phrases(
    "the same week last year | same week last year | same week a year ago | the same week a year ago | "
    "the same weekday last year | same weekday last year | the same weekday a year ago | the same weekday a year before"
)
_WEEKDAY_WEEK = phrases(
    "the same weekday last week | same weekday last week | the same day last week | same day last week | "
    "the same weekday the week before | same weekday the week before | the same day the week before | "
    "the same weekday a week ago | the same day a week ago | last week same day | a week ago | a week earlier"
)
_PRIOR = phrases(
    "previous period | the previous period | prior period | the prior period | the period before | the month "
    "before | the week before | the quarter before | the previous one"
)
_CHANGE_WORDS = bag("change growth increase decrease difference delta grow grew changed")


def read_compare(c: Cursor, r: Reading) -> bool:
    """vs last month, compared with the same period last year, month-over-month growth."""
    if c.low() in ("compare", "comparing", "comparison"):
        r.comparing = True
        c.i += 2 if c.low(1) in ("it", "that", "this", "of") and not c.time(1) else 1
        return True
    if r.comparing and c.low() in ("with", "to", "and") and _compare_to(c, r, 1):
        return True
    if r.compare is not None and c.low() in _CHANGE_WORDS | {"rate", "percentage", "percent"}:
        c.i += 1
        return True
    if c.low() == "growth" and r.compare is None and r.asks and not c.noun():
        r.compare, r.growth = "previous_period", "change"
        c.i += 2 if c.low(1) == "rate" else 1
        return True
    unit = c.first(_CHANGE)
    if unit:
        r.compare, r.grain = "previous_period", _CHANGE_UNITS[c.low()]
        c.i += unit
        return True
    year = c.first(_YEAR_CHANGE)
    if year:
        r.compare = "same_date_last_year"
        c.i += year
        return True
    lead = c.first(COMPARE_LEADS)
    if not lead and r.growth and c.low() in ("from", "over", "on") and c.first(_PRIOR, 1):
        lead = 1
    return bool(lead) and _compare_to(c, r, lead)


def _compare_to(c: Cursor, r: Reading, lead: int) -> bool:
    for phrases_, to in ((_WEEKDAY_YEAR, "same_weekday_last_year"), (_WEEKDAY_WEEK, "same_day_last_week")):
        if used := c.first(phrases_, lead):
            r.compare = to
            c.i += lead + used
            return True
    year, prior = c.first(_YEAR_CHANGE, lead), c.first(_PRIOR, lead)
    if prior and _whole_before(c, r, lead, prior):
        return True
    if year or prior:
        r.compare = "same_date_last_year" if year else "previous_period"
        c.i += lead + (year or prior)
        return True
    if _unit_before(c, r, lead):
        return True
    hit = c.time(lead)
    if hit is None or hit.period is None:
        return False
    r.compare, r.compare_hit = "window", _earlier(r, hit)
    c.i += lead + hit.tokens
    return True


def _whole_before(c: Cursor, r: Reading, lead: int, used: int) -> bool:
    """`daily revenue last month vs the month before`: the whole unit before the one asked for, not the day before."""
    unit = next((u for u in UNITS if any(c.low(lead + k) == u for k in range(used))), None)
    asked = r.whens[-1].hit.period if r.whens else None
    if unit is None or r.grain is None or asked is None or asked.unit != unit or asked.start is None:
        return False
    period = unit_at(add(asked.start, -1, unit), unit)
    if period.end != asked.start:
        return False  # a company's own months
    r.compare, r.compare_hit = "window", replace(r.whens[-1].hit, period=period)
    c.i += lead + used
    return True


def _earlier(r: Reading, hit: TimeHit) -> TimeHit:
    """Of two periods the earlier one is what the later one is held against, whichever was said first."""
    now = r.whens[-1].hit.period if r.whens else None
    if now is None or now.start is None or hit.period is None or hit.period.start is None:
        return hit
    if hit.period.start <= now.start:
        return hit
    said = r.whens[-1].hit
    r.whens[-1] = replace(r.whens[-1], hit=hit)
    return said


def _unit_before(c: Cursor, r: Reading, lead: int) -> bool:
    """`with the previous month`: the unit before the period that was asked for, not before today."""
    n = lead + (1 if c.low(lead) == "the" else 0)
    unit = c.low(n + 1)
    if c.low(n) not in ("previous", "prior", "preceding") or unit not in UNIT_WORDS:
        return False
    asked = r.whens[-1].hit.period if r.whens else None
    if asked is not None and asked.unit != unit and unit != "year":
        return False
    r.compare = (
        "previous_period"
        if (asked is None and unit != "year") or (asked and asked.unit == unit)
        else "same_date_last_year"
    )
    c.i += n + 2
    return True
