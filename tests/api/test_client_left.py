"""A client that leaves in the middle of its body is no defect of ours."""

from __future__ import annotations

from structlog.testing import capture_logs


async def test_leaving_in_mid_body_is_noted_not_reported(door):
    app = door.client._transport.app
    scope = {
        "type": "http", "method": "POST", "path": "/v1/ask", "raw_path": b"/v1/ask", "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")], "scheme": "http",
        "server": ("localhost", 80), "client": ("127.0.0.1", 1), "http_version": "1.1", "root_path": "",
    }  # fmt: skip

    async def receive():
        return {"type": "http.disconnect"}

    async def send(_message):
        pass

    with capture_logs() as lines:
        await app(scope, receive, send)
    events = [line["event"] for line in lines]
    assert "client_left" in events and "defect" not in events
