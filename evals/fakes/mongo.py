"""A server that speaks MongoDB's wire protocol and holds what a test puts in, so that the real driver can be used."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

_OP_REPLY, _OP_QUERY, _OP_MSG = 1, 2004, 2013
Document = dict[str, Any]


@dataclass
class Mongo:
    """Collections of one database; `fail_after` breaks the connection after so many batches, once."""

    collections: dict[str, list[Document]] = field(default_factory=dict)
    batch: int = 100
    fail_after: int | None = None
    url: str = ""
    asked: list[Document] = field(default_factory=list)
    cursors: dict[int, list[Document]] = field(default_factory=dict)

    def answer(self, command: Document) -> Document:
        """What a server answers to one command. Raises `ConnectionError` where a test wants one."""
        self.asked.append(command)
        name = next(iter(command))
        if name.lower() in ("hello", "ismaster"):
            return {"isWritablePrimary": True, "ismaster": True, "helloOk": True, "maxBsonObjectSize": 16_777_216,
                    "maxMessageSizeBytes": 48_000_000, "maxWriteBatchSize": 100_000, "minWireVersion": 0,
                    "maxWireVersion": 21, "logicalSessionTimeoutMinutes": None, "ok": 1.0}  # fmt: skip
        if name == "listCollections":
            found = [{"name": n, "type": "collection"} for n in self.collections]
            return self._cursor("$cmd.listCollections", found)
        if name == "find":
            return self._cursor(command["find"], self._found(command))
        if name == "getMore":
            return self._next(int(command["getMore"]), str(command["collection"]))
        return {"ok": 1.0}

    def _found(self, command: Document) -> list[Document]:
        wanted = command.get("filter") or {}
        rows = [d for d in self.collections.get(command["find"], []) if _fits(d, wanted)]
        for place, way in reversed(list((command.get("sort") or {}).items())):
            rows.sort(key=lambda d, p=place: (str(type(d.get(p))), d.get(p)), reverse=way < 0)  # type: ignore[misc]
        return rows[: command["limit"]] if command.get("limit") else rows

    def _cursor(self, name: str, rows: list[Document]) -> Document:
        number = len(self.cursors) + 1 if len(rows) > self.batch else 0
        if number:
            self.cursors[number] = rows[self.batch :]
        return {"cursor": {"firstBatch": rows[: self.batch], "id": number, "ns": f"shop.{name}"}, "ok": 1.0}

    def _next(self, number: int, name: str) -> Document:
        if self.fail_after == 0:
            self.fail_after = None
            raise ConnectionError
        if self.fail_after:
            self.fail_after -= 1
        rows = self.cursors[number]
        self.cursors[number] = rows[self.batch :]
        left = number if self.cursors[number] else 0
        return {"cursor": {"nextBatch": rows[: self.batch], "id": left, "ns": f"shop.{name}"}, "ok": 1.0}


def _fits(document: Document, wanted: Document) -> bool:
    if "$or" in wanted:
        return any(_fits(document, part) for part in wanted["$or"])
    for place, test in wanted.items():
        value: Any = document.get(place)
        if type(value) is not type(test["$gte"]) or value < test["$gte"]:  # a server compares values of one kind only
            return False
    return True


@contextmanager
def serving(mongo: Mongo) -> Iterator[Mongo]:
    """The server on loopback while the block lasts."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            _talk(self.request, mongo)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        mongo.url = f"mongodb://127.0.0.1:{server.server_address[1]}/shop"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield mongo
        finally:
            server.shutdown()
            thread.join()


def _talk(socket: Any, mongo: Mongo) -> None:
    import bson
    from bson.codec_options import CodecOptions

    zoned: CodecOptions[Document] = CodecOptions(tz_aware=True, tzinfo=UTC)
    while head := _exactly(socket, 16):
        size, request, _, code = struct.unpack("<iiii", head)
        body = _exactly(socket, size - 16)
        start = 5 if code == _OP_MSG else body.index(b"\0", 4) + 9
        command = bson.decode(body[start : start + struct.unpack_from("<i", body, start)[0]], zoned)
        try:
            answer = bson.encode(mongo.answer(command))
        except ConnectionError:
            return
        text = b"\0\0\0\0\0" + answer if code == _OP_MSG else struct.pack("<iqii", 8, 0, 0, 1) + answer
        kind = _OP_MSG if code == _OP_MSG else _OP_REPLY
        socket.sendall(struct.pack("<iiii", 16 + len(text), request + 1, request, kind) + text)


def _exactly(socket: Any, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        try:
            part = socket.recv(size - len(parts))
        except OSError:
            return b""
        if not part:
            return b""
        parts += part
    return parts
