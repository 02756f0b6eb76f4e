"""Mail over a real SMTP server: text, HTML and chart in one, nothing from elsewhere, never twice on a lost answer."""

from __future__ import annotations

import asyncio
import email
from collections.abc import AsyncIterator
from email import policy
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from bots.digests import mail, picture, post
from store.delivery import Ambiguous
from store.errors import ConfigProblem, QueryRefused, Unavailable

BODY: dict[str, Any] = {
    "name": "Morning <b>", "headline": "Revenue fell by 20%\r\nBcc: x@example.com <script>alert(1)</script>",
    "period": "yesterday", "quiet": False, "ahead": "Revenue is expected to come to $5.", "goals": ["On plan."],
    "note": "", "questions": ["Why did revenue fall?"], "through": "2026-11-19",
    "figures": [{"label": "Revenue", "value": "$4", "change": "−20%", "against": "same day last week"}],
    "items": [
        {"text": "Revenue fell by 20%", "why": "South: −$3.", "tone": "bad"},
        {"text": "Orders <i>rose</i>", "why": "", "tone": "good"},
    ],
    "chart": {
        "title": "Revenue", "alt": "Line \"chart\" of revenue", "table": "h1",
        "rows": [{"day": "2026-11-18", "v": 5}, {"day": "2026-11-19", "v": 4}],
        "spec": {"mark": "line", "encoding": {"x": {"field": "day", "type": "temporal"},
                                              "y": {"field": "v", "type": "quantitative"}}},
    },
}  # fmt: skip
ENVELOPE = mail.Envelope(
    "plainsay@example.com", "ann@example.com", "dm-1", "dg-1", "shop", "https://data.example.com",
    "https://data.example.com/v1/digests/dg-1/stop?mark=x",
)  # fmt: skip


class Box:
    """Keeps what came; `verdict` is what the server says to the data."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.verdict = "250 OK"
        self.hang_up = False

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address.startswith("nobody"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        self.got.append(envelope)
        if self.hang_up:
            server.transport.abort()
            await asyncio.sleep(0)
        return self.verdict


@pytest.fixture
async def box(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Box]:
    found = Box()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(found, loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("PLAINSAY_SMTP_URL", f"smtp://127.0.0.1:{port}")
    yield found
    server.close()
    await server.wait_closed()


def written(picture_bytes: bytes | None = b"\x89PNG") -> Any:
    return mail.encode(ENVELOPE, BODY, picture_bytes)


async def test_a_mail_arrives_whole(box: Box) -> None:
    drawn = picture.png(BODY["chart"])
    assert drawn is not None and drawn.startswith(b"\x89PNG")
    await post.send(written(drawn))
    (envelope,) = box.got
    assert (envelope.mail_from, envelope.rcpt_tos) == ("plainsay@example.com", ["ann@example.com"])
    got = email.message_from_bytes(envelope.content, policy=policy.default)
    assert got["bcc"] is None and "\n" not in got["subject"]
    assert got["list-unsubscribe"] == "<https://data.example.com/v1/digests/dg-1/stop?mark=x>"
    assert got["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    kinds = [part.get_content_type() for part in got.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    page = got.get_body(("html",))
    assert page is not None
    html = page.get_content()
    image = list(got.walk())[-1]
    assert f"cid:{image['content-id'].strip('<>')}" in html
    assert image.get_content() == drawn
    assert "<script>" not in html and "<i>rose</i>" not in html and "src='http" not in html
    plain = got.get_body(("plain",))
    assert plain is not None and "Why: South: −$3." in plain.get_content()
    assert "https://data.example.com/?workspace=shop&q=Why%20did%20revenue%20fall%3F" in plain.get_content()


async def test_refusals_are_final_and_trouble_is_tried_again(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.verdict = "451 try later"
    with pytest.raises(Unavailable):
        await post.send(written())
    box.verdict = "554 spam"
    with pytest.raises(QueryRefused):
        await post.send(written())
    nobody = mail.encode(mail.Envelope("a@example.com", "nobody@example.com", "m", "d", "shop"), BODY, None)
    with pytest.raises(QueryRefused):
        await post.send(nobody)
    monkeypatch.setenv("PLAINSAY_SMTP_URL", "smtp://127.0.0.1:1")
    with pytest.raises(Unavailable):
        await post.send(written())
    for bad in ("", "http://x", "smtp://"):
        monkeypatch.setenv("PLAINSAY_SMTP_URL", bad)
        with pytest.raises(ConfigProblem):
            await post.send(written())


async def test_a_server_that_hangs_up_after_the_mail_leaves_it_unknown(box: Box) -> None:
    box.hang_up = True
    with pytest.raises(Ambiguous):
        await post.send(written())
    assert len(box.got) == 1


async def test_a_password_is_not_sent_in_the_clear(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    url = os.environ["PLAINSAY_SMTP_URL"].replace("smtp://", "smtp://ann:secret@")
    monkeypatch.setenv("PLAINSAY_SMTP_URL", url)
    with pytest.raises(ConfigProblem):
        await post.send(written())
    assert box.got == []
