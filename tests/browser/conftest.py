"""Servers and pages for browser tests; each page collects what must never happen on it."""

from __future__ import annotations

import json
import os
import shutil
import signal
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

from evals import page_stage
from evals.page_stage import Stage

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
BROWSERS_OWN = (
    "Failed to load resource",
    "An unknown error occurred when fetching the script",
    "Service Worker registration blocked by Playwright",
)
WATCH_CSP = """document.addEventListener('securitypolicyviolation',
    event => console.error('CSP ' + event.violatedDirective + ' ' + event.blockedURI))"""

# How long a test waits for a state that will certainly come: a machine that runs other things too may take this long.
PATIENCE_MS = 30_000

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
    for _ in range(300):
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


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the real server over an empty home; a module's own, as its conversations and dashboards stay there."""
    port, home = _free_port(), tmp_path_factory.mktemp("home")
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port)]
    yield from _serve(command, port, "/readyz", home / "log", PLAINSAY_HOME=str(home))


@pytest.fixture(scope="session")
def stocked(retail_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The real server over the small demo, with a conversation, a link to it and a dashboard."""
    port, home = _free_port(), tmp_path_factory.mktemp("stocked")
    shutil.copytree(retail_home / "workspaces", home / "workspaces")
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port)]
    serving = _serve(command, port, "/readyz", home / "log", PLAINSAY_HOME=str(home))
    url = next(serving)
    try:
        yield page_stage.stock(url)
    finally:
        serving.close()


@pytest.fixture(scope="session")
def told(stocked: Stage) -> Stage:
    """The same server after a digest was sent and an alert found something."""
    return page_stage.tell(stocked)


class SlowServer:
    """The slow server of `slow_server.py`, which may be killed and started again on the same home."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, str(ROOT / "tests" / "browser" / "slow_server.py"), str(self.home), str(self.port)]
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            _wait_for(f"{self.url}/readyz", self._process, self.home / "log")
        except BaseException:
            self.stop(signal.SIGKILL)
            raise

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self._process.send_signal(how)
        self._process.wait(timeout=15)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[SlowServer]:
    """A server whose answers take their time, to be killed and started again."""
    server = SlowServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def open_page(chromium: Any) -> Iterator[OpenPage]:
    """Opens pages in contexts of their own; afterwards consoles must be silent and no request may have left home."""
    contexts: list[Any] = []
    problems: list[str] = []

    def open_at(url: str, stored: dict[str, str] | None = None, **context_options: Any) -> Any:
        stored = stored or {}
        options = {"viewport": {"width": 1280, "height": 860}, "reduced_motion": "reduce", **context_options}
        context = chromium.new_context(**options)
        contexts.append(context)
        context.add_init_script(WATCH_CSP)
        for name, value in stored.items():
            context.add_init_script(f"localStorage.setItem('plainsay.{name}', {json.dumps(value)})")
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
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
        told = message.text.startswith(BROWSERS_OWN)
        if message.type in ("error", "warning") and not told:
            problems.append(f"{message.type}: {message.text}")

    def on_request(request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and address.netloc != home:
            problems.append(f"left home: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    page.on("request", on_request)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real server over a small shop, which a module has for itself: it makes accounts there."""
    from evals.canary import build

    port, home = _free_port(), tmp_path_factory.mktemp("fresh")
    build(home)
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port)]
    yield from _serve(command, port, "/readyz", home / "log", PLAINSAY_HOME=str(home))


@pytest.fixture(scope="module")
def serve_at() -> Iterator[Callable[..., str]]:
    """Starts the real server over a home, with settings of its own; it ends with the module."""
    running: list[Iterator[str]] = []

    def start(home: Path, **environment: str) -> str:
        port = _free_port()
        command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port)]
        running.append(_serve(command, port, "/readyz", home / "log", PLAINSAY_HOME=str(home), **environment))
        return next(running[-1])

    yield start
    for serving in running:
        serving.close()  # type: ignore[attr-defined]
