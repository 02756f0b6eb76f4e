"""The connector of docs/write-a-connector.md: right beside its specification, its own tables called well."""

from __future__ import annotations

from pathlib import Path

import yaml

from evals.connectors import specs, stranger
from ingestion.canonical import compiling
from ingestion.canonical.plain import names_of
from ingestion.connectors.manifest import Manifest
from warehouse.model.reading import read
from warehouse.profile import ColumnProfile, DataProfile, TableProfile

DOCS = Path(__file__).resolve().parents[3] / "docs"


def manifest(**renamed: str) -> Manifest:
    text = (DOCS / "write-a-connector.md").read_text(encoding="utf-8")
    raw = yaml.safe_load(next(body for kind, body in stranger._BLOCK.findall(text) if kind == "yaml"))
    for resource in raw["resources"]:
        resource["spec"] = "ticketry.openapi.yaml"
        resource["selector"] = renamed.get("selector", resource["selector"])
    return Manifest.model_validate(raw)


def test_the_connector_of_the_document_keeps_to_its_specification():
    compiling.check(manifest())
    looked, found = specs.compare(manifest(), DOCS)
    assert looked > 15 and found == []
    assert specs.compare(manifest(selector="rows"), DOCS)[1]


def test_columns_are_called_by_the_last_part_of_their_place():
    assert names_of(["id", "attributes.createdAt", "a.name", "b.name"]) == {
        "id": "id", "attributes.createdAt": "created_at", "a.name": "a_name", "b.name": "b_name",
    }  # fmt: skip
    assert names_of(["carrier.name", "attributes.id", "charge.amount"]) == {
        "carrier.name": "carrier_name", "attributes.id": "id", "charge.amount": "amount",
    }  # fmt: skip


def test_tables_of_one_connection_are_called_without_its_name():
    def table(name: str, **columns: list[str]) -> TableProfile:
        found = {n: column(n, values) for n, values in columns.items()}
        return TableProfile(name=name, rows=9, columns=found, primary_key=["id"] if "id" in columns else [])

    def column(name: str, values: list[str]) -> ColumnProfile:
        return ColumnProfile(name=name, duckdb_type="VARCHAR", rows=9, nulls=0, distinct=len(values), values=values)

    tables = [
        table("connected_sources", connection_id=["desk_2", "desk", "shop"]), table("desk_tickets", id=["a"]),
        table("desk_2_tickets", id=["a"]), table("shop_payments", id=["a"]), table("payments", id=["a"]),
        table("shop_carts", id=["a"]),
    ]  # fmt: skip
    profile = DataProfile(snapshot=1, tables={t.name: t for t in tables})
    called = {n: t.record for n, t in read(profile, lambda *_: None).items()}
    assert called["shop_carts"] == ("cart",)
    assert called["shop_payments"] == ("shop", "payment") and called["payments"] == ("payment",)
    assert called["desk_tickets"] != called["desk_2_tickets"]
