"""Servers and pages for browser tests; each page collects what must never happen on it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WATCH_CSP = """document.addEventListener('securitypolicyviolation',
    event => console.error('CSP ' + event.violatedDirective + ' ' + event.blockedURI))"""

OpenPage = Callable[..., Any]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright.

    A module's own: Playwright keeps an event loop running while it lives, and the same process may go on to tests
    that start loops of their own.
    """
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed (apt-get install chromium fonts-dejavu-core)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serve(command: list[str], port: int, ready: str, log: Path, **environment: str) -> Iterator[str]:
    url = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, env={**os.environ, **environment})
        try:
            _wait_for(url + ready, process, log)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=15)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(150):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the server did not get ready: {log.read_text(encoding='utf-8')[-2000:]}")


@pytest.fixture(scope="session")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the scripted server: every kind of run on demand."""
    port = _free_port()
    command = [sys.executable, str(ROOT / "tests" / "browser" / "fake_server.py"), str(port)]
    yield from _serve(command, port, "/v1/workspaces", tmp_path_factory.mktemp("scripted") / "log")


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the real server over an empty home."""
    port, home = _free_port(), tmp_path_factory.mktemp("home")
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port)]
    yield from _serve(command, port, "/readyz", home / "log", PLAINSAY_HOME=str(home))


@pytest.fixture
def open_page(chromium: Any) -> Iterator[OpenPage]:
    """Opens pages in contexts of their own; afterwards consoles must be silent and no request may have left home."""
    contexts: list[Any] = []
    problems: list[str] = []

    def open_at(url: str, **context_options: Any) -> Any:
        options = {"viewport": {"width": 1280, "height": 860}, "reduced_motion": "reduce", **context_options}
        context = chromium.new_context(**options)
        contexts.append(context)
        context.add_init_script(WATCH_CSP)
        page = context.new_page()
        page.set_default_timeout(10_000)
        _watch(page, urlsplit(url).netloc, problems)
        page.goto(url)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert problems == []


def _watch(page: Any, home: str, problems: list[str]) -> None:
    def on_console(message: Any) -> None:
        # Chromium itself reports refused and unreachable addresses; the page's own words for them are tested.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            problems.append(f"{message.type}: {message.text}")

    def on_request(request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and address.netloc != home:
            problems.append(f"left home: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    page.on("request", on_request)
