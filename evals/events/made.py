"""Events that look like those of a shop, made from a seed, so that what must be there afterwards is known."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

KINDS = ("page_view",) * 12 + ("product_viewed",) * 5 + ("added_to_cart",) * 2 + ("purchase",)
COUNTRIES = ("Germany", "France", "Spain", "Italy", "Poland", "Norway")
BATCH = 1_000


def batches(events: int, seed: str, days: int = 30, size: int = BATCH) -> Iterator[list[dict[str, Any]]]:
    """Batches of events whose ids are `seed-number`; the times lie in the `days` before now."""
    dice = random.Random(seed)
    now = datetime.now(UTC).replace(microsecond=0)
    for start in range(0, events, size):
        yield [_event(dice, f"{seed}-{n}", now, days) for n in range(start, min(start + size, events))]


def _event(dice: random.Random, number: str, now: datetime, days: int) -> dict[str, Any]:
    kind = dice.choice(KINDS)
    moment = now - timedelta(seconds=dice.randrange(days * 86_400), milliseconds=dice.randrange(1_000))
    event: dict[str, Any] = {
        "id": number, "event": kind, "timestamp": moment.isoformat(timespec="milliseconds"),
        "anonymous_id": f"v{dice.randrange(50_000)}",
        "context": {
            "country": dice.choice(COUNTRIES), "device": dice.choice(("desktop", "mobile")),
            "page_url": f"https://shop.example/p/{dice.randrange(200)}",
        },
    }  # fmt: skip
    if kind == "purchase":
        event["properties"] = {"revenue": round(dice.uniform(5, 90), 2), "currency": "EUR", "items": dice.randrange(5)}
    return event
