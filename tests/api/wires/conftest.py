"""A real server on a real port, for clients that open connections of their own."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from api.app import create_app
from api.house import House, Parts
from evals.fakes.assistant import ScriptedAssistant

JS = Path(__file__).parents[2] / "wires_js"
Serve = Callable[..., contextlib.AbstractContextManager["Served"]]


class Served:
    """A server in a thread of this process: its address, its house, and its loop."""

    def __init__(self, app: Any, port: int) -> None:
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=1)
        self.url = f"http://127.0.0.1:{port}"
        self.app = app
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    @property
    def house(self) -> House:
        return self.app.state.house

    def start(self) -> None:
        self._thread.start()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            time.sleep(0.01)
        raise AssertionError("the server did not start")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(home: Path, assistant: Any = None, **more: Any) -> Iterator[Served]:
    (home / "workspaces" / "shop" / "lake").mkdir(parents=True, exist_ok=True)
    app = create_app(home=home, parts=Parts(assistant=assistant or ScriptedAssistant()), static=home, **more)
    served = Served(app, free_port())
    served.start()
    try:
        yield served
    finally:
        served.stop()


@pytest.fixture(scope="module")
def demo(retail_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small demo, served with the real assistant from a home of its own."""
    home = tmp_path_factory.mktemp("connected")
    shutil.copytree(retail_home / "workspaces", home / "workspaces")
    served = Served(create_app(home=home), free_port())
    served.start()
    try:
        yield served
    finally:
        served.stop()


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """Serves a home of the test with an assistant of its choice."""

    def opened(assistant: Any = None, **more: Any) -> contextlib.AbstractContextManager[Served]:
        return serving(tmp_path, assistant, **more)

    return opened


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server with the scripted assistant for all tests of a module."""
    with serving(tmp_path_factory.mktemp("served")) as opened:
        yield opened


@pytest.fixture(scope="session")
def node() -> Callable[..., str]:
    """Runs a script of tests/wires_js with the server's address; skips when its packages are not installed."""
    found = shutil.which("node")
    if found is None or not (JS / "node_modules" / ".package-lock.json").exists():
        pytest.skip("run `npm ci` in tests/wires_js for the official JavaScript clients")

    def run(*args: str, stdin: str = "") -> str:
        done = subprocess.run(
            [found, *args], input=stdin, cwd=JS, capture_output=True, text=True, timeout=50, check=False
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    return run
