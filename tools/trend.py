"""The tool for “is it really growing?”: direction beyond the ups and downs, its pace, and where the level broke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from store.errors import NotEnough
from tools.conditions import filter_params
from tools.evidence import Evidence
from tools.registry import ToolContext, tool
from tools.series import SEASONS, SeriesArgs, SeriesGrain, beat_of, bounds, load

if TYPE_CHECKING:
    from tools.series import Series

_LOOKED_BACK = {"hour": 168, "day": 120, "week": 104, "month": 36, "quarter": 20, "year": 30}
_LEAST = {"hour": 48, "day": 21, "week": 16, "month": 12, "quarter": 8, "year": 8}
_RANKS = {grain: rank for rank, grain in enumerate(_LEAST)}
_FULL = 2


class TrendArgs(SeriesArgs):
    """A metric, and how many periods to look back (two years of weeks, three of months when not given)."""

    periods: int | None = Field(None, ge=8, le=400)


@tool("trend", example="Is revenue really growing, and since when?",
      needs="a figure by date: 12 months, 16 weeks or 21 days at least")  # fmt: skip
def trend(context: ToolContext, args: TrendArgs) -> Evidence:
    """Tell whether a metric rises or falls beyond chance, how fast, and when its level broke. Looking for a direction.

    Main table: one row a period (and member): the figure, without its seasons, the fitted line. Raises `NotEnough` with
    the code `too_little_history`, `no_variation` or `no_time`.
    """
    from tools.trended import evidence

    args = args.settled(context)
    beat = beat_of(context, args)
    first, last = bounds(context, args, beat)
    own: SeriesGrain = "day" if beat.grain == "hour" else beat.grain
    usual = _grain((last - first).days)
    grain: SeriesGrain = args.grain or (own if _RANKS[own] > _RANKS[usual] else usual)
    series = load(context, args, grain, beat=beat)
    looked = args.periods or _LOOKED_BACK[grain]
    _shorten(series, looked)
    _refuse(series)
    season = SEASONS[grain] if len(series.starts) >= _FULL * SEASONS[grain] else 1
    return evidence(context, args, series, season, filter_params(args.filters))


def _grain(days: int) -> SeriesGrain:
    if days >= 24 * 30.44:
        return "month"
    return "week" if days >= _LEAST["week"] * 7 else "day"


def _shorten(series: Series, periods: int) -> None:
    cut = max(0, len(series.starts) - periods)
    series.starts = series.starts[cut:]
    series.values = {m: v[cut:] for m, v in series.values.items()}


def _refuse(series: Series) -> None:
    have, least = len(series.starts), _LEAST[series.grain]
    label = series.measure.label.lower()
    if have < least:
        raise NotEnough(
            f"I have only {have} {series.grain}s of {label}: too few to tell a trend from chance. I need {least}.",
            code="too_little_history", hint="Ask by a finer period, or ask for the course itself.",
        )  # fmt: skip
    values: list[Any] = [v for member in series.values.values() for v in member]
    if max(values) == min(values):
        raise NotEnough(f"The {label} never changed in {have} {series.grain}s: there is no trend.", code="no_variation")
