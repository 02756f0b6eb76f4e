"""The log: what was acknowledged is read again, what a crash tore off is not, and nobody's open segment is taken."""

from __future__ import annotations

import errno
import os
import threading

import pytest

from ingestion.events import log
from ingestion.events.log import Frame, Log


def append(written: Log, *frames: Frame) -> list[BaseException | None]:
    """Write frames and wait; what each was told."""
    told: list[BaseException | None] = []
    done = threading.Semaphore(0)

    def told_to(error: BaseException | None) -> None:
        told.append(error)
        done.release()

    for frame in frames:
        written.append(frame, told_to)
    for _ in frames:
        assert done.acquire(timeout=10)
    return told


def bodies(folder):
    return [f.body for path in log.sealed(folder) for f in log.frames(path)]


def test_frames_come_back_in_order_once_sealed(tmp_path):
    written = Log(tmp_path)
    assert append(written, Frame(b"{}", b"one"), Frame(b"{}", b"two")) == [None, None]
    assert bodies(tmp_path) == [], "an open segment belongs to its writer"
    written.seal()
    assert bodies(tmp_path) == [b"one", b"two"]
    append(written, Frame(b"{}", b"three"))
    written.close()
    assert bodies(tmp_path) == [b"one", b"two", b"three"]
    for path in log.sealed(tmp_path):
        assert log.remove(path)
    assert log.pending_bytes(tmp_path) == 0


@pytest.mark.parametrize("cut", [1, 5, 17, 20])
def test_a_torn_end_is_left_out_and_kept_aside(tmp_path, cut):
    written = Log(tmp_path)
    append(written, Frame(b"{}", b"one"), Frame(b"{}", b"two-long"))
    written.close()
    (path,) = log.sealed(tmp_path)
    os.truncate(path, path.stat().st_size - cut)
    assert bodies(tmp_path) == [b"one"]
    assert not log.remove(path) and list(tmp_path.glob("*.torn")) and log.sealed(tmp_path) == []


def test_a_flipped_bit_is_seen(tmp_path):
    written = Log(tmp_path)
    append(written, Frame(b"{}", b"one"))
    written.close()
    (path,) = log.sealed(tmp_path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert bodies(tmp_path) == []


def test_the_segment_of_a_process_that_is_gone_is_taken_over(tmp_path):
    written = Log(tmp_path)
    append(written, Frame(b"{}", b"one"))
    (left,) = tmp_path.glob("*.open")
    copy = tmp_path / f"{'0' * 20}-dead.open"
    copy.write_bytes(left.read_bytes())  # nobody holds this one
    assert bodies(tmp_path) == [b"one"]
    written.close()


def test_a_full_disk_is_told_and_nothing_of_it_is_kept(tmp_path, monkeypatch):
    written = Log(tmp_path)
    append(written, Frame(b"{}", b"good"))
    real = os.fdatasync

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fdatasync", full)
    (error,) = append(written, Frame(b"{}", b"bad"))
    assert isinstance(error, OSError)
    monkeypatch.setattr(os, "fdatasync", real)
    assert append(written, Frame(b"{}", b"after")) == [None]
    written.close()
    assert bodies(tmp_path) == [b"good", b"after"]
