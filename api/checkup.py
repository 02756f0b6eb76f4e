"""What `plainsay doctor` finds out: settings, database, disk, permissions, clock, limits, the fence of the OS."""

from __future__ import annotations

import importlib.util
import os
import resource
import shutil
import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from store import database, dialects, installation, settings
from store.errors import PlainsayError
from store.migrations import HEAD

Finding = tuple[str, bool | None, str]
"""What was looked at, whether it is well (None: advice), and what was seen or what to do."""
LEAST_FREE = 500_000_000
LEAST_FILES = 1024
MOST_SKEW = 2.0
_GROUP_OR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def findings() -> Iterator[Finding]:
    """All of them, in the order in which a person would mend them."""
    yield from _settings()
    home = settings.home()
    yield "home folder", _writable(home), str(home)
    yield from _disk(home)
    yield from _private(home)
    yield from _database(home)
    yield from _limits()
    yield _fence()
    yield from _extras()


def _settings() -> Iterator[Finding]:
    """Each setting that cannot be used, or that all of them can."""
    good = True
    for setting in settings.SETTINGS:
        try:
            value = settings.get(setting.name)
        except PlainsayError as error:
            good = False
            yield setting.variable, False, str(error)
            continue
        if isinstance(value, int | float) and value < 0:
            good = False
            yield setting.variable, False, "must not be negative"
    known = {s.variable for s in settings.SETTINGS}
    for name in sorted(os.environ):
        if name.startswith("PLAINSAY_") and name not in known and name.removesuffix("_FILE") not in known:
            good = False
            yield name, False, "there is no such setting; is it misspelt?"
    if good:
        yield "settings", True, f"{len(settings.SETTINGS)} can be used"


def _disk(home: Path) -> Iterator[Finding]:
    try:
        free = shutil.disk_usage(home).free
    except OSError:
        yield "disk space", False, "cannot be read"
        return
    yield "disk space", free > LEAST_FREE, f"{free / 1e9:,.1f} GB free"


def _private(home: Path) -> Iterator[Finding]:
    """Files that hold secrets are for their owner only."""
    open_ones = [
        path.name
        for path in (home / installation.FILE, home / "api-keys", home / "state.db")
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO
    ]
    mode = stat.S_IMODE(home.stat().st_mode) if home.exists() else 0
    shut = mode & _GROUP_OR_OTHERS == 0
    if open_ones and not shut:
        yield "permissions", False, f"others may read {', '.join(open_ones)}: run chmod 700 on the home folder"
    else:
        yield "permissions", True, "secrets are for their owner"


def _database(home: Path) -> Iterator[Finding]:
    try:
        engine = database.engine_of(database.address(home))
    except PlainsayError as error:
        yield "state database", False, str(error)
        return
    try:
        began = time.perf_counter()
        with engine.connect() as connection:
            there = dialects.moment(connection)
            took = time.perf_counter() - began
            skew = abs((there - datetime.now(UTC)).total_seconds())
        yield "state database", True, f"{engine.dialect.name}, answers in {took * 1000:.0f} ms"
        yield "clock", skew < MOST_SKEW, f"{skew:.1f} s beside the database's"
        found = database.revision(engine)
        newest = f"revision {found or 'none yet'}, this version has {HEAD}"
        yield "schema", found is None or found <= HEAD, newest
    except (SQLAlchemyError, OSError) as error:
        yield "state database", False, f"cannot be opened ({type(error).__name__}); check PLAINSAY_DATABASE_URL"
    finally:
        engine.dispose()


def _limits() -> Iterator[Finding]:
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    yield "open files", files >= LEAST_FILES, f"{files} allowed; each open stream takes one"


def _fence() -> Finding:
    """Whether query workers run as somebody who cannot read state; they do when the operating system says so."""
    if os.getuid() == 0:
        return "OS fence", None, "missing: the server runs as root; give it a user of its own, as the image does"
    return "OS fence", None, "missing: query workers run as the same user as the server; the image keeps them apart"


def _extras() -> Iterator[Finding]:
    if settings.get("traces_url"):
        there = importlib.util.find_spec("opentelemetry") is not None
        yield "traces", there, "sent" if there else "need: pip install 'plainsay[traces]'"


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".doctor"
        probe.write_text("ok", encoding="utf-8")
        probe.unlink()
    except OSError:
        return False
    return True
