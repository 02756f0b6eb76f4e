"""A load from an API beside the bare library: the same pages, from the same server, in the same run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from evals.connectors.corner import sales, shop
from evals.result import Figure, SuiteResult
from ingestion.connectors import connections, sync
from warehouse.workspace import named

ROWS, PAGE, WARM = 100_000, 100, 1_000
_SERVER = "import sys\nfrom evals.bench.api_loads import serve\nserve(int(sys.argv[1]))\n"
_PAGING = {"kind": "cursor", "param": "cursor", "path": "next"}


def run() -> SuiteResult:
    """Load `ROWS` rows in pages of `PAGE`: by httpx and pyarrow alone, then by a connector into a lake."""
    with tempfile.TemporaryDirectory(prefix="plainsay-api-") as name, _served(ROWS) as url, _served(WARM) as small:
        folder = Path(name)
        _bare(small, folder / "warm.parquet")
        bare, spent = _bare(url, folder / "bare.parquet")
        _loaded(folder / "warm", small, WARM)
        landed, work, whole = _loaded(folder / "home", url, ROWS)
    return SuiteResult("api-load", "speed", [
        Figure("httpx and pyarrow alone", ROWS / bare, "rows/s"),
        Figure("a connector, every row committed", ROWS / landed, "rows/s", 10_000, "more"),
        Figure("with common tables, profile and publishing", ROWS / whole, "rows/s"),
        Figure("processor time of the bare library for a row", spent / ROWS * 1e6, "µs"),
        Figure("processor time of the load for a row", work / ROWS * 1e6, "µs"),
    ])  # fmt: skip


def serve(rows: int) -> None:
    """Serve `rows` rows in pages that are encoded before the first request; tells its port on standard output."""
    told = sales(rows)
    pages = []
    for start in range(0, rows, PAGE):
        more = start + PAGE < rows
        pages.append(orjson.dumps({"data": told[start : start + PAGE], "next": str(start + PAGE) if more else None}))
    server = HTTPServer(("127.0.0.1", 0), _handler(pages))
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


def _handler(pages: list[bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # a page goes out in two pieces, and the second must not wait for the client
        wbufsize = -1

        def do_GET(self) -> None:
            start = int(parse_qs(urlsplit(self.path).query).get("cursor", ["0"])[0])
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(pages[start // PAGE])))
            self.end_headers()
            self.wfile.write(pages[start // PAGE])

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def _served(rows: int) -> Iterator[str]:
    process = subprocess.Popen([sys.executable, "-c", _SERVER, str(rows)], stdout=subprocess.PIPE, env=os.environ)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
    finally:
        process.kill()
        process.wait()


def _bare(url: str, path: Path) -> tuple[float, float]:
    """Seconds, and those of the processor, to read all pages and write one Parquet file; nothing is checked."""
    began, busy = time.perf_counter(), time.process_time()
    rows: list[Any] = []
    cursor: str | None = ""
    with httpx.Client(base_url=url) as client:
        while cursor is not None:
            page = orjson.loads(client.get("sales", params={"cursor": cursor} if cursor else {}).content)
            rows += page["data"]
            cursor = page["next"]
    pq.write_table(pa.Table.from_pylist(rows), path)
    return time.perf_counter() - began, time.process_time() - busy


def _loaded(home: Path, url: str, rows: int) -> tuple[float, float, float]:
    """Seconds until every row is committed, those of the processor, and seconds until all of it can be asked about.

    Raises `AssertionError` for a loss.
    """
    home.mkdir()
    (home / "corner.yaml").write_text(yaml.safe_dump(shop(paging=_PAGING)), encoding="utf-8")
    os.environ.update({"PLAINSAY_HOME": str(home), "PLAINSAY_CONNECTORS": str(home),
                       "PLAINSAY_CONNECTOR_PRIVATE": urlsplit(url).netloc})  # fmt: skip
    workspace = named("shop", home)
    made = connections.make(workspace, "corner", {}, base_url=url)
    connections.save(workspace, made)
    began, busy = time.perf_counter(), time.process_time()
    (done,) = sync.load(workspace, made).resources
    landed, busy = time.perf_counter() - began, time.process_time() - busy
    if (done.rows, done.changed, done.error) != (rows, rows, None):
        raise AssertionError(f"{done.changed:,} of {rows:,} rows were loaded: {done.error or done.reasons}")
    sync.publish(workspace)
    return landed, busy, time.perf_counter() - began
