"""Tells the unit at the end of a stored name from the name: people ask for the height, never for the “height cm”."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.model.bags import bag

CURRENCIES = bag("usd eur gbp jpy inr cny chf cad aud nzd brl sek nok dkk pln mxn sgd zar ils krw")
_SYMBOLS = bag("cm mm km kg lbs kwh mwh mph kmh kph sqft sqm ml dl") | CURRENCIES
_DURATIONS = bag("duration time wait delay latency runtime downtime uptime lifetime turnaround response resolution")
_TIMES = {
    "s": "seconds", "sec": "seconds", "secs": "seconds", "seconds": "seconds", "min": "minutes", "mins": "minutes",
    "minutes": "minutes", "h": "hours", "hr": "hours", "hrs": "hours", "hours": "hours", "ms": "ms", "days": "days",
    "weeks": "weeks", "months": "months",
}  # fmt: skip
_DEGREES = {"c": "celsius", "celsius": "celsius", "f": "fahrenheit", "fahrenheit": "fahrenheit"}
_METRES = {"m": "meters", "meters": "meters", "metres": "meters"}
_WARM = bag("temperature temp")
_LONG = bag("height length width depth distance altitude elevation size thickness")
_HEAVY = bag("weight mass")
_GRAMS = {"g": "grams", "grams": "grams"}


def parted(parts: Sequence[str]) -> tuple[Sequence[str], str | None]:
    """The name without its unit, and the unit's word: `height_cm` -> (height), cm; a name that is no more stays."""
    if len(parts) < 2:
        return parts, None
    *rest, last = parts
    if last in _SYMBOLS and "per" not in parts:
        return rest, last
    for heads, words in ((_DURATIONS, _TIMES), (_WARM, _DEGREES), (_LONG, _METRES), (_HEAVY, _GRAMS)):
        if rest[-1] in heads and last in words:
            return (rest if rest[-1] not in ("response", "resolution") else [*rest, "time"]), words[last]
    return parts, None
