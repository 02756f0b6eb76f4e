"""What both clients share: how a request looks, when it is sent again, and how a stream is read."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

ATTEMPTS = 4
LONGEST_PAUSE = 30.0
AGAIN = frozenset({429, 502, 503, 504})
_LAST = frozenset({"RUN_FINISHED", "RUN_ERROR"})


@dataclass(frozen=True)
class Call:
    """One request; a POST carries a key, so that sending it again does it once."""

    method: str
    path: str
    json: Any = None
    params: dict[str, Any] = field(default_factory=dict)

    def headers(self, key: str | None) -> dict[str, str]:
        """Headers of every attempt: the key of the caller, and the key of the request."""
        found = {"Accept": "application/json"}
        if key:
            found["Authorization"] = f"Bearer {key}"
        if self.method == "POST":
            found["Idempotency-Key"] = str(uuid.uuid4())
        return found


def ask(question: str, workspace: str | None, thread_id: str | None, as_of: str | None) -> Call:
    """A question whose whole answer is waited for."""
    body = {"question": question, "workspace": workspace, "thread_id": thread_id, "as_of": as_of}
    return Call("POST", "/v1/ask", {name: value for name, value in body.items() if value is not None})


def pause(response: httpx.Response | None, attempt: int) -> float:
    """Seconds before the next attempt: what the server asks for, else a little longer each time."""
    told = response.headers.get("retry-after", "") if response is not None else ""
    return min(float(told) if told.isdigit() else 0.25 * 2.0**attempt, LONGEST_PAUSE)


@dataclass
class Reading:
    """A run that is followed: where to go on after a cut, and whether it is over."""

    question: str
    workspace: str | None
    thread: str | None = None
    run_id: str = field(default_factory=lambda: f"r-{uuid.uuid4().hex}")
    last: int = 0
    over: bool = False
    _number: int = 0

    def __post_init__(self) -> None:
        self.thread_id = self.thread or f"th-{uuid.uuid4().hex}"

    def request(self) -> dict[str, Any]:
        """The first request, or the one that goes on after the last event that came."""
        if self.last:
            return {
                "method": "GET",
                "url": f"/v1/runs/{self.run_id}/events",
                "headers": {"Last-Event-ID": str(self.last)},
            }
        body = {
            "threadId": self.thread_id, "runId": self.run_id,
            "messages": [{"id": "m", "role": "user", "content": self.question}],
            "forwardedProps": {"plainsay": {"workspace": self.workspace} if self.workspace else {}},
        }  # fmt: skip
        return {"method": "POST", "url": "/v1/chat", "json": body, "headers": {}}

    def feed(self, line: str) -> Iterator[dict[str, Any]]:
        """The event that a line completes, if any."""
        if line.startswith("id: "):
            self._number = int(line[4:])
        elif line.startswith("data: "):
            event: dict[str, Any] = json.loads(line[6:])
            self.last, self.over = self._number, event.get("type") in _LAST
            yield event
