"""The tracker on a page of another site, in a real browser: what is done there reaches the lake once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from warehouse.lake import Lake
from warehouse.workspace import named

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
SERVER = """
import sys, uvicorn
from pathlib import Path
from api import logs
from api.app import create_app
from api.house import Parts
from evals.fakes.assistant import ScriptedAssistant
logs.configure("error")
app = create_app(home=Path(sys.argv[1]), parts=Parts(assistant=ScriptedAssistant()))
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_config=None, timeout_graceful_shutdown=1)
"""
PATIENCE = 60.0


@dataclass
class Site:
    """A shop elsewhere whose pages load the tracker, and the server that they send to."""

    url: str
    server: str
    home: Path

    def taken(self) -> int:
        return int(httpx.get(f"{self.server}/v1/events/status?workspace=shop").json()["taken"])

    def wait_for(self, count: int) -> None:
        event = threading.Event()
        for _ in range(int(PATIENCE / 0.1)):
            if self.taken() >= count:
                return
            event.wait(0.1)
        raise AssertionError(f"{self.taken()} events instead of {count}")


@pytest.fixture
def site(tmp_path: Path, free_port: Any) -> Iterator[Site]:
    (tmp_path / "workspaces" / "shop" / "lake").mkdir(parents=True)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path), str(port)], env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    server = f"http://127.0.0.1:{port}"
    try:
        _ready(server)
        key = httpx.post(f"{server}/v1/events/keys", json={"workspace": "shop", "name": "web"}).json()["key"]
        with _pages(server, key) as pages:
            yield Site(f"http://127.0.0.1:{pages.server_address[1]}", server, tmp_path)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def free_port() -> Any:
    import socket

    def port() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return port


def _ready(server: str) -> None:
    waiting = threading.Event()
    for _ in range(600):
        try:
            if httpx.get(f"{server}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            waiting.wait(0.1)
    raise AssertionError("the server did not start")


class _pages:
    """Pages of the shop: `/ask` wants consent first."""

    def __init__(self, server: str, key: str) -> None:
        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                consent = ' data-consent="ask"' if self.path.startswith("/ask") else ""
                script = f'<script async src="{server}/v1/tracker.js" data-key="{key}"{consent}></script>'
                body = f"<!doctype html><title>Shop</title>{script}".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Page)

    def __enter__(self) -> ThreadingHTTPServer:
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self._server

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def open_tab(chromium: Any, url: str) -> tuple[Any, Any]:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(url)
    page.wait_for_function("() => window.plainsay && window.plainsay.track", timeout=PATIENCE * 1000)
    return context, page


def test_what_is_done_on_a_page_reaches_the_lake_once(chromium: Any, site: Site) -> None:
    context, page = open_tab(chromium, f"{site.url}/pricing?utm_source=news&utm_medium=mail")
    site.wait_for(1)
    page.evaluate("plainsay.identify('user-1', {plan: 'pro'}); plainsay.track('signup', {plan: 'pro'})")
    site.wait_for(3)
    context.set_offline(True)
    page.evaluate("plainsay.track('offline', {n: 1}); plainsay.flush()")
    page.wait_for_function("() => (localStorage.getItem('plainsay.queue') || '').includes('offline')")
    context.set_offline(False)
    site.wait_for(4)
    page.wait_for_function("() => !localStorage.getItem('plainsay.queue')", timeout=PATIENCE * 1000)
    context.close()

    asking, page = open_tab(chromium, f"{site.url}/ask")
    page.evaluate("plainsay.track('too early')")
    assert page.evaluate("Object.keys(localStorage).length") == 0, "nothing is kept before consent"
    page.evaluate("plainsay.consent(true); plainsay.track('agreed')")
    site.wait_for(6)
    page.evaluate("plainsay.consent(false)")
    assert page.evaluate("Object.keys(localStorage)") == ["plainsay.consent"]
    asking.close()
    assert _stored(site) == {
        "agreed": 1, "offline": 1, "page_view": 2, "signup": 1,
        "first": ("user-1", f"{site.url}/pricing", "Shop", "news", "mail", "desktop"),
    }  # fmt: skip


def _stored(site: Site) -> dict[str, Any]:
    """Events by name, and what is known of the first signup."""
    workspace = named("shop", site.home)
    for _ in range(int(PATIENCE / 0.1)):
        if httpx.get(f"{site.server}/v1/events/status?workspace=shop").json()["waiting_bytes"] == 0:
            break
        threading.Event().wait(0.1)
    with Lake.open(workspace.lake).writer(PATIENCE) as writer:
        counts = dict(writer.execute("SELECT event_name, count(*) FROM events GROUP BY ALL").fetchall())
        (first,) = writer.execute(
            "SELECT user_id, page_url, page_title, utm_source, utm_medium, device FROM events"
            " WHERE event_name = 'signup'"
        ).fetchall()
    return {**counts, "first": first}
