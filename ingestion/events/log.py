"""The log that events wait in: appended, synced and then acknowledged, so that no crash takes back what was said.

A segment is a file of frames; a frame is a batch of rows with its length and checksum, so that a torn end is seen. The
process that writes a segment holds a lock on it: a segment without a holder belongs to a process that is gone.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import IO

OPEN, SEALED, TORN = ".open", ".events", ".torn"
_HEAD = struct.Struct("<4sIII")
_MAGIC = b"PSE1"
_MOST_AT_ONCE = 256
Done = Callable[[BaseException | None], None]


@dataclass(frozen=True)
class Frame:
    """One batch on disk: `head` is JSON about it, `body` its rows."""

    head: bytes
    body: bytes


class Log:
    """The writing end: one thread writes what waits and syncs once for all of it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._waiting: SimpleQueue[tuple[Frame, Done] | None] = SimpleQueue()
        self._segment: _Segment | None = None
        self._lock = threading.Lock()
        self.pending = pending_bytes(folder)
        self._thread = threading.Thread(target=self._run, name="event-log", daemon=True)
        self._thread.start()

    def append(self, frame: Frame, done: Done) -> None:
        """Write a frame; `done` is called from the log's thread once it is on disk, or with what went wrong."""
        self._waiting.put((frame, done))

    def seal(self) -> None:
        """End the open segment, so that it can be loaded."""
        with self._lock:
            if self._segment is not None:
                self._segment.seal()
                self._segment = None
        self.pending = pending_bytes(self._folder)

    def close(self) -> None:
        """Write what waits, and end."""
        self._waiting.put(None)
        self._thread.join()
        self.seal()

    def _run(self) -> None:
        over = False
        while not over:
            taken = [self._waiting.get()]
            while len(taken) < _MOST_AT_ONCE and not self._waiting.empty():
                taken.append(self._waiting.get())
            over = None in taken
            batch = [one for one in taken if one is not None]
            if not batch:
                continue
            error: BaseException | None = None
            try:
                with self._lock:
                    self._write([frame for frame, _ in batch])
            except OSError as problem:
                error = problem
            for _, done in batch:
                done(error)

    def _write(self, frames: list[Frame]) -> None:
        """Write and sync; a segment that could not be written is left behind whole, and a new one begun."""
        if self._segment is None:
            self._segment = _Segment(self._folder)
        try:
            self.pending += self._segment.write(frames)
        except OSError:
            with suppress(OSError):
                self._segment.seal()
            self._segment = None
            raise


class _Segment:
    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{time.time_ns():020d}-{secrets.token_hex(4)}{OPEN}"
        self._file = self._path.open("ab", buffering=0)
        fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        _sync_folder(folder)
        self._good = 0

    def write(self, frames: list[Frame]) -> int:
        data = b"".join(map(_packed, frames))
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
            os.fdatasync(self._file.fileno())
        except OSError:
            with suppress(OSError):
                self._file.truncate(self._good)  # nobody is told that these were kept, so they must not be
            raise
        self._good += len(data)
        return len(data)

    def seal(self) -> None:
        self._path.rename(self._path.with_suffix(SEALED))
        _sync_folder(self._path.parent)
        self._file.close()


def sealed(folder: Path) -> list[Path]:
    """Segments that can be loaded, oldest first; those of processes that are gone are sealed before."""
    for path in folder.glob(f"*{OPEN}"):
        with suppress(OSError), path.open("rb") as handle:
            if _is_left(handle) and path.exists():
                path.rename(path.with_suffix(SEALED))
    return sorted(folder.glob(f"*{SEALED}"))


def frames(path: Path) -> Iterator[Frame]:
    """The whole frames of a segment; what a crash tore off at the end was never acknowledged."""
    with path.open("rb") as file:
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            magic, first, second, check = _HEAD.unpack(head)
            data = file.read(first + second) if magic == _MAGIC else b""
            if len(data) != first + second or not data or zlib.crc32(data) != check:
                return
            yield Frame(data[:first], data[first:])


def remove(path: Path) -> bool:
    """Delete a segment that was loaded; one with more in it than whole frames is kept aside. False for such a one."""
    whole = sum(_HEAD.size + len(f.head) + len(f.body) for f in frames(path))
    if path.stat().st_size > whole:
        path.rename(path.with_suffix(TORN))
        return False
    path.unlink()
    return True


def pending_bytes(folder: Path) -> int:
    """How much waits to be loaded."""
    total = 0
    for path in (p for ending in (OPEN, SEALED) for p in folder.glob(f"*{ending}")):
        with suppress(OSError):
            total += path.stat().st_size
    return total


def _packed(frame: Frame) -> bytes:
    data = frame.head + frame.body
    return _HEAD.pack(_MAGIC, len(frame.head), len(frame.body), zlib.crc32(data)) + data


def _is_left(handle: IO[bytes]) -> bool:
    try:
        fcntl.flock(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
