"""Parts and their total forecast separately, then made to agree: what is more certain moves less."""

from __future__ import annotations

from collections.abc import Sequence

from tools.forecasting.engine import Outcome


def reconcile(total: Outcome, parts: Sequence[Outcome]) -> None:
    """Shift all forecasts, step by step, until the parts sum to the total; in place.

    Weighted least squares over one level (MinT with a diagonal error matrix, Wickramasuriya et al. 2019): each series
    takes a share of the gap in proportion to its error variance. Parts stay at or above zero when they were.
    """
    spread = [max(p.variance, 1e-12) for p in parts]
    whole = sum(spread) + max(total.variance, 1e-12)
    for at in range(len(total.ahead)):
        gap = total.ahead[at] - sum(p.ahead[at] for p in parts)
        for part, own in zip(parts, spread, strict=True):
            moved = part.ahead[at] + gap * own / whole
            part.ahead[at] = max(0.0, moved) if part.ahead[at] >= 0 else moved
        total.ahead[at] = sum(p.ahead[at] for p in parts)


def shift_ranges(outcome: Outcome, before: Sequence[float]) -> None:
    """Move the limits of each step by as much as its forecast moved from `before`; in place."""
    nonnegative = min(outcome.ahead) >= 0
    moves = [now - then for now, then in zip(outcome.ahead, before, strict=True)]
    for limits in (outcome.low, outcome.high):
        for level, values in limits.items():
            moved = [v + m for v, m in zip(values, moves, strict=True)]
            limits[level] = [max(0.0, v) for v in moved] if nonnegative else moved
