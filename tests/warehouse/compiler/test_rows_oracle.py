"""Random queries with many sides, roles and policies against plain Python that goes row by row over nested lists.

It shares no code with the compiler: a fact row knows its parents, and its children by the rows that point at it.
"""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal

import pytest

from store.principal import Principal

FAR = ["category_name", "department", "product_name"]
NEAR = ["channel", "status", "country", "territory"]
POOL = {
    "category_name": ["Shoes", "Hats", "Toys"], "department": ["Apparel", "Other"],
    "product_name": ["Runner", "Cap", "Robot"], "channel": ["web", "app"], "status": ["completed", "pending"],
    "country": ["US", "GB", "DE"], "territory": ["North", "South"],
}  # fmt: skip
OWN = {"name": "own", "table": "customers", "where": "country IN (:countries)"}


class Rows:
    """The shop as dictionaries."""

    def __init__(self, shop):
        names = ("orders", "order_items", "products", "categories", "customers", "regions")
        self.tables = {n: self._read(shop, n) for n in names}

    def _read(self, shop, name):
        found = shop.connection.execute(f"SELECT * FROM {name}")
        columns = [c[0] for c in found.description]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    def parent(self, table, key, value):
        return next((r for r in self.tables[table] if r[key] == value and value is not None), {})

    def order(self, row, countries):
        """An order with its customer's columns and the list of its lines; None when its owner must not be seen."""
        owner = self.parent("customers", "customer_id", row["customer_id"])
        if countries is not None and owner.get("country") not in countries:
            return None
        region = self.parent("regions", "region_id", owner.get("region_id"))
        lines = [self.line(r) for r in self.tables["order_items"] if r["order_id"] == row["order_id"]]
        return row | {"country": owner.get("country"), "territory": region.get("territory"), "lines": lines}

    def line(self, row):
        product = self.parent("products", "product_id", row["product_id"])
        category = self.parent("categories", "category_id", product.get("category_id"))
        return {n: (product | category).get(n) for n in FAR}


def test_one(one, row):
    value, op, wanted = row.get(one["field"]["field"]), one["op"], one["values"]
    text = value.lower() if value is not None else None
    same = text is not None and text in [w.lower() for w in wanted]
    return {"=": same, "in": same, "!=": not same, "not_in": not same, "is_null": value is None}[op]


test_one.__test__ = False


def keeps(order, filters):
    near = [f for f in filters if f["field"]["field"] in NEAR]
    if not all(test_one(f, order) for f in near):
        return False
    far = [f for f in filters if f["field"]["field"] in FAR]
    together = [f for f in far if f["many"] == "any"]
    if together and not any(all(test_one(f, line) for f in together) for line in order["lines"]):
        return False
    for one in (f for f in far if f["many"] != "any"):
        met = [test_one(one, line) for line in order["lines"]]
        if (one["many"] == "none" and any(met)) or (one["many"] == "all" and not (met and all(met))):
            return False
    return True


def groups(order, dimensions, filters):
    """The groups an order counts in, each once."""
    if not any(d in FAR for d in dimensions):
        return {tuple(order.get(d) for d in dimensions)}
    inside = [f for f in filters if f["field"]["field"] in FAR and f["many"] == "any"]
    lines = [x for x in order["lines"] if all(test_one(f, x) for f in inside)] or [{}]
    return {tuple(x.get(d) if d in FAR else order.get(d) for d in dimensions) for x in lines}


def expected(shop, query, countries):
    found = defaultdict(list)
    rows = Rows(shop)
    for row in rows.tables["orders"]:
        order = rows.order(row, countries)
        if order is None or not keeps(order, query["filters"]):
            continue
        for group in groups(order, query["dimensions"], query["filters"]):
            found[group].append(order)
    made = []
    for group, orders in found.items():
        amount = sum((o["amount"] for o in orders if o["amount"] is not None), Decimal(0))
        buyers = {o["customer_id"] for o in orders if o["customer_id"] is not None}
        done = [o["amount"] for o in orders if o["status"] == "completed"]
        aov = float(sum(a for a in done if a is not None)) / len(done) if any(a is not None for a in done) else None
        made.append((*group, len(orders), float(amount), len(buyers), aov if aov is not None or not done else 0.0))
    return sorted(made, key=repr)


def random_query(rng):
    filters = []
    for field in rng.sample([*FAR, *NEAR], rng.randint(0, 2)):
        op = rng.choice(["=", "!=", "in", "not_in", "is_null"])
        values = {"is_null": []}.get(op, rng.sample(POOL[field], min(2, len(POOL[field])) if "in" in op else 1))
        many = rng.choice(["any", "none", "all"]) if field in FAR else "any"
        filters.append({"field": {"field": field}, "op": op, "values": values, "many": many})
    dimensions = rng.sample([*FAR, *NEAR], rng.randint(1, 3))
    return {"metrics": ["orders", "revenue", "buyers", "aov"], "dimensions": dimensions, "filters": filters}


@pytest.fixture
def messy(shop):
    shop.run("INSERT INTO orders VALUES (6, 99, '2025-03-05', 'completed', 'web', 7), (7, NULL, NULL, NULL, NULL, 3)")
    shop.run("INSERT INTO orders VALUES (8, 4, '2025-03-31', 'completed', 'web', 0)")
    shop.run("INSERT INTO order_items VALUES (8, 99, 1, 2, 3), (9, 8, NULL, 1, 4), (10, 1, 99, 1, 4), (11, 7, 2, 1, 1)")
    shop.run("INSERT INTO customers VALUES (5, NULL, 1)")
    return shop


@pytest.mark.parametrize("seed", range(6))
def test_random_queries_with_many_sides_and_policies_agree(messy, seed):
    rng = random.Random(seed)
    for _ in range(12):
        query = random_query(rng)
        countries = rng.choice([None, ("US",), ("US", "GB"), ()])
        messy.data["policies"] = [] if countries is None else [OWN]
        messy.principal = Principal("ana", "Ana", "viewer", {"countries": countries or ()})
        found = [(*r[:-3], float(r[-3]), *r[-2:]) for r in messy.ask(**query)]
        assert [r[:-1] for r in sorted(found, key=repr)] == [r[:-1] for r in expected(messy, query, countries)], query
        assert sorted((r[-1] for r in found), key=repr) == pytest.approx(
            sorted((r[-1] for r in expected(messy, query, countries)), key=repr)
        ), query


MOVES = {
    "orders.amount": "UPDATE orders SET amount = amount * 2 + order_id",
    "orders.status": "UPDATE orders SET status = CASE WHEN order_id % 2 = 0 THEN 'completed' ELSE 'pending' END",
    "orders.customer_id": "UPDATE orders SET customer_id = order_id",
    "orders.order_id": "UPDATE orders SET order_id = order_id + 100",
    "order_items.quantity": "UPDATE order_items SET quantity = quantity + item_id",
    "order_items.unit_price": "UPDATE order_items SET unit_price = unit_price + item_id",
    "returns.refund_amount": "UPDATE returns SET refund_amount = refund_amount + 1",
    "events.session_id": "UPDATE events SET session_id = 'S' || event_id",
    "events.event_type": "UPDATE events SET event_type = 'purchase'",
}


@pytest.mark.parametrize("metric", ["revenue", "aov", "net_revenue", "buyers", "conversion", "item_revenue", "refunds"])
def test_lineage_names_the_columns_whose_change_changes_the_figure(shop, metric):
    compiled = shop.compile(metrics=[metric])
    told = {*compiled.columns[0].lineage.columns, *compiled.filter_columns}
    before = shop.rows(compiled)
    for column, change in MOVES.items():
        shop.run("BEGIN")
        shop.run(change)
        if shop.rows(compiled) != before:
            assert column in told, column
        shop.run("ROLLBACK")
