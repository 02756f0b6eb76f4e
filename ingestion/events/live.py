"""What happens right now, counted as it arrives: a minute of seconds in memory, no query involved."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import Any

SECONDS = 60
MOST_NAMES = 200
SHOWN = 20
MOST_PEOPLE = 500_000
"""Visitors of one minute that are told apart; memory stays the same however many come."""
FORGOTTEN_EVERY = 10
_OTHERS = "other events"


class Live:
    """Events by name and second of the last minute, and how many visitors they came from."""

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, Counter[str]]] = deque(maxlen=SECONDS)
        self._people: dict[str | None, int] = {}  # the second in which each was there last: one entry, not sixty
        self._swept = 0
        self.total = 0

    def count(self, names: Sequence[str], who: Iterable[str | None], at: float | None = None) -> None:
        """Events that were acknowledged: their names, and by whom they were."""
        second = int(time.time() if at is None else at)
        if not self._seconds or self._seconds[-1][0] != second:
            self._seconds.append((second, Counter()))
            self._sweep(second)
        _, known = self._seconds[-1]
        self.total += len(names)
        for name, many in Counter(names).items():
            known[name if name in known or len(known) < MOST_NAMES else _OTHERS] += many
        if len(self._people) < MOST_PEOPLE:
            self._people.update(dict.fromkeys(who, second))

    def shown(self, at: float | None = None) -> dict[str, Any]:
        """{at, last_second, last_minute, visitors, events: [{event, count}], seconds: [60 counts]}."""
        now = int(time.time() if at is None else at)
        known = {second: names for second, names in self._seconds if now - SECONDS < second <= now}
        seconds = [sum(known.get(s, Counter()).values()) for s in range(now - SECONDS + 1, now + 1)]
        names: Counter[str] = sum(known.values(), Counter())
        visitors = sum(1 for one, last in self._people.items() if now - SECONDS < last <= now and one is not None)
        return {
            "at": now, "last_second": max(seconds[-2:]), "last_minute": sum(seconds), "visitors": visitors,
            "events": [{"event": n, "count": c} for n, c in names.most_common(SHOWN)], "seconds": seconds,
        }  # fmt: skip

    def _sweep(self, now: int) -> None:
        """Forget visitors who were not there for a minute; looked for now and then only, because it looks at all."""
        if abs(now - self._swept) >= FORGOTTEN_EVERY:
            self._swept = now
            self._people = {one: last for one, last in self._people.items() if last > now - SECONDS}
