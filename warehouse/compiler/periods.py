"""Windows of time resolved in Python, so that "last month" means one exact half-open range wherever it is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from store.errors import InvalidRequest
from warehouse.compiled import Period
from warehouse.compiler import week_years
from warehouse.compiler.calendar_math import (
    DAY,
    MONTHS,
    add_months,
    add_months_or_next,
    midnight,
    step,
    truncate,
    whole_unit,
    within_calendar,
)
from warehouse.compiler.calendars import in_use
from warehouse.compiler.period_labels import bucket_label, iso, range_label, span_label
from warehouse.model.schema import Calendar, WeekYear
from warehouse.query import Compare, Grain, TimeWindow

MOST_PERIODS = 1_500
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Window:
    """A half-open range of local wall-clock time; None is open. `unit` is set when the window is meant as one unit."""

    start: datetime | None
    end: datetime | None
    label: str

    @property
    def bounded(self) -> bool:
        return self.start is not None and self.end is not None


@dataclass(frozen=True)
class Bucket:
    """One period of a series, perhaps with the range it is compared with (None: there is no such period)."""

    start: datetime
    end: datetime
    prior_start: datetime | None = None
    prior_end: datetime | None = None


def local_now(as_of: datetime, rules: Calendar) -> datetime:
    """`as_of` on the business clock, without its zone. A naive `as_of` is already there."""
    if as_of.tzinfo is None:
        return as_of
    return as_of.astimezone(ZoneInfo(rules.timezone)).replace(tzinfo=None)


@within_calendar()
def window(time: TimeWindow | None, as_of: datetime, calendar: Calendar) -> Period:
    """The period that `time` means at `as_of`, with a label for people. All time when nothing is given."""
    calendar = in_use(calendar, time)
    found = resolve_window(time, as_of, calendar)
    partial = found.end is not None and found.end > local_now(as_of, calendar)
    column = time.column if time else None
    return Period(start=iso(found.start), end=iso(found.end), label=found.label, partial=partial, column=column)


def resolve_window(time: TimeWindow | None, as_of: datetime, rules: Calendar) -> Window:
    """The same as exact bounds on the business clock."""
    now = local_now(as_of, rules)
    if time is None:
        return Window(None, None, "all time")
    if time.last is not None:
        return _last(time, now, rules)
    if time.to_date is not None:
        start = truncate(now, time.to_date, rules)
        end = step(start, time.to_date, rules)
        return Window(start, end, f"{bucket_label(start, time.to_date, rules)} to date")
    start_at = _local(time.start, rules) if time.start is not None else None
    end_at = _local(time.end, rules) if time.end is not None else None
    return Window(start_at, end_at, range_label(start_at, end_at, rules))


def _local(value: date | datetime, rules: Calendar) -> datetime:
    found = midnight(value)
    return local_now(found, rules)


def _last(time: TimeWindow, now: datetime, rules: Calendar) -> Window:
    assert time.last is not None
    span = time.last
    running = truncate(now, span.unit, rules)
    end = running if span.complete else step(running, span.unit, rules)
    start = step(end, span.unit, rules, -span.n)
    return Window(start, end, span_label(span, start, end, rules))


def buckets(start: datetime, end: datetime, grain: Grain, rules: Calendar) -> list[Bucket]:
    """The periods that touch [start, end), each with its full natural bounds."""
    found: list[Bucket] = []
    at = truncate(start, grain, rules)
    while at < end:
        following = step(at, grain, rules)
        found.append(Bucket(at, following))
        at = following
        if len(found) > MOST_PERIODS:
            raise InvalidRequest(
                f"That would be more than {MOST_PERIODS:,} periods.",
                code="too_many_periods",
                hint="Ask for a shorter time or a coarser grain.",
            )
    return found


def prior_window(now: Window, compare: Compare, rules: Calendar, cutoff: datetime | None) -> Window:
    """The range that a bounded window is compared with.

    `cutoff` is the moment up to which data can be complete: with `align_partial` a window that runs past it is compared
    with as many complete days. Raises `InvalidRequest` with code `no_window` for an open window.
    """
    if now.start is None or now.end is None:
        raise InvalidRequest(
            "A comparison needs a period with a start and an end.",
            code="no_window",
            hint="Say which period, such as this month or last year.",
        )
    start, end = _prior_range(now.start, now.end, compare, rules)
    aligned = _align(Bucket(now.start, now.end, start, end), compare, cutoff)
    label = range_label(aligned.prior_start, aligned.prior_end, rules) if aligned.prior_start else "no such period"
    return Window(aligned.prior_start, aligned.prior_end, label)


def with_priors(
    current: list[Bucket], grain: Grain, compare: Compare, rules: Calendar, cutoff: datetime | None
) -> list[Bucket]:
    """Each bucket with the range it is compared with; rows are never shifted, ranges are."""
    if compare.to == "window":
        assert compare.start is not None and compare.end is not None  # the query checks it
        others = buckets(midnight(compare.start), midnight(compare.end), grain, rules)
        pairs: list[tuple[datetime | None, datetime | None]]
        pairs = [(others[i].start, others[i].end) if i < len(others) else (None, None) for i in range(len(current))]
    elif compare.to == "previous_period":
        pairs = [(step(b.start, grain, rules, -1), b.start) for b in current]
    else:
        pairs = [_back(b.start, b.end, compare, rules) for b in current]
    return [
        _align(Bucket(b.start, b.end, start, end), compare, cutoff)
        for b, (start, end) in zip(current, pairs, strict=True)
    ]


def unmatched_days(compared: list[Bucket]) -> int:
    """How many days between the first and the last compared one belong to no period."""
    known = sorted((b.prior_start, b.prior_end) for b in compared if b.prior_start and b.prior_end)
    missing, until = timedelta(0), known[0][0] if known else None
    for start, end in known:
        assert until is not None  # there is a first one
        missing += max(start - until, timedelta(0))
        until = max(until, end)
    return missing.days


def _prior_range(
    start: datetime, end: datetime, compare: Compare, rules: Calendar
) -> tuple[datetime | None, datetime | None]:
    if compare.to == "window":
        assert compare.start is not None and compare.end is not None  # the query checks it
        return midnight(compare.start), midnight(compare.end)
    if compare.to != "previous_period":
        return _back(start, end, compare, rules)
    unit = whole_unit(start, end, rules)
    if unit is not None:
        return step(start, unit[0], rules, -unit[1]), start
    return start - (end - start), start


def _back(start: datetime, end: datetime, compare: Compare, rules: Calendar) -> tuple[datetime | None, datetime | None]:
    """The range as far back as the comparison says: by months, by weeks' places in their years, or by days."""
    if compare.to == "same_weekday_last_year":
        return start - 364 * DAY, end - 364 * DAY
    months = 12 if compare.to == "same_date_last_year" else compare.n * MONTHS.get(compare.unit or "", 0)
    if not months:
        assert compare.unit is not None  # the query checks it
        return step(start, compare.unit, rules, -compare.n), step(end, compare.unit, rules, -compare.n)
    if rules.weekly is not None:
        return _weekly_back(start, end, months, rules, rules.weekly)
    if end - start > DAY:
        return add_months_or_next(start, -months), add_months_or_next(end, -months)
    day = add_months(start, -months)
    if day is None and compare.missing_day == "clamp":
        day = add_months_or_next(start, -months) - DAY
    return (day, day + (end - start)) if day is not None else (None, None)


def _weekly_back(
    start: datetime, end: datetime, months: int, rules: Calendar, weekly: WeekYear
) -> tuple[datetime | None, datetime | None]:
    """Periods go back to the one of the same number; days and weeks to the same week of their year, if it has one."""
    whole = whole_unit(start, end, rules)
    if months % 12 or (whole is not None and whole[0] in MONTHS):
        return step(start, "month", rules, -months), step(end, "month", rules, -months)
    first = week_years.same_place(start, -months // 12, weekly)
    if first is None:
        return None, None
    last = week_years.same_place(end - _MOMENT, -months // 12, weekly)
    year_end = step(truncate(first, "year", rules), "year", rules)
    return first, last + _MOMENT if last is not None else year_end


def _align(bucket: Bucket, compare: Compare, cutoff: datetime | None) -> Bucket:
    """Cut the prior range to as many complete days as the bucket has, capped at its own end."""
    whole = cutoff is None or bucket.end <= cutoff
    if whole or not compare.align_partial or bucket.prior_start is None or bucket.prior_end is None:
        return bucket
    assert cutoff is not None
    elapsed = complete_days(bucket.start, cutoff)
    if not elapsed:
        return bucket
    end = min(bucket.prior_start + elapsed, bucket.prior_end)
    return Bucket(bucket.start, bucket.end, bucket.prior_start, end)


def complete_days(start: datetime, cutoff: datetime) -> timedelta:
    """How much of the time since `start` lies in complete local days before `cutoff`; whole hours on the first day."""
    until = midnight(cutoff.date())
    if until <= start:
        until = cutoff.replace(minute=0, second=0, microsecond=0)
    return max(until - start, timedelta(0))
