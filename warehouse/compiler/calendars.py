"""Which calendar and clock a question goes by: the model's own, or what the question says instead."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from store.errors import InvalidRequest, unknown
from warehouse.model.schema import Calendar, SemanticModel
from warehouse.query import TimeWindow


def on_the_clock(model: SemanticModel, time: TimeWindow | None) -> SemanticModel:
    """`model` with the time zone and calendar that `time` asks for. Raises `InvalidRequest` with code `no_such_zone` or
    `calendar_grain`, and `UnknownName` for a calendar.
    """
    if time is None or (time.timezone is None and time.calendar is None):
        return model
    rules = model.calendar
    if time.timezone is not None:
        rules = rules.model_copy(update={"timezone": _known(time.timezone)})
    return model.model_copy(update={"calendar": _named(rules, time)})


def _known(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidRequest(
            f"There is no time zone “{zone[:60]}”.", code="no_such_zone", hint="Name one such as “Europe/Berlin”."
        ) from error
    return zone


def _named(rules: Calendar, time: TimeWindow) -> Calendar:
    if time.calendar in (None, "fiscal"):
        return rules
    if time.calendar == "civil":
        return rules.model_copy(update={"fiscal_start_month": 1})
    if time.calendar != "iso":
        raise unknown("calendar", str(time.calendar), ["civil", "fiscal", "iso"])
    units = {time.grain, time.to_date, time.last.unit if time.last else None}
    if units & {"month", "quarter", "year"}:
        raise InvalidRequest(
            "The ISO calendar is made of weeks; they do not add up to months.",
            code="calendar_grain",
            hint="Ask for it by week or day, or use the civil calendar.",
        )
    return rules.model_copy(update={"week_start": "monday", "fiscal_start_month": 1})
