"""What a metric query means before any SQL: figures, keys and exact times, resolved once for every later step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlglot import exp

from store.errors import InvalidRequest
from warehouse.compiler.bands import NUMBERS, whole
from warehouse.compiler.calendar_math import midnight, step, truncate
from warehouse.compiler.metrics import Atoms, Figure, Rolling, Source, figure
from warehouse.compiler.periods import (
    Bucket,
    Window,
    buckets,
    local_now,
    prior_window,
    resolve_window,
    with_priors,
)
from warehouse.compiler.resolve import Catalog, Field
from warehouse.compiler.scope import Record, Scope, time_kind
from warehouse.compiler.time_sql import clock_changes
from warehouse.compiler.units import check_units, unit_of
from warehouse.model.adhoc import humanize
from warehouse.model.schema import Calendar, ValueType
from warehouse.query import DimRef, Grain, MetricQuery, Moving, Part

_PART_LABELS: dict[Part, str] = {
    "weekday": "weekday",
    "weekend": "weekend",
    "hour_of_day": "hour",
    "month_of_year": "month of year",
    "quarter_of_year": "quarter of year",
    "year": "year",
}


OFFSET = "__o"
"""The key that holds how far an hour is ahead of UTC, in minutes."""

BEGINNING = datetime(1900, 1, 1)
"""Where “all before” begins when nothing is known about the data."""


@dataclass(frozen=True)
class Key:
    """A column that groups rows. `ref` is None for the time of each fact at the query's own grain."""

    internal: str
    name: str
    label: str
    field: Field
    ref: DimRef | None = None
    grain: Grain | None = None
    part: Part | None = None
    band: Decimal | None = None

    @property
    def is_time(self) -> bool:
        return self.grain is not None

    @property
    def type(self) -> ValueType:
        if self.internal == OFFSET:
            return "integer"
        if self.part is not None:
            return "boolean" if self.part == "weekend" else "integer"
        if self.band is not None:
            return "integer" if whole(self.field.dimension.type, self.band) else "decimal"
        if self.grain is not None:
            return "datetime" if self.grain == "hour" else "date"
        return self.field.dimension.type


@dataclass
class Build:
    """A query on its way to SQL. `cutoff` is the moment up to which data can be complete, on the business clock.

    `span` has the first and last period of the result, `lead` the first one that moving figures look back on;
    `unpaired` the periods that have no counterpart in the calendar, such as a 53rd week;
    `spread` has the sources whose rows are grouped by values on their many side, and whether they count more than once.
    """

    catalog: Catalog
    query: MetricQuery
    as_of: datetime
    record: Record
    atoms: Atoms
    figures: list[Figure]
    facts: list[str]
    keys: list[Key] = field(default_factory=list)
    times: dict[str, Field] = field(default_factory=dict)
    window: Window = field(default_factory=lambda: Window(None, None, "all time"))
    prior: Window | None = None
    prior_known: bool = True
    cutoff: datetime | None = None
    first: datetime | None = None
    after_last: datetime | None = None
    periods: list[Bucket] | None = None
    unpaired: list[datetime] = field(default_factory=list)
    span: tuple[datetime, datetime] | None = None
    lead: datetime | None = None
    types: dict[int, ValueType] = field(default_factory=dict)
    reads: dict[int, tuple[str, ...]] = field(default_factory=dict)
    spread: dict[Source, bool] = field(default_factory=dict)

    @property
    def sources(self) -> list[Source]:
        return self.atoms.sources()

    def doubled(self, one: Figure) -> bool:
        """Whether rows of the figure count in several groups, so that its parts are more than the whole."""
        return any(self.spread.get(self.atoms.found[i].source, False) for i in one.atoms)

    @property
    def rules(self) -> Calendar:
        return self.catalog.model.calendar

    @property
    def grain(self) -> Grain | None:
        return self.query.time.grain if self.query.time else None

    @property
    def covered(self) -> bool:
        """Whether the window holds any time for which there is data: only then does a count of nothing mean zero."""
        late = self.window.start is not None and self.after_last is not None and self.window.start >= self.after_last
        early = self.window.end is not None and self.first is not None and self.window.end <= self.first
        return not (late or early)

    @property
    def timed(self) -> bool:
        """Whether the query asks about time at all."""
        return bool(self.times)


def prepare(catalog: Catalog, query: MetricQuery, as_of: datetime) -> Build:
    """Names, keys and times of a query with metrics. Raises `UnknownName` and `InvalidRequest`."""
    atoms = Atoms()
    read = [figure(catalog, atoms, ref) for ref in query.metrics]
    figures = [replace(f, unit=unit_of(catalog, f.unit, f.formula, [atoms.found[i] for i in f.atoms])) for f in read]
    facts = atoms.tables()
    if not facts:
        raise InvalidRequest("The metric counts nothing: it names no measure.", code="empty_metric")
    _refuse_twins([f.name for f in figures])
    build = Build(catalog, query, as_of, Record(), atoms, figures, facts)
    _set_times(build)
    build.keys = _keys(build)
    check_units(build)
    _set_windows(build)
    return build


def _refuse_twins(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InvalidRequest(
                f"Two columns would be called “{name}”.", code="same_name", hint="Give one of them an alias."
            )


def _set_times(build: Build) -> None:
    time = build.query.time
    bounded = time is not None and (time.grain or time.start or time.end or time.last or time.to_date)
    asked = bounded or build.query.compare is not None
    dated = {s.table for s in build.sources if s.rolling or s.conversion}
    for fact in build.facts if asked else [f for f in build.facts if f in dated]:
        if time is not None and time.column is not None:
            found = build.catalog.field(DimRef(field=time.column), fact)
        else:
            found = Scope(build.catalog, Record(), fact).default_time()
        time_kind(found)
        build.times[fact] = found


def _keys(build: Build) -> list[Key]:
    keys: list[Key] = []
    if build.grain is not None:
        first = build.times[build.facts[0]]
        keys.append(Key("__t", build.grain, build.grain.capitalize(), first, grain=build.grain))
    for number, ref in enumerate(build.query.dimensions):
        keys.append(key_of(build.catalog, ref, build.facts[0], f"__d{number}"))
    return unique_names(keys, {f.name for f in build.figures})


def key_of(catalog: Catalog, ref: DimRef, root: str, internal: str) -> Key:
    """A dimension as a key. Raises `InvalidRequest` with code `not_a_date` for a grain or part of something else."""
    field = catalog.field(ref, root)
    if ref.grain is not None or ref.part is not None:
        time_kind(field)
    name, label = field.name, field.label
    if ref.grain is not None:
        name, label = f"{name}.{ref.grain}", f"{label} ({ref.grain})"
    elif ref.part is not None:
        name, label = f"{name}.{ref.part}", f"{label} ({_PART_LABELS[ref.part]})"
    elif ref.band is not None:
        if field.dimension.type not in NUMBERS:
            raise InvalidRequest(
                f"{label} is no number and has no bands.", code="not_a_number", hint="Leave `band` out."
            )
        name, label = f"{name}.band", f"{label} (in steps of {ref.band:f})"
    if field.role is not None:
        label = f"{humanize(field.role)} {label[:1].lower()}{label[1:]}"
    return Key(internal, name, label, field, ref, ref.grain, ref.part, ref.band)


def unique_names(keys: list[Key], taken: set[str]) -> list[Key]:
    """Keys whose names would collide get the role or table in front."""
    names = [k.name for k in keys]
    found: list[Key] = []
    for key in keys:
        name = key.name
        if names.count(name) > 1 or name in taken:
            name = f"{key.field.role or key.field.table}.{name}"
        if any(name == other.name for other in found):
            name = f"{name}_{len(found) + 1}"
        found.append(replace(key, name=name))
    return found


def _set_windows(build: Build) -> None:
    build.window = resolve_window(build.query.time, build.as_of, build.rules)
    if not build.timed:
        return
    _set_data_bounds(build)
    if build.grain is not None:
        _set_span(build, build.grain)
        _split_hours(build)
    if build.query.compare is None:
        return
    rolling = build.grain is not None and build.query.compare.to == "previous_period"
    if build.grain is None or (build.window.bounded and not rolling):
        build.prior = prior_window(build.window, build.query.compare, build.rules, build.cutoff)
    if build.grain is not None:
        _set_periods(build, build.grain)
    elif build.prior is not None:
        build.prior_known = _known(build, build.prior.start, build.prior.end)[0] is not None


def _set_data_bounds(build: Build) -> None:
    now = local_now(build.as_of, build.rules)
    bounds = [build.catalog.bounds(f) for f in build.times.values()]
    firsts, lasts = [b[0] for b in bounds if b[0]], [b[1] for b in bounds if b[1]]
    build.first = midnight(min(firsts)) if firsts else None
    build.after_last = midnight(max(lasts)) + timedelta(days=1) if lasts else None
    build.cutoff = min(now, build.after_last) if build.after_last else now


def _set_span(build: Build, grain: Grain) -> None:
    """The first and last period of the spine: the window, clipped to the data."""
    now = local_now(build.as_of, build.rules)
    starts = [m for m in (build.window.start, build.first) if m is not None]
    ends = [m for m in (build.window.end, build.after_last or now) if m is not None]
    if not starts or max(starts) >= min(ends):
        return
    begin = truncate(max(starts), grain, build.rules)
    last = truncate(min(ends) - timedelta(microseconds=1), grain, build.rules)
    build.span = begin, last
    back = max((t.n - 1 for t in build.query.transforms if isinstance(t, Moving)), default=0)
    if back and build.window.start is not None:
        earlier = step(begin, grain, build.rules, -back)
        build.lead = max(earlier, truncate(build.first, grain, build.rules)) if build.first else earlier


def _split_hours(build: Build) -> None:
    """Where clocks change, hours are told apart by their offset from UTC too, so that such a day has 23 or 25."""
    plain = build.query.compare is None and not any(s.rolling or s.semi for s in build.sources)
    if build.grain != "hour" or build.span is None or not plain:
        return
    if not clock_changes(build.rules.timezone, build.span[0], build.span[1] + timedelta(hours=1)):
        return
    kinds = [time_kind(f) for f in build.times.values()]
    if any(k.kind == "date" or (k.kind == "timestamp" and k.stored_tz == build.rules.timezone) for k in kinds):
        return
    offset = Key(OFFSET, "utc_offset", "UTC offset in minutes", build.keys[0].field)
    build.keys.insert(1, offset)


def _set_periods(build: Build, grain: Grain) -> None:
    if build.span is None or build.query.compare is None:
        build.periods = []
        return
    begin, last = build.span
    whole = buckets(begin, step(last, grain, build.rules), grain, build.rules)
    cut = [_clipped(b, build.window) for b in whole]
    priors = with_priors(cut, grain, build.query.compare, build.rules, build.cutoff)
    build.unpaired = [b.start for b in priors if b.prior_start is None]
    build.periods = [
        Bucket(w.start, w.end, *_known(build, p.prior_start, p.prior_end)) for w, p in zip(whole, priors, strict=True)
    ]


def _clipped(bucket: Bucket, window: Window) -> Bucket:
    """A bucket whose start the window cuts off begins there; its end stays, as the cutoff decides on that."""
    start = max(bucket.start, window.start) if window.start else bucket.start
    return Bucket(start, bucket.end)


def _known(build: Build, start: datetime | None, end: datetime | None) -> tuple[datetime | None, datetime | None]:
    if start is None or end is None or start >= end or _before_data(build, end):
        return None, None
    return start, end


def _before_data(build: Build, end: datetime) -> bool:
    return build.first is not None and end <= build.first


def figure_type(build: Build, one: Figure) -> ValueType:
    """The type of a figure's values; known once its leaf is made."""
    if one.formula.find(exp.Div):
        return "float"
    kinds = {build.types[i] for i in one.atoms}
    if len(kinds) == 1:
        return kinds.pop()
    return "float" if "float" in kinds else "decimal"


def every_period(build: Build) -> list[Bucket]:
    """All periods of the result with their bounds, cut by the end of the window."""
    if build.span is None or build.grain is None:
        return []
    begin, last = build.lead or build.span[0], build.span[1]
    whole = buckets(begin, step(last, build.grain, build.rules), build.grain, build.rules)
    end = build.window.end
    return [Bucket(b.start, min(b.end, end) if end else b.end) for b in whole]


def _end_of_data(build: Build) -> datetime | None:
    """The first midnight without data."""
    if build.cutoff is None:
        return None
    day = midnight(build.cutoff.date())
    return day if day == build.cutoff else day + timedelta(days=1)


def rolled(build: Build, rolling: Rolling, start: datetime | None, end: datetime) -> tuple[datetime, datetime]:
    """The time that a cumulative figure covers when a period ends at `end`, or has got as far as the data.

    The last 28 days of a month that is half over are 28 days with data, not fourteen and fourteen empty ones.
    """
    until = _end_of_data(build)
    if until is not None and start is not None and start < until < end:
        end = until
    if rolling.window is not None:
        return step(end, rolling.window.unit, build.rules, -rolling.window.n), end
    if rolling.reset is not None:
        return truncate(end - timedelta(microseconds=1), rolling.reset, build.rules), end
    first = build.first or BEGINNING
    return (min(first, start) if start else first), end
