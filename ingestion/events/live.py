"""What happens right now, counted as it arrives: a minute of seconds in memory, no query involved."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any

SECONDS = 60
MOST_NAMES = 200
SHOWN = 20
_OTHERS = "other events"


class Live:
    """Events by name and second of the last minute, and how many visitors they came from."""

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, Counter[str], set[str]]] = deque(maxlen=SECONDS)
        self.total = 0

    def count(self, events: Iterable[tuple[str, str | None]], at: float | None = None) -> None:
        """Events that were acknowledged, as (name, who)."""
        second = int(time.time() if at is None else at)
        if not self._seconds or self._seconds[-1][0] != second:
            self._seconds.append((second, Counter(), set()))
        _, names, people = self._seconds[-1]
        for name, who in events:
            self.total += 1
            names[name if name in names or len(names) < MOST_NAMES else _OTHERS] += 1
            if who is not None and len(people) < 100_000:
                people.add(who)

    def shown(self, at: float | None = None) -> dict[str, Any]:
        """{at, last_second, last_minute, visitors, events: [{event, count}], seconds: [60 counts]}."""
        now = int(time.time() if at is None else at)
        known = {second: names for second, names, _ in self._seconds if now - SECONDS < second <= now}
        seconds = [sum(known.get(s, Counter()).values()) for s in range(now - SECONDS + 1, now + 1)]
        names: Counter[str] = sum(known.values(), Counter())
        people: set[str] = set().union(*(p for s, _, p in self._seconds if now - SECONDS < s <= now))
        return {
            "at": now, "last_second": max(seconds[-2:]), "last_minute": sum(seconds), "visitors": len(people),
            "events": [{"event": n, "count": c} for n, c in names.most_common(SHOWN)], "seconds": seconds,
        }  # fmt: skip
