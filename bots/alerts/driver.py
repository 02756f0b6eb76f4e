"""The likely driver behind an alert: the groups in which the figure moved, from the same skill that answers “why”."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bots.alerts.reading import Reading
from bots.alerts.rule import Anomaly, Change, Rule, Threshold
from bots.digests.gather import Reader, complete, written
from store.errors import PlainsayError
from tools import registry
from tools.derive import number
from tools.evidence import Evidence, Fact
from tools.series import day_of, step

_MOST = 2
_BEFORE = {"day": "the same day a week before", "week": "the week before", "month": "the month before"}


def _is_rate(found: Evidence) -> bool:
    """Whether the figure is a rate or an average, of which no group is a part that one could name in a line."""
    return any(f.kind == "mix_rate" for f in found.facts)


def _that_way(fact: Fact, found: Evidence, up: bool | None) -> bool:
    """Whether a group moved up (or down), as is wanted."""
    ref = fact.values["contribution"]
    table = next(t for t in found.tables if t.id == ref.table)
    moved = number(table.value(ref.row, ref.column))
    return up is None or (moved is not None and (moved > 0) == up)


def driver(reader: Reader, rule: Rule, reading: Reading) -> str:
    """One or two sentences, or nothing where no group stands out or the data cannot carry it.

    Only groups that moved the way that is the trouble: who rose does not explain why a figure is too low.
    """
    member, day = reading.member, date.fromisoformat(reading.day)
    if not isinstance(rule, Threshold | Change | Anomaly):
        return ""
    after = day + timedelta(days=1)
    start = day_of(step(after, rule.grain, -1))
    filters: list[Any] = list(rule.filters)
    if member and rule.by:
        filters.append({"field": {"field": rule.by}, "op": "=", "values": [member]})
    unit = "week" if rule.grain == "day" else rule.grain
    args = {
        "metric": rule.metric, "filters": filters, "period": {"start": start, "end": after},
        "compare": {"to": "offset", "n": 1, "unit": unit},
    }  # fmt: skip
    try:
        found = registry.get("explain_change").run(reader.tools(), args)
    except PlainsayError:
        return ""
    if _is_rate(found):
        return ""
    drivers = [
        f
        for f in found.facts
        if f.kind == "driver"
        and f.attributes.get("way") == "with"
        and complete(f, found)
        and _that_way(f, found, reading.up)
    ]
    said = " ".join(written(f, found) for f in drivers[:_MOST])
    return f"Against {_BEFORE[rule.grain]}, {said}" if said else ""
