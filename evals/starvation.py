"""One person asks as much as a machine can bear: how much longer others wait than they do alone."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from evals.load import QUESTIONS, serving
from evals.place import WORKSPACE, demo_home
from evals.result import Figure, SuiteResult, percentile
from store import settings

HEAVY = 20
"""Questions that the heavy person has under way at any time."""
ROUNDS = 3
MOST_TIMES = 1.5
KEYS = {"heavy": "heavy-" + "h" * 40, "calm": "calm-" + "c" * 40}


def run() -> SuiteResult:
    """A calm person asks alone, then beside a heavy one, in turns, for `eval_seconds` in all; no rate limit helps."""
    seconds = settings.get("eval_seconds") / (2 * ROUNDS)
    with _environment(), demo_home(scale=0.1) as home, serving(home, "real") as server:
        alone, beside, flood = asyncio.run(_rounds(server.url, seconds))
    times = percentile(beside, 0.95) / max(0.001, percentile(alone, 0.95))
    figures = [
        Figure("calm alone, half within", percentile(alone, 0.5) * 1000, "ms"),
        Figure("calm alone, 95 % within", percentile(alone, 0.95) * 1000, "ms"),
        Figure("calm beside heavy, half within", percentile(beside, 0.5) * 1000, "ms"),
        Figure("calm beside heavy, 95 % within", percentile(beside, 0.95) * 1000, "ms"),
        Figure("times as long, 95 %", times, "", target=MOST_TIMES),
        Figure("answers of the heavy one", flood / (ROUNDS * seconds), "1/s"),
    ]
    return SuiteResult("starvation", "safety", figures)


async def _rounds(url: str, seconds: float) -> tuple[list[float], list[float], int]:
    alone: list[float] = []
    beside: list[float] = []
    flood = 0
    await _calm(url, 6.0)  # warm
    for _ in range(ROUNDS):
        alone += await _calm(url, seconds)
        stop = asyncio.Event()
        heavy = [asyncio.create_task(_heavy(url, number, stop)) for number in range(HEAVY)]
        await asyncio.sleep(1.0)
        beside += await _calm(url, seconds)
        stop.set()
        flood += sum(await asyncio.gather(*heavy))  # to the last answer, so that nothing is at work in the next round
    return alone, beside, flood


async def _heavy(url: str, number: int, stop: asyncio.Event) -> int:
    """Ask without a pause; how many answers came."""
    chance, done = random.Random(number), 0
    async with _client("heavy") as client:
        while not stop.is_set():
            await _ask(client, url, chance)
            done += 1
    return done


async def _calm(url: str, seconds: float) -> list[float]:
    """Ask with pauses for so long; how long each answer took."""
    took, chance, end = [], random.Random(7), time.monotonic() + seconds
    async with _client("calm") as client:
        while time.monotonic() < end:
            began = time.monotonic()
            await _ask(client, url, chance)
            took.append(time.monotonic() - began)
            await asyncio.sleep(0.2)
    return took


async def _ask(client: Any, url: str, chance: random.Random) -> None:
    body = {"question": chance.choice(QUESTIONS), "workspace": WORKSPACE}
    (await client.post(f"{url}/v1/ask", json=body)).raise_for_status()


def _client(who: str) -> Any:
    import httpx

    return httpx.AsyncClient(timeout=120, headers={"Authorization": f"Bearer {KEYS[who]}"})


@contextmanager
def _environment() -> Iterator[None]:
    """Two keys, and no limit of questions in a minute."""
    wanted = {
        "PLAINSAY_API_KEYS": ",".join(f"{name}:viewer={key}" for name, key in KEYS.items()),
        "PLAINSAY_QUESTIONS_PER_MINUTE": "0", "PLAINSAY_REQUESTS_PER_MINUTE": "0", "PLAINSAY_WORKSPACE_PER_MINUTE": "0",
    }  # fmt: skip
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
