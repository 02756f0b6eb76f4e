"""The semantic model as types, so that a wrong model fails when it is loaded and never when it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, model_validator

from warehouse.model.driver_tree import DriverTree
from warehouse.model.happenings import KnownEvent
from warehouse.model.policies import ColumnPolicy, Policy
from warehouse.model.strict import Strict

Aggregation = Literal["sum", "count", "count_distinct", "avg", "min", "max", "median"]
ValueType = Literal["text", "integer", "decimal", "float", "boolean", "date", "datetime", "time"]
Additivity = Literal["all", "none"]
DurationUnit = Literal["minute", "hour", "day"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
HolidayCode = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Za-z0-9]{1,10})?$")]
CalendarName = Literal["fiscal", "civil", "iso", "retail"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
GENERATED_WEIGHT = 0.7  # of a synonym that inference made up, against 1.0 for one a person wrote


class Synonym(Strict):
    """Another word for a name; `deleted` ones are kept so that inference never brings them back."""

    text: str
    state: Literal["authored", "generated", "suggested", "deleted"] = "authored"
    weight: float = 1.0


class Unit(Strict):
    """What a number counts, one of: a currency (fixed or per row), a percentage (0-100), a ratio (0-1), a named unit.

    A named unit is singular (`order`, `day`).
    """

    currency: str | None = None
    currency_column: str | None = Field(None, description="column of the same table that holds each row's currency")
    percent: bool = False
    ratio: bool = False
    name: str | None = None


class Described(Strict):
    """What people call a thing. A bare string in `synonyms` is an authored synonym."""

    label: str | None = None
    description: str | None = None
    synonyms: tuple[Synonym, ...] = ()
    confidence: float = Field(1.0, ge=0, le=1, description="1 when a person wrote it, lower when inferred")
    origin: str | None = Field(None, description="the pack that brought it: `pack retail 1.0.0`")

    @model_validator(mode="before")
    @classmethod
    def _bare_synonyms(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("synonyms"), list | tuple):
            spelled = [{"text": s} if isinstance(s, str) else s for s in data["synonyms"]]
            return {**data, "synonyms": spelled}
        return data

    def words(self) -> list[str]:
        """The synonyms in use, deleted ones left out."""
        return [s.text for s in self.synonyms if s.state != "deleted"]


class Join(Strict):
    """Always many-to-one, from this table to `to`; `on` maps own columns to target columns, which must be unique."""

    to: str
    on: dict[str, str] = Field(min_length=1)
    role: str | None = None
    default: bool = False
    confidence: float = Field(1.0, ge=0, le=1)


class TimeColumn(Described):
    """A column that can say when. `timestamp` is naive wall clock in `stored_tz`; a `date` is never converted."""

    kind: Literal["date", "timestamp", "instant"]
    stored_tz: str = "UTC"


class TimeSpec(Strict):
    """The time columns of a table and the one meant when nobody says which."""

    default: str
    columns: dict[str, TimeColumn] = Field(min_length=1)


PersonalKind = Literal["name", "email", "phone", "address", "bank account", "payment card", "government number"]


class Dimension(Described):
    """Something to group or filter by. `expr` defaults to the column of the same name."""

    expr: str | None = None
    type: ValueType = "text"
    unit: Unit | None = None
    values: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="value -> other words for it")
    sample: int = Field(20, ge=0, description="0 keeps values out of samples and the values index")
    groupable: bool = Field(True, description="false for free text: may be filtered and listed, not offered as a group")
    pii: bool = Field(False, description="contact data and the like: never sampled, grouped by or listed unasked")
    personal: PersonalKind | None = Field(None, description="which personal data it holds")


class SemiAdditive(Strict):
    """A level such as stock or balance: it adds up across everything but the dates in column `over`.

    Of each period the last (first, average, lowest, highest) date counts: the table's own, or with `per` each entity's.
    """

    over: str
    take: Literal["first", "last", "avg", "min", "max"] = "last"
    per: Literal["table"] | tuple[str, ...] = Field("table", description="`table`, or the columns that name an entity")


class Measure(Described):
    """An aggregation over the rows of one table. `additive: none` marks rates and prices, which are never summed."""

    agg: Aggregation
    expr: str | None = None
    where: str | None = None
    weight: str | None = Field(None, description="of an average: what each row counts")
    semi_additive: SemiAdditive | None = None
    unit: Unit | None = None
    good: Literal["up", "down"] | None = None
    additive: Additivity = "all"
    decimals: int | None = Field(None, ge=0, le=9)
    blank: Literal["zero", "unknown"] = Field("zero", description="what a group is without any value: 0, or not known")

    @model_validator(mode="after")
    def _fits_together(self) -> Measure:
        if self.blank == "unknown" and self.agg != "sum":
            raise ValueError("only a sum can be unknown where there are rows")
        if self.agg != "count" and not self.expr:
            raise ValueError(f"a {self.agg} measure needs `expr`")
        if self.weight and self.agg != "avg":
            raise ValueError("only an average takes a `weight`")
        if self.semi_additive and self.agg not in ("sum", "count"):
            raise ValueError("only a sum or a count can be semi-additive")
        return self


class Duration(Strict):
    """The time from one date to another: calendar days for `day`, else elapsed hours or minutes."""

    start: str
    end: str
    unit: DurationUnit = "day"


class NumberColumn(Described):
    """A stored quantity: what measures are made of, and what may be averaged, ranked or filtered on request.

    Codes that happen to be digits (ids, years, zips) are dimensions, never numbers.
    """

    expr: str | None = None
    duration: Duration | None = Field(None, description="instead of `expr`: the time between two dates")
    type: Literal["integer", "decimal", "float"] = "decimal"
    unit: Unit | None = None
    additive: Additivity = "all"
    good: Literal["up", "down"] | None = None
    decimals: int | None = Field(None, ge=0, le=9)


class Hierarchy(Described):
    """A way to drill down: dimensions from coarse to fine, where each finer value belongs to one coarser value."""

    levels: tuple[str, ...] = Field(min_length=2, description="own dimensions, or `table.dimension` of a joined table")


class Bridge(Strict):
    """Marks a many-to-many table; the `weight` column, if any, says how much of one side belongs to the other (0-1)."""

    weight: str | None = None


class Table(Described):
    """One stored table. `record` is the word for one row ("order line"); `key` identifies a row.

    A stored table that holds several kinds of records may be several tables here, each with its own `where`.
    """

    source: str
    where: str | None = Field(None, description="which stored rows are records of this table, over its own columns")
    record: str | None = None
    records: str | None = Field(None, description="plural of `record`")
    name_column: str | None = Field(None, description="the dimension that names a row to a person")
    key: tuple[str, ...] = ()
    joins: tuple[Join, ...] = ()
    bridge: Bridge | None = None
    time: TimeSpec | None = None
    dimensions: dict[str, Dimension] = Field(default_factory=dict)
    numbers: dict[str, NumberColumn] = Field(default_factory=dict)
    measures: dict[str, Measure] = Field(default_factory=dict)
    hierarchies: dict[str, Hierarchy] = Field(default_factory=dict)


class Stretch(Strict):
    """So many units of time."""

    n: int = Field(ge=1, le=10_000)
    unit: Literal["hour", "day", "week", "month", "quarter", "year"] = "day"


_NEEDED: dict[str, tuple[str, ...]] = {
    "simple": ("measure",),
    "ratio": ("numerator", "denominator"),
    "derived": ("expr",),
    "cumulative": ("metric",),
    "conversion": ("entity", "base", "then", "within"),
}


class Metric(Described):
    """A named figure made of measures: `simple` (one, perhaps filtered) or `ratio` (numerator / denominator).

    `derived` combines other metrics by + - * / over their names. `cumulative` is `metric` since the start of the
    `reset` period, over a trailing `window`, or since the data begins. `conversion` is the share of entities whose
    first `base` event of a period is followed by a `then` event in less than `within`.
    """

    kind: Literal["simple", "ratio", "derived", "cumulative", "conversion"]
    measure: str | None = None
    where: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    expr: str | None = None
    metric: str | None = None
    reset: Literal["week", "month", "quarter", "year"] | None = None
    window: Stretch | None = None
    entity: str | None = Field(None, description="`table.column` of who converts")
    base: str | None = None
    then: str | None = None
    within: Stretch | None = None
    unit: Unit | None = None
    good: Literal["up", "down"] | None = None
    decimals: int | None = Field(None, ge=0, le=9)

    @model_validator(mode="after")
    def _parts_given(self) -> Metric:
        missing = [n for n in _NEEDED[self.kind] if getattr(self, n) is None]
        if missing:
            raise ValueError(f"a {self.kind} metric needs {' and '.join(missing)}")
        if self.reset and self.window:
            raise ValueError("a cumulative metric takes `reset` or `window`, not both")
        return self


class NamedFilter(Described):
    """A condition with a name ("completed"), over `table.column` names."""

    where: str


class WeekYear(Strict):
    """A year of 52 or 53 whole weeks, as retailers and ISO 8601 count them.

    It starts with the week nearest to the 1st of `start_month` (`nearest`), with the first week that starts in the
    month (`first`), or right after the week that ends last before it (`last`). Its twelve periods have 4, 4 and 5 weeks
    in each quarter, or the weeks that lie mostly in a month (`calendar`); the last period takes the 53rd week.
    """

    start_month: int = Field(2, ge=1, le=12)
    year_starts: Literal["nearest", "first", "last"] = "nearest"
    week_start: Weekday = "sunday"
    periods: Literal["4-4-5", "4-5-4", "5-4-4", "calendar"] = "4-4-5"
    year_label: Literal["start_year", "end_year"] = "start_year"

    @property
    def first_weekday(self) -> int:
        """0 for Monday to 6 for Sunday."""
        return WEEKDAYS.index(self.week_start)


ISO_YEAR = WeekYear(start_month=1, week_start="monday", periods="calendar")
"""ISO 8601: a week belongs to the year, and here to the month and quarter, that has its Thursday."""


class Calendar(Strict):
    """The business day. `data_from` and `data_through` come from the profile when they are not given.

    `default` says which months, quarters and years a question means that names no calendar: those of the fiscal year
    (which starts in January unless `fiscal_start_month` says otherwise), of the civil one, ISO's or the `retail` ones.
    """

    timezone: str = "UTC"
    week_start: Weekday = "monday"
    fiscal_start_month: int = Field(1, ge=1, le=12)
    fiscal_label: Literal["start_year", "end_year"] = "end_year"
    retail: WeekYear | None = None
    default: CalendarName = "fiscal"
    holidays: tuple[HolidayCode, ...] = Field((), description="whose public holidays count: `US`, `DE`, or `DE-BY`")
    data_from: date | None = None
    data_through: date | None = None

    @model_validator(mode="after")
    def _retail_is_defined(self) -> Calendar:
        if self.default == "retail" and self.retail is None:
            raise ValueError("the retail calendar needs `retail`, which says when its years start")
        return self

    @property
    def weekly(self) -> WeekYear | None:
        """The year of whole weeks in use, if it is one."""
        return {"iso": ISO_YEAR, "retail": self.retail}.get(self.default)

    @property
    def first_weekday(self) -> int:
        """0 for Monday to 6 for Sunday."""
        return self.weekly.first_weekday if self.weekly else WEEKDAYS.index(self.week_start)

    @property
    def civil(self) -> Calendar:
        """The same with years of months from January, for what needs periods alike in every year."""
        return self.model_copy(update={"default": "civil"})

    @property
    def first_month(self) -> int:
        """The month in which the year in use starts, where it is one of months."""
        return self.fiscal_start_month if self.default == "fiscal" else 1


class VerifiedQuery(Strict):
    """A question with a metric query that a person approved; `starter` ones may be offered as opening questions."""

    question: str
    query: dict[str, Any]
    by: str | None = None
    at: date | None = None
    starter: bool = False
    meaning: str | None = Field(None, description="mark of how its figures were defined when it was approved")


class SmallCells(Strict):
    """Figures about fewer than `least` people are kept back.

    `persons` says for each table about people which of its columns tells them apart.
    """

    least: int = Field(11, ge=2, le=1000)
    persons: dict[str, str] = Field(min_length=1)


class SemanticModel(Strict):
    """Everything a workspace's words mean. Measure and metric names are unique across the model."""

    model: str
    label: str | None = None
    description: str | None = None
    expr_dialect: str = "duckdb"
    currency: str | None = Field(None, description="assumed for money without a unit of its own")
    calendar: Calendar = Calendar()
    tables: dict[str, Table] = Field(default_factory=dict)
    metrics: dict[str, Metric] = Field(default_factory=dict)
    filters: dict[str, NamedFilter] = Field(default_factory=dict)
    terms: dict[str, str] = Field(default_factory=dict, description="adjective or noun -> condition")
    driver_trees: dict[str, DriverTree] = Field(default_factory=dict, description="metric -> what it is made of")
    events: tuple[KnownEvent, ...] = Field((), description="named dates, past and to come, that move figures")
    policies: tuple[Policy, ...] = ()
    column_policies: tuple[ColumnPolicy, ...] = ()
    public_facts: tuple[str, ...] = Field((), description="tables open to all though no policy can reach them")
    small_cells: SmallCells | None = Field(None, description="keeps figures about few people back")
    verified: tuple[VerifiedQuery, ...] = ()
    starters: tuple[str, ...] = Field((), description="opening questions")

    @model_validator(mode="after")
    def _policies_fit(self) -> SemanticModel:
        private = self.small_cells.persons if self.small_cells else {}
        bound = [*(p.table for p in self.policies), *(p.table for p in self.column_policies if p.table is not None)]
        named = [*bound, *self.public_facts, *private]
        unknown = [t for t in named if t not in self.tables]
        if unknown:
            raise ValueError(f"a policy speaks of the table {unknown[0]!r}, which the model does not have")
        return self

    def measure_table(self, name: str) -> str | None:
        """The table that defines measure `name`, or None."""
        return next((t for t, table in self.tables.items() if name in table.measures), None)


def personal_columns(model: SemanticModel) -> Iterator[tuple[str, str, PersonalKind | None]]:
    """Every dimension that holds personal data: its table, its name, and what it holds (None: marked by hand)."""
    for name, table in model.tables.items():
        for column, dimension in table.dimensions.items():
            if dimension.pii or dimension.personal:
                yield name, column, dimension.personal
