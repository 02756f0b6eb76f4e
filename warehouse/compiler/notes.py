"""What a reader must know about time in a result: periods that data covers only in part, priors without data."""

from __future__ import annotations

from datetime import datetime, timedelta

from warehouse.compiled import Note, Period
from warehouse.compiler.build import Build
from warehouse.compiler.calendar_math import step, truncate
from warehouse.compiler.period_labels import bucket_label, day_label, iso
from warehouse.compiler.periods import Window, complete_days
from warehouse.query import Grain

_MOST_PARTIAL = 400


def partial_starts(build: Build) -> list[datetime]:
    """Starts of the periods of the result that data or the window covers only in part."""
    if build.grain is None or build.span is None or build.cutoff is None:
        return []
    begin, last = build.span
    found: dict[datetime, None] = {}
    if build.window.start is not None and begin < build.window.start:
        found[begin] = None
    at = max(begin, truncate(min(build.cutoff, last), build.grain, build.rules))
    while at <= last and len(found) < _MOST_PARTIAL:
        end = step(at, build.grain)
        if end > build.cutoff or (build.window.end is not None and end > build.window.end):
            found[at] = None
        at = end
    return list(found)


def add_time_notes(build: Build, partial: list[datetime]) -> None:
    """Add the notes `partial_period` and `prior_outside_data` where they hold."""
    if not build.timed:
        return
    if build.grain is None:
        _note_window(build)
    else:
        _note_buckets(build, partial, build.grain)
    if build.query.compare is not None:
        _note_prior(build)


def _note_window(build: Build) -> None:
    window, cutoff = build.window, build.cutoff
    if window.start is None or window.end is None or cutoff is None or window.end <= cutoff:
        return
    days, covered = _days(window.start, window.end), complete_days(window.start, cutoff).days
    text = f"{_capital(window.label)} is not over in the data: {covered} of {days} days are complete{_until(build)}."
    build.record.note(Note(code="partial_period", text=text, details={"days": days, "covered": covered}))


def _note_buckets(build: Build, partial: list[datetime], grain: Grain) -> None:
    if not partial or build.cutoff is None:
        return
    last = partial[-1]
    end = step(last, grain)
    if build.window.start is not None and last < build.window.start:
        text = f"The {bucket_label(last, grain, build.rules)} is cut off by the start of the period."
        build.record.note(Note(code="partial_period", text=_capital(text), details={}))
        return
    days, covered = _days(last, end), complete_days(last, min(build.cutoff, build.window.end or end)).days
    label = _capital(bucket_label(last, grain, build.rules))
    text = f"{label} is incomplete: {covered} of {days} days are covered{_until(build)}."
    build.record.note(Note(code="partial_period", text=text, details={"days": days, "covered": covered}))


def _until(build: Build) -> str:
    if build.after_last is None or build.cutoff != build.after_last:
        return ""
    return f"; the data ends on {day_label(build.after_last - timedelta(days=1))}"


def _note_prior(build: Build) -> None:
    columns = tuple(f"{f.name}.prev" for f in build.figures)
    since = f"; the data begins on {day_label(build.first)}" if build.first else ""
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
    missing = [b for b in build.periods or [] if b.prior_start is None]
    if missing:
        number = "One period has" if len(missing) == 1 else f"{len(missing)} periods have"
        text = f"{number} nothing to be compared with{since}."
        build.record.note(
            Note(code="prior_outside_data", text=text, columns=columns, details={"periods": len(missing)})
        )


def period_of(build: Build, window: Window | None) -> Period | None:
    """The window as people and programs read it; None when the query has no time."""
    if window is None or not build.timed:
        return None
    column = build.times[build.facts[0]].qualified
    partial = window.end is not None and build.cutoff is not None and window.end > build.cutoff
    return Period(start=iso(window.start), end=iso(window.end), label=window.label, partial=partial, column=column)


def _days(start: datetime, end: datetime) -> int:
    return (end - start).days


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
