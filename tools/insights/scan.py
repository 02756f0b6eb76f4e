"""The whole look: panels of every split inside a time budget, tests, ranking, and what was left out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from store.errors import NotEnough
from tools.anomaly.batch import FALSE_ALARMS_PER_POINT, scan
from tools.factbook.weigh import impact
from tools.insights import rank
from tools.insights.course import Shape
from tools.insights.frame import Frame, frame
from tools.insights.judge import Finding, Looked, Room, judge_panel, judge_whole, room_of
from tools.insights.material import largest, weighed, without_bystanders
from tools.insights.panel import Floats, Panel, Reader
from tools.insights.ripening import filling, unripe_days
from tools.insights.scope import Subject, span
from tools.insights.unfinished import ended
from warehouse.query import DimRef, Filter

if TYPE_CHECKING:
    from tools.series import SeriesGrain

_HISTORY_DAYS = 800
_LEAST_DAYS = 60
_TAIL = 70.0
_REACH = 0.6
_WEEKS, _MONTH_DAYS, _OFTEN = 8, 190, 2
_SELDOM = 0.5
_YEAR = re.compile(r"(?:19|20)\d\d(?:\.0)?|(?:19|20)\d\d-\d\d-\d\d.*")


@dataclass
class Seen:
    """What was found about one subject: findings by impact with their panels, and how much was looked at."""

    subject: Subject
    frame: Frame
    room: Room
    findings: list[Finding] = field(default_factory=list)
    days: list[OddDay] = field(default_factory=list)
    panels: dict[str, Panel] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class OddDay:
    """A day far out of its course, beside the finding that ranks it."""

    finding: Finding
    day: date
    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Asked:
    """Grain of the comparison, whether the running period counts, and the seconds that may be spent."""

    grain: SeriesGrain
    running: bool
    seconds: float
    progress: Callable[[str, float | None], None]
    workers: int = 2
    end: date | None = None


def look(reader: Reader, subjects: list[Subject], asked: Asked) -> list[Seen]:
    """Every subject looked over, tests of all of them judged together. Raises `NotEnough` when none can be."""
    began = time.monotonic()
    seen: list[Seen] = []
    problem: Exception | None = None
    for subject in suited(reader, subjects, asked):
        bounds = span(reader.context, subject, asked.end)
        if bounds is None:
            continue
        try:
            shown = frame(asked.grain, bounds, reader.context.model.calendar, running=asked.running)
        except NotEnough as error:
            problem = problem or error
            continue
        if seen and shown.end != seen[0].frame.end:
            continue
        unripe = filling(unripe_days(reader, subject, bounds[1]), shown.end, bounds[1])
        seen.append(_look_at(reader, subject, shown, asked, began, unripe))
    if not seen and problem is not None:
        raise problem
    return seen


def suited(reader: Reader, subjects: list[Subject], asked: Asked) -> list[Subject]:
    """The subjects in their order, those whose records come too seldom for the grain last: balances of the end of a
    month say nothing about a week, and must not set which week is told of."""
    if len(subjects) < 2:
        return subjects
    return sorted(subjects, key=lambda each: _seldom(reader, each, asked))


def _seldom(reader: Reader, subject: Subject, asked: Asked) -> bool:
    """Whether there are records in fewer than half of the periods that are compared."""
    bounds = span(reader.context, subject, asked.end)
    if bounds is None:
        return True
    try:
        shown = frame(asked.grain, bounds, reader.context.model.calendar, running=asked.running)
    except NotEnough:
        return True
    there = reader.panel(subject, shown, None).rows
    return bool(there.size == 0 or (there[0] > 0).mean() < _SELDOM)


def _look_at(
    reader: Reader, subject: Subject, shown: Frame, asked: Asked, began: float, unripe: frozenset[int]
) -> Seen:  # fmt: skip
    looked = tuple(Looked(i, f.top, f.bottom, f.relevance) for i, f in enumerate(subject.figures))
    room = room_of(reader.panel(subject, shown, None), looked, Shape(shown.base, shown.season), unripe)
    found = Seen(subject, shown, room, judge_whole(room, looked))
    found.days = _odd_days(reader, subject, shown, room, looked)
    for at in range(0, len(subject.splits), asked.workers):
        some = subject.splits[at : at + asked.workers]
        if time.monotonic() - began > asked.seconds:
            found.skipped += [label for _, label in some]
            continue
        asked.progress(f"Looking at {some[0][1].lower()}", at / len(subject.splits))
        for panel in _panels(reader, subject, shown, some):
            assert panel.split is not None  # the splits are named
            if _by_age(panel.members):
                continue
            settled, beside = ended(panel, room)
            found.panels[panel.split.field] = settled
            field_ = panel.split.field
            found.findings += judge_panel(
                beside, settled, tuple(x for x in looked if field_ not in subject.figures[x.index].own)
            )
    return found


def _by_age(members: Sequence[object]) -> bool:
    """Whether a split is by years, as of models or vintages: new ones come and old ones go, and that is no news."""
    years = [m for m in members if m is not None]
    return bool(years) and all(_YEAR.fullmatch(str(m)) for m in years)


def _panels(reader: Reader, subject: Subject, shown: Frame, splits: Sequence[tuple[DimRef, str]]) -> list[Panel]:
    """Some splits side by side; what was run is noted in their order, so that the evidence is the same every time."""
    readers = [Reader(reader.context, reader.filters) for _ in splits]
    with ThreadPoolExecutor(max_workers=len(splits)) as pool:
        panels = list(pool.map(lambda pair: pair[0].panel(subject, shown, pair[1]), zip(readers, splits, strict=True)))
    for each in readers:
        reader.note(each)
    return panels


def settle(reader: Reader, seen: list[Seen]) -> int:
    """Keep in each `seen` the findings that stand, each story once; returns how many tests were made."""
    most = largest(seen)
    for each in seen:
        each.findings = [weighed(each, f, most) for f in each.findings]
        each.days = [replace(d, finding=weighed(each, d.finding, most)) for d in each.days]
    every = [f for s in seen for f in (*s.findings, *(d.finding for d in s.days))]
    standing = {id(f) for f in rank.stands(every)}
    for each in seen:
        each.days = _one_a_day([d for d in each.days if id(d.finding) in standing])
        kept = sorted((f for f in each.findings if id(f) in standing), key=rank.order)
        kept = rank.merged(kept, lambda f, e=each: _same_story(e, f))  # type: ignore[misc]
        kept = rank.whole_and_part(rank.one_shift(sorted(kept, key=rank.order)))
        each.findings = rank.told_once(without_bystanders(kept), _Crossed(reader, each).shares)
    _once_for_all(seen)
    return len(every)


def _once_for_all(seen: list[Seen]) -> None:
    """A member that moved in the figures of one table is not told again for those of another."""
    told: set[tuple[str, DimRef, object]] = set()
    for each in seen:
        named = [
            (f, (f.test, f.split, None if f.test == "share_shift" else f.member)) for f in each.findings if f.split
        ]
        again = [f for f, key in named if key in told]
        each.findings = [f for f in each.findings if f not in again]
        told |= {key for _, key in named}


def _one_a_day(days: list[OddDay]) -> list[OddDay]:
    """Each odd day told by its weightiest figure."""
    best: dict[date, OddDay] = {}
    for each in sorted(days, key=lambda d: rank.order(d.finding)):
        best.setdefault(each.day, each)
    return list(best.values())


def _same_story(seen: Seen, finding: Finding) -> object:
    """Members of different splits that are the same rows are one; so are the figures of one member."""
    if finding.test == "moved":
        return "moved", finding.up
    if finding.member is None:
        return finding.test, finding.label, finding.up
    panel = seen.panels[finding.split.field]
    return panel.rows[panel.members.index(finding.member)].tobytes()


@dataclass
class _Crossed:
    """Which part of a finding's excess lies in the rows of another; one query serves all members of a split."""

    reader: Reader
    seen: Seen
    known: dict[tuple[DimRef, object, DimRef], Panel] = field(default_factory=dict)

    def shares(self, one: Finding, other: Finding) -> tuple[float, float] | None:
        """The shared part of either's excess; None when the two cannot be compared."""
        if one.split is None or other.split is None or one.split == other.split:
            return None
        yearly = one.test == "share_shift"
        if None in (one.member, other.member) or one.ratio != other.ratio or yearly != (other.test == "share_shift"):
            return None
        figure = self.seen.subject.figures[other.figure]
        whole = _recent(self.seen, self.seen.room.whole.sums[0], yearly)
        cuts = (self._both(one, other), *(_member_sums(self.seen, f) for f in (one, other)))
        shared, first, second = (_excess(_recent(self.seen, c, yearly), whole, figure.top, figure.bottom) for c in cuts)
        if yearly and one.up != other.up:
            shared, second = first - shared, -second
        return (shared / first if first else 0.0, shared / second if second else 0.0)

    def _both(self, one: Finding, other: Finding) -> Floats:
        key = (one.split, one.member, other.split)
        if key not in self.known:
            wanted = Filter(field=one.split, values=(one.member,))
            narrow = Reader(self.reader.context, (*self.reader.filters, wanted))
            self.known[key] = narrow.panel(self.seen.subject, self.seen.frame, (other.split, other.label))
            narrow.cut.clear()
            self.reader.note(narrow)
        panel = self.known[key]
        if other.member not in panel.members:
            return np.zeros(panel.sums.shape[1:])
        found: Floats = panel.sums[panel.members.index(other.member)]
        return found


def _member_sums(seen: Seen, finding: Finding) -> Floats:
    panel = seen.panels[finding.split.field]
    found: Floats = panel.sums[panel.members.index(finding.member)]
    return found


def _recent(seen: Seen, sums: Floats, yearly: bool) -> Floats:
    """Two rows of sums: the base periods and the last one, or the latest base periods a year apart."""
    base, season = seen.frame.base, seen.frame.season
    if yearly:
        return np.stack([sums[-base - season : -season].mean(axis=0), sums[-base:].mean(axis=0)])
    return np.stack([sums[-1 - base : -1].mean(axis=0), sums[-1]])


def _excess(sums: Floats, whole: Floats, top: int, bottom: int | None) -> float:
    """What some rows moved beyond the whole's own move."""
    if bottom is None:
        return float(sums[1, top] - sums[0, top] * (whole[1, top] / whole[0, top] if whole[0, top] else 1.0))
    then = sums[0, top] / sums[0, bottom] if sums[0, bottom] else 0.0
    drift = _rate(whole, 1, top, bottom) - _rate(whole, 0, top, bottom)
    return float(sums[1, top] - sums[1, bottom] * (then + drift))


def _rate(sums: Floats, row: int, top: int, bottom: int) -> float:
    return float(sums[row, top] / sums[row, bottom]) if sums[row, bottom] else 0.0


def _odd_days(reader: Reader, subject: Subject, shown: Frame, room: Room, looked: tuple[Looked, ...]) -> list[OddDay]:
    """Single days of the period far out of the course of a whole sum."""
    if shown.grain == "day":
        return []
    days, sums = reader.days(subject, shown.end - timedelta(days=_HISTORY_DAYS), shown.end)
    inside = [k for k, d in enumerate(days) if d >= shown.starts[-1]]
    if len(days) < _LEAST_DAYS or not inside:
        return []
    found = []
    for each in (
        x for x in looked if not x.ratio and not subject.figures[x.index].level and x.index not in room.filling
    ):
        y = sums[:, each.top]
        counts = subject.figures[each.index].column.type == "integer"
        result = scan(y, 7, 364, counts=counts)
        for episode in result.episodes:
            if episode.start not in inside or episode.end - episode.start > 1 or episode.kind == "level_shift":
                continue
            at = max(range(episode.start, episode.end + 1), key=lambda k: abs(y[k] - result.expected[k]))
            if result.low[at] <= y[at] <= result.high[at] or _usual(y - result.expected, days, at):
                continue
            beyond = max(0.0, episode.surprise / result.threshold - 1) / _REACH
            chance = min(1.0, FALSE_ALARMS_PER_POINT * _TAIL**-beyond)
            moved, usual = float(y[at] - result.expected[at]), room.usual[each.index]
            finding = Finding(
                "moved", each.index, None, "", None, chance, float(result.expected[at]), float(y[at]), moved, usual,
                impact(moved, usual, chance, each.relevance),
            )  # fmt: skip
            limits = (float(result.expected[at]), float(result.low[at]), float(result.high[at]))
            found.append(OddDay(finding, days[at], *limits))
    return found


def _usual(off: Floats, days: list[date], at: int) -> bool:
    """Whether a day is as far off as several of the same weekdays, or of the same days of the month, before it: what
    comes every other Sunday, or at every end of a month, is the pattern and no news."""
    weekdays = [k for k in (at - 7 * n for n in range(1, _WEEKS + 1)) if k >= 0]
    from_end = {k: (days[k] + timedelta(days=1)).day == 1 for k in range(max(0, at - _MONTH_DAYS), at + 1)}
    monthly = [k for k in from_end if k < at and (days[k].day == days[at].day or (from_end[at] and from_end[k]))]
    return any(
        sum(off[k] * off[at] > 0 and abs(off[k]) >= abs(off[at]) / 2 for k in alike) >= _OFTEN
        for alike in (weekdays, monthly)
    )
