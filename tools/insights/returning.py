"""Whether a move only brings a figure back: a rise out of a dip is a return, and is told as one."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tools.insights.course import Shape
from tools.insights.panel import Floats

Back = Literal["dip", "peak", "no"]
_NEAR = 0.3
"""How far from its earlier level the figure may be, beside the move itself."""
_AWAY = 0.6
"""How much of the move lies between the periods before and that earlier level."""
_LEAST, _STRETCH = 4, 2


def back(top: Floats, bottom: Floats, whole: tuple[Floats, Floats] | None, shape: Shape, *, ratio: bool) -> Back:
    """What the last period came back from, judged by the periods before those it is compared with.

    A group is seen as its share of the whole (a ratio beside the whole's), a whole beside its own year before.
    """
    level = _level(top, bottom, whole, ratio=ratio)
    if whole is None and not ratio and shape.season and len(level) >= shape.season + shape.base * (_STRETCH + 1) + 1:
        level = level[shape.season :] - level[: -shape.season]
    base = shape.base
    stretch = level[max(0, len(level) - 1 - base - max(_LEAST, _STRETCH * base)) : -1 - base]
    stretch, before = stretch[np.isfinite(stretch)], level[-1 - base : -1]
    before = before[np.isfinite(before)]
    if len(stretch) < _LEAST or not len(before) or not np.isfinite(level[-1]):
        return "no"
    earlier, then, now = float(np.median(stretch)), float(before.mean()), float(level[-1])
    move = now - then
    if not move or abs(now - earlier) > _NEAR * abs(move) or (earlier - then) / move < _AWAY:
        return "no"
    return "dip" if move > 0 else "peak"


def _level(top: Floats, bottom: Floats, whole: tuple[Floats, Floats] | None, *, ratio: bool) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        own = top / bottom if ratio else top
        if whole is not None:
            all_ = whole[0] / whole[1] if ratio else whole[0]
            own = own - all_ if ratio else own / all_
        found: Floats = own if ratio else np.log(np.where(own > 0, own, np.nan))
    return found
