"""One lock file per job that only one process may do; the operating system frees it when its holder dies."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.errors import Unavailable

_POLL_SECONDS = 0.02


@contextmanager
def exclusive(path: Path, wait: float) -> Iterator[None]:
    """Hold the lock file at `path`. Raises `Unavailable` when another holder keeps it longer than `wait` seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        deadline = time.monotonic() + wait
        while not _lock(handle.fileno()):
            if time.monotonic() >= deadline:
                raise Unavailable(
                    "Another load is writing to this workspace.",
                    code="lake_busy",
                    hint="Wait until it ends and try again.",
                    retry_after=5.0,
                )
            time.sleep(_POLL_SECONDS)
        yield


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
