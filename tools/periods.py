"""Weeks, months, quarters and years as the company counts them: by the model's calendar or the one a question names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from warehouse.compiler import calendar_math, week_years
from warehouse.compiler.period_labels import bucket_label, range_label
from warehouse.model.schema import Calendar
from warehouse.query import Grain

_UNITS: dict[str, Grain] = {
    "hour": "hour", "day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year",
}  # fmt: skip


@dataclass(frozen=True)
class Periods:
    """Periods of one calendar; without one, years of months from January."""

    rules: Calendar = field(default_factory=Calendar)

    def named(self, text: str) -> Periods | None:
        """The periods a text names (“fiscal”, “retail”, “calendar”); None for retail ones that the model lacks."""
        words = set(text.split())
        if words & {"retail", "trading"}:
            return Periods(self.rules.model_copy(update={"default": "retail"})) if self.rules.retail else None
        if words & {"fiscal", "financial"}:
            default = "retail" if self.rules.default == "retail" else "fiscal"
            return Periods(self.rules.model_copy(update={"default": default}))
        return Periods(self.rules.civil) if "calendar" in words else self

    def floor(self, day: date, unit: str) -> date:
        """The first day of the period that holds a day."""
        return calendar_math.truncate(calendar_math.midnight(day), _UNITS[unit], self.rules).date()

    def next(self, day: date, unit: str) -> date:
        """The first day of the next period; from a day inside one, as much later by the days of the calendar."""
        if unit in ("hour", "day"):
            return day + timedelta(days=1)
        inside = unit == "week" or self.floor(day, unit) != day
        rules = self.rules.civil if inside else self.rules
        return calendar_math.step(calendar_math.midnight(day), _UNITS[unit], rules).date()

    def before(self, start: date, unit: str) -> date:
        """The first day of the period before the one that starts on `start`."""
        return self.floor(start - timedelta(days=1), unit)

    def year_before(self, start: date) -> date:
        """The same place in the year before."""
        weekly = self.rules.weekly
        if weekly is None:
            return start.replace(year=start.year - 1)
        found = week_years.same_place(calendar_math.midnight(start), -1, weekly)
        return found.date() if found is not None else start - timedelta(days=364)

    def name(self, start: date, unit: str) -> list[str]:
        """The words of a period's name: ["Q2", "FY2027"]."""
        return bucket_label(calendar_math.midnight(start), _UNITS[unit], self.rules).split()

    def label(self, start: date, end: date) -> str | None:
        """What one whole month, quarter or year is called; None for other stretches."""
        one, other = calendar_math.midnight(start), calendar_math.midnight(end)
        whole = calendar_math.whole_unit(one, other, self.rules)
        if whole is None or whole[0] not in ("month", "quarter", "year") or whole[1] != 1:
            return None
        return range_label(one, other, self.rules)

    def numbered(self, unit: str, name: str, year: str | None, today: date) -> date | None:
        """The period called `name` (“Q2”, “FY2027”) of a year, else the one that runs or comes next."""
        at = self.floor(self.floor(today, "year") - timedelta(days=800), "year")
        while (at - today).days < 2_200:
            told = self.name(at, unit)
            fits = told[0] == name and (year is None or told[-1].removeprefix("FY") == year)
            if fits and (self.next(at, unit) > today or year is not None):
                return at
            at = self.next(at, unit)
        return None
