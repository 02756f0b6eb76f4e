"""What a cold process costs: the help text, a server that is ready, a question on a file nobody has seen."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from evals.result import Figure
from store.errors import Unavailable

COMMAND = str(Path(sys.executable).parent / "plainsay")
FILE_BYTES = 10_000_000
READY_WITHIN = 30.0


def figures(home: Path) -> list[Figure]:
    """Seconds, best of a few fresh processes each: what a person at a terminal sees."""
    return [
        Figure("plainsay --help, cold", min(help_seconds() for _ in range(5)), "s", 0.5),
        Figure("server ready", min(ready_seconds(home) for _ in range(3)), "s", 3),
        Figure("plainsay ask on a 10 MB CSV, cold", ask_seconds(3), "s", 3),
    ]


def help_seconds() -> float:
    """`plainsay --help` in a fresh process."""
    return _timed(["--help"], os.environ)


def ready_seconds(home: Path) -> float:
    """From starting `plainsay serve` to its first answer on /healthz; the server is ended again."""
    with _serving(home) as (port, began):
        while time.perf_counter() - began < READY_WITHIN:
            if _healthy(port):
                return time.perf_counter() - began
            time.sleep(0.01)
    raise Unavailable("The server was not ready in time.")


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


@contextmanager
def _serving(home: Path) -> Iterator[tuple[int, float]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    began = time.perf_counter()
    environment = {**os.environ, "PLAINSAY_HOME": str(home)}
    quiet = subprocess.DEVNULL
    server = subprocess.Popen([COMMAND, "serve", "--port", str(port)], env=environment, stdout=quiet, stderr=quiet)
    try:
        yield port, began
    finally:
        server.terminate()
        server.wait(timeout=15)


def ask_seconds(times: int) -> float:
    """Best of `times`: load a generated CSV into a throw-away workspace and answer one question about it."""
    with tempfile.TemporaryDirectory(prefix="plainsay-evals-") as folder:
        table = Path(folder) / "sales.csv"
        write_sales(table, FILE_BYTES)
        environment = {**os.environ, "PLAINSAY_HOME": folder}
        asked = ["ask", "--data", str(table), "--json", "total amount by region"]
        return min(_timed(asked, environment) for _ in range(times))


def write_sales(path: Path, size: int) -> None:
    """A CSV of at least `size` bytes: id, day, region, product, quantity, amount; the same bytes on every run."""
    regions = ("North", "South", "East", "West")
    with path.open("w", encoding="utf-8") as out:
        written = out.write("sale_id,sold_on,region,product,quantity,amount\n")
        number = 0
        while written < size:
            number += 1
            day, quantity = f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}", number * 7 % 5 + 1
            line = f"{number},{day},{regions[number * 13 % 4]},Product {number * 31 % 97},{quantity}"
            written += out.write(f"{line},{number * 37 % 10_000 / 100:.2f}\n")


def _timed(arguments: list[str], environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    command = [COMMAND, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise Unavailable(f"`plainsay {arguments[0]}` ended with code {done.returncode}.", hint=done.stderr[-400:])
    return time.perf_counter() - began
