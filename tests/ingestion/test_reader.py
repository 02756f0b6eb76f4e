"""The reading worker: its limits hold, and a file that kills it takes nobody along."""

from __future__ import annotations

import os
import signal
import threading

import psutil
import pytest

from ingestion.reader import Reader

GOOD = "id,name\n1,Ann\n2,Bob\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "good.csv").write_text(GOOD)
    big = "id,text\n" + "".join(f"{i},{'x' * 200}\n" for i in range(400_000))
    (tmp_path / "big.csv").write_text(big)
    return tmp_path


def worker_of(reader):
    return reader._process.pid


def test_files_share_one_process_without_our_environment(files, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    with Reader() as reader:
        first = worker_of(reader)
        assert "OPENAI_API_KEY" not in psutil.Process(first).environ()
        for number in range(3):
            assert reader.read(files / "good.csv", "good.csv", files / f"out{number}").tables
        assert worker_of(reader) == first
    assert not psutil.pid_exists(first)


def test_too_slow_a_file_is_killed_and_the_next_one_read(files):
    with Reader(seconds=20) as reader:
        assert reader.read(files / "good.csv", "good.csv", files / "warm").tables is not None
        reader._seconds = 0.6
        reading = reader.read(files / "big.csv", "big.csv", files / "slow")
        if not reading.tables:
            assert "longer than 0.6 s" in reading.faults[0].reason
        reader._seconds = 20
        assert reader.read(files / "good.csv", "good.csv", files / "after").tables


def test_too_hungry_a_file_is_refused_and_the_next_one_read(files):
    (files / "hungry.json").write_text("[" + "[]," * 15_000_000 + "[]]")
    with Reader(memory_mb=800, seconds=20) as reader:
        reading = reader.read(files / "hungry.json", "hungry.json", files / "hungry")
        assert not reading.tables
        assert reading.faults[0].hint
        assert reader.read(files / "good.csv", "good.csv", files / "after").tables


def test_a_killed_worker_is_replaced_while_it_reads(files):
    with Reader(seconds=30) as reader:
        assert reader.read(files / "good.csv", "good.csv", files / "warm").tables
        threading.Timer(0.15, os.kill, (worker_of(reader), signal.SIGKILL)).start()
        assert reader.read(files / "big.csv", "big.csv", files / "big").tables[0].rows == 400_000
        assert reader.read(files / "good.csv", "good.csv", files / "after").tables


def test_a_file_that_cannot_be_opened_is_a_fault(files):
    with Reader() as reader:
        assert "could not be opened" in reader.read(files / "gone.csv", "gone.csv", files / "out").faults[0].reason
