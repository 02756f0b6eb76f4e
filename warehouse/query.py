"""The typed requests that the compiler turns into SQL; nobody else writes SQL on this path."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MOST_COLUMNS = 100
MOST_CONDITIONS = 500
MOST_DIGITS = 400
MOST_PARTS = 12


def writable(number: Decimal) -> Decimal:
    """The number, when it can be written out in at most 400 digits on either side. Raises `ValueError`.

    “1e999999999” is eleven characters, and a gigabyte once SQL spells it.
    """
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -MOST_DIGITS or number.adjusted() > MOST_DIGITS:
        raise ValueError(f"use a number of at most {MOST_DIGITS} digits")
    return number


Number = Annotated[Decimal, AfterValidator(writable)]
Scalar = bool | int | Number | date | datetime | str
Grain = Literal["hour", "day", "week", "month", "quarter", "year"]
Op = Literal[
    "=", "!=", "in", "not_in", "<", "<=", ">", ">=", "between",
    "contains", "starts_with", "ends_with", "is_null", "not_null",
]  # fmt: skip
Part = Literal["weekday", "weekend", "hour_of_day", "month_of_year", "quarter_of_year", "year"]


class _M(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DimRef(_M):
    """A dimension (`table.name`, or a bare name that only one table has), perhaps in a role, at a grain or a date part.

    `part` groups or filters by what repeats (weekday 1-7 from Monday, weekend true or false, hour, month of year);
    `band` puts a number into steps of that width, each named by its lower end: 20, 30, 40 in steps of 10.
    """

    field: str
    role: str | None = None
    grain: Grain | None = None
    part: Part | None = None
    band: Number | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.band is not None and (self.grain is not None or self.part is not None):
            raise ValueError("a band is of numbers; grain and part are of dates")
        return self


class Yardstick(_M):
    """A figure of the filtered field that each value is held against: its average, lowest or highest.

    It is taken over the rows of `table` (the field's own, unless said) that meet `filters`.
    """

    agg: Literal["avg", "min", "max"]
    table: str | None = None
    filters: tuple[Condition, ...] = Field((), max_length=MOST_CONDITIONS)


class Among(_M):
    """The values of another field, over the rows of its table that meet `filters`: states that owners live in."""

    field: DimRef
    filters: tuple[Condition, ...] = Field((), max_length=MOST_CONDITIONS)


class Filter(_M):
    """One condition on a dimension, or the name of a filter or term of the model. Text matches ignore case.

    `many` says of a field on the many side (orders by category of their lines) how many must match: any, none, all.
    Instead of `values`, a comparison may take `than` (older than the average), and `in` and `not_in` may take `among`.
    """

    field: DimRef | None = None
    term: str | None = None
    op: Op = "="
    values: tuple[Scalar, ...] = ()
    many: Literal["any", "none", "all"] = "any"
    than: Yardstick | None = None
    among: Among | None = None

    @model_validator(mode="after")
    def _one_subject(self) -> Filter:
        if (self.field is None) == (self.term is None):
            raise ValueError("give exactly one of `field` and `term`")
        if self.than is not None or self.among is not None:
            return self._held_against_data()
        needed = {"between": (2, 2), "is_null": (0, 0), "not_null": (0, 0), "in": (1, 10_000), "not_in": (1, 10_000)}
        least, most = needed.get(self.op, (1, 1))
        if self.field is not None and not least <= len(self.values) <= most:
            raise ValueError(f"the operator {self.op!r} takes {least if least == most else f'{least} or more'} values")
        return self

    def _held_against_data(self) -> Filter:
        if self.field is None or self.values or (self.than and self.among):
            raise ValueError("a filter takes a `field` and one of `values`, `than` and `among`")
        wanted = ("in", "not_in") if self.among else ("=", "!=", "<", "<=", ">", ">=")
        if self.op not in wanted:
            raise ValueError(f"this filter takes one of the operators {', '.join(wanted)}")
        return self


class Has(_M):
    """Rows by what belongs to them in another table, `has`: some of it, none, more than two, a total over 1000.

    Without `op` there must be some (or with `exists=False` none) that meets `filters`. With `op` their number is
    compared with `value`, or `agg` of their field `of`; a row to which nothing belongs has a number and a sum of 0.
    `most` and `fewest` keep the rows with the largest and the smallest such figure, rows without any left aside.
    """

    has: str
    exists: bool = True
    filters: tuple[Condition, ...] = Field((), max_length=MOST_CONDITIONS)
    agg: Literal["count", "sum", "avg", "min", "max"] = "count"
    of: DimRef | None = None
    op: Literal["=", "!=", "<", "<=", ">", ">=", "most", "fewest"] | None = None
    value: Number = Decimal(0)

    @model_validator(mode="after")
    def _one_figure(self) -> Has:
        if (self.agg == "count") != (self.of is None):
            raise ValueError("a count takes no field `of`, every other figure needs one")
        if self.op is None and (self.of is not None or self.value):
            raise ValueError("a figure is compared with `op` and `value`")
        if self.op is not None and not self.exists:
            raise ValueError("a comparison is turned around by its `op`")
        return self


class AnyOf(_M):
    """OR of conditions; a list of conditions is AND."""

    any_of: tuple[Filter | Has, ...] = Field(min_length=1, max_length=MOST_CONDITIONS)


Condition = Filter | Has | AnyOf


class MetricPart(_M):
    """One figure of a formula, over the rows that meet `where`."""

    metric: str
    where: tuple[Condition, ...] = Field((), max_length=MOST_CONDITIONS)


class MetricRef(_M):
    """A metric or measure by name, perhaps over fewer rows (`where`) and under another column name (`alias`).

    With `per` it is divided by that metric at every grain: revenue per customer. `where` does not narrow `per`
    (`per_where` does), so that orders of a kind per orders are the share of all orders that are of this kind.

    With `formula` it is arithmetic (+ - * / and numbers) over its `parts`, called p0, p1 … in their order, worked out
    at every grain: `(p0 - p1) / p0`. `metric` is then the metric of the first part.
    """

    metric: str
    where: tuple[Condition, ...] = Field((), max_length=MOST_CONDITIONS)
    alias: str | None = None
    per: str | None = None
    per_where: tuple[Condition, ...] = Field((), max_length=MOST_CONDITIONS)
    formula: str | None = Field(None, max_length=400)
    parts: tuple[MetricPart, ...] = Field((), max_length=MOST_PARTS)

    @model_validator(mode="after")
    def _formula_has_parts(self) -> MetricRef:
        if (self.formula is None) != (not self.parts) or (self.formula is not None and self.per is not None):
            raise ValueError("`formula` and `parts` are given together, and without `per`")
        if self.parts and self.metric != self.parts[0].metric:
            raise ValueError("`metric` must be the metric of the first part")
        return self

    @property
    def combined(self) -> bool:
        """Whether it is worked out from several figures, so that its values do not add up."""
        return self.per is not None or self.formula is not None

    @property
    def column(self) -> str:
        return self.alias or self.metric


class Having(_M):
    """A condition on an output column: `revenue`, `revenue.growth`."""

    column: str
    op: Literal["=", "!=", "<", "<=", ">", ">="]
    value: Number


class Span(_M):
    """The last n units before `as_of`; `complete=False` includes the running one."""

    n: int = Field(ge=1)
    unit: Grain
    complete: bool = True


class TimeWindow(_M):
    """When. At most one of start/end (half-open), `last` and `to_date`; none of them means all time.

    `column` is `table.column`; the default is the fact table's own. With a `grain` the result has one row a period, and
    `fill` keeps periods without data. `calendar` is `fiscal`, `civil` (years from January), `retail`
    or `iso` (both of whole weeks), else the model's own default; `timezone` replaces the business clock's zone.
    """

    column: str | None = None
    grain: Grain | None = None
    calendar: str | None = None
    timezone: str | None = None
    fill: bool = True
    start: date | datetime | None = None
    end: date | datetime | None = None
    last: Span | None = None
    to_date: Grain | None = None

    @model_validator(mode="after")
    def _one_window(self) -> TimeWindow:
        given = [self.start is not None or self.end is not None, self.last is not None, self.to_date is not None]
        if sum(given) > 1:
            raise ValueError("give at most one of start/end, `last` and `to_date`")
        if self.start is not None and self.end is not None and _as_datetime(self.end) <= _as_datetime(self.start):
            raise ValueError("`end` must lie after `start`; it is the first moment outside the window")
        return self


def _as_datetime(value: date | datetime) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)


class Compare(_M):
    """The same figures for another period, as columns `metric.prev`, `metric.delta` and `metric.growth` (a ratio).

    Growth is the change over the size of the prior figure, empty when that is zero. `offset` goes back `n` units. A day
    that the other month lacks has no counterpart, or with `clamp` that month's last day.
    """

    to: Literal["previous_period", "same_date_last_year", "same_weekday_last_year", "offset", "window"]
    n: int = Field(1, ge=1, le=10_000)
    unit: Grain | None = None
    start: date | None = None
    end: date | None = None
    align_partial: bool = True
    missing_day: Literal["null", "clamp"] = "null"
    show: tuple[Literal["prev", "delta", "growth"], ...] = ("prev", "delta", "growth")

    @model_validator(mode="after")
    def _fits_together(self) -> Compare:
        if self.to == "window" and (self.start is None or self.end is None):
            raise ValueError("a comparison with a window needs `start` and `end`")
        if self.to == "offset" and self.unit is None:
            raise ValueError("a comparison at an offset needs `unit`")
        return self


class Share(_M):
    """Share of the total over all groups (before any cut), as column `metric.share` (a ratio 0-1).

    With groups and a time grain it is the share within each period; `within` takes the total of each of those values.
    """

    kind: Literal["share"]
    of: str
    within: tuple[DimRef, ...] = Field((), max_length=MOST_COLUMNS)


class Rank(_M):
    """Rank over all groups, 1 = largest (or smallest with `desc=False`), as column `metric.rank`.

    With groups and a time grain it is the rank within each period; `within` ranks inside each of those values.
    """

    kind: Literal["rank"]
    of: str
    within: tuple[DimRef, ...] = Field((), max_length=MOST_COLUMNS)
    desc: bool = True
    ties: Literal["min", "dense", "row"] = "min"


class Running(_M):
    """Running total over the periods of a time grain, as column `metric.running`; `reset` starts it anew."""

    kind: Literal["running"]
    of: str
    reset: Literal["week", "month", "quarter", "year"] | None = None


class Moving(_M):
    """Average, sum, lowest or highest of a period and the n-1 before it, as column `metric.moving`.

    Empty where fewer than `min_points` (all n unless said) periods are there.
    """

    kind: Literal["moving"]
    of: str
    n: int = Field(ge=2, le=1000)
    agg: Literal["avg", "sum", "min", "max"] = "avg"
    min_points: int | None = Field(None, ge=1)


class Growth(_M):
    """Change against the period before, or against the first period shown, as column `metric.growth` (a ratio)."""

    kind: Literal["growth"]
    of: str
    base: Literal["previous", "first"] = "previous"


Transform = Annotated[Share | Rank | Running | Moving | Growth, Field(discriminator="kind")]


class TopN(_M):
    """Keep the n largest (or smallest) groups by output column `by`; with `per`, n within each value of those.

    With groups and a time grain, and no `per`, a group is ranked over the whole time and keeps all its periods.
    `others` adds what was cut as one group “Other”, computed anew. `complete` ranks only wholly covered periods.
    """

    n: int = Field(ge=1, le=1000)
    by: str
    per: tuple[DimRef, ...] = Field((), max_length=MOST_COLUMNS)
    bottom: bool = False
    others: bool = False
    ties: Literal["cut", "keep"] = "cut"
    complete: bool = False


class Order(_M):
    """Sort by an output column."""

    by: str
    desc: bool = False


class MetricQuery(_M):
    """What to compute. Without metrics it lists the distinct values of the dimensions of one table.

    Order of evaluation: filters -> aggregate -> formulas -> compare -> transforms -> having -> top -> order -> limit.
    Output column names: a dimension's `field` without its table, `field.grain`, `field.part` or `field.band` for those
    given on a dimension, the grain's name (`month`) for `time.grain`, the metric's `column` with `:` and other signs as
    `_` (`avg:sales.price` -> `avg_price`), and `metric.kind` for derived columns.
    """

    metrics: tuple[MetricRef, ...] = Field((), max_length=MOST_COLUMNS)
    dimensions: tuple[DimRef, ...] = Field((), max_length=MOST_COLUMNS)
    filters: tuple[Condition, ...] = Field((), max_length=MOST_CONDITIONS)
    having: tuple[Having, ...] = Field((), max_length=MOST_COLUMNS)
    time: TimeWindow | None = None
    compare: Compare | None = None
    transforms: tuple[Transform, ...] = Field((), max_length=MOST_COLUMNS)
    top: TopN | None = None
    order: tuple[Order, ...] = Field((), max_length=MOST_COLUMNS)
    limit: int = Field(1000, ge=1, le=50_000)
    fan_out: Literal["note", "refuse"] = Field("note", description="a dimension on the many side: tell, or refuse")

    @model_validator(mode="after")
    def _something_asked(self) -> MetricQuery:
        if not self.metrics and not self.dimensions:
            raise ValueError("ask for at least one metric or dimension")
        if self.top and not set(self.top.per) <= set(self.dimensions):
            raise ValueError("`top.per` must be among the dimensions")
        return self


class Related(_M):
    """Keep records that have (or lack) matching rows in a table that joins to them."""

    table: str
    exists: bool = True
    filters: tuple[Condition, ...] = Field((), max_length=MOST_CONDITIONS)
    time: TimeWindow | None = None


class RecordQuery(_M):
    """List rows of one table with columns of its own and of the tables it joins to (many-to-one)."""

    table: str
    columns: tuple[DimRef, ...] = ()
    filters: tuple[Condition, ...] = Field((), max_length=MOST_CONDITIONS)
    related: tuple[Related, ...] = Field((), max_length=MOST_COLUMNS)
    time: TimeWindow | None = None
    distinct: bool = False
    order: tuple[Order, ...] = Field((), max_length=MOST_COLUMNS)
    limit: int = Field(200, ge=1, le=50_000)


for _late in (Yardstick, Among, Filter, Has, AnyOf):
    _late.model_rebuild()
