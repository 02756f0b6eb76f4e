"""What a reader must know about time in a result: periods that data covers only in part, priors without data."""

from __future__ import annotations

from datetime import datetime, timedelta

from warehouse.compiled import Note, Period
from warehouse.compiler.build import Build
from warehouse.compiler.calendar_math import step, truncate
from warehouse.compiler.period_labels import bucket_label, day_label, iso
from warehouse.compiler.periods import Window, complete_days, unmatched_days
from warehouse.compiler.scope import time_kind
from warehouse.compiler.time_sql import clock_changes
from warehouse.query import Grain

_MOST_PARTIAL = 400
_SHARE_BEFORE_DATA = 0.1
"""The part of a first period that may lie before the first record: who opens on the 2nd of a month has that month."""


def partial_starts(build: Build) -> list[datetime]:
    """Starts of the periods of the result that data or the window covers only in part."""
    if build.grain is None or build.span is None or build.cutoff is None:
        return []
    begin, last = build.span
    cutoff = _ripe(build, build.cutoff)
    found: dict[datetime, None] = {}
    if (build.window.start is not None and begin < build.window.start) or _begins_late(build, begin):
        found[begin] = None
    at = max(begin, truncate(min(cutoff, last), build.grain, build.rules))
    while at <= last and len(found) < _MOST_PARTIAL:
        end = step(at, build.grain, build.rules)
        if end > cutoff or (build.window.end is not None and end > build.window.end):
            found[at] = None
        at = end
    return list(found)


def _begins_late(build: Build, begin: datetime) -> bool:
    """Whether the data begins well inside the period that starts at `begin`."""
    if build.grain is None or build.first is None or build.first <= begin:
        return False
    whole = step(begin, build.grain, build.rules) - begin
    return (build.first - begin) / whole > _SHARE_BEFORE_DATA


def whole_periods(build: Build, partial: list[datetime]) -> bool:
    """Whether any period of the result is covered wholly."""
    if build.grain is None or build.span is None:
        return False
    at, last = build.span
    cut = set(partial)
    while at <= last:
        if at not in cut:
            return True
        at = step(at, build.grain, build.rules)
    return False


def _ripe(build: Build, cutoff: datetime) -> datetime:
    """The moment before which a conversion has had all the time it may take."""
    waits = [s.conversion.within for s in build.sources if s.conversion]
    return min((step(cutoff, w.unit, build.rules, -w.n) for w in waits), default=cutoff)


def add_time_notes(build: Build, partial: list[datetime]) -> None:
    """Add the notes `partial_period` and `prior_outside_data` where they hold."""
    if not build.timed:
        return
    if _ambiguous_hours(build):
        text = "One hour of the day on which clocks go back cannot be told from the next in how these times are stored."
        build.record.note(Note(code="dst_day", text=text))
    if build.grain is None:
        _note_window(build)
    else:
        _note_buckets(build, partial, build.grain)
    if build.query.compare is not None:
        _note_prior(build)


def _ambiguous_hours(build: Build) -> bool:
    """Whether the time covers a change of clocks that the stored wall-clock times do not show."""
    for field in build.times.values():
        kind = time_kind(field)
        start, end = build.window.start or build.first, build.window.end or build.after_last
        if kind.kind == "timestamp" and start and end and clock_changes(kind.stored_tz, start, end):
            return True
    return False


def _note_window(build: Build) -> None:
    window = build.window
    if window.start is not None and window.end is not None:
        _note_part(build, window.start, window.end, window.label.removesuffix(" to date"))


def _note_buckets(build: Build, partial: list[datetime], grain: Grain) -> None:
    window = build.window
    last = partial[-1] if partial else None
    if last is not None and build.first is not None and _begins_late(build, last):
        begins = day_label(build.first)
        _note(build, f"{_capital(bucket_label(last, grain, build.rules))} is not whole: the data begins on {begins}.")
    elif last is None or build.cutoff is None:
        if window.end is not None and build.after_last is not None and window.end > build.after_last:
            _note(build, f"The data ends on {day_label(build.after_last - timedelta(days=1))}.")
    elif step(last, grain, build.rules) > build.cutoff:
        _note_part(build, last, step(last, grain, build.rules), bucket_label(last, grain, build.rules))
    else:
        at = "start" if window.start is not None and last < window.start else "end"
        _note(build, f"{_capital(bucket_label(last, grain, build.rules))} is cut off by the {at} of the period.")


def _note_part(build: Build, start: datetime, end: datetime, label: str) -> None:
    """Say how many days of [start, end) are complete, when some are not."""
    cutoff = build.cutoff
    if cutoff is None or end <= cutoff:
        return
    days, covered = (end - start).days, min(complete_days(start, cutoff), end - start).days
    if build.after_last is not None and cutoff == build.after_last:
        ends = day_label(build.after_last - timedelta(days=1))
        text = f"The data ends on {ends}, so it covers {covered} of {days} days of {label}."
    else:
        text = f"{_capital(label)} is not over yet: {covered} of {days} days are complete."
    prior = build.prior
    if build.grain is None and build.prior_known and prior is not None and prior.start and prior.end:
        compared = (prior.end - prior.start).days
        _note(build, f"{text} It is compared with {compared} days.", days=days, covered=covered, prior_days=compared)
        return
    _note(build, text if days else f"{_capital(label)} is not complete.", days=days, covered=covered)


def _note(build: Build, text: str, **details: int) -> None:
    if build.query.top is not None and build.query.top.complete and whole_periods(build, partial_starts(build)):
        text = f"{text} It is left out of the comparison."
    build.record.note(Note(code="partial_period", text=text, details=details))


def _note_prior(build: Build) -> None:
    columns = tuple(f"{f.name}.prev" for f in build.figures)
    since = f"; the data begins on {day_label(build.first)}" if build.first else ""
    _note_lengths(build)
    if build.grain is None:
        if build.prior is None or build.prior.start is None:
            text = "The period has no counterpart to compare with."
        elif not build.prior_known:
            text = f"There is no data for {build.prior.label}{since}."
        elif build.first is not None and build.prior.start < build.first:
            text = f"The data covers {build.prior.label} only in part{since}."
        else:
            return
        build.record.note(Note(code="prior_outside_data", text=text, columns=columns))
        return
    skipped = unmatched_days(build.periods or [])
    if skipped:
        text = f"{skipped} earlier day{'s have' if skipped > 1 else ' has'} no counterpart and counted for nothing."
        build.record.note(Note(code="unmatched_days", text=text, columns=columns, details={"days": skipped}))
    if build.unpaired and build.grain is not None:
        named = bucket_label(build.unpaired[0], build.grain, build.rules)
        others = f" and {len(build.unpaired) - 1} more have" if len(build.unpaired) > 1 else " has"
        text = f"{_capital(named)}{others} no counterpart to be compared with."
        build.record.note(Note(code="no_counterpart", text=text, columns=columns))
    missing = [b for b in build.periods or [] if b.prior_start is None and b.start not in build.unpaired]
    if missing:
        number = "One period has" if len(missing) == 1 else f"{len(missing)} periods have"
        text = f"{number} nothing to be compared with{since}."
        build.record.note(
            Note(code="prior_outside_data", text=text, columns=columns, details={"periods": len(missing)})
        )


def _note_lengths(build: Build) -> None:
    """Periods of whole weeks are not alike in length: five weeks against four are a quarter more to begin with."""
    if build.rules.weekly is None:
        return
    now, prior = build.window, build.prior
    compared = [(b.start, b.end, b.prior_start, b.prior_end) for b in build.periods or []]
    pairs = compared if build.grain is not None else []
    if build.grain is None and prior is not None and now.start and now.end:
        pairs = [(now.start, now.end, prior.start, prior.end)]
    over = [(s, e, ps, pe) for s, e, ps, pe in pairs if build.cutoff is None or e <= build.cutoff]
    weeks = [((e - s).days // 7, (pe - ps).days // 7) for s, e, ps, pe in over if ps and pe]
    longer = [pair for pair in weeks if pair[0] != pair[1]]
    if not longer:
        return
    mine, other = longer[0]
    if build.grain is None:
        text = f"{_capital(now.label)} has {mine} weeks and is compared with {other}."
    else:
        text = f"Periods of unlike length are compared, such as {mine} weeks with {other}."
    build.record.note(Note(code="unequal_weeks", text=text, details={"periods": len(longer)}))


def period_of(build: Build, window: Window | None) -> Period | None:
    """The window as people and programs read it; None when the query has no time."""
    if window is None or not build.timed:
        return None
    column = build.times[build.facts[0]].qualified
    partial = window.end is not None and build.cutoff is not None and window.end > build.cutoff
    return Period(start=iso(window.start), end=iso(window.end), label=window.label, partial=partial, column=column)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
