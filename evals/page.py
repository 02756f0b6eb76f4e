"""How heavy, quick and open to everyone the page is: bytes, readiness on a slow line, scrolling, memory, findings."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from evals import page_findings, page_hostile, page_stage
from evals.result import Figure, SuiteResult

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "api" / "static"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
QUESTIONS = ("revenue by channel in {year}", "revenue by month in {year}", "orders by category in {year}")
TURNS = 200
AGAIN = 4
SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
SLOWER_CPU = 4

BROTLI = """const {brotliCompressSync} = require('zlib');
process.stdout.write(String(brotliCompressSync(require('fs').readFileSync(process.argv[1])).length))"""
READY = """() => new Promise(done => {
    const look = () => document.querySelector('textarea') ? done(performance.now()) : requestAnimationFrame(look);
    look();
})"""
FRAMES = """() => new Promise(done => {
    const scroller = document.querySelector('main .overflow-y-auto');
    const stamps = [];
    const step = now => {
        stamps.push(now);
        scroller.scrollTop -= 120;
        if (stamps.length < 180) requestAnimationFrame(step);
        else done(stamps.slice(1).map((t, i) => t - stamps[i]));
    };
    requestAnimationFrame(step);
})"""


def run() -> SuiteResult:
    """Measure the built page on the small demo. Raises `Unavailable` without Chromium and Playwright."""
    figures = list(_weight())
    with page_stage.demo() as url, page_stage.browser() as browser:
        figures += _readiness(browser, url)
        found = list(_findings(browser, url))
        figures.append(Figure("axe findings, every page full, empty and failing, in every theme", len(found), "", 0))
        figures += _harm(browser, url)
        figures += _long_day(browser, url)
    return SuiteResult("page", "quality", figures, found)


def _weight() -> Iterator[Figure]:
    """Compressed sizes: what the first page needs, and the charts that come later."""
    html = (STATIC / "index.html").read_text(encoding="utf-8")
    entry = re.findall(r'(?:src|href)="/([^"]+\.(?:js|css))"', html)
    first = sum(_brotli(STATIC / name) for name in ("index.html", *entry))
    chart = next((STATIC / "assets").glob("VegaView-*.js"))
    yield Figure("first load, brotli", first / 1000, "kB", 170)
    yield Figure("charts, fetched later, brotli", _brotli(chart) / 1000, "kB", 245)


def _brotli(path: Path) -> int:
    done = subprocess.run(["node", "-e", BROTLI, str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def _ask(url: str, question: str, **more: Any) -> dict[str, Any]:
    body = json.dumps({"question": question, **more}).encode()
    request = urllib.request.Request(f"{url}/v1/ask", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


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


def _findings(browser: Any, url: str) -> Iterator[dict[str, Any]]:
    """What axe finds on every page of the router, as it is, before anything was made, and while the server fails."""
    stage = page_stage.tell(page_stage.stock(url))
    for state in page_findings.STATES:
        context = browser.new_context(
            viewport={"width": 1280, "height": 860}, reduced_motion="reduce", service_workers="block"
        )
        for place, found in page_findings.walk(context.new_page(), stage, state):
            yield from ({"name": f"{place} {state}", "verdict": "wrong", "why": one} for one in found)
        context.close()


def _harm(browser: Any, url: str) -> Iterator[Figure]:
    """What all hostile strings brought about, wherever others write."""
    every, harm = page_hostile.strings(), page_hostile.Harm()
    context = browser.new_context(reduced_motion="reduce", service_workers="block")
    page = context.new_page()
    page_hostile.watch(page, url.removeprefix("http://"), harm)
    page_hostile.show(page, page_stage.Stage(url, "", "", ""), every, harm)
    context.close()
    yield Figure("hostile strings shown in every place that others write", len(every), "", None, "more")
    yield Figure("of them: scripts that ran", len(harm.ran), "", 0)
    yield Figure("of them: requests to strangers", len(harm.foreign), "", 0)
    yield Figure("of them: markup that came alive", len(harm.alive), "", 0)
    yield Figure("of them: layout broken at 1280 or 390 px", len(harm.spilled), "", 0)


def _long_day(browser: Any, url: str) -> Iterator[Figure]:
    """A conversation of two hundred answers: its memory as it grows, and how smoothly it scrolls."""
    thread = _ask(url, QUESTIONS[0].format(year=2025))["thread_id"]
    context = browser.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Performance.enable")
    sizes: dict[int, dict[str, float]] = {}
    for turns in (20, TURNS):
        _fill(url, thread, turns)
        page.goto(f"{url}/t/{thread}")
        page.get_by_role("heading", level=2).nth(turns - 1).wait_for(timeout=60_000)
        page.locator('[data-ready="1"]').first.wait_for(timeout=60_000)
        if turns == TURNS:
            frames = page.evaluate(FRAMES)
            yield Figure(
                f"frames a second, scrolling {TURNS} answers, median", 1000 / median(frames), "fps", 55, "more"
            )
        tools.send("HeapProfiler.collectGarbage")
        sizes[turns] = {m["name"]: m["value"] for m in tools.send("Performance.getMetrics")["metrics"]}
    before = sizes[TURNS]["JSHeapUsedSize"]
    for _ in range(AGAIN):
        page.get_by_role("link", name="History").click()
        page.get_by_role("searchbox").wait_for()
        page.go_back()
        page.locator('[data-ready="1"]').first.wait_for(timeout=60_000)
    tools.send("HeapProfiler.collectGarbage")
    after = {m["name"]: m["value"] for m in tools.send("Performance.getMetrics")["metrics"]}["JSHeapUsedSize"]
    yield Figure(f"memory left behind by reading {TURNS} answers again", (after - before) / AGAIN / 1e6, "MB", 1)
    grown = (sizes[TURNS]["JSHeapUsedSize"] - sizes[20]["JSHeapUsedSize"]) / (TURNS - 20) / 1000
    yield Figure("memory of one more answer on the page", grown, "kB")
    yield Figure(f"memory of {TURNS} answers", sizes[TURNS]["JSHeapUsedSize"] / 1e6, "MB", 80)
    context.close()


def _fill(url: str, thread: str, turns: int) -> None:
    """Ask until the conversation holds so many answers."""
    with urllib.request.urlopen(f"{url}/v1/threads/{thread}", timeout=60) as response:
        held = len(json.load(response)["turns"])
    for number in range(held, turns):
        _ask(url, QUESTIONS[number % 3].format(year=2024 + number % 2), thread_id=thread)
