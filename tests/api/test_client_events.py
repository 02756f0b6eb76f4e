"""The Python tracker: batches, repeats after failures with the same ids, counts what is refused."""

from __future__ import annotations

import json
import threading

import httpx

from api.client import Events


class Server(httpx.BaseTransport):
    """Answers with the given statuses, then 200; keeps the batches that it took."""

    def __init__(self, *statuses: int | None) -> None:
        self.statuses = list(statuses)
        self.seen: list[list[str]] = []
        self.lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        batch = json.loads(request.read())["batch"]
        with self.lock:
            self.seen.append([e["id"] for e in batch])
            status = self.statuses.pop(0) if self.statuses else 200
        if status is None:
            raise httpx.ConnectError("gone")
        told = {"accepted": len(batch), "rejected": 0}
        return httpx.Response(status, json=told if status == 200 else {"error": {}}, request=request)


def test_failures_are_repeated_with_the_same_ids():
    server = Server(None, 503, 429)
    with Events("http://test", "wk-x", pause=0.01, transport=server) as events:
        events.track("a", user_id="u")
        events.identify("u", {"plan": "pro"})
        assert events.flush(10)
    assert len({tuple(ids) for ids in server.seen[:4]}) <= 2
    assert len(server.seen) >= 4 and server.seen[0] == server.seen[1] == server.seen[2] == server.seen[3]
    assert events.refused == events.dropped == 0


def test_what_is_refused_for_good_is_counted_and_not_repeated():
    server = Server(401)
    with Events("http://test", "wk-x", pause=0.01, transport=server) as events:
        events.page(anonymous_id="a")
        assert events.flush(10)
    assert events.refused == 1 and len(server.seen) == 1


def test_nothing_waits_longer_than_closing_may_take():
    with Events("http://test", "wk-x", pause=0.01, transport=Server(*[503] * 50)) as events:
        events.track("a", user_id="u")
        assert not events.flush(0.05)
        events.close(0.2)
