"""A query worker: the only process that runs user-shaped SQL, under an address-space limit and on one locked snapshot.

It is started by path and imports nothing of ours, so that it starts fast and holds no secrets. It talks over two pipes
of its own (never stdout): frames of a four-byte length and a body. Requests are JSON; a reply is JSON, then Arrow IPC.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import struct
import sys
import threading
import time
from typing import Any, BinaryIO

import duckdb
import pyarrow as pa

KILL_GRACE_SECONDS = 0.5
BATCH_ROWS = 2048


class Deadline(threading.Thread):
    """Interrupts the running query at its limit, and ends the whole process when the engine does not listen.

    The parent kills too; this thread is for the worker whose parent is gone.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._changed = threading.Condition()
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._at = 0.0
        self.start()

    def watch(self, cursor: duckdb.DuckDBPyConnection | None, seconds: float = 0.0) -> None:
        """Start the clock for a cursor, or stop it with None."""
        with self._changed:
            self._cursor, self._at = cursor, time.monotonic() + seconds
            self._changed.notify()

    def run(self) -> None:
        with self._changed:
            while True:
                left = self._at - time.monotonic()
                if self._cursor is None:
                    self._changed.wait()
                elif left > 0:
                    self._changed.wait(left)
                elif left < -KILL_GRACE_SECONDS:
                    os.kill(os.getpid(), signal.SIGKILL)
                else:
                    self._cursor.interrupt()
                    self._changed.wait(0.05)


def receive(pipe: BinaryIO) -> bytes | None:
    """The next frame, or None when the parent closed the pipe."""
    head = pipe.read(4)
    if len(head) < 4:
        return None
    return pipe.read(struct.unpack(">I", head)[0])


def send(pipe: BinaryIO, *bodies: bytes | pa.Buffer) -> None:
    """Write frames and flush once."""
    for body in bodies:
        pipe.write(struct.pack(">I", len(body)))
        pipe.write(body)
    pipe.flush()


def fence(memory_mb: int) -> None:
    """Limits that hold when the engine's own do not: address space, no core dumps, no byte into any file."""
    for what, most in (
        (resource.RLIMIT_AS, memory_mb * 1024 * 1024),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(what, (most, most))


def open_snapshot(spec: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """Attach the published catalog copy at one version, allow exactly its files, and lock the configuration."""
    connection = duckdb.connect(
        config={
            "threads": spec["threads"],
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
    )
    connection.load_extension(spec["extension"])
    connection.execute(
        f"ATTACH {literal('ducklake:' + spec['catalog'])} AS lake (READ_ONLY, SNAPSHOT_VERSION {int(spec['version'])},"
        f" DATA_PATH {literal(spec['data_path'] + '/')}, OVERRIDE_DATA_PATH true)"
    )
    for setting in (
        "enable_progress_bar = false",
        "TimeZone = 'UTC'",
        "temp_directory = ''",
        f"memory_limit = '{int(spec['engine_mb'])}MB'",
        "parquet_metadata_cache = true",
        f"allowed_paths = [{', '.join(literal(path) for path in spec['files'])}]",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")
    return connection


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def fresh(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A cursor of its own for each question: temporary objects of one are not seen by the next."""
    cursor = connection.cursor()
    cursor.execute("USE lake")
    return cursor


def fetch(cursor: duckdb.DuckDBPyConnection, sql: str, rows: int, most_bytes: int) -> tuple[pa.Buffer, bool]:
    """Arrow IPC of the result, cut at `rows` and `most_bytes`, and whether it was cut."""
    reader = cursor.execute(sql).to_arrow_reader(BATCH_ROWS)
    sink = pa.BufferOutputStream()
    cut, taken, size = False, 0, 0
    with pa.ipc.new_stream(sink, reader.schema) as writer:
        for batch in reader:
            kept = batch.slice(0, rows - taken)
            while kept.num_rows and size + kept.nbytes > most_bytes:
                kept = kept.slice(0, kept.num_rows // 2)
            writer.write_batch(kept)
            taken, size = taken + kept.num_rows, size + kept.nbytes
            if kept.num_rows < batch.num_rows:
                cut = True
                break
    return sink.getvalue(), cut


def scanned(cursor: duckdb.DuckDBPyConnection, sql: str) -> int:
    """How many rows the engine expects to read from tables and table functions."""
    row = cursor.execute(f"EXPLAIN (FORMAT json) {sql}").fetchone()
    nodes, rows = json.loads(row[1]) if row else [], 0
    while nodes:
        node = nodes.pop()
        nodes += node.get("children", ())
        if not node.get("children"):
            rows += int(float(str(node.get("extra_info", {}).get("Estimated Cardinality", 0)).replace("~", "") or 0))
    return rows


def answer(
    cursor: duckdb.DuckDBPyConnection, request: dict[str, Any], deadline: Deadline
) -> tuple[dict[str, Any], pa.Buffer | None]:
    """Run one request; an engine error becomes `{"error": text}`, for the parent to map and log."""
    started = time.perf_counter()
    deadline.watch(cursor, request["seconds"])
    try:
        if request["scan_rows"] and (rows := scanned(cursor, request["sql"])) > request["scan_rows"]:
            return {"error": "too much to read", "scan_rows": rows}, None
        body, cut = fetch(cursor, request["sql"], request["rows"], request["bytes"])
    except MemoryError:
        return {"error": "Out of Memory Error: address space"}, None
    except (duckdb.Error, pa.ArrowException, RuntimeError, OSError, ValueError) as error:
        return {"error": str(error) or type(error).__name__}, None
    finally:
        deadline.watch(None)
    return {"ms": (time.perf_counter() - started) * 1000, "truncated": cut}, body


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Open the snapshot named by the first frame, say so, then answer until the parent closes the pipe."""
    spec = json.loads(receive(requests) or b"{}")
    fence(spec["memory_mb"])
    try:
        connection = open_snapshot(spec)
    except duckdb.Error as error:
        send(replies, json.dumps({"error": str(error)}).encode())
        return
    deadline = Deadline()
    cursor = fresh(connection)
    send(replies, b'{"ready": true}')
    while (frame := receive(requests)) is not None:
        head, body = answer(cursor, json.loads(frame), deadline)
        send(replies, json.dumps(head).encode(), *([body] if body is not None else []))
        cursor.close()
        cursor = fresh(connection)


if __name__ == "__main__":
    serve(os.fdopen(int(sys.argv[1]), "rb"), os.fdopen(int(sys.argv[2]), "wb"))
