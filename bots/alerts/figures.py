"""Rules about a figure itself: a level it must not cross, and a change that is too large."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from agent.claims import Ref
from agent.factual import figure_name, plural
from bots.alerts.course import Course, Target, course
from bots.alerts.reading import Looked, Reading
from bots.alerts.rule import Change, Severity, Threshold
from bots.alerts.sheet import Sheet, named
from bots.digests.gather import Reader
from tools.series import day_of, step

CRITICAL = 0.5
_EIGHT = 8
_FEWEST = 4
_NUMB = 2
_RETURNED = 0.3
"""How far from its usual level a figure may be, beside its change, to be told as having come back."""
_SEASON = {"day": 7, "week": 1, "month": 1}
_YEAR = {"day": 364, "week": 52, "month": 12}
_AGO = {"day": "day", "week": "week", "month": "month"}


def threshold(reader: Reader, rule: Threshold) -> Looked:
    """Which segments are beyond the level, for as many periods in a row as the rule wants."""
    found = course(reader, Target(rule.metric, rule.filters, rule.by, rule.grain))
    rounds = tuple(
        tuple(r for m in found.values if (r := _beyond(found, rule, m, at, reader.wall.date())) is not None)
        for at in found.judged
    )
    return Looked(rounds, found.waiting, latest(found), found.measure.label, points(found))


def _beyond(found: Course, rule: Threshold, member: str, at: int, today: date) -> Reading | None:
    values = found.values[member]
    value = values[at]
    if value is None:
        return None
    recent = values[max(0, at - rule.periods + 1) : at + 1]
    crossed = [v is not None and (v < rule.level if rule.direction == "below" else v > rule.level) for v in recent]
    holds = len(crossed) == rule.periods and all(crossed)
    gap = abs(value - rule.level) / max(abs(rule.level), 1e-9)
    sheet = Sheet(found.measure)
    when = _when(sheet, found, at, today)
    was = "were" if plural(found.measure.label) else "was"
    limit = sheet.amount(rule.level)
    head = named(found.measure.label, sheet, member)
    row: list[str | Ref] = []
    if rule.periods > 1:
        row = [", for ", sheet.count(rule.periods), f" {rule.grain}s in a row"]
    held = f", {rule.direction} your limit of " if holds else "; your limit is "
    text = sheet.write(*head, f" {was} ", sheet.amount(value), *when, held, limit, *(row if holds else ()), ".")
    back = "above" if rule.direction == "below" else "below"
    over = sheet.write(
        *head, f" {'are' if was == 'were' else 'is'} back {back} ", limit, ": ", sheet.amount(value), *when, "."
    )
    return Reading(
        member, holds, found.end(at).isoformat(), _severity(gap), gap, text, _tone(found, rule.direction == "above"),
        _calmer(found, rule, member, at) if holds else "", over, _question(found, at, member),
        up=rule.direction == "above",
    )  # fmt: skip


def _calmer(found: Course, rule: Threshold, member: str, at: int) -> str:
    """How often the limit was crossed lately, and which one would have been crossed once."""
    known = [v for v in found.values[member][: at + 1] if v is not None]
    over = [v for v in known if (v < rule.level if rule.direction == "below" else v > rule.level)]
    sheet = Sheet(found.measure)
    back = "above" if rule.direction == "below" else "below"
    said = sheet.write("It goes quiet when the figure is back ", back, " ", sheet.amount(rule.level), ".")
    if len(over) < _NUMB:
        return said
    once = sorted(over, reverse=rule.direction == "above")[1]
    steps = " of the last ", sheet.count(len(known)), f" {rule.grain}s"
    on = "on" if rule.grain == "day" else "in"
    return said + " " + sheet.write(
        f"The limit was crossed {on} ", sheet.count(len(over)), *steps, "; a limit of ", sheet.amount(once),
        " would have been crossed once.",
    )  # fmt: skip


def change(reader: Reader, rule: Change) -> Looked:
    """Which segments moved by more than the share, against the period the rule names."""
    periods = _YEAR[rule.grain] + 2 if rule.against == "year" else _EIGHT * _SEASON[rule.grain] + 2
    found = course(reader, Target(rule.metric, rule.filters, rule.by, rule.grain), periods)
    rounds = tuple(
        tuple(r for m in found.values if (r := _moved(found, rule, m, at, reader.wall.date())) is not None)
        for at in found.judged
    )
    return Looked(rounds, found.waiting, latest(found), found.measure.label, points(found))


@dataclass(frozen=True)
class _Before:
    value: float
    words: str


def _moved(found: Course, rule: Change, member: str, at: int, today: date) -> Reading | None:
    value, before = found.values[member][at], _before(found, rule, member, at)
    if value is None or before is None or not before.value:
        return None
    growth = (value - before.value) / abs(before.value)
    wanted = {"below": growth < 0, "above": growth > 0, "either": True}[rule.direction]
    holds = wanted and abs(growth) >= rule.share
    sheet = Sheet(found.measure)
    when = _when(sheet, found, at, today)
    head = named(found.measure.label, sheet, member)
    moved = "rose" if growth > 0 else "fell" if growth < 0 else "moved"
    text = sheet.write(
        *head, f" {moved} by ", sheet.share(abs(growth)), *when, ", to ", sheet.amount(value), " from ",
        sheet.amount(before.value), f" {before.words}.",
    )  # fmt: skip
    again = _back(found, rule, member, at, before.value)
    if again is not None:
        text += " " + sheet.write("It is back at its usual level (", sheet.amount(again), ").")
    over = sheet.write(*head, " moved less than ", sheet.share(rule.share), *when, ": ", sheet.amount(value), ".")
    silence = sheet.write(
        "You hear of changes of ", sheet.share(rule.share), " or more; a share above ", sheet.share(abs(growth)),
        " would have kept quiet about this one.",
    )  # fmt: skip
    severity: Severity = "critical" if abs(growth) >= max(CRITICAL, 2 * rule.share) else "warning"
    severity, tone = ("info", "neutral") if again is not None else (severity, _tone(found, growth > 0))
    return Reading(
        member, holds, found.end(at).isoformat(), severity, abs(growth), text, tone,
        silence if holds else "", over, _question(found, at, member), up=growth > 0,
    )  # fmt: skip


def _before(found: Course, rule: Change, member: str, at: int) -> _Before | None:
    values, grain = found.values[member], rule.grain
    if rule.against == "usual":
        season = _SEASON[grain]
        known = [values[k] for k in range(at - season, max(-1, at - season * _EIGHT - 1), -season)]
        usual = [v for v in known if v is not None]
        words = f"on a usual {found.end(at):%A}" if grain == "day" else f"in a usual {grain}"
        return _Before(float(median(usual)), words) if len(usual) >= _FEWEST else None
    back = _YEAR[grain] if rule.against == "year" else 1
    value = values[at - back] if at >= back else None
    words = "a year before" if rule.against == "year" else f"the {_AGO[grain]} before"
    return _Before(value, words) if value is not None else None


def _back(found: Course, rule: Change, member: str, at: int, before: float) -> float | None:
    """The usual level, when a change on a period of its own only brings the figure back to it: a rise out of a dip."""
    if rule.against == "usual":
        return None
    value, season = found.values[member][at], _SEASON[rule.grain]
    back = _YEAR[rule.grain] if rule.against == "year" else 1
    places = [k for k in range(at - season, max(-1, at - season * _EIGHT - 1), -season) if k != at - back]
    known = [v for k in places if (v := found.values[member][k]) is not None]
    if value is None or len(known) < _FEWEST:
        return None
    usual = float(median(known))
    near = abs(value - usual) <= _RETURNED * abs(value - before)
    return usual if near and (usual - before) * (value - before) > 0 else None


def _severity(gap: float) -> Severity:
    return "critical" if gap >= CRITICAL else "warning"


def _tone(found: Course, up: bool) -> str:
    good = found.measure.good
    return "neutral" if good is None else "good" if (good == "up") == up else "bad"


def _when(sheet: Sheet, found: Course, at: int, today: date) -> list[str | Ref]:
    """ " yesterday", " last week", or the period by its name."""
    grain, start = found.target.grain, found.starts[at]
    after = day_of(step(start, grain))
    if grain == "day":
        return [" yesterday"] if after == today else [" on ", sheet.period(start, grain)]
    if today - after < timedelta(days=7 if grain == "week" else 28):
        return [f" last {grain}"]
    return [" in ", sheet.period(start, grain)]


def _question(found: Course, at: int, member: str = "") -> str:
    """The question that goes on from a move of the figure, of the segment that moved."""
    name = figure_name(found.measure.label) + (f" for {member}" if member else "")
    day = found.starts[at]
    if found.target.grain == "month":
        return f"Why did {name} change in {day:%B %Y}?"
    if found.target.grain == "week":
        return f"Why did {name} change in the week of {day:%B} {day.day}, {day.year}?"
    return f"Why did {name} change on {day:%B} {day.day}, {day.year}?"


def latest(found: Course) -> str:
    """The newest figure in words."""
    whole = found.values.get("")
    if whole is None or whole[-1] is None:
        return ""
    sheet = Sheet(found.measure)
    head = named(found.measure.label, sheet, "")
    return sheet.write(
        *head, ": ", sheet.amount(whole[-1]), " (", sheet.period(found.starts[-1], found.target.grain), ")"
    )


def points(found: Course) -> tuple[dict[str, object], ...]:
    """The course as rows for a chart: period, value and, by segment, its name."""
    rows: list[dict[str, object]] = []
    for member, values in found.values.items():
        of = {"member": member} if member else {}
        rows += [{"period": s.isoformat(), "value": v, **of} for s, v in zip(found.starts, values, strict=True)]
    return tuple(rows)
