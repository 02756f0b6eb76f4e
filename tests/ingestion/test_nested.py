"""Lists inside JSON records become tables that join to their records, or are named in the report."""

from __future__ import annotations

import json
import zipfile

import pytest

from ingestion.pipeline import ingest
from warehouse.model.store import load as load_model
from warehouse.workspace import Workspace

ORDERS = [
    {"id": "01", "customer": "Ann", "tags": ["a", "b"], "items": [{"sku": "x", "qty": 1}, {"sku": "y", "qty": 2}]},
    {"id": "12", "customer": "Bob", "tags": [], "items": [{"sku": "z", "qty": 5}]},
    {"id": "13", "customer": "Cid", "tags": None, "items": []},
]


@pytest.mark.parametrize("name", ["orders.json", "orders.ndjson"])
def test_a_list_of_records_is_a_table_with_the_key_of_its_owner(bench, rows_of, types_of, name):
    lines = "\n".join(map(json.dumps, ORDERS)) if name.endswith("ndjson") else json.dumps(ORDERS)
    orders, items = bench.text(lines, name).tables
    assert rows_of(orders) == [("01", "Ann", "a, b"), ("12", "Bob", None), ("13", "Cid", None)]
    assert (items.name, items.part) == ("orders_items", "items")
    assert rows_of(items) == [("01", "x", 1), ("01", "y", 2), ("12", "z", 5)]
    assert types_of(items) == {"order_id": "VARCHAR", "sku": "VARCHAR", "qty": "BIGINT"}
    assert orders.primary_key == ["id"]
    assert items.foreign_keys == [{"columns": ["order_id"], "to": None, "to_columns": ["id"]}]
    assert orders.warnings == [
        "“tags”: lists of values, joined to one text each.",
        "“items” holds lists of records: they became a table of their own, “orders_items”, joined by “order_id”.",
    ]


def test_codes_keep_their_zeros_on_both_sides(bench, rows_of, types_of):
    """The key is text because of 007, which has no items: in the other table it must be text all the same."""
    records = [{"id": "007"}, {"id": "12", "items": [{"q": 1}]}]
    parent, child = bench.text(json.dumps(records), "a.json").tables
    assert types_of(parent)["id"] == types_of(child)["a_id"] == "VARCHAR"
    assert rows_of(child) == [("12", 1)]


def test_records_without_a_key_are_numbered(bench, rows_of):
    records = [{"who": "Ann", "ship": {"boxes": [{"w": 1}, {"w": 2}]}}, {"who": "Ann", "ship": {"boxes": [{"w": 3}]}}]
    parent, child = bench.text(json.dumps(records), "parcels.json").tables
    assert rows_of(parent) == [(1, "Ann"), (2, "Ann")]
    assert (child.name, rows_of(child)) == ("parcels_ship_boxes", [(1, 1), (1, 2), (2, 3)])
    assert child.foreign_keys[0]["to_columns"] == parent.primary_key == ["parcels_row"]


def test_a_repeated_or_foreign_id_is_no_key(bench):
    repeated = [{"id": 1, "items": [{"a": 1}]}, {"id": 1, "items": [{"a": 2}]}]
    assert bench.text(json.dumps(repeated), "orders.json").tables[0].primary_key == ["orders_row"]
    foreign = [{"name": "x", "customer_id": 7, "items": [{"a": 1}]}]
    assert bench.text(json.dumps(foreign), "orders.json").tables[0].primary_key == ["orders_row"]
    own = [{"name": "x", "order_id": 7, "items": [{"a": 1, "order_id": 9}]}]
    parent, child = bench.text(json.dumps(own), "orders.json").tables
    assert parent.primary_key == ["order_id"]
    assert [c.name for c in child.columns] == ["parent_order_id", "a", "order_id"]


def test_lists_in_lists_go_three_deep_and_the_rest_is_named(bench, rows_of):
    record = {"id": 1, "a": [{"b": [{"c": [{"d": 1}]}]}], "odd": [1, {"x": 2}]}
    first, second, third = bench.text(json.dumps([record]), "t.json").tables
    assert (first.name, second.name, third.name) == ("t", "t_a", "t_a_b")
    assert rows_of(third) == [(1, '[{"d":1}]')]
    assert third.warnings[0].startswith("“c”: nested too deeply or unevenly for a table, kept as JSON text.")
    assert first.warnings[0].startswith("“odd”: nested too deeply or unevenly")


def test_many_lists_of_values_make_one_note(bench):
    table = bench.table(json.dumps([{f"l{n}": [n] for n in range(8)}, {}]), "a.json")
    assert table.warnings == ["“l0”, “l1”, “l2”, “l3”, “l4” and 3 more: lists of values, joined to one text each."]


def test_what_lies_beside_the_list_of_records_is_named(bench):
    document = {"meta": {"page": 1}, "next": None, "orders": [{"id": 1}, {"id": 2}], "sum": 3}
    table = bench.table(json.dumps(document), "a.json")
    assert table.warnings == ["Beside its list of records the file holds “meta”, “sum”: left out."]


@pytest.mark.parametrize("packed", [False, True])
def test_the_join_is_found(tmp_path, packed):
    path = tmp_path / "orders.json"
    path.write_text(json.dumps(ORDERS))
    if packed:
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            archive.write(path, "orders.json")
        path = tmp_path / "all.zip"
    place = Workspace("test", tmp_path / "workspaces" / "test")
    assert [table.name for table in ingest(place, [path]).tables] == ["orders", "orders_items"]
    joins = load_model(place.model_file).tables["orders_items"].joins
    assert [(join.to, join.on) for join in joins] == [("orders", {"order_id": "id"})]
    assert [table.name for table in ingest(place, [path]).tables] == ["orders", "orders_items"]
