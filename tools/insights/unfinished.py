"""Records on their way: what is open today is closed next week, so that “open” is always new and “closed” always short.

Where a field tells how far a record has come, the stages that are still passed through are set aside, and the others
are held against the records that have come to an end.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tools.insights.judge import Room
from tools.insights.panel import Panel

_UNDER_WAY = frozenset({
    "open", "opened", "pending", "in progress", "in process", "in review", "under review", "in transit", "processing",
    "awaiting", "waiting", "scheduled", "booked", "draft", "on hold", "submitted", "unpaid", "outstanding", "ordered",
    "backordered", "working", "started", "ongoing", "queued", "requested", "received", "assigned", "unresolved",
    "not started", "to do", "todo", "admitted", "invoiced", "shipped", "out for delivery", "placed", "in house",
})  # fmt: skip
_ENDED = frozenset({
    "closed", "completed", "complete", "done", "cancelled", "canceled", "delivered", "resolved", "paid", "finished",
    "won", "lost", "approved", "rejected", "denied", "declined", "refunded", "returned", "discharged", "fulfilled",
    "settled", "expired", "voided", "no show", "no-show", "attended", "failed", "written off", "converted", "sold",
})  # fmt: skip
_ROUNDING = 1e-9


def ended(panel: Panel, room: Room) -> tuple[Panel, Room]:
    """A split and its whole without the records that are under way; both as they are for every other split."""
    said = [" ".join(str(m).casefold().replace("_", " ").split()) for m in panel.members]
    passing = np.array([word in _UNDER_WAY for word in said], dtype=bool)
    if not passing.any() or not any(word in _ENDED for word in said):
        return panel, room
    rest = room.whole.sums - panel.sums[passing].sum(axis=0, keepdims=True)
    rest[np.abs(rest) < _ROUNDING * np.abs(room.whole.sums)] = 0.0
    kept = replace(panel, members=[m for m, gone in zip(panel.members, passing, strict=True) if not gone],
                   sums=panel.sums[~passing])  # fmt: skip
    return kept, replace(room, whole=replace(room.whole, sums=rest))
