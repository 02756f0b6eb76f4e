"""How ordinary a change is: the same comparison made again and again further back, and what the calendar alone does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from tools.drivers.ask import Days
from tools.happenings import Happening
from warehouse.compiled import Period

YEARS_BACK = 3
LEAST_COMPARED = 8
_USUAL = 0.2
_WEEKS_AROUND = 4


@dataclass(frozen=True)
class Span:
    """Days from `start` up to but without `end`."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days


@dataclass(frozen=True)
class Usual:
    """Of `compared` earlier changes over the same length, `larger` were at least as large; eight in ten lay between."""

    larger: int
    compared: int
    low: float
    high: float

    @property
    def p(self) -> float:
        """How likely a change of this size is when nothing happened."""
        return (self.larger + 1) / (self.compared + 1)

    @property
    def inside(self) -> bool:
        return self.p > _USUAL


@dataclass(frozen=True)
class Calendar:
    """Days of each weekday (Monday first) in both periods, and what their different number alone would have moved."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    effect: Fraction


def both_spans(now: Period, then: Period) -> tuple[Span, Span] | None:
    """Two compiled periods in days; of a running one as many days as it is compared with."""
    later, earlier = span_of(now), span_of(then)
    if later is None or earlier is None:
        return None
    if now.partial and earlier.days < later.days:
        later = Span(later.start, later.start + timedelta(earlier.days))
    return later, earlier


def span_of(period: Period | None) -> Span | None:
    """A compiled period as whole days; None when it is open or shorter than a day."""
    if period is None or not period.start or not period.end:
        return None
    start, end = date.fromisoformat(period.start[:10]), date.fromisoformat(period.end[:10])
    if any(len(b) > 10 and b[11:19] not in ("", "00:00:00") for b in (period.start, period.end)):
        return None
    return Span(start, end) if end > start else None


def usual(days: Days, now: Span, then: Span, growth: float) -> Usual | None:
    """`growth` against the earlier changes of the same kind; None with fewer than eight of them."""
    seen: list[float] = []
    for step in range(1, 400):
        later, earlier = _back(now, step, now), _back(then, step, now)
        if earlier.start < days.first:
            break
        found = _growth(days, later, earlier)
        if found is not None:
            seen.append(found)
    if len(seen) < LEAST_COMPARED:
        return None
    ordered = sorted(seen)
    at = max(0, round(0.1 * (len(ordered) - 1)))
    larger = sum(abs(s) >= abs(growth) for s in seen)
    return Usual(larger, len(seen), ordered[at], ordered[-1 - at])


def adds_up(days: Days, span: Span, whole: tuple[Fraction, ...]) -> bool:
    """Whether the days of a span come to its whole; people counted once a day do not."""
    return all(abs(a - b) <= abs(b) * Fraction(1, 10**9) for a, b in zip(_sums(days, span), whole, strict=False))


def calendar(days: Days, now: Span, then: Span) -> Calendar | None:
    """The effect of other weekdays and another length; None when both spans have the same days or one is too short."""
    before, after = _weekdays(then), _weekdays(now)
    if before == after or min(before) == 0 or now.days < 7:
        return None
    per_day = [Fraction(0)] * 7
    for offset in range(then.days):
        day = then.start + timedelta(offset)
        per_day[day.weekday()] += days.values.get(day, (Fraction(0),))[0]
    effect = sum(((a - b) * total / b for a, b, total in zip(after, before, per_day, strict=True)), Fraction(0))
    return Calendar(tuple(before), tuple(after), effect)


@dataclass(frozen=True)
class Occurred:
    """A holiday or known event that was on for other numbers of days, and what its days brought beside usual ones."""

    name: str
    before: int
    after: int
    effect: Fraction


def occurred(days: Days, now: Span, then: Span, happenings: Sequence[Happening]) -> list[Occurred]:
    """Of each happening with unlike days in both spans what it moved: its days against the usual day of that weekday.

    The largest first; a day's usual figure is the median of the same weekday in the four weeks around it.
    """
    marked = {d for h in happenings for a, b in h.spans for d in _each(a, b)}
    found = []
    for one in happenings:
        before, after = one.days_in(then.start, then.end), one.days_in(now.start, now.end)
        if before != after:
            inside = [(d, 1) for a, b in one.spans for d in _each(max(a, now.start), min(b, now.end))]
            inside += [(d, -1) for a, b in one.spans for d in _each(max(a, then.start), min(b, then.end))]
            effect = sum((sign * _beside(days, d, marked) for d, sign in inside), Fraction(0))
            found.append(Occurred(one.name, before, after, effect))
    return sorted(found, key=lambda o: -abs(o.effect))


def _each(start: date, end: date) -> list[date]:
    return [start + timedelta(k) for k in range(max(0, (end - start).days))]


def _beside(days: Days, day: date, marked: set[date]) -> Fraction:
    """A day's figure less the usual one of that weekday; nothing where there is no usual one."""
    near = [day + timedelta(7 * k) for k in range(-_WEEKS_AROUND, _WEEKS_AROUND + 1) if k]
    usual_ones = sorted(days.values[d][0] for d in near if d in days.values and d not in marked)
    if not usual_ones:
        return Fraction(0)
    return days.values.get(day, (Fraction(0),))[0] - usual_ones[len(usual_ones) // 2]


def _back(span: Span, step: int, now: Span) -> Span:
    """A span moved back by `step` times the length of `now`: months stay months, days keep their weekday."""
    if now.start.day != 1 or span.start.day != 1 or now.days < 7:
        moved = timedelta(7 * step * max(1, -(-now.days // 7)))
        return Span(span.start - moved, span.end - moved)
    whole = now.end.day == 1
    months = step * (max(1, _months(now.start, now.end)) if whole else max(1, now.days // 28))
    start = _months_back(span.start, months)
    return Span(start, _months_back(span.end, months) if span.end.day == 1 else start + timedelta(span.days))


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def _months_back(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def _growth(days: Days, later: Span, earlier: Span) -> float | None:
    after, before = _figure(_sums(days, later)), _figure(_sums(days, earlier))
    return float((after - before) / abs(before)) if before and after is not None else None


def _figure(sums: tuple[Fraction, ...]) -> Fraction | None:
    if len(sums) == 1:
        return sums[0]
    return sums[0] / sums[1] if sums[1] else None


def _sums(days: Days, span: Span) -> tuple[Fraction, ...]:
    width = len(next(iter(days.values.values()), (Fraction(0),)))
    totals = [Fraction(0)] * width
    for offset in range(span.days):
        for i, value in enumerate(days.values.get(span.start + timedelta(offset), ())):
            totals[i] += value
    return tuple(totals)


def _weekdays(span: Span) -> list[int]:
    weeks, more = divmod(span.days, 7)
    return [weeks + ((d - span.start.weekday()) % 7 < more) for d in range(7)]
