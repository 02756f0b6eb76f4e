"""What a browser is shown when the page is looked at: a served demo with something on every page, and the list of them.

The list is read from the router, so that a page without a place to look at it fails instead of going unseen.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store.errors import Unavailable

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
WORKSPACE = "demo-retail"
_PATH = re.compile(r'path: "([^"]+)"')
_PART = re.compile(r"(\w+): \{ right:")
_PATIENCE_S = 120.0
_TELLING_S = 60.0

# For each path of the router the addresses it is looked at by; names in braces are those of `Stage`.
PLACES: dict[str, tuple[str, ...]] = {
    "/": ("/", "/?q=revenue"), "/t/:thread": ("{thread}", "/t/nowhere"), "/dashboards": ("/dashboards",),
    "/dashboards/:dashboard": ("{dashboard}", "/dashboards/nowhere"), "/inbox": ("/inbox",),
    "/inbox/:message": ("{message}", "/inbox/nowhere"), "/digests": ("/digests",), "/alerts": ("/alerts",),
    "/history": ("/history", "/history?q=zzzz"), "/data": ("/data",), "/data/model": ("/data/model",),
    "/data/knowledge": ("/data/knowledge",), "/data/review": ("/data/review",),
    "/data/events": ("/data/events",), "/data/loads": ("/data/loads",),
    "/data/rates": ("/data/rates",), "/data/sources": ("/data/sources",),
    "/s/:share": ("{share}", "/s/nowhere"), "/settings": ("/settings",), "/admin": ("/admin",), "/admin/:part": (),
    "/account": ("/account",), "*": ("/nowhere",), "/sign-in": ("/sign-in?problem=1",), "/setup": ("/setup",),
    "/invitation": ("/invitation#none",), "/password": ("/password#none",),
}  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """A server over the small demo: its address, and what was made on it before (paths by what they show)."""

    url: str
    thread: str
    share: str
    dashboard: str
    message: str = "/inbox"


def router_paths() -> list[str]:
    """The paths of the page's router."""
    return _PATH.findall((WEB / "src" / "main.tsx").read_text(encoding="utf-8"))


def places(stage: Stage) -> list[str]:
    """The address of every page. Raises `KeyError` for a path of the router that nobody said how to look at."""
    parts = _PART.findall((WEB / "src" / "pages" / "AdminPage.tsx").read_text(encoding="utf-8"))
    every = {**PLACES, "/admin/:part": tuple(f"/admin/{part}" for part in parts)}
    return [place.format(**vars(stage)) for path in router_paths() for place in every[path]]


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The real server over `home`; its address."""
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
            _until(lambda: _answers(f"{url}/readyz"), "The server did not get ready.")
            yield url
        finally:
            process.terminate()
            process.wait(timeout=15)


@contextmanager
def demo() -> Iterator[str]:
    """The real server over a small demo of its own."""
    import tempfile

    from ingestion.demo import build_demo
    from warehouse.workspace import named

    with tempfile.TemporaryDirectory() as home:
        build_demo("retail", named(WORKSPACE, Path(home)), scale=0.02)
        with serving(Path(home)) as url:
            yield url


@contextmanager
def browser(**options: Any) -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright. Raises `Unavailable` without either."""
    path = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        raise Unavailable("The page is looked at with Chromium and Playwright.", hint="apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS, **options)
        try:
            yield opened
        finally:
            opened.close()


def stock(url: str, year: int = 2025) -> Stage:
    """Make something for each page to show: a conversation, a link to it, a dashboard."""
    told = send(url, "/v1/ask", {"question": f"revenue by channel in {year}"})
    share = send(url, f"/v1/threads/{told['thread_id']}/share", {})
    page = send(url, "/v1/dashboards", {"title": "Monday"})
    for question in (
        f"revenue in {year}",
        f"orders in {year}",
        f"revenue by channel in {year}",
        f"revenue by month in {year}",
    ):
        kept = send(url, "/v1/ask", {"question": question})
        send(url, f"/v1/dashboards/{page['id']}/cards", {"answer_id": kept["id"]})
    return Stage(url, f"/t/{told['thread_id']}", f"/s/{share['id']}", f"/dashboards/{page['id']}")


def tell(stage: Stage) -> Stage:
    """Have something told as well: a digest with a goal, and an alert whose limit the small demo never reaches."""
    goal = {"metric": "net_revenue", "goal": 200_000, "period": "month"}
    recipe = {"workspace": WORKSPACE, "name": "Monday morning", "recipe": {"goals": [goal]}}
    digest = send(stage.url, "/v1/digests", recipe)
    send(stage.url, f"/v1/digests/{digest['id']}/send", {})
    rule = {"kind": "threshold", "metric": "net_revenue", "direction": "below", "level": 10_000_000, "grain": "month"}
    alert = send(stage.url, "/v1/alerts", {"workspace": WORKSPACE, "name": "Revenue below 10 million", "rule": rule})
    send(stage.url, f"/v1/alerts/{alert['id']}/check", {})
    # Where data are late the digest waits for them; what the alert finds comes all the same.
    end = time.monotonic() + _TELLING_S
    found: list[dict[str, Any]] = []
    while not found and time.monotonic() < end:
        time.sleep(0.2)
        found = read(stage.url, "/v1/inbox?limit=50")["items"]
    message = f"/inbox/{found[0]['id']}" if found else "/inbox"
    return Stage(stage.url, stage.thread, stage.share, stage.dashboard, message)


def send(url: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Post JSON; what came back."""
    data, headers = json.dumps(body).encode(), {"content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url + path, data, headers), timeout=120) as response:
        text = response.read()
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


def read(url: str, path: str) -> dict[str, Any]:
    """Get JSON."""
    with urllib.request.urlopen(url + path, timeout=120) as response:
        found: dict[str, Any] = json.load(response)
    return found


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False


def _until(holds: Any, problem: str) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not holds():
        if time.monotonic() > end:
            raise Unavailable(problem)
        time.sleep(0.2)
