"""The model over HTTP, with a real workspace behind it: review, versions, and trying a change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from ingestion.pipeline import ingest
from warehouse.workspace import named

MAKERS = "id,name\n" + "\n".join(f"{n + 1},m{n}" for n in range(20))
MODELS = "id,maker_id,price\n" + "\n".join(f"{n + 1},{99 if n == 3 else n % 20 + 1},{n}.5" for n in range(60))


@asynccontextmanager
async def opened(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    for name, text in (("makers", MAKERS), ("models", MODELS)):
        (tmp_path / f"{name}.csv").write_text(text + "\n")
    ingest(named("shop", tmp_path), [tmp_path / "makers.csv", tmp_path / "models.csv"])
    app = create_app(home=tmp_path)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=60) as client,
    ):
        yield client


async def test_an_assumption_is_rejected_and_taken_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as client:
        items = (await client.get("/v1/model/review")).json()["items"]
        (join,) = [i for i in items if i["kind"] == "join"]
        assert join["proposal"] == {"to": "makers", "on": {"maker_id": "id"}}
        left = await client.post(f"/v1/model/review/{join['id']}", json={"verdict": "rejected"})
        assert [i["id"] for i in left.json()["items"]] == [i["id"] for i in items if i["id"] != join["id"]]
        assert not (await client.get("/v1/model")).json()["model"]["tables"]["models"].get("joins")
        versions = (await client.get("/v1/model/history")).json()["items"]
        assert [v["number"] for v in versions] == [1, 2]
        assert versions[1]["by"] == "local"
        await client.post("/v1/model/history/1/restore")
        assert (await client.get("/v1/model")).json()["model"]["tables"]["models"]["joins"]


async def test_wrong_requests_say_why(tmp_path: Path) -> None:
    async with opened(tmp_path) as client:
        assert (await client.post("/v1/model/review/nope", json={"verdict": "accepted"})).status_code in (404, 422)
        assert (await client.post("/v1/model/review/nope", json={"verdict": "maybe"})).status_code == 422
        assert (await client.post("/v1/model/history/77/restore")).status_code in (404, 422)
        bad = await client.post("/v1/model/check", json={"yaml": "model: m\ntabels: {}\n"})
        assert bad.status_code == 422
        assert bad.json()["error"]["details"]["line"] == 2


async def test_a_change_is_tried_without_being_put_in_force(tmp_path: Path) -> None:
    async with opened(tmp_path) as client:
        text = "model: m\ntables:\n  models:\n    source: models\n    measures: {prices: {agg: sum, expr: price}}\n"
        tried = (await client.post("/v1/model/check", json={"yaml": text})).json()
        assert tried["findings"] == []
        assert {"prices"} <= {c["after"]["name"] for c in tried["changes"] if c["after"]}
        assert "makers" in (await client.get("/v1/model")).json()["model"]["tables"]


async def test_the_schema_is_served(tmp_path: Path) -> None:
    async with opened(tmp_path) as client:
        assert "tables" in (await client.get("/v1/model/schema")).json()["properties"]


async def test_a_model_is_edited_as_text_and_nobody_is_overwritten(tmp_path: Path) -> None:
    async with opened(tmp_path) as client:
        first = (await client.get("/v1/model/text")).json()
        mine = first["yaml"].replace("label: Price", "label: List price")
        assert mine != first["yaml"], first["yaml"]
        saved = await client.put("/v1/model/text", json={"yaml": mine, "state": first["state"], "why": "list price"})
        assert saved.status_code == 200 and saved.json()["yaml"] == mine
        late = await client.put("/v1/model/text", json={"yaml": first["yaml"], "state": first["state"]})
        assert late.status_code == 409 and late.json()["error"]["code"] == "model_changed"
        assert (await client.get("/v1/model/text")).json()["yaml"] == mine
        broken = {"yaml": "model: m\ntabels: {}\n", "state": saved.json()["state"]}
        wrong = await client.put("/v1/model/text", json=broken)
        assert wrong.status_code == 422 and wrong.json()["error"]["details"]["line"] == 2
        assert [v["why"] for v in (await client.get("/v1/model/history")).json()["items"]][-1] == "list price"


async def test_what_people_call_things_is_changed_and_asked(tmp_path: Path) -> None:
    async with opened(tmp_path) as client:
        model = (await client.get("/v1/model")).json()["model"]
        measure = next(name for name, m in model["tables"]["models"]["measures"].items() if m["agg"] != "count")
        said = {"kind": "measure", "table": "models", "name": measure, "label": "Sticker", "synonyms": ["tag value"]}
        changed = await client.patch("/v1/model/names", json=said)
        assert changed.status_code == 200, changed.text
        entry = changed.json()["model"]["tables"]["models"]["measures"][measure]
        assert entry["label"] == "Sticker" and "tag value" in [s["text"] for s in entry["synonyms"]]
        answer = (await client.post("/v1/ask", json={"question": "tag value by maker"})).json()
        assert answer["status"] in ("answered", "clarify"), answer["declined"]
        gone = await client.patch("/v1/model/names", json={**said, "name": "nothing"})
        assert gone.status_code == 404


def price(**said: object) -> dict[str, object]:
    return {"label": "Price asked", "kind": "column", "table": "models", "column": "price", "agg": "sum", **said}


async def test_a_metric_is_made_by_a_form_asked_and_taken_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as client:
        tried = (await client.post("/v1/model/metrics/check", json=price(shown="money", currency="EUR"))).json()
        assert float(tried["total"]) == sum(n + 0.5 for n in range(60))
        assert (tried["name"], tried["column"]["unit"]["currency"]) == ("price_asked", "EUR")
        assert "price_asked" not in (await client.get("/v1/model")).text
        made = await client.post("/v1/model/metrics", json=price(synonyms=["asking total"], good="up"))
        assert made.status_code == 201
        asked = (await client.post("/v1/ask", json={"question": "asking total"})).json()
        assert asked["status"] == "answered"
        assert float(asked["result"]["rows"][0][-1]) == 1800
        count = await client.post(
            "/v1/model/metrics", json=price(label="Makers seen", column="maker_id", agg="count_distinct")
        )
        assert count.json()["total"] == 21
        per = {"label": "Price per maker", "kind": "ratio", "numerator": "price_asked", "denominator": "makers_seen"}
        assert float((await client.post("/v1/model/metrics", json=per)).json()["total"]) == pytest.approx(1800 / 21)
        double = {"label": "Double", "kind": "formula", "expr": "price_asked * 2"}
        assert float((await client.post("/v1/model/metrics", json=double)).json()["total"]) == 3600
        kept = await client.delete("/v1/model/metrics/price_asked")
        assert (kept.status_code, kept.json()["error"]["code"]) == (409, "metric_in_use")
        for name in ("double", "price_per_maker", "price_asked"):
            assert (await client.delete(f"/v1/model/metrics/{name}")).status_code == 204
        assert "price_asked" not in (await client.get("/v1/model")).text
        entries = (await client.get("/v1/audit")).json()["items"]
        assert [e["target"] for e in entries if e["action"] == "metric.made"][-1] == "price_asked"


async def test_a_metric_of_a_part_reads_only_that_part(tmp_path: Path) -> None:
    async with opened(tmp_path) as client:
        await client.post("/v1/model/metrics", json=price())
        part = {"label": "Of maker seven", "kind": "part", "of": "price_asked", "field": "makers.name", "value": "m7"}
        told = (await client.post("/v1/model/metrics/check", json=part)).json()
        assert float(told["total"]) == sum(n + 0.5 for n in range(60) if n % 20 == 7)
        hostile = (await client.post("/v1/model/metrics/check", json={**part, "value": "' OR 1=1 --"})).json()
        assert float(hostile["total"] or 0) == 0


async def test_a_metric_that_cannot_be_computed_is_not_kept(tmp_path: Path) -> None:
    wrong = [
        (price(label=" price "), "name_taken"), (price(column="nothing"), "unknown_name"),
        (price(column="name", table="makers"), "not_a_number"), (price(shown="money"), "no_currency"),
        ({"label": "x", "kind": "formula", "expr": "nothing + 1"}, None),
        ({"label": "x", "kind": "formula", "expr": "(SELECT 1)"}, None),
        ({"label": "x", "kind": "formula", "expr": ""}, "invalid_metric"),
        ({"label": "x", "kind": "ratio", "numerator": "nothing", "denominator": "nothing"}, "unknown_name"),
    ]  # fmt: skip
    async with opened(tmp_path) as client:
        before = (await client.get("/v1/model/text")).json()["state"]
        await client.post("/v1/model/metrics", json=price(label="Price"))
        after = (await client.get("/v1/model/text")).json()["state"]
        assert before != after
        for body, code in wrong:
            refused = await client.post("/v1/model/metrics", json=body)
            assert refused.status_code in (404, 422), (body, refused.text)
            assert code is None or refused.json()["error"]["code"] == code, refused.text
        assert (await client.get("/v1/model/text")).json()["state"] == after
