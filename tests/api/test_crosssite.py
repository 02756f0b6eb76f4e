"""Other sites' pages cannot act here: 54 combinations of Sec-Fetch-Site and Origin, and borrowed host names."""

from __future__ import annotations

import itertools

import pytest

SITES = (None, "same-origin", "none", "same-site", "cross-site", "nonsense")
ORIGINS = {
    None: True,
    "http://localhost": True,
    "http://LOCALHOST": True,
    "http://evil.example": False,
    "http://localhost.evil.example": False,
    "http://localhost:8001": False,
    "null": False,
    "file://localhost": False,
    "http://[": False,
}
MATRIX = list(itertools.product(SITES, ORIGINS))


@pytest.mark.parametrize(("site", "origin"), MATRIX)
async def test_changing_requests(door, site, origin):
    headers = {k: v for k, v in {"Sec-Fetch-Site": site, "Origin": origin}.items() if v is not None}
    allowed = site in (None, "same-origin", "none") and ORIGINS[origin]
    response = await door.client.post("/v1/workspaces", json={"name": "new"}, headers=headers)
    assert response.status_code == (201 if allowed else 403)
    assert (await door.client.get("/v1/workspaces", headers=headers)).status_code == 200
    removed = await door.client.delete("/v1/workspaces/new", headers=headers)
    assert removed.status_code == (204 if allowed else 403)


async def test_host_names(door):
    for host in ("localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"):
        assert (await door.client.get("/healthz", headers={"Host": host})).status_code == 200, host
    for host in (
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "",
        "[::1",
        "0.0.0.0",
    ):
        refused = await door.client.get("/healthz", headers={"Host": host})
        assert (refused.status_code, refused.json()["error"]["code"]) == (421, "wrong_host"), host


async def test_there_is_no_cors(door):
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    response = await door.client.options("/v1/ask", headers=asked)
    assert not [name for name in response.headers if name.startswith("access-control")]
    read = await door.client.get("/v1/threads", headers={"Origin": "http://evil.example"})
    assert "access-control-allow-origin" not in read.headers
