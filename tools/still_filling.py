"""Says when the rate that was asked for goes on filling after its day: orders that may still come back, open stays."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from store.errors import PlainsayError
from tools.evidence import Caveat
from tools.insights.panel import Reader
from tools.insights.ripening import filling, unripe_days
from tools.insights.scope import span, subjects
from tools.registry import ToolContext
from warehouse.compiled import Compiled
from warehouse.compiler.period_labels import day_label
from warehouse.query import MetricQuery, MetricRef

_LONGEST = 60
"""Days after which every figure that `unripe_days` knows is ripe: an older period needs no look."""
_MOST_FIGURES = 3


def still_filling(context: ToolContext, query: MetricQuery, compiled: Compiled) -> list[Caveat]:
    """A caveat for each asked rate whose period reaches into the days in which it still rises to what it will be.

    A plain sum is not looked at: what was sold yesterday was sold. Costs one query of days for each rate of a recent
    period.
    """
    if len(query.metrics) > _MOST_FIGURES:
        return []
    found = (_caveat(context, query, compiled, ref) for ref in query.metrics)
    return [c for c in found if c is not None]


def _caveat(context: ToolContext, query: MetricQuery, compiled: Compiled, ref: MetricRef) -> Caveat | None:
    column = query.time.column if query.time is not None else None
    try:
        subject = subjects(context, (MetricRef(metric=ref.metric),), (), column)[0]
        bounds = span(context, subject)
        if subject.figures[0].bottom is None or bounds is None:
            return None
        last = bounds[1]
        end = _end_of(compiled, last)
        if (last - end).days > _LONGEST:
            return None
        unripe = unripe_days(Reader(context, query.filters), subject, last)
    except PlainsayError:
        return None  # what cannot be looked at by days is no reason to hold the answer back
    if not filling(unripe, end, last):
        return None
    since = datetime.combine(last - timedelta(days=unripe[0] - 1), time.min)
    label = subject.figures[0].column.label
    told = f"{label} since {day_label(since)} is not final: it goes on filling, and will end higher than it looks now."
    return Caveat(code="still_filling", message=told)


def _end_of(compiled: Compiled, last: date) -> date:
    """The day after the period, at most the day after the data; a query without a period reaches their end."""
    end = compiled.period.end if compiled.period is not None else None
    after = last + timedelta(days=1)
    return min(date.fromisoformat(str(end)[:10]), after) if end else after
