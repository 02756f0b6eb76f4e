"""Past its time a raw row keeps what figures are made of and nothing else; the tables would be built the same again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest

from evals.connectors import played
from ingestion import persons
from ingestion.canonical.building import hashing
from ingestion.canonical.compiling import compiled
from ingestion.connectors import aging, catalog, connections, inbox, landing
from ingestion.connectors.contract import Contract
from ingestion.connectors.manifest import Manifest, Resource
from warehouse.lake import Lake
from warehouse.workspace import Workspace, named

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MAPPED = [m for m in catalog.everything() if m.canonical and m.driver is None]
SECRET = "what nobody needs"


def noisy(row: dict[str, Any]) -> dict[str, Any]:
    ours = {name: NOW.isoformat() for name in ("_taken", "_received") if name in row}
    return {**row, **ours, "zz_note": SECRET, "zz_more": {"deep": [SECRET]}}


def aged(writer: duckdb.DuckDBPyConnection, manifest: Manifest, resource: Resource, rows: list[Any]) -> list[str]:
    found = [(str(n), json.dumps(row)) for n, row in enumerate(rows)]
    changed = dict(aging._changed(writer, aging.needed(manifest, resource), found))
    return [changed.get(key, text) for key, text in found]


@pytest.mark.parametrize("manifest", MAPPED, ids=lambda m: m.source)
def test_common_tables_are_the_same_when_they_are_built_from_aged_rows(manifest: Manifest, tmp_path: Any):
    place = named("w", tmp_path)
    place.root.mkdir(parents=True)
    with duckdb.connect() as writer:
        hashing(writer, place)
        for resource in {m.resource: manifest.resource(m.resource) for m in manifest.canonical}.values():
            rows = [noisy(s.row) for s in played.rows(manifest, resource, 5, NOW)]
            texts = aged(writer, manifest, resource, rows)
            needs_all = () in aging.needed(manifest, resource).places
            assert needs_all or not any(SECRET in text for text in texts), resource.name
            for mapping in (m for m in manifest.canonical if m.resource == resource.name):
                select, told = compiled(manifest, mapping, "USD").select, []
                for made in ([json.dumps(row) for row in rows], texts):
                    listed = ", ".join(f"('k{n}', {landing.literal(t)})" for n, t in enumerate(made))
                    raw = f"SELECT *, TIMESTAMPTZ '2026-01-01' AS _version FROM (VALUES {listed}) AS v(_key, _row)"
                    told.append(writer.execute(f"WITH raw AS ({raw}) {select} ORDER BY ALL").fetchall())
                assert told[0] == told[1], (resource.name, mapping.table)


ADA = "ada.lovelace@example.org"
CHARGE = {"id": "ch_1", "amount": 1000, "currency": "eur", "captured": True, "status": "succeeded", "refunded": False,
          "amount_refunded": 0, "created": 1_788_000_000, "livemode": True, "customer": "cus_ada7",
          "billing_details": {"email": ADA, "name": "Ada", "address": {"country": "GB", "line1": SECRET}}}  # fmt: skip
CUSTOMER = {"id": "cus_ada7", "email": ADA, "created": 1_788_000_000, "name": "Ada", "address": {"country": "GB"}}


@pytest.fixture
def shop(tmp_path: Any) -> Workspace:
    workspace = named("shop", tmp_path)
    made = connections.make(workspace, "stripe", {"api_key": "rk_live_12345678"})
    made.options[aging.KEEP] = 30
    connections.save(workspace, made)
    put(workspace)
    return workspace


def put(workspace: Workspace) -> None:
    made = connections.get(workspace, "stripe")
    with Lake.create(workspace.lake).writer() as writer:
        landing.prepare(writer, made.schema, ["charges", "customers"])
        for name, row in (("charges", CHARGE), ("customers", CUSTOMER)):
            place = (made.id, made.schema, made.manifest.resource(name))
            landing.commit(writer, place, [row], None, "test", Contract({}))


def held(workspace: Workspace) -> str:
    with Lake.open(workspace.lake).writer() as writer:
        tables = ("raw_stripe.charges", "raw_stripe.customers")
        return str([writer.execute(f"SELECT _row FROM {t}").fetchall() for t in tables])


def after(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def test_a_row_keeps_its_rest_for_the_days_one_says_and_the_same_row_sent_again_does_not_bring_it_back(shop: Workspace):
    assert aging.age(shop, datetime(2026, 8, 20, tzinfo=UTC)) == 0 and ADA in held(shop)
    assert aging.age(shop, after(40)) == 2
    left = held(shop)
    assert ADA not in left and SECRET not in left and "Ada" not in left
    assert "ch_1" in left and "1000" in left and "GB" in left
    put(shop)
    assert ADA not in held(shop) and aging.age(shop, after(41)) == 0


def test_a_person_is_found_by_an_address_of_which_only_the_mark_is_left(shop: Workspace):
    aging.age(shop, after(40))
    assert {h.table for h in persons.held(shop, ADA)} == {"stripe.charges", "stripe.customers"}


def test_calls_of_a_service_and_rows_set_aside_age_too(shop: Workspace):
    with inbox.opened(shop) as opened:
        call = (
            "stripe",
            "e1",
            "charges",
            json.dumps(CHARGE),
            None,
            "t",
            "2026-01-01",
            json.dumps(CHARGE),
            "2026-01-01",
        )
        opened.execute("INSERT INTO inbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", call)
        opened.commit()
    with Lake.open(shop.lake).writer() as writer:
        writer.execute(
            "INSERT INTO connector_state.rejected VALUES ('stripe', 'charges', 'k', 'h', '{}', 'why', '2026-01-01')"
        )
    aging.age(shop, after(40))
    with inbox.opened(shop) as opened:
        assert opened.execute("SELECT event_key, row, body FROM inbox").fetchall() == [("e1", "{}", "")]
    with Lake.open(shop.lake).writer() as writer:
        assert writer.execute("SELECT count(*) FROM connector_state.rejected").fetchone() == (0,)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keys of the rows that ageing read, in order."""
    found: list[str] = []
    really = aging._changed

    def counted(writer: Any, need: Any, rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
        found.extend(key for key, _ in rows)
        return really(writer, need, rows)

    monkeypatch.setattr(aging, "_changed", counted)
    return found


def charge(workspace: Workspace, name: str, created: datetime, **more: Any) -> None:
    made = connections.get(workspace, "stripe")
    with Lake.create(workspace.lake).writer() as writer:
        place = (made.id, made.schema, made.manifest.resource("charges"))
        row = {**CHARGE, "id": name, "created": int(created.timestamp()), "_at": created.isoformat(), **more}
        landing.commit(writer, place, [row], None, "test", Contract({}))


def keep(workspace: Workspace, days: int) -> None:
    made = connections.get(workspace, "stripe")
    made.options[aging.KEEP] = days
    connections.save(workspace, made)


def whole(workspace: Workspace) -> set[str]:
    """Charges that are kept as they came; one of the fixture came just now."""
    with Lake.open(workspace.lake).writer() as writer:
        rows = writer.execute("SELECT _row FROM raw_stripe.charges").fetchall()
    return {json.loads(text)["id"] for (text,) in rows if SECRET in text} - {"ch_1"}


def test_each_day_looks_only_at_rows_that_became_old_since_and_at_old_ones_that_came_since(
    shop: Workspace, looked_at: list[str]
):
    today = datetime.now(UTC)
    charge(shop, "young", today)
    charge(shop, "middle", today - timedelta(days=20))
    aging.age(shop, today)
    aging.age(shop, today + timedelta(days=1))
    assert looked_at == [] and whole(shop) == {"young", "middle"}
    aging.age(shop, today + timedelta(days=12))
    assert looked_at == ['["middle"]'] and whole(shop) == {"young"}
    charge(shop, "filled_back", today - timedelta(days=400))
    charge(shop, "middle", today - timedelta(days=20), description="rewritten by the service")
    assert whole(shop) == {"young", "filled_back", "middle"}
    looked_at.clear()
    aging.age(shop, today + timedelta(days=13))
    assert sorted(looked_at) == ['["filled_back"]', '["middle"]'] and whole(shop) == {"young"}


def test_keeping_rows_shorter_or_longer_leaves_none_out(shop: Workspace):
    today = datetime.now(UTC)
    charge(shop, "a", today - timedelta(days=20))
    aging.age(shop, today)
    keep(shop, 10)
    assert aging.age(shop, today) == 1 and whole(shop) == set()
    keep(shop, 60)
    charge(shop, "b", today - timedelta(days=20))
    assert aging.age(shop, today) == 0 and aging.age(shop, today + timedelta(days=1)) == 0 and whole(shop) == {"b"}
    assert aging.age(shop, today + timedelta(days=41)) == 1 and whole(shop) == set()


def test_all_old_rows_are_looked_at_when_less_is_needed_of_them_and_from_time_to_time(
    shop: Workspace, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
):
    today = datetime.now(UTC)
    charge(shop, "old", today - timedelta(days=40))
    aging.age(shop, today)
    looked_at.clear()
    aging.age(shop, today + aging.WHOLE)
    assert '["old"]' in looked_at
    assert "created" in held(shop)
    monkeypatch.setattr(aging, "needed", lambda _m, _r: aging.Needed(frozenset({("id",)}), frozenset()))
    assert aging.age(shop, today + aging.WHOLE + timedelta(days=1)) > 0
    assert "created" not in held(shop)


def test_nothing_ages_without_a_time(shop: Workspace):
    made = connections.get(shop, "stripe")
    made.options.pop(aging.KEEP)
    connections.save(shop, made)
    assert aging.age(shop, after(4000)) == 0 and ADA in held(shop)
