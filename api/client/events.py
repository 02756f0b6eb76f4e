"""Sends events in batches from a thread of its own, again where it must, so that the program never waits for it."""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import httpx

from api.client import calls

BATCH = 500
MOST_WAITING = 50_000
PAUSE_SECONDS = 0.5


class Events:
    """A tracker for programs: `track`, `page`, `identify` return at once; `flush` and `close` wait until all is sent.

    What the server refuses for good (a bad key, a broken event) is counted in `refused`; beyond 50,000 waiting events
    the oldest are dropped and counted in `dropped`.
    """

    def __init__(
        self, url: str, key: str, *, pause: float = PAUSE_SECONDS, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = httpx.Client(
            base_url=url, timeout=30.0, transport=transport, headers={"Authorization": f"Bearer {key}"}
        )
        self._pause = pause
        self._waiting: deque[dict[str, Any]] = deque()
        self._lock = threading.Condition()
        self._sending = 0
        self._over = False
        self.refused = self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="plainsay-events", daemon=True)
        self._thread.start()

    def __enter__(self) -> Events:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def track(self, event: str, **more: Any) -> None:
        """Something happened; `more` are further fields: user_id, anonymous_id, properties, context, timestamp, id."""
        self._add({"event": event, **more})

    def page(self, **more: Any) -> None:
        """A page was seen."""
        self._add({"type": "page", **more})

    def identify(self, user_id: str, traits: dict[str, Any] | None = None, **more: Any) -> None:
        """Who a user is."""
        self._add({"type": "identify", "user_id": user_id, "traits": traits or {}, **more})

    def flush(self, timeout: float = 30.0) -> bool:
        """Wait until everything was sent; whether it was within `timeout` seconds."""
        with self._lock:
            self._lock.notify_all()
            return self._lock.wait_for(lambda: not self._waiting and not self._sending, timeout)

    def close(self, timeout: float = 30.0) -> None:
        """Send what waits, for `timeout` seconds at most, and end."""
        self.flush(timeout)
        with self._lock:
            self._over = True
            self._lock.notify_all()
        self._thread.join(timeout)
        self._http.close()

    def _add(self, event: dict[str, Any]) -> None:
        event.setdefault("id", str(uuid.uuid4()))
        event.setdefault("timestamp", datetime.now(UTC).isoformat())
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append(event)
            if len(self._waiting) >= BATCH:
                self._lock.notify_all()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting and not self._over:
                    self._lock.wait(self._pause)
                if self._over:
                    return
                taken = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                self._sending = len(taken)
            if taken:
                self._send(taken)
            with self._lock:
                self._sending = 0
                self._lock.notify_all()

    def _send(self, events: list[dict[str, Any]]) -> None:
        """Send until the server has answered for good; ids make repetitions harmless."""
        attempt = 0
        while not self._over:
            try:
                reply = self._http.post("/v1/events", json={"batch": events, "sent_at": datetime.now(UTC).isoformat()})
            except httpx.TransportError:
                reply = None
            if reply is not None and reply.status_code not in calls.AGAIN and reply.status_code < 500:
                told = reply.json() if reply.headers.get("content-type", "").startswith("application/json") else {}
                self.refused += int(told.get("rejected", 0 if reply.status_code == 200 else len(events)))
                return
            time.sleep(min(calls.pause(reply, attempt), self._pause * 2**attempt))
            attempt = min(attempt + 1, 8)
