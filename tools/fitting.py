"""Fitting happens in a process of its own: one OpenMP thread, a memory limit, a time limit, nothing of ours to leak."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
import sys
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

from store import settings
from store.errors import Defect, LimitReached

_log = logging.getLogger(__name__)
_WORKER = Path(__file__).with_name("fitting_worker.py")
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "2",
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}


def fit(task: str, request: dict[str, Any]) -> dict[str, Any]:
    """Run a task of the worker ("forecast", "anomalies") on JSON and return its JSON.

    The same request has the same answer, so what was fitted lately is not fitted again: a follow-up on the same data
    costs nothing. The request holds the data themselves, so nobody gets an answer from rows that they may not see.

    Raises `LimitReached` when time or memory runs out, `Defect` when the worker fails.
    """
    sent = json.dumps(request).encode()
    key = hashlib.sha256(task.encode() + b"\0" + sent).hexdigest()
    kept = _KEPT.get(key)
    if kept is None:
        kept = _worked_out(task, sent)
        _KEPT.put(key, kept)
    answer: dict[str, Any] = json.loads(kept)
    return answer


def _worked_out(task: str, sent: bytes) -> bytes:
    """What the worker answers. Raises like `fit`."""
    seconds = float(settings.get("fit_seconds"))
    root = str(Path(__file__).resolve().parent.parent)
    command = [sys.executable, "-P", "-s", str(_WORKER), task, str(settings.get("fit_memory_mb"))]
    paths = [root, *(p for p in sys.path if p)]
    try:
        done = subprocess.run(
            command, input=sent, capture_output=True, timeout=seconds, check=False,
            env=_ENVIRONMENT | _temporary() | {"PYTHONPATH": os.pathsep.join(paths)}, start_new_session=True, cwd="/",
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise LimitReached(
            f"Working this out took longer than {seconds:.0f} seconds.",
            code="fit_time",
            hint="Ask for a shorter horizon or fewer groups.",
        ) from error
    if done.returncode != 0:
        _log.error("a fit failed", extra={"task": task, "stderr": done.stderr.decode(errors="replace")[-2000:]})
        if b"MemoryError" in done.stderr:
            raise LimitReached("Working this out needs too much memory.", code="fit_memory", hint="Ask for less.")
        raise Defect("This could not be worked out. The log has the details.", code="fit_failed")
    return done.stdout


class _Kept:
    """The answers of the last fits, the oldest forgotten first; a single large one is not kept."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most, self._bytes, self._lock = most, most_bytes, threading.Lock()
        self._answers: OrderedDict[str, bytes] = OrderedDict()

    def get(self, key: str) -> bytes | None:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()

    def put(self, key: str, answer: bytes) -> None:
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > self._most or sum(map(len, self._answers.values())) > self._bytes:
                self._answers.popitem(last=False)


_KEPT = _Kept(64, 64_000_000)


def forget() -> None:
    """Fit everything anew: for whoever measures how long it takes."""
    _KEPT.clear()


def _temporary() -> dict[str, str]:
    """Where libraries that insist on scratch files may put them."""
    return {name: os.environ[name] for name in ("TMPDIR", "HOME", "PATH") if name in os.environ}
