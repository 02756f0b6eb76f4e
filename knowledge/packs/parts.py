"""The small pieces of a pack as types, so that a wrong pack fails when it is checked and never when it is asked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Words = Annotated[str, Field(min_length=1, max_length=120)]
Prose = Annotated[str, Field(min_length=1, max_length=2_000)]
Role = Literal["owner", "manager", "analyst", "executive"]
ColumnKind = Literal["id", "text", "category", "flag", "date", "timestamp", "number", "money", "percent", "ratio"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Month = Annotated[int, Field(ge=1, le=12)]


class Strict(BaseModel):
    """Unknown keys are errors: a typo in a pack must not be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(Strict):
    """What a person reads. `means` is one or two sentences; `synonyms` are other words people say for it."""

    label: Words
    means: Prose
    synonyms: tuple[Words, ...] = ()


class Column(Strict):
    """One canonical column. Its name, label, synonyms and `names` are what stored columns are recognised by.

    `values` (of a category or flag): canonical value -> other spellings of it in data. `unit` is the singular name of
    what a number counts ("minute"). `refers` names the entity that an id points at. `range` is what nearly all values
    lie in; a column that lies elsewhere is not bound.
    """

    kind: ColumnKind
    label: Words | None = None
    means: Prose | None = None
    synonyms: tuple[Words, ...] = ()
    names: tuple[Words, ...] = Field((), description="stored names that are not words people say, as `amt_net`")
    values: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    unit: Words | None = None
    refers: Name | None = None
    range: tuple[Decimal | None, Decimal | None] = (None, None)
    personal: bool = Field(False, description="names a person: never shown in samples, never sent to a model")

    @model_validator(mode="after")
    def _fits_together(self) -> Column:
        if self.values and self.kind not in ("category", "flag"):
            raise ValueError("only a category or a flag lists `values`")
        if self.refers and self.kind != "id":
            raise ValueError("only an id `refers` to an entity")
        return self


class Entity(Named):
    """One kind of record. An `event` happens at a time, a `thing` exists, a `snapshot` tells a level on a date.

    `key` are the columns that identify a record, `time` the column that says when. `names` are stored names of tables.
    """

    kind: Literal["event", "thing", "snapshot"]
    names: tuple[Words, ...] = ()
    key: tuple[Name, ...] = ()
    time: Name | None = None
    columns: dict[Name, Column] = Field(min_length=1)


class Level(Strict):
    """Of a stock or balance: it adds up across everything but the dates in `over`; of each period one date counts."""

    over: Name
    take: Literal["first", "last", "avg", "min", "max"] = "last"


class Span(Strict):
    """The time from one date column to another, as the number that is averaged or summed."""

    start: Name
    end: Name
    unit: Literal["minute", "hour", "day"] = "day"


_FORMS = ("agg", "ratio", "formula")


class Way(Strict):
    """One way to compute a metric from canonical columns, in exactly one of three forms.

    `agg` over the records of `entity`: `expr` is arithmetic over its columns, `where` a condition that must hold,
    `where_present` conditions each used only where its columns are found. `ratio` is [numerator, denominator], both
    metrics. `formula` is + - * / over metrics.
    """

    agg: Literal["sum", "count", "count_distinct", "avg", "min", "max", "median"] | None = None
    entity: Name | None = None
    expr: Prose | None = None
    where: Prose | None = None
    where_present: tuple[Prose, ...] = ()
    weight: Name | None = None
    level: Level | None = None
    span: Span | None = None
    ratio: tuple[Name, Name] | None = None
    formula: Prose | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Way:
        given = [form for form in _FORMS if getattr(self, form) is not None]
        if len(given) != 1:
            raise ValueError("a way needs exactly one of `agg`, `ratio` and `formula`")
        if self.agg is None and (self.entity or self.expr or self.where or self.where_present or self.level):
            raise ValueError("`entity`, `expr`, `where` and `level` belong to an `agg`")
        if self.agg and not self.entity:
            raise ValueError("an `agg` needs the `entity` whose records it reads")
        if self.agg and self.agg != "count" and not (self.expr or self.span):
            raise ValueError(f"a {self.agg} needs `expr` or `span`")
        return self


class Metric(Named):
    """A figure of the trade. `unit` is money, percent (0-100), ratio (0-1, read as a percentage) or what is counted.

    One way is written straight into the entry; `ways` lists several, of which the first that can be bound is used.
    `grain` is how often people look at it.
    """

    unit: Words
    good: Literal["up", "down"] | None = None
    grain: Literal["day", "week", "month", "quarter", "year"] = "month"
    decimals: int | None = Field(None, ge=0, le=9)
    ways: tuple[Way, ...] = Field(min_length=1)
    by: tuple[str, ...] = Field((), description="`entity.column`s that people usually split it by")

    @model_validator(mode="before")
    @classmethod
    def _single_way(cls, data: Any) -> Any:
        if isinstance(data, dict) and "ways" not in data:
            own = {key: value for key, value in data.items() if key in Way.model_fields}
            if own:
                return {**{k: v for k, v in data.items() if k not in own}, "ways": [own]}
        return data


class Term(Named):
    """A word of the trade, explained on request. `metric` or `column` (`entity.column`) is what it stands for in data.

    `see` is the passage that explains it.
    """

    metric: Name | None = None
    column: str | None = None
    see: str | None = None


class Step(Strict):
    """One step of a driver tree: the product or sum of `of` (less `minus`), or the first of `of` over the second."""

    operation: Literal["product", "sum", "ratio"]
    of: tuple[Name, ...] = Field(min_length=1, max_length=8)
    minus: tuple[Name, ...] = Field((), max_length=8)


class Tree(Strict):
    """How a figure comes about: `steps` says for the figure and for parts of it what they are made of."""

    label: Words
    metric: Name
    steps: dict[Name, Step] = Field(min_length=1)


class Segment(Named):
    """A group worth treating alike: the records of `entity` for which `where` holds, and what to do about them."""

    entity: Name
    where: Prose
    actions: tuple[Prose, ...] = ()


class Question(Strict):
    """A question template. `{metric}` and `{entity.column}` are replaced by the workspace's own words for them."""

    ask: Prose
    why: Prose | None = None


class Goal(Strict):
    """What to watch in a digest: reach at least or keep below a value that the workspace sets, or `value`."""

    metric: Name
    keep: Literal["above", "below"]
    value: Decimal | None = None


class Digest(Strict):
    """A recipe for a regular report."""

    label: Words
    audience: Role
    cadence: Literal["daily", "weekly", "monthly", "quarterly"]
    metrics: tuple[Name, ...] = Field(min_length=1)
    by: tuple[str, ...] = Field((), description="`entity.column`s to split by")
    segments: tuple[Name, ...] = ()
    goals: tuple[Goal, ...] = ()


class YearDay(Strict):
    """A day of every year by one of three rules: `month` and `day`; the `nth` (or -1, last) `weekday` of a month;
    so many days from `easter` Sunday. `plus` shifts the day found.
    """

    month: Month | None = None
    day: int | None = Field(None, ge=1, le=31)
    weekday: Weekday | None = None
    nth: int | None = Field(None, ge=-1, le=5)
    easter: int | None = Field(None, ge=-100, le=100)
    plus: int = 0

    @model_validator(mode="after")
    def _one_rule(self) -> YearDay:
        fixed = self.month is not None and self.day is not None
        floating = self.month is not None and self.weekday is not None and self.nth not in (None, 0)
        if [fixed, floating, self.easter is not None].count(True) != 1:
            raise ValueError("a yearly day needs `month` and `day`, or `month`, `weekday` and `nth`, or `easter`")
        return self


class Event(Strict):
    """Something that returns (`yearly`) or happened (`dates`) and moves figures; it lasts `days`."""

    label: Words
    effect: Prose
    yearly: YearDay | None = None
    dates: tuple[date, ...] = ()
    days: int = Field(1, ge=1, le=60)
    metrics: tuple[Name, ...] = ()
    countries: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_days(self) -> Event:
        if (self.yearly is None) == (not self.dates):
            raise ValueError("an event needs `yearly` or `dates`, one of them")
        return self


class Rule(Strict):
    """A rule that sound data keeps: `holds` is a condition over the columns of `entity` that is true of good rows."""

    entity: Name
    holds: Prose
    means: Prose
    severity: Literal["error", "warning"] = "warning"


class Privacy(Strict):
    """Figures about fewer than `least` people are kept back, with what they could be worked out from.

    `persons` are `entity.column`s that tell people apart: a person's key, or the record's own where each is about one.
    """

    least: int = Field(11, ge=2, le=1000)
    persons: tuple[str, ...] = Field(min_length=1)


class Source(Strict):
    """Where a statement was read."""

    title: Words
    publisher: Words
    year: int = Field(ge=1900, le=2100)
    address: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=400)]


class Benchmark(Strict):
    """A figure of the trade as a source gives it, with the passage that supports it word for word.

    `value` or `range` (low, high) in `unit`: percent is 0-100, money needs `currency`. `population` says whose figure
    it is, `year` of which year. `passage` is the id of the passage (`file#heading`) that states the same figure.
    """

    metric: Name
    value: Decimal | None = None
    range: tuple[Decimal, Decimal] | None = None
    unit: Words
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    population: Prose
    year: int = Field(ge=1900, le=2100)
    source: Source
    passage: str

    @model_validator(mode="after")
    def _has_figure(self) -> Benchmark:
        if (self.value is None) == (self.range is None):
            raise ValueError("a benchmark needs `value` or `range`, one of them")
        if self.range and self.range[0] >= self.range[1]:
            raise ValueError("`range` goes from the lower to the higher value")
        if (self.unit == "money") != (self.currency is not None):
            raise ValueError("`currency` belongs to the unit money, and money needs it")
        return self


class Trigger(Strict):
    """When a playbook applies: the metric lies or moves the wrong way, against what."""

    metric: Name
    is_: Literal["above", "below", "rising", "falling"] = Field(alias="is")
    against: Literal["target", "benchmark", "last_period", "last_year"] = "last_period"


class Check(Question):
    """A question of a playbook and what its answer would tell."""


class Playbook(Strict):
    """What an old hand would look at, in order, when a figure goes wrong, and what usually helps."""

    label: Words
    when: Trigger
    checks: tuple[Check, ...] = Field(min_length=1)
    actions: tuple[Prose, ...] = ()
    see: str | None = None
