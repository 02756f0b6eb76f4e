"""Every test of the engine on one panel: who left its course, who came, who went, whose share moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log
from typing import Any, Literal

import numpy as np

from tools.factbook.weigh import impact
from tools.insights.chance import two_sided
from tools.insights.course import Course, Shape, course, parts, wholes
from tools.insights.panel import Floats, Panel
from tools.insights.returning import Back, back

Test = Literal["moved", "stands_out", "share_shift", "appeared", "vanished", "concentrated"]
_NEW_ROWS = 20
_GONE_ROWS = 12.0
_OVERDISPERSED = 2.0
_SHIFT_POINTS = 0.03
_SHIFT_SHARE = 0.02
_LONG_LIVED = 0.5
_TOP = 3
_RISES, _FALLS = 1.02, 0.98
_LASTS = 2.0
_NEGATIVE = 0.02


@dataclass(frozen=True)
class Looked:
    """A figure as the tests see it: positions of its sums, whether it is a ratio, how relevant it is."""

    index: int
    top: int
    bottom: int | None
    relevance: float

    @property
    def ratio(self) -> bool:
        return self.bottom is not None


@dataclass(frozen=True)
class Finding:
    """One test: what would be told if it stands. `before` and `after` are the figures compared, `whole` the whole's
    two; `yearly` says that before is the same period a year earlier; `moved` is in the metric's unit; `back` what it
    came back from."""

    test: Test
    figure: int
    split: Any
    label: str
    member: Any
    chance: float
    before: float
    after: float
    moved: float
    usual: float
    impact: float = 0.0
    whole: tuple[float, float] | None = None
    share: float | None = None
    yearly: bool = False
    count: int = 0
    also: tuple[int, ...] = ()
    cause: Any = None
    ratio: bool = False
    relevance: float = 0.0
    back: Back = "no"

    @property
    def up(self) -> bool:
        return self.after > self.before


@dataclass(frozen=True)
class Room:
    """What all tests of one subject share: the whole, the shape of time, how far each figure usually moves, and which
    figures still wait for part of their data."""

    whole: Panel
    shape: Shape
    usual: tuple[float, ...]
    filling: frozenset[int] = frozenset()


def room_of(
    whole: Panel, looked: tuple[Looked, ...], shape: Shape, filling: frozenset[int] = frozenset()
) -> Room:  # fmt: skip
    """The whole with the usual change of each figure from one period to the next; `filling` are known to be unripe."""
    filling |= frozenset(x.index for x in looked if _still_filling(whole, x))
    return Room(whole, shape, tuple(_usual(whole, each) for each in looked), filling)


def _usual(whole: Panel, looked: Looked) -> float:
    top, bottom = whole.of(looked.top, looked.bottom)
    with np.errstate(divide="ignore", invalid="ignore"):
        series = top[0] / bottom[0]
    steps = np.abs(np.diff(series[:-1]))
    steps = steps[np.isfinite(steps)]
    return float(np.median(steps)) if len(steps) else 0.0


def judge_whole(room: Room, looked: tuple[Looked, ...]) -> list[Finding]:
    """Whether each whole figure left its usual course in the last period."""
    found = []
    for each in (x for x in looked if x.index not in room.filling):
        top, bottom = room.whole.of(each.top, each.bottom)
        off = wholes(top, bottom, room.shape.base, ratio=each.ratio)
        seen = course(off, np.ones_like(top), room.whole.rows, room.shape)
        if not seen.judged[0]:
            continue
        chance = two_sided(float(seen.off[0] / seen.spread[0]), seen.freedom)
        pair = _compared(top[0], bottom[0], room.shape, seen.weight, each.ratio, float(seen.off[0]))
        if pair is None:
            chance, pair = 1.0, (0.0, 0.0, False)
        before, after, yearly = pair
        moved = float(seen.off[0]) if each.ratio else after * (1 - exp(-float(seen.off[0])))
        found.append(
            Finding("moved", each.index, None, "", None, chance, before, after, moved, room.usual[each.index],
                    yearly=yearly, back="no" if yearly else back(top[0], bottom[0], None, room.shape, ratio=each.ratio))
        )  # fmt: skip
    return [_weighed(f, looked) for f in found]


def judge_panel(room: Room, panel: Panel, looked: tuple[Looked, ...]) -> list[Finding]:
    """Every member of a split under every test."""
    found: list[Finding] = []
    lasting = _lasting(panel)
    for each in (x for x in looked if x.index not in room.filling):
        whole = room.whole.of(each.top, each.bottom)
        top, bottom = panel.of(each.top, each.bottom)
        if _cancelling(bottom if each.ratio else top):
            continue
        off = parts(top, bottom, whole, room.shape.base, ratio=each.ratio)
        size = bottom if each.ratio else np.maximum(top, 0.0)
        seen = course(off, size, panel.rows, room.shape)
        found += _out_of_line(room, panel, each, seen)
        if not each.ratio and lasting:
            found += _shifted(room, panel, each, seen)
    if lasting and looked:
        found += _comings_and_goings(room, panel, next((x for x in looked if not x.ratio), looked[0]))
    return [_weighed(f, looked) for f in found]


def _cancelling(parts: Floats) -> bool:
    """Whether members are below zero, as margins may be: what offsets each other is no share of its sum."""
    below = float(-parts[parts < 0].sum())
    return below > _NEGATIVE * float(np.abs(parts).sum())


def _still_filling(whole: Panel, looked: Looked) -> bool:
    """Whether a figure runs dry towards today, as returns of recent orders do: each of the last three periods lower,
    the last by more than half. That is yet to come in, and no news."""
    top, bottom = whole.of(looked.top, looked.bottom)
    with np.errstate(divide="ignore", invalid="ignore"):
        last = (top[0] / bottom[0])[-3:]
    return bool(len(last) == 3 and last[2] < last[1] < last[0] and last[2] < last[1] / 2)


def _weighed(finding: Finding, looked: tuple[Looked, ...]) -> Finding:
    of = next(x for x in looked if x.index == finding.figure)
    found = impact(finding.moved, finding.usual, finding.chance, of.relevance)
    return replace(finding, impact=found, ratio=of.ratio, relevance=of.relevance)


def _lasting(panel: Panel) -> bool:
    """Whether members stay: campaigns come and go by nature, and their coming is no news."""
    there = (panel.rows > 0).mean(axis=1)
    weight = panel.rows.sum(axis=1)
    return bool(weight.sum() > 0 and np.average(there, weights=weight) > _LONG_LIVED and len(panel.members) > 1)


def _compared(
    top: Floats, bottom: Floats, shape: Shape, weight: float, ratio: bool, off: float
) -> tuple[float, float, bool] | None:
    """What to hold the last period against so that the words agree with the finding: the periods before, else the year
    before; None when neither does."""
    now, base = slice(-1, None), slice(-1 - shape.base, -1)
    choices: list[tuple[float, float, bool]] = []
    after = _figure(top[now], bottom[now], ratio)
    if len(top) > shape.season > 0:
        year = slice(-1 - shape.season, len(top) - shape.season)
        choices.append((_figure(top[year], bottom[year], ratio), after, True))
    choices.insert(1 if weight >= 0.4 and choices else 0, (_figure(top[base], bottom[base], ratio), after, False))
    return next((c for c in choices if c[0] and np.isfinite(c[0]) and (c[1] > c[0]) == (off > 0)), None)


def _figure(top: Floats, bottom: Floats, ratio: bool) -> float:
    if not ratio:
        return float(top.mean())
    return float(top.sum() / bottom.sum()) if bottom.sum() else float("nan")


def _out_of_line(room: Room, panel: Panel, each: Looked, seen: Course) -> list[Finding]:
    top, bottom = panel.of(each.top, each.bottom)
    whole = room.whole.of(each.top, each.bottom)
    found = []
    for i in np.flatnonzero(seen.judged):
        off = float(seen.off[i])
        chance = two_sided(off / float(seen.spread[i]), seen.freedom)
        fair = _against_whole(top[i], bottom[i], (whole[0][0], whole[1][0]), room.shape, seen.weight, each.ratio, off)
        if panel.members[i] is None or fair is None:
            chance = 1.0
        before, after, yearly, all_then, all_now = fair or (0.0, 0.0, False, 0.0, 0.0)
        if each.ratio:
            moved = off * float(bottom[i, -1] / whole[1][0, -1]) if whole[1][0, -1] else 0.0
        else:
            moved = float(top[i, -1]) * (1 - exp(-off))
        ends = (whole[0][0], whole[1][0])
        again: Back = "no" if yearly else back(top[i], bottom[i], ends, room.shape, ratio=each.ratio)
        share = float(top[i, -1] / whole[0][0, -1]) if not each.ratio and whole[0][0, -1] > 0 else None
        found.append(
            Finding("stands_out", each.index, panel.split, panel.label, panel.members[i], chance, before, after, moved,
                    room.usual[each.index], whole=(all_then, all_now), share=share, yearly=yearly, back=again)
        )  # fmt: skip
    return found


def _against_whole(
    top: Floats, bottom: Floats, whole: tuple[Floats, Floats], shape: Shape, weight: float, ratio: bool, off: float
) -> tuple[float, float, bool, float, float] | None:
    """Like `_compared`, but it is the move beside the whole's that must agree."""
    after, all_now = _figure(top[-1:], bottom[-1:], ratio), _figure(whole[0][-1:], whole[1][-1:], ratio)
    base = slice(-1 - shape.base, -1)
    choices = [(base, False)]
    if len(top) > shape.season > 0:
        choices.insert(0 if weight >= 0.4 else 1, (slice(-1 - shape.season, len(top) - shape.season), True))
    for window, yearly in choices:
        before = _figure(top[window], bottom[window], ratio)
        all_then = _figure(whole[0][window], whole[1][window], ratio)
        if not (np.isfinite(before) and np.isfinite(after) and np.isfinite(all_now)) or before <= 0 or all_then <= 0:
            continue
        gap = (
            (after - before) - (all_now - all_then) if ratio else log(max(after, 1e-300) / before / all_now * all_then)
        )
        if (gap > 0) == (off > 0):
            return before, after, yearly, all_then, all_now
    return None


def _shifted(room: Room, panel: Panel, each: Looked, seen: Course) -> list[Finding]:
    """Shares over the last base periods against the same periods a year earlier."""
    base, season = room.shape.base, room.shape.season
    if not season or panel.sums.shape[1] < season + base:
        return []
    top, whole = panel.of(each.top, None)[0], room.whole.of(each.top, None)[0]
    now, then = slice(-base, None), slice(-base - season, -season)
    with np.errstate(divide="ignore", invalid="ignore"):
        after, before = top[:, now].sum(axis=1) / whole[:, now].sum(), top[:, then].sum(axis=1) / whole[:, then].sum()
    there = (panel.rows[:, then] > 0).all(axis=1) & (panel.rows[:, now] > 0).all(axis=1) & seen.judged
    found = []
    for i in np.flatnonzero(there & (before > 0) & (after > 0)):
        wide = float(seen.spread[i]) * (_LASTS * 2 / base) ** 0.5
        gap = log(after[i] / before[i])
        chance = two_sided(gap / wide, seen.freedom)
        points = abs(float(after[i] - before[i]))
        if panel.members[i] is None or points < _SHIFT_POINTS or max(after[i], before[i]) < _SHIFT_SHARE:
            chance = 1.0
        moved = float(after[i] - before[i]) * float(whole[0, now].mean())
        found.append(
            Finding("share_shift", each.index, panel.split, panel.label, panel.members[i], chance, float(before[i]),
                    float(after[i]), moved, room.usual[each.index], share=float(after[i]), yearly=True)
        )  # fmt: skip
    return [*found, *_concentration(room, panel, each, seen, (after, before))]


def _concentration(
    room: Room, panel: Panel, each: Looked, seen: Course, shares: tuple[Floats, Floats]
) -> list[Finding]:
    """Whether the largest few hold more or less of the whole than the largest few did a year before."""
    if len(panel.members) < 4 * _TOP:
        return []
    after, before = (np.sort(s)[::-1][:_TOP].sum() for s in shares)
    largest = np.argsort(-shares[0])[:_TOP]
    spread = float(np.sqrt(np.sum((seen.spread[largest] * shares[0][largest]) ** 2)) / after) if after > 0 else 0.0
    wide = spread * (_LASTS * 2 / room.shape.base) ** 0.5
    if not wide or not before > 0:
        return []
    chance = two_sided(log(after / before) / wide, seen.freedom) if abs(after - before) >= _SHIFT_POINTS else 1.0
    level = float(room.whole.of(each.top, None)[0][0, -room.shape.base :].mean())
    return [
        Finding("concentrated", each.index, panel.split, panel.label, None, chance, float(before), float(after),
                float(after - before) * level, room.usual[each.index], yearly=True, count=_TOP)
    ]  # fmt: skip


def _comings_and_goings(room: Room, panel: Panel, each: Looked) -> list[Finding]:
    """Members seen for the first time in the last period, and members that were always there and are not."""
    rows, all_rows = panel.rows, room.whole.rows[0]
    top, whole = panel.of(each.top, None)[0], room.whole.of(each.top, None)[0][0]
    base = room.shape.base
    present = top[:, -1 - base :].mean(axis=1)
    usual = min(room.usual[each.index], float(np.median(present[present > 0]))) if (present > 0).any() else 0.0
    found = []
    for i, member in enumerate(panel.members):
        past, now = rows[i, :-1], float(rows[i, -1])
        if member is None or (past.any() and now > 0):
            continue
        if not past.any():
            chance = exp(-now / _OVERDISPERSED) if now >= _NEW_ROWS else 1.0
            before, after, test = 0.0, float(top[i, -1]), "appeared"
        else:
            expected = float(past[-base:].sum() / all_rows[-1 - base : -1].sum() * all_rows[-1])
            always = bool((past[-2 * base :] > 0).all())
            chance = exp(-expected / _OVERDISPERSED) if always and expected >= _GONE_ROWS else 1.0
            before, after, test = float(top[i, -1 - base : -1].mean()), 0.0, "vanished"
        level = whole[-1] if test == "appeared" else whole[-1 - base : -1].mean()
        share = (after or before) / float(level) if level else 0.0
        found.append(
            Finding("appeared" if test == "appeared" else "vanished", each.index, panel.split, panel.label, member,
                    chance, before, after, after - before, usual, share=share)
        )  # fmt: skip
    return found
