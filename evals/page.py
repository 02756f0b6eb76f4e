"""How heavy, quick and open to everyone the page is: bytes, readiness on a slow line, scrolling, memory, findings."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from evals.result import Figure, SuiteResult
from store.errors import Unavailable

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "api" / "static"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
THEMES = ("light", "dark", "hc-light", "hc-dark")
PLACES = ("/", "/t/{thread}", "/dashboards", "/history", "/data", "/data/model", "/data/review", "/settings", "/none")
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
    with tempfile.TemporaryDirectory() as home, _serving(Path(home)) as url, _browser() as browser:
        thread = _ask(url, QUESTIONS[0].format(year=2025))["thread_id"]
        figures += _readiness(browser, url)
        found = _findings(browser, url, thread)
        figures.append(Figure("axe findings, every page in every theme", len(found), "", 0))
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


@contextmanager
def _serving(home: Path) -> Iterator[str]:
    from ingestion.demo import build_demo
    from warehouse.workspace import named

    build_demo("retail", named("demo-retail", home), scale=0.02)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port)]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "PLAINSAY_HOME": str(home)}
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=15)


def _wait(url: str) -> None:
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise Unavailable("The server did not get ready.")


@contextmanager
def _browser() -> Iterator[Any]:
    path = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        raise Unavailable("The page is measured with Chromium and Playwright.", hint="apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


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


def _findings(browser: Any, url: str, thread: str) -> list[dict[str, Any]]:
    """What axe finds on every page in every theme; empty when the checker is not installed."""
    if not AXE.is_file():
        raise Unavailable("The checker of accessibility is not installed.", hint="Run `npm ci` in web/.")
    axe = AXE.read_text(encoding="utf-8")
    found = []
    for theme in THEMES:
        context = browser.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
        context.add_init_script(f"localStorage.setItem('plainsay.theme', '{theme}')")
        page = context.new_page()
        for place in PLACES:
            page.goto(url + place.format(thread=thread))
            page.get_by_role("heading", level=1).wait_for()
            page.wait_for_load_state("networkidle")
            page.evaluate(axe)
            violations = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)["violations"]
            found += [{"name": f"{place} {theme}", "verdict": "wrong", "why": v["id"]} for v in violations]
        context.close()
    return found


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
