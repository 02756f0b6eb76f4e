"""Whether the page may stay open all day: what two hundred questions asked in it leave in its memory, 20 by 20.

After each twenty the browser is made to throw away what nobody needs; what is left is counted: bytes of script,
nodes of the document, listeners.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from evals.result import Figure

QUESTIONS = ("revenue by channel in {year}", "revenue by month in {year}", "orders by category in {year}")
TURNS = 200
STEP = 20
AGAIN = 4
PATIENCE_MS = 120_000


@dataclass(frozen=True)
class Held:
    """What a page holds after so many answers."""

    turns: int
    bytes: float
    nodes: float
    listeners: float


def asked(page: Any, tools: Any, url: str) -> tuple[str, list[Held]]:
    """Ask two hundred questions in one page; the address of the conversation, and what was held after each twenty."""
    page.goto(url)
    held: list[Held] = []
    for turn in range(1, TURNS + 1):
        box = page.get_by_role("textbox", name="Question", exact=True)
        box.fill(QUESTIONS[turn % 3].format(year=2024 + turn % 2))
        box.press("Enter")
        answered = page.locator(f"main article:nth-of-type({turn}):not([aria-busy=true])")
        answered.wait_for(timeout=PATIENCE_MS)
        if turn % STEP == 0:
            held.append(look(page, tools, turn))
    return page.url, held


def look(page: Any, tools: Any, turns: int) -> Held:
    """What is held once the page has come to rest and the rubbish is out."""
    page.locator('[data-ready="1"]').first.wait_for(timeout=PATIENCE_MS)
    page.wait_for_timeout(1500)
    for _ in range(2):  # what the first round finalizes the second one frees
        tools.send("HeapProfiler.collectGarbage")
    found = {one["name"]: float(one["value"]) for one in tools.send("Performance.getMetrics")["metrics"]}
    return Held(turns, found["JSHeapUsedSize"], found["Nodes"], found["JSEventListeners"])


def grown(held: list[Held]) -> Iterator[Figure]:
    """How much each further answer adds from the first twenty on: what it says must be kept, what shows it need not."""
    first, last = held[0], held[-1]
    turns = last.turns - first.turns
    yield Figure(f"memory after {first.turns} answers", first.bytes / 1e6, "MB")
    yield Figure(f"memory after {last.turns} answers", last.bytes / 1e6, "MB", 40)
    yield Figure("memory of one more answer", (last.bytes - first.bytes) / turns / 1000, "kB", 60)
    yield Figure("nodes of one more answer", (last.nodes - first.nodes) / turns, "", 10)
    yield Figure("listeners of one more answer", (last.listeners - first.listeners) / turns, "", 1)


def left_behind(page: Any, tools: Any, place: str, asked_last: Held) -> Iterator[Figure]:
    """What asking left beside the same conversation opened anew, and what opening it again and again leaves."""
    page.goto(place)
    opened = look(page, tools, TURNS)
    yield Figure("memory that asking left beside opening anew", (asked_last.bytes - opened.bytes) / 1e6, "MB", 10)
    looks = []
    for _ in range(1 + AGAIN):
        page.get_by_role("link", name="History").click()
        page.get_by_role("searchbox").wait_for(timeout=PATIENCE_MS)
        page.go_back()
        looks.append(look(page, tools, TURNS))
    first, last = looks[0], looks[-1]
    yield Figure("memory left behind by opening it again", (last.bytes - first.bytes) / AGAIN / 1e6, "MB", 1)
    yield Figure("nodes left behind by it", (last.nodes - first.nodes) / AGAIN, "", 50)
    yield Figure("listeners left behind by it", (last.listeners - first.listeners) / AGAIN, "", 5)


def ask(url: str, question: str, **more: Any) -> dict[str, Any]:
    """Ask over HTTP; the answer."""
    body = json.dumps({"question": question, **more}).encode()
    request = urllib.request.Request(f"{url}/v1/ask", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as response:
        answer: dict[str, Any] = json.load(response)
    return answer
