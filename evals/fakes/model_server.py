"""A model server that follows a script: real HTTP, real server-sent events, tool calls, and every way to fail."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "scripted-1"
_PIECE = 24


@dataclass(frozen=True)
class Call:
    """One tool call; `arguments` is sent as JSON, a string as it is (so that it may be broken)."""

    name: str
    arguments: dict[str, Any] | str = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.arguments if isinstance(self.arguments, str) else json.dumps(self.arguments)


@dataclass(frozen=True)
class Reply:
    """What the server answers: text, tool calls, or a `fault` (see `FAULTS`); waits `delay` seconds first."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    fault: str = ""
    delay: float = 0.0
    retry_after: float = 1.0
    usage: bool = True


@dataclass(frozen=True)
class Asked:
    """One request as a script reads it; `number` counts from 0 over the life of the server."""

    number: int
    body: dict[str, Any]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body.get("messages") or [])

    @property
    def tools(self) -> list[str]:
        return [t["function"]["name"] for t in self.body.get("tools") or []]

    @property
    def last(self) -> dict[str, Any]:
        return self.messages[-1] if self.messages else {}

    @property
    def text(self) -> str:
        """All that the model would read, tools left out."""
        return "\n".join(str(m.get("content") or "") for m in self.messages)

    @property
    def tokens(self) -> int:
        """An upper guess of the prompt's tokens: three characters each, tools included."""
        return -(-len(json.dumps([self.messages, self.body.get("tools") or []], ensure_ascii=False)) // 3)


Script = Callable[[Asked], Reply]

STATUS: dict[str, tuple[int, str]] = {
    "rate_limited": (429, "rate_limit_exceeded"),
    "unauthorised": (401, "invalid_api_key"),
    "forbidden": (403, "forbidden"),
    "no_model": (404, "model_not_found"),
    "server_error": (500, "server_error"),
    "bad_gateway": (502, "bad_gateway"),
    "overloaded": (503, "overloaded"),
    "too_long": (400, "context_length_exceeded"),
    "bad_request": (400, "invalid_request_error"),
}
STREAMED = ("stalled", "trickle", "cut", "garbage", "no_choices", "error_event", "endless", "reset", "not_utf8")
WHOLE = ("slow", "html", "wrong_schema", "empty", "redirect")
LACKS = ("no_tools", "no_stream", "no_json_schema", "no_json_object", "no_usage")
FAULTS = (*STATUS, *STREAMED, *WHOLE)
"""Every way to fail inside one reply; `LACKS` are things an endpoint cannot do, given to the server itself."""


class ModelServer:
    """Serves chat completions on loopback until closed. `asked` keeps every request, `lacks` what is refused."""

    def __init__(self, script: Script, *, lacks: tuple[str, ...] = (), key: str = "", port: int = 0) -> None:
        self.script = script
        self.lacks = lacks
        self.key = key
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self.open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def note(self, body: dict[str, Any]) -> Asked:
        """Keep a request and give it its number."""
        with self._lock:
            asked = Asked(len(self.asked), body)
            self.asked.append(asked)
            return asked

    def close(self) -> None:
        """Stop serving; replies under way end at once."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> ModelServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    owner: ModelServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that leave are no news here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        """Remember the connection, so that closing the server ends it."""
        super().setup()
        self.server.owner.open.add(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        self.server.owner.open.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""

    def do_GET(self) -> None:
        """`/v1/models`."""
        self._json(200, {"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    def do_POST(self) -> None:
        """`/v1/chat/completions`."""
        owner = self.server.owner
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        asked = owner.note(body)
        if owner.key and self.headers.get("Authorization") != f"Bearer {owner.key}":
            return self._refuse("unauthorised", Reply())
        if lacking := _lacking(body, owner.lacks):
            return self._refuse("bad_request", Reply(text=f"{lacking} is not supported by this server"))
        reply = owner.script(asked)
        if reply.delay and owner.closing.wait(reply.delay):
            return None
        if reply.fault in STATUS:
            return self._refuse(reply.fault, reply)
        if reply.fault in WHOLE:
            return self._misbehave(reply)
        if body.get("stream"):
            return self._stream(asked, reply)
        return self._json(200, _whole(asked, reply))

    def _refuse(self, fault: str, reply: Reply) -> None:
        status, code = STATUS[fault]
        headers = {"Retry-After": f"{reply.retry_after:g}"} if status in (429, 503) else {}
        self._json(status, {"error": {"message": reply.text or code, "type": code, "code": code}}, headers)

    def _misbehave(self, reply: Reply) -> None:
        if reply.fault == "slow":
            self.server.owner.closing.wait(3600)
        elif reply.fault == "html":
            self._send(200, b"<html><body>Welcome to the hotel network</body></html>", "text/html")
        elif reply.fault == "redirect":
            self._send(307, b"", "text/plain", {"Location": "http://192.0.2.1/v1/chat/completions"})
        else:
            self._send(200, b"" if reply.fault == "empty" else b'{"ok": true}', "application/json")

    def _stream(self, asked: Asked, reply: Reply) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        chunks = list(_chunks(asked, reply))
        if reply.fault in STREAMED:
            self._break(reply.fault, chunks)
            return
        for chunk in chunks:
            self._event(chunk)
        self.wfile.write(b"data: [DONE]\n\n")

    def _break(self, fault: str, chunks: list[dict[str, Any]]) -> None:
        for chunk in chunks[: max(1, len(chunks) // 2)]:
            self._event(chunk)
        if fault == "stalled":
            self.server.owner.closing.wait(3600)
        elif fault == "trickle":
            while not self.server.owner.closing.wait(0.05):
                self.wfile.write(b": still here\n\n")
        elif fault == "endless":
            flood = _chunk({"content": "and then " * 8})
            while not self.server.owner.closing.is_set():
                self._event(flood)
        elif fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            self.connection.close()
        elif fault != "cut":
            self.wfile.write(_JUNK[fault])

    def _event(self, chunk: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        self.wfile.flush()

    def _json(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(body).encode(), "application/json", headers)

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


_JUNK = {
    "garbage": b'data: {"choices": [{"delta": {"content": \n\ndata: \x00\x01 not json\n\n',
    "no_choices": b'data: {"id": "x", "object": "chat.completion.chunk"}\n\ndata: [DONE]\n\n',
    "error_event": b'data: {"error": {"message": "the engine died", "code": "server_error"}}\n\n',
    "not_utf8": b"data: \xff\xfe\xfa\n\n",
}


def _lacking(body: dict[str, Any], lacks: tuple[str, ...]) -> str:
    kind = (body.get("response_format") or {}).get("type", "")
    wanted = {
        "no_tools": bool(body.get("tools")),
        "no_stream": bool(body.get("stream")),
        "no_json_schema": kind == "json_schema",
        "no_json_object": kind == "json_object",
        "no_usage": bool(body.get("stream_options")),
    }
    return next((name.removeprefix("no_") for name in lacks if wanted[name]), "")


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL, "choices": [choice]}


def _chunks(asked: Asked, reply: Reply) -> Iterator[dict[str, Any]]:
    yield _chunk({"role": "assistant", "content": ""})
    for start in range(0, len(reply.text), _PIECE):
        yield _chunk({"content": reply.text[start : start + _PIECE]})
    for index, call in enumerate(reply.calls):
        function = {"name": call.name, "arguments": ""}
        head = {"index": index, "id": f"call-{asked.number}-{index}", "type": "function", "function": function}
        yield _chunk({"tool_calls": [head]})
        for start in range(0, len(call.text), _PIECE * 4):
            piece = {"index": index, "function": {"arguments": call.text[start : start + _PIECE * 4]}}
            yield _chunk({"tool_calls": [piece]})
    yield _chunk({}, "tool_calls" if reply.calls else "stop")
    if reply.usage and (asked.body.get("stream_options") or {}).get("include_usage"):
        yield {**_chunk({}), "choices": [], "usage": _usage(asked, reply)}


def _whole(asked: Asked, reply: Reply) -> dict[str, Any]:
    calls = [
        {"id": f"call-{asked.number}-{i}", "type": "function", "function": {"name": c.name, "arguments": c.text}}
        for i, c in enumerate(reply.calls)
    ]
    message = {"role": "assistant", "content": reply.text or None} | ({"tool_calls": calls} if calls else {})
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
    whole = {"id": "c-1", "object": "chat.completion", "created": 1, "model": MODEL, "choices": [choice]}
    return whole | ({"usage": _usage(asked, reply)} if reply.usage else {})


def _usage(asked: Asked, reply: Reply) -> dict[str, int]:
    out = -(-(len(reply.text) + sum(len(c.text) for c in reply.calls)) // 3)
    return {"prompt_tokens": asked.tokens, "completion_tokens": out, "total_tokens": asked.tokens + out}
