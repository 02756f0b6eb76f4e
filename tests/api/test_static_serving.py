"""The page is served by its rules, and no path leads out of it."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

import pyarrow
import pytest

from api.front import CSP
from store import settings

LISTS = Path(settings.get("data")) / "corpora"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html><title>Plainsay</title>" + " " * 2000)
    (static / "sw.js").write_text("// worker")
    (static / "icon.svg").write_text("<svg/>")
    (static / "manifest.webmanifest").write_text("{}")
    (static / "assets" / "index-a1b2.js").write_text("console.log(1)" * 100)
    (static / "assets" / "logo-a1.png").write_bytes(b"\x89PNG")
    (tmp_path / "secret.txt").write_text("SECRET")
    (static / "link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "workspaces" / "shop" / "lake").mkdir(parents=True)
    return tmp_path


async def test_types_caches_and_headers(door):
    expected = {
        "/": ("text/html; charset=utf-8", "no-cache"),
        "/index.html": ("text/html; charset=utf-8", "no-cache"),
        "/sw.js": ("text/javascript; charset=utf-8", "no-cache"),
        "/manifest.webmanifest": ("application/manifest+json", "no-cache"),
        "/icon.svg": ("image/svg+xml", "no-cache"),
        "/assets/index-a1b2.js": ("text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        "/assets/logo-a1.png": ("image/png", "public, max-age=31536000, immutable"),
    }
    for path, (kind, cache) in expected.items():
        response = await door.client.get(path)
        assert (response.status_code, response.headers["content-type"]) == (200, kind), path
        assert response.headers["cache-control"] == cache
        assert response.headers["vary"] == "Accept-Encoding"
        assert response.headers["content-security-policy"] == CSP
        assert response.headers["x-content-type-options"] == "nosniff"


def test_the_policy_has_no_loophole():
    rules = dict(part.strip().split(" ", 1) for part in CSP.split(";"))
    assert "unsafe" not in CSP and "http" not in CSP and "*" not in CSP
    assert rules["script-src"] == rules["default-src"] == rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["object-src"] == rules["base-uri"] == "'none'"


async def test_gzip_twins(door):
    plain = await door.client.get("/assets/index-a1b2.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    for wish in ("gzip", "gzip;q=0.8, deflate"):
        encoding, raw = await _raw(door, wish)
        assert encoding == "gzip"
        assert gzip.decompress(raw) == plain.content
    picture = await door.client.get("/assets/logo-a1.png", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in picture.headers


async def test_who_reads_brotli_waits_for_no_compression(door):
    plain = await door.client.get("/assets/index-a1b2.js", headers={"accept-encoding": "identity"})
    first, zipped = await _raw(door, "gzip, deflate, br")
    assert (first, gzip.decompress(zipped)) == ("gzip", plain.content)
    for _ in range(1000):
        then, pressed = await _raw(door, "gzip, deflate, br")
        if then == "br":
            break
        await asyncio.sleep(0.02)
    assert then == "br" and len(pressed) < len(zipped)
    codec = pyarrow.Codec("brotli")
    assert codec.decompress(pressed, decompressed_size=len(plain.content), asbytes=True) == plain.content
    assert (await _raw(door, "gzip"))[0] == "gzip"


async def _raw(door, wish: str) -> tuple[str, bytes]:
    """The encoding and the bytes as sent for one that accepts `wish`."""
    async with door.client.stream("GET", "/assets/index-a1b2.js", headers={"accept-encoding": wish}) as answer:
        return answer.headers["content-encoding"], b"".join([chunk async for chunk in answer.aiter_raw()])


async def test_places_in_the_page_fall_back_and_nothing_else_does(door):
    for path in ("/t/abc", "/history", "/data", "/d/1"):
        assert "Plainsay" in (await door.client.get(path)).text
    for path in ("/v1", "/v1/x", "/mcp/x", "/slack/x", "/metrics/x", "/x.js", "/assets/gone-1.js", "/t/a.b"):
        assert (await door.client.get(path)).status_code == 404, path
    assert (await door.client.post("/history")).status_code == 405


async def test_links_and_tricks_do_not_lead_out(door):
    tricks = ("/link.txt", "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/..%5c..%5csecret.txt")
    for path in (*tricks, "//secret.txt", "/assets/%00", "/static/../../secret.txt", "/C:/secret.txt"):
        response = await door.client.get(path)
        assert "SECRET" not in response.text
        assert response.status_code in (200, 404)


@pytest.mark.data
@pytest.mark.skipif(not LISTS.is_dir(), reason="the corpora of PLAINSAY_DATA are not here")
async def test_traversal_lists(door):
    lines: list[str] = []
    for file in sorted(LISTS.glob("*/**/*travers*/**/*.txt")):
        lines += file.read_text("utf-8", "replace").splitlines()
    assert len(lines) > 1000
    for line in lines:
        target = line.replace("{FILE}", "secret.txt").encode("utf-8", "replace")
        raw = b"/" + b"".join(bytes([c]) if 33 <= c < 127 and c not in b"?#" else b"%%%02X" % c for c in target)
        response = await door.client.get(door.client.base_url.copy_with(raw_path=raw))
        assert response.status_code < 500 and "SECRET" not in response.text, line


async def test_a_missing_page_says_how_to_build_it(open_door, home):
    for file in (home / "static").rglob("*.html"):
        file.unlink()
    async with open_door() as door:
        assert (await door.client.get("/")).status_code == 404
