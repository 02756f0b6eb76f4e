"""One person can be shown all that is held of them, and be gone from every file, while figures of the past stand."""

from __future__ import annotations

import json

import pytest

from ingestion import persons, pipeline
from ingestion.connectors import connections, forgotten, landing, sync
from ingestion.connectors.contract import Contract
from store.errors import InvalidRequest
from warehouse.lake import Lake
from warehouse.workspace import named

ADA, BOB = "ada.lovelace@example.org", "bob@example.org"
CHARGES = [
    {"id": f"ch_{n}", "amount": 1000 + n, "currency": "eur", "captured": True, "status": "succeeded", "refunded": False,
     "amount_refunded": 0, "created": 1_788_000_000 + n, "livemode": True,
     "customer": f"cus_{'ada' if n % 2 else 'bob'}7",
     "billing_details": {"email": ADA if n % 2 else BOB, "name": "Ada Lovelace" if n % 2 else "Bob",
                         "address": {"country": "GB", "line1": "12 Secret Lane" if n % 2 else "1 Road"}}}
    for n in range(10)
]  # fmt: skip
CUSTOMERS = [
    {"id": "cus_ada7", "email": ADA.upper(), "created": 1_788_000_000, "address": {"country": "GB"}},
    {"id": "cus_bob7", "email": BOB, "created": 1_788_000_000, "address": {"country": "GB"}},
]
TOTAL = "SELECT count(*), sum(amount), count(DISTINCT customer_id) FROM payments"


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Published without a profile and a model, which take long and are made anew from the rows that are left."""
    monkeypatch.setattr(pipeline, "complete", lambda _workspace, lake, _writer: lake.publish().version)
    workspace = named("shop", tmp_path)
    made = connections.make(workspace, "stripe", {"api_key": "rk_live_12345678"})
    connections.save(workspace, made)
    put(workspace, made)
    with Lake.create(workspace.lake).writer() as writer:
        writer.execute(f"CREATE TABLE newsletter AS SELECT '{ADA}' AS mail, 3 AS clicks UNION ALL SELECT '{BOB}', 5")
    sync.publish(workspace)
    return workspace


def put(workspace, made):
    """As a load does, with what it asks before it keeps a row."""
    with Lake.create(workspace.lake).writer() as writer:
        landing.prepare(writer, made.schema, ["charges", "customers"])
        for name, rows in (("charges", CHARGES), ("customers", CUSTOMERS)):
            resource = made.manifest.resource(name)
            kept = forgotten.kept(workspace, made.manifest, resource, rows)
            landing.commit(writer, (made.id, made.schema, resource), kept, None, "test", Contract({}))


def one_row(workspace, sql):
    with Lake.open(workspace.lake).writer() as writer:
        return writer.execute(sql).fetchone()


def spoken_of(workspace, *texts):
    """Files of the workspace in which any of the texts stands, as it is or in a Parquet file that can be read."""
    import duckdb

    found = set()
    for path in (p for p in workspace.root.rglob("*") if p.is_file()):
        data = path.read_bytes()
        if path.suffix == ".parquet":
            with duckdb.connect() as reader:
                data += json.dumps(reader.execute(f"FROM '{path}'").fetchall(), default=str).encode()
        found |= {path.name for t in texts if t.encode() in data}
    return found


@pytest.mark.slow
def test_a_person_is_found_and_gone_from_every_file_while_the_figures_stand(shop):
    found = {h.table: h.rows for h in persons.held(shop, "Ada.Lovelace@example.org ")}
    assert len(found["stripe.charges"]) == 5
    assert [r["id"] for r in found["stripe.customers"]] == ["cus_ada7"]
    assert found["newsletter"] == [{"mail": ADA, "clicks": 3}]
    assert set(found) == {"stripe.charges", "stripe.customers", "newsletter"}
    assert persons.held(shop, "nobody@example.org") == []
    before = one_row(shop, TOTAL)
    assert spoken_of(shop, ADA, "12 Secret Lane"), "the test can see what it looks for"
    done = persons.erase(shop, ADA)
    assert (done.removed, done.cleaned) == (2, 5), "the customer and the line of the file; five payments stay"
    assert one_row(shop, TOTAL) == before
    assert one_row(shop, "SELECT count(*) FROM payments WHERE customer_id = 'erased'") == (5,)
    assert one_row(shop, "SELECT count(*) FROM customers") == (1,)
    assert one_row(shop, "SELECT count(*), sum(clicks) FROM newsletter") == (1, 5)
    assert one_row(shop, "SELECT count(*) FROM ducklake_snapshots('lake')") == (1,), "no earlier version"
    assert spoken_of(shop, ADA, ADA.upper(), "cus_ada7", "Ada Lovelace", "12 Secret Lane") == set()
    assert persons.held(shop, ADA) == []
    assert spoken_of(shop, BOB), "others stay"
    put(shop, connections.all_of(shop)[0])  # a later load sends all of it again
    assert persons.held(shop, ADA) == []
    assert one_row(shop, "SELECT count(*) FROM raw_stripe.charges") == (10,)
    assert one_row(shop, "SELECT count(*) FROM raw_stripe.customers") == (1,)


@pytest.mark.parametrize("who", ["", "  ", "a@b"])
def test_who_is_named_by_too_little(tmp_path, who):
    with pytest.raises(InvalidRequest):
        persons.held(named("shop", tmp_path), who)
