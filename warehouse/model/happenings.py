"""Public holidays and named events of a company's calendar, so that what they do is expected and not a surprise."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import Field, field_validator

from warehouse.model.strict import Strict


class KnownEvent(Strict):
    """Something that happens on known dates, past or to come: a sale, a strike, a fair, a closed day.

    All `dates` under one name are the same kind of event: what it did before is expected of it again.
    """

    name: str = Field(min_length=1, max_length=80)
    dates: tuple[date, ...] = Field(min_length=1, max_length=500, description="the first day of each time it happens")
    days: int = Field(1, ge=1, le=60, description="how many days it lasts each time")
    metrics: tuple[str, ...] = Field((), description="figures that it touches; all when empty")

    @field_validator("dates")
    @classmethod
    def _in_order(cls, dates: tuple[date, ...]) -> tuple[date, ...]:
        return tuple(sorted(set(dates)))

    def touches(self, metric: str) -> bool:
        """Whether the event bears on a metric."""
        return not self.metrics or metric in self.metrics

    def spans(self) -> list[tuple[date, date]]:
        """Half-open stretches, one each time it happens."""
        return [(day, day + timedelta(days=self.days)) for day in self.dates]
