"""The parent's side of the reading worker: hands over one file at a time and outlives whatever the file does."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import structlog

from ingestion.extract import Fault, Reading
from store import settings

_ROOT = Path(__file__).resolve().parent.parent
_RETIRE_MB = 700
_log = structlog.get_logger(__name__)


class Reader:
    """Reads files in one warm worker process; a file that kills it costs itself alone."""

    def __init__(self, *, seconds: float | None = None, memory_mb: int | None = None) -> None:
        self._seconds = seconds if seconds is not None else settings.get("load_seconds")
        self._memory_mb = memory_mb if memory_mb is not None else settings.get("load_memory_mb")
        self._process: subprocess.Popen[bytes] | None = None
        self._fresh = True
        self.max_rss_mb = 0.0

    def __enter__(self) -> Reader:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def read(self, path: Path, name: str, out: Path, kind: str = "data") -> Reading:
        """The tables of the file at `path` as Parquet files in the new folder `out`, or the words of a `paper`.

        Never raises for a bad file.
        """
        out.mkdir(parents=True)
        for _ in range(2):
            was_fresh = self._fresh
            reading = self._attempt(path, name, out, kind)
            if reading is not None:
                return reading
            if was_fresh:
                break
        return Reading(
            faults=[Fault("Reading the file took more memory than allowed.", "Split it, or save it as Parquet.")]
        )

    def _attempt(self, path: Path, name: str, out: Path, kind: str) -> Reading | None:
        """One try; None when the worker died, which a worn one may owe to the files before."""
        process = self._start()
        self._fresh = False
        request = json.dumps({"path": str(path.absolute()), "name": name, "out": str(out), "kind": kind}) + "\n"
        try:
            assert process.stdin is not None
            process.stdin.write(request.encode())
            process.stdin.flush()
        except BrokenPipeError:
            self._stop()
            return None
        started = time.monotonic()
        line = self._line(process)
        if line.endswith(b"\n"):
            return self._finished(line, name)
        self._stop()
        if time.monotonic() - started >= self._seconds:
            fault = Fault(f"Reading the file took longer than {self._seconds:g} s.", "Split it, or save it as Parquet.")
            return Reading(faults=[fault], seconds=time.monotonic() - started)
        _log.warning("reading worker died", file=name)
        return None

    def _finished(self, line: bytes, name: str) -> Reading:
        reading = Reading.from_dict(json.loads(line))
        self.max_rss_mb = max(self.max_rss_mb, reading.rss_mb)
        if reading.log:
            _log.error("file could not be read", file=name, trace=reading.log)
        if reading.rss_mb > _RETIRE_MB:
            self._stop()
        return reading

    def _line(self, process: subprocess.Popen[bytes]) -> bytes:
        """One answer; cut short when time runs out or the worker dies."""
        assert process.stdout is not None
        deadline, parts = time.monotonic() + self._seconds, b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not parts.endswith(b"\n"):
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    return parts
                chunk = os.read(process.stdout.fileno(), 1 << 16)
                if not chunk:
                    return parts
                parts += chunk
        return parts

    def _start(self) -> subprocess.Popen[bytes]:
        """The running worker, started when needed with an environment that holds no secrets."""
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._fresh = True
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "ingestion.worker", str(self._memory_mb), str(self._seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PYTHONPATH": str(_ROOT), "PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONUTF8": "1"},
            )
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait()
