"""What is said when the disk under a lake fails: one sentence and a way out, whatever the libraries raise."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import SubprocessError

import duckdb
import structlog

from store.errors import PlainsayError, Unavailable

_TIGHT_BYTES = 8_000_000
_SIGNS = ("no space left", "disk is full", "disk i/o error", "file too large", "quota exceeded")
_log = structlog.get_logger(__name__)


@contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """Work on the lake in `folder`; whatever the disk does to it is raised as `Unavailable` (`disk_error`)."""
    try:
        yield
    except PlainsayError:
        raise
    except (duckdb.IOException, duckdb.TransactionException, sqlite3.Error, OSError, SubprocessError) as error:
        raise trouble(folder, error) from error


def trouble(folder: Path, error: BaseException) -> Unavailable:
    """What to tell a person about `error`; the log gets the rest."""
    _log.error("lake_failed", folder=str(folder), exc_info=error)
    text = f"{error} {getattr(error, 'stderr', '') or ''}".casefold()
    if _free(folder) < _TIGHT_BYTES or any(sign in text for sign in _SIGNS):
        return Unavailable(
            "The disk is full, so nothing could be written; what was loaded before is untouched.",
            code="disk_error",
            hint="Free some disk space and try again.",
        )
    return Unavailable(
        "The data of this workspace can't be opened just now; what was loaded before is untouched.",
        code="lake_unavailable",
        hint="Try again in a moment. If it stays so, the log says why.",
        retry_after=5.0,
    )


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(next(p for p in (folder, *folder.parents) if p.exists())).free
    except OSError:
        return _TIGHT_BYTES
