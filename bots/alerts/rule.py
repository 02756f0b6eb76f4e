"""What an alert watches, typed: one model for each kind, so that a rule without sense is refused when it is made."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from bots.digests.moments import ClockTime, ZoneName
from warehouse.query import Condition

Grain = Literal["day", "week", "month"]
Direction = Literal["below", "above", "either"]
Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
SLACK_CHANNEL = r"^[CGD][A-Z0-9]{2,30}$"
Channel = Literal["inbox", "email", "webhook", "slack", "teams"]


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _OfMetric(_Rule):
    """A metric, perhaps for some rows only, and with `by` (`table.column`) each of its segments for itself."""

    metric: str = Field(min_length=1, max_length=200)
    filters: tuple[Condition, ...] = Field((), max_length=20)
    by: str | None = Field(None, max_length=200, description="`table.column`: each segment is watched for itself")
    grain: Grain = Field("day", description="the last complete day, week or month is looked at")


class Threshold(_OfMetric):
    """The figure is below or above a level; `periods` in a row, when one alone is no reason to be told."""

    kind: Literal["threshold"] = "threshold"
    direction: Literal["below", "above"]
    level: float
    periods: int = Field(1, ge=1, le=10)


class Change(_OfMetric):
    """The figure moved by a share or more (0.2 = 20 %) on the period before, the same one a year before, or what is
    usual: the middle of the eight before it (the same weekday, where days are watched)."""

    kind: Literal["change"] = "change"
    direction: Direction = "either"
    share: float = Field(gt=0, le=100)
    against: Literal["previous", "year", "usual"] = "usual"


class Anomaly(_OfMetric):
    """The figure left its usual range, which is learned from its history; `least` is the least severity to tell."""

    kind: Literal["anomaly"] = "anomaly"
    direction: Direction = "either"
    least: Severity = "warning"


class ForecastBreach(_Rule):
    """The running period is expected to end below or above a level, the level lying outside the 80 % range."""

    kind: Literal["forecast"] = "forecast"
    metric: str = Field(min_length=1, max_length=200)
    filters: tuple[Condition, ...] = Field((), max_length=20)
    direction: Literal["below", "above"]
    level: float
    period: Literal["week", "month", "quarter"] = "month"


class GoalPace(_Rule):
    """The chance to reach a goal by the end of the running period fell under `chance` (0-1)."""

    kind: Literal["goal"] = "goal"
    metric: str = Field(min_length=1, max_length=200)
    filters: tuple[Condition, ...] = Field((), max_length=20)
    goal: float | None = Field(None, gt=0)
    growth: float | None = Field(None, gt=-1, le=10, description="0.05 = 5 % more than the same period a year before")
    period: Literal["week", "month", "quarter", "year"] = "month"
    chance: float = Field(0.2, gt=0, lt=1)

    @model_validator(mode="after")
    def _one_goal(self) -> GoalPace:
        if (self.goal is None) == (self.growth is None):
            raise ValueError("give one of `goal` and `growth`")
        return self


class Freshness(_Rule):
    """A table has no new rows: none for `days` complete days, or, without `days`, none on a day that usually has."""

    kind: Literal["freshness"] = "freshness"
    table: str = Field(min_length=1, max_length=200)
    days: int | None = Field(None, ge=1, le=400)


class DataQuality(_Rule):
    """The rows of the last complete period are not as they should be.

    `empty`: more than `share` of them lack the column; `few`, `many`: their number is off what is usual by `share`;
    `repeated`: more than `share` of them repeat a value of the column that should be its own in each.
    """

    kind: Literal["quality"] = "quality"
    table: str = Field(min_length=1, max_length=200)
    check: Literal["empty", "few", "many", "repeated"]
    column: str | None = Field(None, max_length=200, description="a column of the table, for `empty` and `repeated`")
    share: float = Field(0.05, gt=0, le=100)
    grain: Grain = "day"

    @model_validator(mode="after")
    def _column_where_needed(self) -> DataQuality:
        if (self.column is not None) != (self.check in ("empty", "repeated")):
            raise ValueError("`column` is for the checks `empty` and `repeated`, and they need one")
        return self


Rule = Annotated[
    Threshold | Change | Anomaly | ForecastBreach | GoalPace | Freshness | DataQuality, Field(discriminator="kind")
]
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
"""Reads a stored rule."""


class Looks(_Rule):
    """When it is looked at: each day or workday at a time of day in a zone, and with `on_data` when new data came."""

    every: Literal["day", "workdays"] = "day"
    at: ClockTime = "08:00"
    zone: ZoneName = "UTC"
    on_data: bool = True


class Target(_Rule):
    """Where it goes besides the inbox; a webhook of the workspace, a Slack channel (without: direct messages)."""

    channels: tuple[Channel, ...] = Field(("inbox",), max_length=5)
    webhook_id: str | None = Field(None, max_length=64)
    slack_channel: str | None = Field(None, max_length=32, pattern=SLACK_CHANNEL)
    teams_id: str | None = Field(None, max_length=64, description="a webhook of the workspace that leads to Teams")


class Escalation(Target):
    """Where it goes as well when nobody says within `after_minutes` that they know; only from a severity on."""

    after_minutes: int = Field(60, ge=5, le=10_080)
    least: Severity = "critical"


class Telling(_Rule):
    """How often it may speak of the same thing.

    `tell_end` says when it is over; `remind_days` says it again while it lasts and nobody acknowledged it (0: never);
    what came back within `calm_days` of its end is not news.
    """

    tell_end: bool = True
    remind_days: int = Field(7, ge=0, le=90)
    calm_days: int = Field(2, ge=0, le=90)


def is_metric(rule: Rule) -> bool:
    """Whether a rule is about a figure rather than the state of the data."""
    return not isinstance(rule, Freshness | DataQuality)


def rule_of(kind: str, fields: dict[str, Any]) -> Rule:
    """The typed rule of what was said (`agent.alert_words`). Raises what its fields break."""
    return RULE.validate_python({"kind": kind, **fields})
