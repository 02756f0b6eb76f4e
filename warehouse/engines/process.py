"""The parent's side of one query worker: start it, ask it, and kill it when it does not answer in time."""

from __future__ import annotations

import json
import logging
import os
import select
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from store import settings
from warehouse import extensions
from warehouse.snapshot import Snapshot

_log = logging.getLogger(__name__)
START_SECONDS = 20.0
ANSWER_GRACE_SECONDS = 0.4
_ENGINE_SHARE = 0.5
_LEAST_MB = 768  # Python, Arrow and DuckDB reserve about 450 MB of addresses before the first row
_READ_BYTES = 1 << 20
_WORKER = Path(__file__).with_name("worker.py")
# One arena and no thread pools of numpy keep 1 GB of reserved addresses out of the worker's limit.
_ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class WorkerEnded(Exception):
    """The process is gone; `timed_out` says that we killed it for being late."""

    def __init__(self, timed_out: bool) -> None:
        super().__init__("late" if timed_out else "ended by itself")
        self.timed_out = timed_out


class WorkerProcess:
    """One worker on one snapshot. Used by one thread at a time; every method may raise `WorkerEnded`."""

    def __init__(self, snapshot: Snapshot, memory_mb: int) -> None:
        child_in, self._requests = os.pipe()
        self._replies, child_out = os.pipe()
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-s", str(_WORKER), str(child_in), str(child_out)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(child_in, child_out),
                env=_ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
                start_new_session=True,
                cwd="/",
            )
        finally:
            os.close(child_in)
            os.close(child_out)
        self._send(_spec(snapshot, memory_mb))
        self._ready = False

    def wait_ready(self) -> None:
        """Return when the snapshot is attached and locked."""
        if not self._ready:
            head = json.loads(bytes(self._receive(time.monotonic() + START_SECONDS)))
            if "error" in head:
                _log.error("query worker could not open its snapshot", extra={"engine_text": head["error"]})
                self.end()
                raise WorkerEnded(timed_out=False)
            self._ready = True

    def ask(self, request: dict[str, Any], seconds: float) -> tuple[dict[str, Any], memoryview | None]:
        """The reply's head and, when it is no error, its Arrow IPC body."""
        self.wait_ready()
        deadline = time.monotonic() + seconds + ANSWER_GRACE_SECONDS
        self._send(request)
        head = json.loads(bytes(self._receive(deadline)))
        return head, None if "error" in head else self._receive(deadline)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def end(self) -> None:
        """Kill the process and free its pipes; safe to call twice."""
        if self._requests < 0:
            return
        self.process.kill()
        self.process.wait()
        os.close(self._requests)
        os.close(self._replies)
        self._requests = self._replies = -1

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        view = memoryview(struct.pack(">I", len(body)) + body)
        try:
            while view:
                view = view[os.write(self._requests, view) :]
        except BrokenPipeError as error:
            self.end()
            raise WorkerEnded(timed_out=False) from error

    def _receive(self, deadline: float) -> memoryview:
        size = struct.unpack(">I", self._read(4, deadline))[0]
        return self._read(size, deadline)

    def _read(self, size: int, deadline: float) -> memoryview:
        buffer = bytearray(size)
        view, filled = memoryview(buffer), 0
        poll = select.poll()
        poll.register(self._replies, select.POLLIN)
        while filled < size:
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                self.end()
                raise WorkerEnded(timed_out=True)
            got = os.readv(self._replies, [view[filled : filled + _READ_BYTES]])
            if not got:
                self.end()
                raise WorkerEnded(timed_out=False)
            filled += got
        return view


def _spec(snapshot: Snapshot, memory_mb: int) -> dict[str, Any]:
    return {
        "extension": str(extensions.locate("ducklake").path or "ducklake"),
        "catalog": str(snapshot.catalog),
        "data_path": str(snapshot.data_path),
        "version": snapshot.version,
        "files": sorted({path for files in snapshot.files.values() for path in files}),
        "memory_mb": max(memory_mb, _LEAST_MB),
        "engine_mb": int(max(memory_mb, _LEAST_MB) * _ENGINE_SHARE),
        "threads": settings.get("query_threads"),
    }
