"""Fitting happens in a process of its own: one OpenMP thread, a memory limit, a time limit, nothing of ours to leak."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
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

    Raises `LimitReached` when time or memory runs out, `Defect` when the worker fails.
    """
    seconds = float(settings.get("fit_seconds"))
    root = str(Path(__file__).resolve().parent.parent)
    command = [sys.executable, "-P", "-s", str(_WORKER), task, str(settings.get("fit_memory_mb"))]
    paths = [root, *(p for p in sys.path if p)]
    try:
        done = subprocess.run(
            command, input=json.dumps(request).encode(), capture_output=True, timeout=seconds, check=False,
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
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _temporary() -> dict[str, str]:
    """Where libraries that insist on scratch files may put them."""
    return {name: os.environ[name] for name in ("TMPDIR", "HOME", "PATH") if name in os.environ}
