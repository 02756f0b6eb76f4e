"""Which calendar and clock a question goes by: the model's own, or what the question says instead."""

from __future__ import annotations

from typing import get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from store.errors import InvalidRequest, unknown
from warehouse.model.schema import Calendar, CalendarName, SemanticModel
from warehouse.query import TimeWindow


def on_the_clock(model: SemanticModel, time: TimeWindow | None) -> SemanticModel:
    """`model` with the time zone and calendar that `time` asks for. Raises `InvalidRequest` with code `no_such_zone` or
    `no_retail_calendar`, and `UnknownName` for a calendar.
    """
    if time is None or (time.timezone is None and time.calendar is None):
        return model
    return model.model_copy(update={"calendar": in_use(model.calendar, time)})


def in_use(rules: Calendar, time: TimeWindow | None) -> Calendar:
    """`rules` as `time` asks for them; see `on_the_clock` for the errors."""
    if time is None:
        return rules
    if time.timezone is not None:
        rules = rules.model_copy(update={"timezone": _known(time.timezone)})
    return _named(rules, time)


def _known(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidRequest(
            f"There is no time zone “{zone[:60]}”.", code="no_such_zone", hint="Name one such as “Europe/Berlin”."
        ) from error
    return zone


def _named(rules: Calendar, time: TimeWindow) -> Calendar:
    if time.calendar is None:
        return rules
    named = next((n for n in get_args(CalendarName) if n == time.calendar), None)
    if named is None:
        raise unknown("calendar", time.calendar, get_args(CalendarName))
    if named == "retail" and rules.retail is None:
        raise InvalidRequest(
            "The model has no retail calendar.",
            code="no_retail_calendar",
            hint="Define `calendar: retail:` in the model: when its years start, and how many weeks its periods have.",
        )
    return rules.model_copy(update={"default": named})
