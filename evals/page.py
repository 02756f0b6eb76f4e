"""How heavy, quick and open to everyone the page is: bytes, readiness on a slow line, scrolling, memory, findings."""

from __future__ import annotations

import re
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from statistics import median
from typing import Any

from evals import page_findings, page_hostile, page_lighthouse, page_memory, page_motion, page_stage
from evals.result import Figure, SuiteResult
from store.errors import Unavailable

STATIC = page_stage.ROOT / "api" / "static"
SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
SLOWER_CPU = 4
_PRESSED_S = 60

READY = """() => new Promise(done => {
    const look = () => document.querySelector('textarea') ? done(performance.now()) : requestAnimationFrame(look);
    look();
})"""


def run() -> SuiteResult:
    """Measure the built page on the small demo. Raises `Unavailable` without Chromium and Playwright."""
    figures: list[Figure] = []
    found: list[dict[str, Any]] = []
    took: dict[str, float] = {}
    with page_stage.demo() as url, page_stage.browser() as browser:
        answer = f"{url}/t/{page_memory.ask(url, 'revenue by channel in 2025')['thread_id']}"
        parts: dict[str, Callable[[], Iterable[Figure]]] = {
            "weight": lambda: _weight(url),
            "readiness": lambda: _readiness(browser, url),
            "lighthouse": lambda: page_lighthouse.figures(url, answer),
            "long day": lambda: _long_day(browser, url),
            "long table": lambda: page_motion.long_table(browser, url).figures(f"{page_motion.ROWS:,} rows"),
            "findings": lambda: _findings(browser, url, found),
            "harm": lambda: _harm(browser, url, found),
        }
        for name, part in parts.items():
            began = time.monotonic()
            figures += part()
            took[name] = round(time.monotonic() - began, 1)
    return SuiteResult("page", "quality", figures, [*found, {"name": "seconds by part", **took}])


def _weight(url: str) -> Iterator[Figure]:
    """What the server sends: the files of the first page, and the charts that come later."""
    html = (STATIC / "index.html").read_text(encoding="utf-8")
    entry = re.findall(r'(?:src|href)="/([^"]+\.(?:js|css))"', html)
    chart = next((STATIC / "assets").glob("VegaView-*.js"))
    yield Figure("first load, brotli", sum(_sent(url, name) for name in ("", *entry)) / 1000, "kB", 170)
    yield Figure("charts, fetched later, brotli", _sent(url, f"assets/{chart.name}") / 1000, "kB", 245)
    yield Figure("charts fetched with the first page", float(chart.name in html), "", 0)


def _sent(url: str, name: str) -> int:
    """Bytes of a file as sent to whoever reads brotli; the server makes it once the file was asked for."""
    request = urllib.request.Request(f"{url}/{name}", headers={"accept-encoding": "br, gzip"})
    for _ in range(_PRESSED_S * 10):
        with urllib.request.urlopen(request, timeout=60) as response:
            size, encoding = len(response.read()), response.headers.get("content-encoding")
        if encoding == "br":
            return size
        time.sleep(0.1)
    raise Unavailable(f"The server does not send {name or 'the page'} with brotli.")


def _readiness(browser: Any, url: str) -> Iterator[Figure]:
    """Milliseconds until a question can be typed, without a cache: on this machine, and on a phone's line and chip."""
    here = median(_ready(browser, url, slow=False) for _ in range(5))
    yield Figure("ready, this machine, median of 5", here, "ms", 600)
    slow = median(_ready(browser, url, slow=True) for _ in range(3))
    yield Figure("ready at 1.6 Mbit/s, 150 ms, CPU / 4, median of 3", slow, "ms", 2000)


def _ready(browser: Any, url: str, *, slow: bool) -> float:
    context = browser.new_context(viewport={"width": 390, "height": 844}, service_workers="block")
    page = context.new_page()
    if slow:
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", SLOW_LINE)
        line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})
    page.goto(url, wait_until="commit")
    taken = float(page.evaluate(READY))
    context.close()
    return taken


def _findings(browser: Any, url: str, cases: list[dict[str, Any]]) -> Iterator[Figure]:
    """What axe finds on every page of the router, as it is, before anything was made, and while the server fails."""
    stage = page_stage.tell(page_stage.stock(url))
    looked = found = 0
    for state in page_findings.STATES:
        context = browser.new_context(
            viewport={"width": 1280, "height": 860}, reduced_motion="reduce", service_workers="block"
        )
        for place, here in page_findings.walk(context.new_page(), stage, state):
            looked += 1
            found += len(here)
            cases += ({"name": f"{place} {state}", "verdict": "wrong", "why": one} for one in here)
        context.close()
    yield Figure("pages looked at by axe, full, empty and failing, in four themes", looked, "", None, "more")
    yield Figure("axe findings on them", found, "", 0)


def _harm(browser: Any, url: str, cases: list[dict[str, Any]]) -> Iterator[Figure]:
    """What all hostile strings brought about, wherever others write."""
    every, harm = page_hostile.strings(), page_hostile.Harm()
    context = browser.new_context(reduced_motion="reduce", service_workers="block")
    page = context.new_page()
    page_hostile.watch(page, url.removeprefix("http://"), harm)
    page_hostile.show(page, page_stage.Stage(url, "", "", ""), every, harm)
    context.close()
    cases += ({"name": "hostile string", "verdict": "wrong", "why": one} for one in harm.all)
    yield Figure("hostile strings shown in every place that others write", len(every), "", None, "more")
    yield Figure("of them: scripts that ran", len(harm.ran), "", 0)
    yield Figure("of them: requests to strangers", len(harm.foreign), "", 0)
    yield Figure("of them: markup that came alive", len(harm.alive), "", 0)
    yield Figure("of them: layout broken at 1280 or 390 px", len(harm.spilled), "", 0)


def _long_day(browser: Any, url: str) -> Iterator[Figure]:
    """A conversation of two hundred answers: its memory as it grows, and how smoothly it scrolls."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, service_workers="block")
    page = context.new_page()
    page.set_default_timeout(page_memory.PATIENCE_MS)
    tools = context.new_cdp_session(page)
    tools.send("Performance.enable")
    place, held = page_memory.asked(page, tools, url)
    yield from page_memory.grown(held)
    yield from page_memory.left_behind(page, tools, place, held[-1])
    scroller = page.locator("main .overflow-y-auto")
    scroller.evaluate("element => { element.scrollTop = 0; }")
    motion = page_motion.scrolled(page, tools, scroller)
    yield from motion.figures(f"{page_memory.TURNS} answers")
    context.close()
