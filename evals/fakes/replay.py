"""A server that plays any list API: pages in every style, with faults at chosen requests, so that losses show."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Row = dict[str, Any]
Reply = tuple[int, Mapping[str, str], bytes]


@dataclass
class Request:
    """What a client asked: parsed query (first values), JSON body, headers."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: Mapping[str, str]
    raw: bytes = b""


@dataclass
class Book:
    """Rows behind one path; `style` is how they are paged, `size` how many a page."""

    rows: list[Row]
    style: str = "last_id"
    size: int = 100
    field: str = "data"

    def page(self, request: Request, base: str) -> Reply:
        """The page that a request asks for."""
        return 200, *_PAGES[self.style](self, request, base)


@dataclass
class Replay:
    """The server. `faults` maps the number of a request (from 1) to what happens instead of or around it."""

    books: dict[str, Book] = field(default_factory=dict)
    answers: dict[str, Callable[[Request], Reply]] = field(default_factory=dict)
    other: Callable[[Request], Reply] | None = None
    faults: dict[int, str] = field(default_factory=dict)
    clock: float = 0.0
    asked: list[Request] = field(default_factory=list)
    url: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: dict[str, Reply] = field(default_factory=dict)

    def reply(self, request: Request) -> tuple[str, Reply]:
        """What happens, and the answer to give."""
        with self._lock:
            self.asked.append(request)
            fault = self.faults.pop(len(self.asked), "")
        if fault in ("429", "500", "502", "503"):
            return fault, (int(fault), {"Retry-After": "0.05"} if fault == "429" else {}, b'{"error": "try again"}')
        path = request.path.lstrip("/")
        if fault == "duplicate" and path in self._last:
            return fault, self._last[path]
        if path in self.answers:
            answer = self.answers[path](request)
        elif path in self.books:
            answer = self.books[path].page(request, self.url)
        elif self.other is not None:
            answer = self.other(request)
        else:
            answer = (404, {}, b'{"error": "not here"}')
        self._last[path] = answer
        return fault, answer


def _plain(book: Book, rows: list[Row], **more: Any) -> bytes:
    return json.dumps({book.field: rows, **more}).encode()


def _last_id(book: Book, request: Request, base: str) -> tuple[dict[str, str], bytes]:
    ids = [str(r["id"]) for r in book.rows]
    start = ids.index(request.query["starting_after"]) + 1 if request.query.get("starting_after") else 0
    rows = book.rows[start : start + book.size]
    return {}, _plain(book, rows, has_more=start + book.size < len(book.rows))


def _page(book: Book, request: Request, base: str) -> tuple[dict[str, str], bytes]:
    number = int(request.query.get("page", 1))
    pages = max((len(book.rows) + book.size - 1) // book.size, 1)
    rows = book.rows[(number - 1) * book.size : number * book.size]
    return {}, _plain(book, rows, meta={"pageCount": pages}, total_pages=pages)


def _offset(book: Book, request: Request, base: str) -> tuple[dict[str, str], bytes]:
    asked = {**request.query, **(request.body if isinstance(request.body, dict) else {})}
    start = int(asked.get("offset") or asked.get("skip") or 0)
    return {}, _plain(book, book.rows[start : start + book.size], total=len(book.rows))


def _cursor(book: Book, request: Request, base: str) -> tuple[dict[str, str], bytes]:
    asked = {**request.query, **(request.body if isinstance(request.body, dict) else {})}
    start = int(asked.get("cursor") or asked.get("after") or 0)
    more = {"cursor": str(start + book.size)} if start + book.size < len(book.rows) else {}
    return {}, _plain(book, book.rows[start : start + book.size], **more)


def _next_link(book: Book, request: Request, base: str) -> tuple[dict[str, str], bytes]:
    start = int(request.query.get("from", 0))
    link = {"href": f"{base}{request.path.lstrip('/')}?from={start + book.size}"}
    links = {"next": link if start + book.size < len(book.rows) else None}
    return {}, json.dumps({"_embedded": {book.field: book.rows[start : start + book.size]}, "_links": links}).encode()


def _link_header(book: Book, request: Request, base: str) -> tuple[dict[str, str], bytes]:
    start = int(request.query.get("page_info", 0))
    head = {}
    if start + book.size < len(book.rows):
        head = {"Link": f'<{base}{request.path.lstrip("/")}?page_info={start + book.size}>; rel="next"'}
    return head, _plain(book, book.rows[start : start + book.size])


_PAGES = {
    "last_id": _last_id, "page": _page, "offset": _offset, "cursor": _cursor, "next_link": _next_link,
    "link_header": _link_header,
}  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = {k: v[0] for k, v in parse_qs(raw.decode()).items()}
        request = Request(self.command, parts.path, query, body, dict(self.headers), raw)
        fault, (status, headers, text) = self.server.replay.reply(request)
        self.send_response_only(status)
        self.send_header("Date", formatdate(time.time() + self.server.replay.clock, usegmt=True))
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if fault == "cut":
            self.wfile.write(text[: len(text) // 2])
            self.close_connection = True
            return
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is what this server is for."""

    def __init__(self, replay: Replay, port: int) -> None:
        self.replay = replay
        super().__init__(("127.0.0.1", port), _Handler)


@contextmanager
def serving(replay: Replay, port: int = 0) -> Iterator[Replay]:
    """The server on loopback while the block lasts; `replay.url` ends with a slash."""
    server = _Server(replay, port)
    replay.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
