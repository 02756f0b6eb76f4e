"""The likely driver behind an alert: the groups in which the figure moved, from the same skill that answers “why”."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bots.alerts.rule import Anomaly, Change, Rule, Threshold
from bots.digests.gather import Reader, written
from store.errors import PlainsayError
from tools import registry
from tools.evidence import Evidence
from tools.series import day_of, step

_MOST = 2


def _is_rate(found: Evidence) -> bool:
    """Whether the figure is a rate or an average, of which no group is a part that one could name in a line."""
    return any(f.kind == "mix_rate" for f in found.facts)


def driver(reader: Reader, rule: Rule, member: str, day: date) -> str:
    """One or two sentences, or nothing where no group stands out or the data cannot carry it."""
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
    drivers = [f for f in found.facts if f.kind == "driver" and f.attributes.get("way") == "with"]
    return " ".join(written(f, found) for f in drivers[:_MOST])
