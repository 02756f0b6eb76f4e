"""From a question about a change to its finding: ask for the figures, choose dimensions, search, and split exactly."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np

from store.errors import PlainsayError
from tools.drivers import past
from tools.drivers.arithmetic import Cut, Part, change_of, ratio_part, split, sum_part
from tools.drivers.ask import Asked, Days, Grouped, by_day, grouped, leaves_of
from tools.drivers.choose import Ranked, comes_and_goes, ranked, together, twins
from tools.drivers.fields import described
from tools.drivers.past import Calendar, Occurred, Span, Usual
from tools.drivers.search import Limits, Mask, find
from tools.happenings import known
from warehouse.query import DimRef

_EXACT = Fraction(1, 10**9)
_FEW_MEMBERS = 12
_SHOWN = 5
_ONE_BY_ONE = 4
_WORTH = Fraction(1, 20)
_EVENTS_TOLD = 3
_MEMBERS_OF_MIX = 50
Member = tuple[DimRef, Any]


@dataclass(frozen=True)
class Driver:
    """Members of one or more dimensions and what exactly they contributed; a `remainder` is what earlier ones left."""

    members: tuple[Member, ...]
    part: Part
    status: str = "there"
    remainder: bool = False


@dataclass(frozen=True)
class MixRate:
    """How much of a ratio's change came from the groups' own ratios and how much from their weights shifting."""

    field: DimRef
    mix: Fraction
    rate: Fraction
    against_all: bool


@dataclass
class Finding:
    """All that was found about one change. `drivers` do not overlap; with `rest` they add up to `change` exactly."""

    whole: Cut
    change: Fraction
    drivers: list[Driver] = field(default_factory=list)
    rest: Part | None = None
    spread_over: DimRef | None = None
    looked_at: int = 0
    searched: tuple[DimRef, ...] = ()
    left_out: list[tuple[str, str]] = field(default_factory=list)
    newcomers: list[Driver] = field(default_factory=list)
    usual: Usual | None = None
    calendar: Calendar | None = None
    mix_rate: MixRate | None = None
    events: list[Occurred] = field(default_factory=list)
    calendar_known: bool = False


def explain(
    asked: Asked, fields: Sequence[DimRef], spans: tuple[Span, Span] | None, depth: int, rows: int
) -> Finding | None:
    """The finding, or None when the figure does not exist in one of the periods.

    `rows` are the stored rows of both periods, `spans` the two periods in days when they are whole days.
    """
    ratio = asked.parts.ratio
    with ThreadPoolExecutor(max_workers=2) as beside:
        history = beside.submit(_history, asked, spans)
        whole = grouped(asked, ()).cut()
        change = change_of(whole, ratio=ratio)
        if change is None:
            return None
        finding = Finding(whole, change)
        alone = list(beside.map(lambda f: _alone(asked, f, whole), fields)) if change else []
        days = history.result()
    singles = _useful(asked, finding, fields, alone)
    if singles:
        _name_drivers(asked, finding, ranked(singles, whole, ratio=ratio), depth, rows)
    if spans is not None and days is not None:
        _place_in_time(finding, days, spans, ratio=ratio)
        if not ratio and finding.calendar_known and finding.change:
            finding.events = _events(asked, finding, days, spans)
    return finding


def _events(asked: Asked, finding: Finding, days: Days, spans: tuple[Span, Span]) -> list[Occurred]:
    """Holidays and known events that fell into one period more than into the other, and mattered."""
    now, then = spans
    around = (min(now.start, then.start), max(now.end, then.end))
    found = past.occurred(days, now, then, known(asked.context.model, asked.parts.metric.metric, around))
    return [o for o in found if abs(o.effect) >= _WORTH * abs(finding.change)][:_EVENTS_TOLD]


def _history(asked: Asked, spans: tuple[Span, Span] | None) -> Days | None:
    """Up to three years of days before the earlier period; None where the figure has no days, or days do not add up."""
    if spans is None or asked.parts.level:
        return None
    now, then = spans
    first = date(max(then.start.year - past.YEARS_BACK, 1), then.start.month, 1)
    try:
        return by_day(asked, asked.period.column, first, max(now.end, then.end))
    except PlainsayError:
        return None


def _alone(asked: Asked, field_: DimRef, whole: Cut) -> Grouped | str:
    """The groups of one dimension, or why it cannot tell: its parts must make up the whole, each row counted once."""
    try:
        found = grouped(asked, (field_,))
    except PlainsayError as error:
        return error.message
    if sum(bool(b or a) for b, a in zip(found.before[0].floats, found.after[0].floats, strict=True)) < 2:
        return "it has one value here"
    if found.cut_off:
        return "it has too many values"
    return found if _same(found.cut(), whole) else "one thing counted can belong to several of its values"


def _useful(asked: Asked, finding: Finding, fields: Sequence[DimRef], alone: Sequence[Grouped | str]) -> list[Grouped]:
    """The dimensions that can tell; why the others cannot is noted, and who came or went in them is kept."""
    groups = [g for g in alone if isinstance(g, Grouped)]
    same, useful = twins(groups), []
    for field_, found in zip(fields, alone, strict=False):
        label = described(asked.context.model, field_)[0]
        if isinstance(found, str):
            finding.left_out.append((label, found))
        elif field_ in same:
            finding.left_out.append((label, f"it says the same as {described(asked.context.model, same[field_])[0]}"))
        elif not asked.parts.ratio and comes_and_goes(found):
            finding.left_out.append((label, "its values come and go with time"))
        else:
            useful.append(found)
    if not asked.parts.ratio:
        finding.newcomers = _newcomers(finding, groups)
    return useful


def _same(a: Cut, b: Cut) -> bool:
    pairs = zip((*a.before, *a.after), (*b.before, *b.after), strict=True)
    return all(abs(x - y) <= _EXACT * max(abs(x), abs(y)) for x, y in pairs)


def _name_drivers(asked: Asked, finding: Finding, order: list[Ranked], depth: int, rows: int) -> None:
    ratio = asked.parts.ratio
    leaves = _leaves(asked, order, finding.whole, rows)
    finding.searched = leaves.fields
    for groups in (leaves, *(r.groups for r in order[:_ONE_BY_ONE])):
        cuts, members = _found_in(groups, finding, depth, ratio=ratio)
        if cuts:
            break
    else:
        cuts, members = _broad(finding, order, ratio=ratio)
    parts = split(cuts, finding.whole, ratio=ratio)
    finding.drivers = [
        Driver(m, p, _status(c), _overlaps(m, members[:i]))
        for i, (m, p, c) in enumerate(zip(members, parts, cuts, strict=False))
    ]
    finding.drivers.sort(key=lambda d: (not _helps(d.part, finding.change), -abs(d.part.contribution)))
    finding.rest = parts[-1]
    finding.newcomers = [
        n for n in finding.newcomers if n.members[0] not in {m for d in finding.drivers for m in d.members}
    ]
    finding.mix_rate = _mix_rate(order, finding) if ratio else None


def _found_in(
    groups: Grouped, finding: Finding, depth: int, *, ratio: bool
) -> tuple[list[Cut], list[tuple[Member, ...]]]:
    """What stands out in one table of leaves; nothing when none of it moved the way of the whole."""
    found, looked_at = find(leaves_of(groups, finding.whole, ratio=ratio), Limits(depth=depth))
    finding.looked_at += looked_at
    cuts = [groups.cut(g.rows) for g in found]
    if not any(_helps(part, finding.change) for part in split(cuts, finding.whole, ratio=ratio)[:-1]):
        return [], []
    return cuts, [tuple((groups.fields[d], groups.members[d][m]) for d, m in g.members) for g in found]


def _leaves(asked: Asked, order: list[Ranked], whole: Cut, rows: int) -> Grouped:
    """Several dimensions in one table; a single one when together they are too many or count something twice."""
    fields = together(order, asked.context.model, asked.context.profile, rows)
    while len(fields) > 1:
        found = grouped(asked, fields)
        if not found.cut_off and _same(found.cut(), whole):
            return found
        fields = fields[:-1]
    return next(r.groups for r in order if r.field == fields[0])


def _helps(part: Part, change: Fraction) -> bool:
    """Whether a part moved the way of the whole."""
    return part.contribution * change > 0


def _broad(finding: Finding, order: list[Ranked], *, ratio: bool) -> tuple[list[Cut], list[tuple[Member, ...]]]:
    """Nothing stands out: the largest contributions by the dimension that separates them best."""
    chosen = next((r for r in order if len(r.groups.members[0]) <= _FEW_MEMBERS), order[0]).groups
    finding.spread_over = chosen.fields[0]
    cuts = [chosen.cut(_rows(chosen, m)) for m in range(len(chosen.members[0]))]
    parts = [ratio_part(c, finding.whole) if ratio else sum_part(c) for c in cuts]
    largest = sorted(range(len(cuts)), key=lambda m: (-abs(parts[m].contribution), m))[:_SHOWN]
    return [cuts[m] for m in largest], [((chosen.fields[0], chosen.members[0][m]),) for m in largest]


def _rows(groups: Grouped, member: int) -> Mask:
    rows: Mask = np.equal(groups.codes[0], member)
    return rows


def _overlaps(members: tuple[Member, ...], earlier: Sequence[tuple[Member, ...]]) -> bool:
    """Whether rows of an earlier driver could belong here too: no dimension keeps the two apart."""
    own = dict(members)
    return any(all(own.get(field_, value) == value for field_, value in other) for other in earlier)


def _status(cut: Cut) -> str:
    if not cut.before[0] and cut.after[0]:
        return "new"
    return "gone" if cut.before[0] and not cut.after[0] else "there"


def _newcomers(finding: Finding, alone: Sequence[Grouped]) -> list[Driver]:
    """Members that were only there in one period and matter."""
    found: list[Driver] = []
    for groups in alone:
        lone = (groups.before[0].floats == 0) ^ (groups.after[0].floats == 0)
        for row in np.flatnonzero(lone):
            member = (groups.fields[0], groups.members[0][int(groups.codes[0][row])])
            cut = groups.cut(np.arange(len(lone)) == row)
            part = sum_part(cut)
            if member[1] is not None and abs(part.contribution) >= _WORTH * abs(finding.change):
                found.append(Driver((member,), part, _status(cut)))
    found.sort(key=lambda d: -abs(d.part.contribution))
    distinct = {d.part.contribution: d for d in reversed(found)}
    return sorted(distinct.values(), key=lambda d: -abs(d.part.contribution))[:2]


def _mix_rate(order: list[Ranked], finding: Finding) -> MixRate | None:
    """The split of a ratio's change by the dimension whose weights shifted most."""
    found = [_mixed(r.groups, finding) for r in order if len(r.groups.members[0]) <= _MEMBERS_OF_MIX]
    return max(found, key=lambda m: abs(m.mix), default=None)


def _mixed(groups: Grouped, finding: Finding) -> MixRate:
    parts = [ratio_part(groups.cut(_rows(groups, m)), finding.whole) for m in range(len(groups.members[0]))]
    both = [p.after - p.before for p in parts if p.after is not None and p.before is not None]
    against = len(both) > 1 and all(b * finding.change < 0 for b in both)
    return MixRate(
        groups.fields[0], sum((p.mix for p in parts), Fraction(0)), sum((p.rate for p in parts), Fraction(0)), against
    )


def _place_in_time(finding: Finding, days: Days, spans: tuple[Span, Span], *, ratio: bool) -> None:
    """Whether changes like this are ordinary, and what the calendar alone would have done."""
    now, then = spans
    whole_now = finding.whole.after if ratio else finding.whole.after[:1]
    if not past.adds_up(days, now, whole_now):
        return
    finding.calendar_known = True
    before = finding.whole.before[0] / finding.whole.before[1]
    if before:
        finding.usual = past.usual(days, now, then, float(finding.change / abs(before)))
    if not ratio and finding.change:
        finding.calendar = past.calendar(days, now, then)
