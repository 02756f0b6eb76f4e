"""A workspace leaves as a file and comes back the same; what is no such file makes no workspace."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile

import httpx

from api.app import create_app
from evals.canary import SHOP, build
from ingestion.pipeline import ingest
from warehouse.workspace import named

MANIFEST = {"format": 1, "tables": []}
ASK = {"question": "total amount by region", "as_of": "2026-07-15"}


async def test_a_workspace_goes_out_and_comes_back_the_same(tmp_path):
    build(tmp_path)
    app = create_app(home=tmp_path)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=60) as client,
    ):
        before = (await client.post("/v1/ask", json=ASK | {"workspace": SHOP})).json()
        packed = await client.get(f"/v1/workspaces/{SHOP}/export")
        assert packed.headers["content-type"] == "application/zip"
        files = [("files", ("shop.zip", packed.content))]
        assert (await client.post("/v1/workspaces/import?name=again", files=files)).json()["tables"] == [
            "customers",
            "orders",
        ]
        assert (await client.post("/v1/workspaces/import?name=again", files=files)).status_code == 409
        copied = await client.post(f"/v1/workspaces/{SHOP}/copy", json={"name": "twin", "label": "The twin"})
        assert copied.status_code == 201, copied.text
        plain = await client.post(f"/v1/workspaces/{SHOP}/copy", json={"name": "pattern", "data": False})
        assert plain.json() == {"name": "pattern", "tables": ["customers", "orders"]}
        bare = (await client.get(f"/v1/workspaces/{SHOP}/export?data=false")).content
        with zipfile.ZipFile(io.BytesIO(bare)) as archive:
            assert archive.namelist() == ["manifest.json", "model.yaml"]
            told = "".join(archive.read(n).decode() for n in archive.namelist())
        assert not [cell for cell in ("miller", "canarysmith", "canarynote1", "7913375") if cell in told]
        empty = (await client.post("/v1/ask", json=ASK | {"workspace": "pattern"})).json()
        assert empty["result"]["rows"] == [] and "7,913,375" not in empty["text"]
        loaded = await asyncio.to_thread(
            ingest, named("pattern", tmp_path), sorted((tmp_path / "files").glob("[co]*.csv"))
        )
        assert [t.name for t in loaded.tables] == ["customers", "orders"], "its own tables, not others beside them"
        for name in ("again", "twin", "pattern"):
            after = (await client.post("/v1/ask", json=ASK | {"workspace": name})).json()
            assert after["result"]["rows"] == before["result"]["rows"], name
            shown = (await client.get(f"/v1/policies?workspace={name}")).json()
            assert [p["name"] for p in shown["policies"]] == ["own_region"]
        assert (await client.delete(f"/v1/workspaces/{SHOP}")).status_code == 204
        assert (await client.post("/v1/ask", json=ASK | {"workspace": "twin"})).json()["status"] == "answered"
        odd = {"manifest.json": '{"format": 1, "tables": []}', "../x": "y", "model.yaml": "model: m"}
        hostile = {"manifest.json": json.dumps(MANIFEST | {"empty": {"t": [["a", "INT); DROP TABLE x; --"]]}})}
        for content in (
            _zip(hostile | {"model.yaml": "model: m"}),
            b"no zip",
            _zip(odd),
            _zip({"manifest.json": '{"format": 9}'}),
            _zip({"a": "b"}),
        ):
            reply = await client.post("/v1/workspaces/import?name=bad", files=[("files", ("x.zip", content))])
            assert reply.status_code == 422 and not (tmp_path / "workspaces" / "bad").exists()
        assert not [p for p in tmp_path.iterdir() if p.name.startswith((".export-", ".import-", ".copy-"))]


def _zip(entries: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return target.getvalue()
