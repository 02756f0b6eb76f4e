"""Random queries against a slow evaluator that goes row by row in plain Python and shares no code with the compiler."""

import datetime as dt
import random
from collections import defaultdict
from decimal import Decimal

import pytest

PARENTS = {
    "orders": {"customers": "customer_id"},
    "order_items": {"orders": "order_id", "products": "product_id"},
    "events": {"customers": "customer_id"},
    "returns": {"order_items": "item_id"},
    "customers": {"regions": "region_id"},
    "products": {"categories": "category_id"},
}
KEYS = {
    "customers": "customer_id",
    "regions": "region_id",
    "orders": "order_id",
    "order_items": "item_id",
    "products": "product_id",
    "categories": "category_id",
}
DIMENSIONS = {
    "orders": ["channel", "status", "country", "territory"],
    "order_items": ["channel", "country", "territory", "product_name", "category_name", "department"],
    "events": ["event_type", "country", "territory"],
    "returns": ["channel", "country", "category_name"],
}
TIMES = {"orders": "ordered_at", "order_items": "ordered_at", "events": "event_at", "returns": "returned_at"}
METRICS = {
    "orders": ["orders", "revenue", "buyers", "aov", "avg:orders.amount", "median:orders.amount", "max:orders.amount"],
    "order_items": ["item_revenue"],
    "events": ["events", "sessions", "conversion"],
    "returns": ["refunds"],
}


def flat_rows(connection, fact):
    """Every row of a fact with the columns of all it belongs to; a missing parent gives blanks."""
    tables = {}
    for name in {*PARENTS, *KEYS}:
        found = connection.execute(f"SELECT * FROM {name}")
        names = [c[0] for c in found.description]
        tables[name] = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return [widened(tables, fact, row) for row in tables[fact]]


def widened(tables, table, row):
    found = dict(row)
    for parent, key in PARENTS.get(table, {}).items():
        match = next((r for r in tables[parent] if r[KEYS[parent]] == row[key] and row[key] is not None), None)
        if match is not None:
            found |= {k: v for k, v in widened(tables, parent, match).items() if k not in found}
    return found


def total(values):
    return sum((v for v in values if v is not None), Decimal(0))


def ratio(a, b):
    return float(a) / float(b) if b else None


COUNTS = {"orders", "buyers", "events", "sessions"}


def middle(values):
    ordered = sorted(float(v) for v in values)
    if not ordered:
        return None
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def evaluate(metric, rows):
    amounts = [r["amount"] for r in rows if r.get("amount") is not None]
    done = [r for r in rows if r.get("status") == "completed"]
    sold = [r for r in rows if r.get("event_type") == "purchase"]
    return {
        "orders": lambda: len(rows),
        "revenue": lambda: total(r.get("amount") for r in rows),
        "buyers": lambda: len({r["customer_id"] for r in rows if r["customer_id"] is not None}),
        "aov": lambda: ratio(total(r["amount"] for r in done), len(done)),
        "avg:orders.amount": lambda: ratio(total(amounts), len(amounts)),
        "median:orders.amount": lambda: middle(amounts),
        "max:orders.amount": lambda: max(amounts, default=None),
        "item_revenue": lambda: total(r["quantity"] * r["unit_price"] for r in rows),
        "events": lambda: len(rows),
        "sessions": lambda: len({r["session_id"] for r in rows}),
        "conversion": lambda: ratio(len({r["session_id"] for r in sold}), len({r["session_id"] for r in rows})),
        "refunds": lambda: total(r["refund_amount"] for r in rows),
    }[metric]()


def keeps(row, one):
    value, (op, wanted) = row.get(one["field"]["field"]), (one["op"], [str(v).lower() for v in one["values"]])
    text = None if value is None else value.lower()
    return {
        "=": lambda: text in wanted,
        "in": lambda: text in wanted,
        "!=": lambda: text not in wanted,
        "not_in": lambda: text not in wanted,
        "contains": lambda: text is not None and wanted[0] in text,
        "starts_with": lambda: text is not None and text.startswith(wanted[0]),
        "is_null": lambda: text is None,
        "not_null": lambda: text is not None,
    }[op]()


def period(moment, grain):
    day = moment.date()
    if grain == "week":
        return day - dt.timedelta(days=day.weekday())
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return day


def covered(time):
    """Whether the fixture has data at all in a window: only then is a count of nothing zero."""
    return "start" not in time or (time["start"] <= dt.date(2025, 4, 30) and time["end"] > dt.date(2025, 1, 1))


def expected(connection, fact, query):
    rows = [r for r in flat_rows(connection, fact) if all(keeps(r, f) for f in query["filters"])]
    time = query.get("time") or {}
    moment = TIMES[fact]
    if "start" in time:
        rows = [r for r in rows if r.get(moment) is not None and time["start"] <= r[moment].date() < time["end"]]
    if not query["dimensions"] and "grain" not in time and not rows:
        zero = 0 if covered(time) else None
        return [tuple(zero if m in COUNTS else None for m in query["metrics"])]
    groups = defaultdict(list)
    for row in rows:
        when = [period(row[moment], time["grain"]) if row.get(moment) else None] if "grain" in time else []
        groups[tuple(when + [row.get(d) for d in query["dimensions"]])].append(row)
    if not query["dimensions"] and "grain" not in time:
        groups[()] = rows
    return [(*key, *(evaluate(m, found) for m in query["metrics"])) for key, found in groups.items()]


def random_query(rng, fact):
    text = DIMENSIONS[fact]
    filters = []
    for field in rng.sample(text, rng.randint(0, 2)):
        op = rng.choice(["=", "!=", "in", "not_in", "contains", "starts_with", "is_null", "not_null"])
        pool = ["web", "APP", "us", "GB", "North", "completed", "Shoes", "toys", "Cap", "view", "o", "a", "%", "_"]
        many = rng.sample(pool, 2) if op in ("in", "not_in") else [rng.choice(pool)]
        filters.append({"field": {"field": field}, "op": op, "values": [] if "null" in op else many})
    metrics = METRICS[fact]
    query = {
        "metrics": rng.sample(metrics, rng.randint(1, min(3, len(metrics)))),
        "dimensions": rng.sample(text, rng.randint(0, 2)),
        "filters": filters,
    }
    if rng.random() < 0.5:
        query["time"] = {"grain": rng.choice(["day", "week", "month", "quarter"]), "fill": False}
    if rng.random() < 0.4:
        start = dt.date(2025, 1, 1) + dt.timedelta(days=rng.randint(0, 90))
        query.setdefault("time", {}).update(start=start, end=start + dt.timedelta(days=rng.randint(1, 60)))
    return query


def comparable(rows):
    return sorted((tuple(_cell(v) for v in row) for row in rows), key=repr)


def _cell(value):
    if isinstance(value, float):
        return round(value, 9)
    return float(value) if isinstance(value, (Decimal, int)) else value


@pytest.fixture
def messy(shop):
    """Orphans, blanks and twins in every table."""
    shop.run(
        "INSERT INTO orders VALUES (6, 99, '2025-03-05', 'completed', 'web', 7), (7, NULL, NULL, NULL, NULL, NULL)"
    )
    shop.run("INSERT INTO orders VALUES (8, 4, '2025-03-31 23:59:59', 'completed', 'Web', 0)")
    shop.run("INSERT INTO order_items VALUES (8, 99, 1, 2, 3), (9, 8, NULL, 1, 4), (10, 1, 99, 1, 4)")
    shop.run("INSERT INTO customers VALUES (5, NULL, 1), (6, 'us', NULL)")
    shop.run("INSERT INTO events VALUES (9, NULL, 'S9', NULL, '2025-03-01'), (10, 6, 'S9', 'view', '2025-03-01')")
    return shop


@pytest.mark.parametrize("seed", range(8))
def test_random_queries_agree_row_by_row(messy, seed):
    rng = random.Random(seed)
    for _ in range(15):
        fact = rng.choice(list(METRICS))
        query = random_query(rng, fact)
        asked = {k: v for k, v in query.items() if k != "dimensions"} | {"dimensions": query["dimensions"]}
        assert comparable(messy.ask(**asked)) == comparable(expected(messy.connection, fact, query)), query
