"""Every wire as a plain client reads it, so that a fault can be looked at through each of them in the same words."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]
PATIENCE = 30.0


@dataclass
class Told:
    """What a client got: `events` in order, `end` (`ok`, `error` or nothing when it just stopped), its run's id."""

    events: list[str] = field(default_factory=list)
    end: str = ""
    run: str = ""
    chat: str = ""
    seconds: float = 0.0
    status: int = 0

    @property
    def text(self) -> str:
        return "\n".join(self.events)

    @property
    def marked(self) -> bool:
        """Whether the reader of this very wire is told about the model."""
        return "language model" in self.text


@dataclass(frozen=True)
class Door:
    """A wire: where a question goes, in which body, and how its last event is read."""

    name: str
    path: str
    body: Callable[[str, str], Body]
    ending: Callable[[list[Any]], str]
    run: Callable[[list[Any]], str]
    resume: Callable[[Told, int], str] | None = None


def ask(base: str, door: Door, question: str, *, most: int = 0) -> Told:
    """One question over a wire, whole, or given up after `most` events."""
    number = uuid.uuid4().hex
    body = json.dumps(door.body(question, number)).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    told = _read(door, urllib.request.Request(base + door.path, data=body, headers=headers), most)
    told.chat = f"u{number}"
    return told


def again(base: str, door: Door, told: Told, after: int) -> Told:
    """The events of a run after number `after`, as a client that lost its connection asks for them."""
    assert door.resume is not None
    path = door.resume(told, after)
    return _read(door, urllib.request.Request(base + path, headers={"Accept": "text/event-stream"}), 0)


def answer_of(base: str, run: str) -> Body:
    """The stored answer of a run; empty when there is none."""
    try:
        with urllib.request.urlopen(f"{base}/v1/answers/a-{run}", timeout=10) as got:
            found: Body = json.loads(got.read())
            return found
    except OSError:
        return {}


def _read(door: Door, request: urllib.request.Request, most: int) -> Told:
    told, began = Told(), time.perf_counter()
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as stream:
            told.status = stream.status
            for event in _events(stream):
                told.events.append(event)
                if most and len(told.events) == most:
                    break
    except urllib.error.HTTPError as error:
        told.status, told.events = error.code, [error.read().decode("utf-8", "replace")]
    except OSError as error:
        told.events.append(json.dumps({"broken": type(error).__name__}))
    told.seconds = round(time.perf_counter() - began, 3)
    parsed = [json.loads(e) for e in told.events if e.startswith("{")]
    told.end = "error" if told.status >= 400 else door.ending(parsed) if parsed else ""
    told.run = door.run(parsed) if parsed else ""
    return told


def _events(stream: Any) -> Iterator[str]:
    """The `data:` lines of a stream, or the whole body of anything else."""
    if "event-stream" not in str(stream.headers.get("Content-Type", "")):
        yield stream.read().decode()
        return
    for line in stream:
        if line.startswith(b"data:"):
            yield line[5:].decode().strip()


def _said(question: str) -> list[Body]:
    return [{"id": uuid.uuid4().hex, "role": "user", "content": question}]


def _chat(question: str, number: str) -> Body:
    return {
        "threadId": f"t{number}", "runId": f"r{number}", "messages": _said(question),
        "forwardedProps": {"plainsay": {"brain": "llm"}},
    }  # fmt: skip


def _completion(stream: bool) -> Callable[[str, str], Body]:
    extra = {"model": "plainsay", "stream": stream, "plainsay": {"brain": "llm"}}
    return lambda question, _number: {**extra, "messages": [{"role": "user", "content": question}]}


def _response(stream: bool) -> Callable[[str, str], Body]:
    return lambda question, _number: {
        "model": "plainsay", "input": question, "stream": stream, "plainsay": {"brain": "llm"}
    }  # fmt: skip


def _ui(question: str, number: str) -> Body:
    message = {"id": "m", "role": "user", "parts": [{"type": "text", "text": question}]}
    return {"id": f"u{number}", "messages": [message], "plainsay": {"brain": "llm"}}


def _mcp(question: str, _number: str) -> Body:
    call = {"name": "ask", "arguments": {"question": question, "brain": "llm"}}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}


def _last_type(good: str, bad: str) -> Callable[[list[Any]], str]:
    def ending(events: list[Any]) -> str:
        kinds = [e.get("type") for e in events if isinstance(e, dict)]
        return "error" if bad in kinds[-2:] else "ok" if good in kinds[-2:] else ""

    return ending


def _completion_ended(events: list[Any]) -> str:
    if "error" in events[-1]:
        return "error"
    choice: dict[str, Any] = next((c for e in reversed(events) for c in e.get("choices", ())), {})
    return "ok" if choice.get("finish_reason") == "stop" else ""


def _response_ended(events: list[Any]) -> str:
    last = events[-1].get("response", events[-1])
    return {"completed": "ok", "failed": "error"}.get(str(last.get("status", "")), "")


def _mcp_ended(events: list[Any]) -> str:
    result = events[-1].get("result") or {}
    return "error" if result.get("isError") or "error" in events[-1] else "ok" if result.get("content") else ""


def _first(*path: str) -> Callable[[list[Any]], str]:
    def found(events: list[Any]) -> str:
        value = events[0]
        for key in path:
            value = value.get(key, {}) if isinstance(value, dict) else {}
        return str(value or "")

    return found


def _resumed_response(told: Told, after: int) -> str:
    if not after:
        return f"/v1/responses/{told.run}?stream=true"
    numbers = [json.loads(e)["sequence_number"] for e in told.events[:after] if e.startswith("{")]
    return f"/v1/responses/{told.run}?stream=true&starting_after={numbers[-1] if numbers else 0}"


DOORS = (
    Door("AG-UI", "/v1/chat", _chat, _last_type("RUN_FINISHED", "RUN_ERROR"), _first("runId"),
         lambda told, after: f"/v1/runs/{told.run}/events?after={after}"),
    Door("completions", "/v1/chat/completions", _completion(False), _completion_ended, _first("id")),
    Door("completions, streamed", "/v1/chat/completions", _completion(True), _completion_ended, _first("id")),
    Door("Responses", "/v1/responses", _response(False), _response_ended, _first("id")),
    Door("Responses, streamed", "/v1/responses", _response(True), _response_ended, _first("response", "id"),
         _resumed_response),
    Door("AI SDK", "/v1/aisdk", _ui, _last_type("finish", "error"), _first("messageId"),
         lambda told, _after: f"/v1/aisdk/{told.chat}/stream?ended=true"),
    Door("MCP", "/mcp", _mcp, _mcp_ended, lambda _events: ""),
    Door("/v1/ask", "/v1/ask", lambda q, _n: {"question": q, "brain": "llm"},
         lambda e: "ok" if e[-1].get("status") else "error", lambda e: str(e[0].get("id", ""))[2:]),
)  # fmt: skip
