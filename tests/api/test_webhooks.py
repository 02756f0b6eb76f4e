"""Webhooks: signed, told once, tried again, replayed, and never sent into a private network."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from api import outbound
from store import outbox, settings
from store.errors import InvalidRequest, QueryRefused, Unavailable

BAD = [
    "http://example.com/x", "ftp://example.com", "https://", "https://user:pw@example.com/", "https://example.com/#x",
    "https://127.0.0.1/", "https://127.1/", "https://0x7f000001/", "https://2130706433/", "https://017700000001/",
    "https://0/", "https://10.0.0.1/", "https://192.168.1.1/", "https://172.16.0.1/", "https://169.254.169.254/",
    "https://100.64.0.1/", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[fe80::1]/",
    "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[fc00::1]/", "https://224.0.0.1/",
    "https://example.com\\@127.0.0.1/", "https://exämple.com/", "https://example.com:99999/", "file:///etc/passwd",
    "javascript:alert(1)", "https://exa mple.com/", "https://example.com/\n", "gopher://x", "", "//example.com",
]  # fmt: skip


class Receiver:
    """An address that is told: keeps what came, answers with the statuses it was given, then with 204."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                status = receiver.statuses.pop(0) if receiver.statuses else 204
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:1/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}/told"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    opened = Receiver()
    monkeypatch.setenv("PLAINSAY_WEBHOOK_PRIVATE", opened.host)
    yield opened
    opened.close()


async def made(door: Any, receiver: Receiver, *events: str) -> dict[str, Any]:
    body = {"workspace": "shop", "url": receiver.url, "events": list(events)}
    answer = await door.client.post("/v1/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def delivered(door: Any, hook: str, state: str = "sent") -> dict[str, Any]:
    for _ in range(200):
        items = (await door.client.get(f"/v1/webhooks/{hook}/deliveries")).json()["items"]
        if items and items[0]["state"] == state:
            return items[0]
        await asyncio.sleep(0.05)
    raise AssertionError(items)


async def test_a_run_that_ends_is_told_once_and_signed(door, receiver):
    hook = await made(door, receiver, "run.done")
    await door.chat("total revenue secretword", run="r1")
    await door.chat("total revenue secretword", run="r1")
    await door.chat("fail", run="r2", thread="t2")
    await delivered(door, hook["id"])
    ((headers, body),) = receiver.got
    told = json.loads(body)
    assert told["type"] == "run.done" and told["attempt"] == 1
    assert told["data"] == {
        "workspace": "shop", "run_id": "r1", "thread_id": "t1", "status": "done", "answer_id": "a-r1",
    }  # fmt: skip
    assert b"secretword" not in body and b"114" not in body
    key = base64.b64decode(hook["secret"].removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"


async def test_what_fails_is_tried_again_and_what_ended_can_be_replayed(door, receiver, monkeypatch):
    monkeypatch.setattr("store.delivery.PAUSES", (0, 0, 0))
    receiver.statuses = [500, 302]
    hook = await made(door, receiver, "run.done")
    await door.client.post(f"/v1/webhooks/{hook['id']}/ping")
    last = await delivered(door, hook["id"])
    assert (last["attempts"], last["note"]) == (3, "status 204")
    assert [json.loads(body)["attempt"] for _, body in receiver.got] == [1, 2, 3]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    again = await door.client.post(f"/v1/webhooks/{hook['id']}/deliveries/{last['id']}/replay")
    assert again.status_code == 202
    for _ in range(100):
        if len(receiver.got) == 4:
            break
        await asyncio.sleep(0.05)
    assert len(receiver.got) == 4
    unknown = await door.client.post(f"/v1/webhooks/{hook['id']}/deliveries/o-nothing/replay")
    assert unknown.status_code == 404


async def test_what_never_arrives_is_given_up(door, receiver, monkeypatch):
    monkeypatch.setattr("store.delivery.PAUSES", (0,))
    receiver.statuses = [500, 500, 500]
    hook = await made(door, receiver, "ping")
    await door.client.post(f"/v1/webhooks/{hook['id']}/ping")
    assert (await delivered(door, hook["id"], "dead"))["attempts"] == 2


async def test_an_address_that_is_gone_is_switched_off(door, receiver):
    receiver.statuses = [410]
    hook = await made(door, receiver, "ping")
    await door.client.post(f"/v1/webhooks/{hook['id']}/ping")
    await delivered(door, hook["id"], "dead")
    assert (await door.client.get(f"/v1/webhooks/{hook['id']}")).json()["active"] is False


async def test_a_secret_is_rotated_and_a_webhook_removed(door, receiver):
    hook = await made(door, receiver, "ping")
    path = f"/v1/webhooks/{hook['id']}"
    changed = (await door.client.patch(path, json={"rotate": True, "events": ["run.failed"]})).json()
    assert changed["secret"] != hook["secret"] and changed["events"] == ["run.failed"]
    assert "secret" not in (await door.client.get("/v1/webhooks?workspace=shop")).json()["items"][0]
    assert (await door.client.delete(path)).status_code == 204
    assert (await door.client.get(path)).status_code == 404
    assert Path(settings.home()).exists()


@pytest.mark.parametrize("url", BAD)
def test_addresses_that_are_never_told(url: str) -> None:
    with pytest.raises(InvalidRequest):
        outbound.check_url(url)


async def test_a_name_that_leads_inside_is_refused_when_it_is_told(monkeypatch):
    async def inside(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.7", 443))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", inside)
    with pytest.raises(QueryRefused):
        await outbound.post("https://example.com/x", b"{}", {})


async def test_the_connection_goes_to_the_address_that_was_checked(receiver, monkeypatch):
    host = receiver.host.replace("127.0.0.1", "hooks.test")
    monkeypatch.setenv("PLAINSAY_WEBHOOK_PRIVATE", host)
    asked = []

    async def once(name: str, port: int, **_: Any) -> list[Any]:
        asked.append(name)
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", once)
    assert await outbound.post(f"http://{host}/told", b"{}", {}) == 204
    assert receiver.got[0][0]["host"] == host and asked[:1] == ["hooks.test"]


async def test_no_answer_is_unavailable(monkeypatch):
    monkeypatch.setenv("PLAINSAY_WEBHOOK_PRIVATE", "127.0.0.1:1")
    with pytest.raises(Unavailable):
        await outbound.post("http://127.0.0.1:1/", b"{}", {})


async def test_others_learn_nothing_of_a_webhook(door, receiver, monkeypatch):
    from api import accounts
    from store.principal import Principal

    hook = await made(door, receiver, "ping")
    elsewhere = Principal("eve", "Eve", memberships={"other": "admin"})
    monkeypatch.setattr(accounts, "current", lambda: elsewhere)
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/ping"), ("GET", "/deliveries")):
        more = {"json": {}} if method == "PATCH" else {}
        answer = await door.client.request(method, f"/v1/webhooks/{hook['id']}{path}", **more)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_webhook")
    assert await door.house.database.read(outbox.counts) == {}
