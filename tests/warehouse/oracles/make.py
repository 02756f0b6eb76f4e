"""Writes asked.json: two schemas, their data as SQL, and the questions that we and the oracles are asked.

    python tests/warehouse/oracles/make.py

Everything follows from row numbers and one seed, so that a run anywhere writes the same file.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

SHOP: dict[str, Any] = {
    "data": {
        "regions": "SELECT i AS region_id, 'R' || i AS territory FROM range(1, 5) t(i)",
        "customers": "SELECT i AS customer_id, 1 + i % 5 AS region_ref, CASE i % 4 WHEN 0 THEN 'US' WHEN 1 THEN 'GB' "
        "WHEN 2 THEN 'DE' END AS country, 'S' || i * 7 % 3 AS segment FROM range(1, 201) t(i)",
        "orders": "SELECT i AS order_id, CASE WHEN i % 97 = 0 THEN 999 WHEN i % 89 = 0 THEN NULL ELSE 1 + i * 31 % 200 "
        "END AS customer_ref, TIMESTAMP '2024-11-03 05:00' + i * INTERVAL 211 MINUTE AS ordered_at, "
        "CASE i % 3 WHEN 0 THEN 'web' WHEN 1 THEN 'app' ELSE 'shop' END AS channel, "
        "CASE WHEN i % 7 < 5 THEN 'completed' ELSE 'cancelled' END AS status, "
        "CAST(CASE WHEN i % 41 = 0 THEN NULL ELSE (i * 7919 % 50000) / 100 END AS DECIMAL(18,2)) AS amount "
        "FROM range(1, 3001) t(i)",
        "categories": "SELECT i AS category_id, 'C' || i AS category, 'D' || i % 2 AS department FROM range(1, 6) t(i)",
        "products": "SELECT i AS product_id, 1 + i % 6 AS category_ref, 'P' || i AS product FROM range(1, 41) t(i)",
        "items": "SELECT i AS item_id, 1 + i * 13 % 3010 AS order_ref, 1 + i * 17 % 41 AS product_ref, "
        "CAST(1 + i % 4 AS INTEGER) AS quantity, CAST((i * 104729 % 9000) / 100 AS DECIMAL(18,2)) AS price "
        "FROM range(1, 7001) t(i)",
    },
    "keys": {
        "regions": "region_id", "customers": "customer_id", "orders": "order_id", "categories": "category_id",
        "products": "product_id", "items": "item_id",
    },
    "joins": [
        ["customers", "region_ref", "regions"], ["orders", "customer_ref", "customers"],
        ["products", "category_ref", "categories"], ["items", "order_ref", "orders"],
        ["items", "product_ref", "products"],
    ],
    "times": {"orders": "ordered_at"},
    "dimensions": {
        "regions": ["territory"], "customers": ["country", "segment"], "orders": ["channel", "status"],
        "categories": ["category", "department"], "products": ["product"],
    },
    "measures": {
        "orders": {
            "orders_n": ["count", None], "revenue": ["sum", "amount"], "buyers": ["count_distinct", "customer_ref"],
            "mean_amount": ["avg", "amount"], "largest": ["max", "amount"], "smallest": ["min", "amount"],
        },
        "items": {
            "items_n": ["count", None], "pieces": ["sum", "quantity"], "dearest": ["max", "price"],
            "mean_price": ["avg", "price"], "baskets": ["count_distinct", "order_ref"],
        },
    },
    "ratios": {"per_order": ["revenue", "orders_n"], "per_item": ["pieces", "items_n"]},
}  # fmt: skip
CLINIC: dict[str, Any] = {
    "data": {
        "wards": "SELECT i AS ward_id, 'W' || i AS ward, CASE WHEN i < 3 THEN 'surgery' ELSE 'medicine' END AS field "
        "FROM range(1, 7) t(i)",
        "doctors": "SELECT i AS doctor_id, 1 + i % 7 AS ward_ref, 'G' || i % 4 AS grade FROM range(1, 31) t(i)",
        "patients": "SELECT i AS patient_id, CASE i % 3 WHEN 0 THEN 'f' WHEN 1 THEN 'm' END AS sex, "
        "'A' || i * 11 % 6 AS age_band FROM range(1, 401) t(i)",
        "visits": "SELECT i AS visit_id, 1 + i * 19 % 32 AS doctor_ref, 1 + i * 23 % 405 AS patient_ref, "
        "DATE '2025-01-01' + CAST(i * 37 % 400 AS INTEGER) AS visited_on, "
        "CASE WHEN i % 5 = 0 THEN 'urgent' ELSE 'planned' END AS kind, CAST(i * 53 % 240 AS INTEGER) AS minutes "
        "FROM range(1, 2501) t(i)",
        "charges": "SELECT i AS charge_id, 1 + i * 29 % 2510 AS visit_ref, "
        "CASE i % 4 WHEN 0 THEN 'lab' WHEN 1 THEN 'drug' ELSE 'fee' END AS reason, "
        "CAST(CASE WHEN i % 61 = 0 THEN NULL ELSE (i * 7907 % 30000) / 100 END AS DECIMAL(18,2)) AS charged "
        "FROM range(1, 5001) t(i)",
    },
    "keys": {
        "wards": "ward_id", "doctors": "doctor_id", "patients": "patient_id", "visits": "visit_id",
        "charges": "charge_id",
    },
    "joins": [
        ["doctors", "ward_ref", "wards"], ["visits", "doctor_ref", "doctors"], ["visits", "patient_ref", "patients"],
        ["charges", "visit_ref", "visits"],
    ],
    "times": {"visits": "visited_on"},
    "dimensions": {
        "wards": ["ward", "field"], "doctors": ["grade"], "patients": ["sex", "age_band"], "visits": ["kind"],
        "charges": ["reason"],
    },
    "measures": {
        "visits": {
            "visits_n": ["count", None], "time_spent": ["sum", "minutes"], "longest": ["max", "minutes"],
            "mean_time": ["avg", "minutes"], "seen": ["count_distinct", "patient_ref"],
        },
        "charges": {
            "charges_n": ["count", None], "billed": ["sum", "charged"], "top_charge": ["max", "charged"],
            "mean_charge": ["avg", "charged"], "billed_visits": ["count_distinct", "visit_ref"],
        },
    },
    "ratios": {"per_visit": ["time_spent", "visits_n"], "per_charge": ["billed", "charges_n"]},
}  # fmt: skip
SCHEMAS = {"shop": SHOP, "clinic": CLINIC}
VALUES = {
    "territory": ["R1", "R2"], "country": ["US", "GB", "DE"], "segment": ["S0", "S1"], "channel": ["web", "app"],
    "status": ["completed", "cancelled"], "category": ["C1", "C2", "C3"], "department": ["D0", "D1"],
    "product": ["P1", "P7", "P9"], "ward": ["W1", "W2"], "field": ["surgery"], "grade": ["G0", "G2"], "sex": ["f"],
    "age_band": ["A0", "A1"], "kind": ["urgent", "planned"], "reason": ["lab", "fee"],
}  # fmt: skip


def reach(schema: dict[str, Any], table: str) -> list[str]:
    """`table` and all it belongs to."""
    found = [table]
    for own, _, to in schema["joins"]:
        if own == table:
            found += reach(schema, to)
    return found


def question(rng: random.Random, name: str) -> dict[str, Any]:
    """A random question about one fact of a schema."""
    schema = SCHEMAS[name]
    fact = rng.choice(list(schema["measures"]))
    measures = list(schema["measures"][fact])
    measures += [r for r, (top, _) in schema["ratios"].items() if top in measures]
    tables = reach(schema, fact)
    dimensions = [f"{t}.{d}" for t in tables for d in schema["dimensions"].get(t, [])]
    asked: dict[str, Any] = {
        "schema": name,
        "fact": fact,
        "metrics": rng.sample(measures, rng.randint(1, 3)),
        "dimensions": rng.sample(dimensions, rng.randint(0, 3)),
        "filters": [],
    }
    for field in rng.sample(dimensions, rng.randint(0, 2)):
        values = VALUES[field.split(".")[1]]
        op = rng.choice(["=", "in", "not_null", "is_null"])
        chosen = {"=": values[:1], "in": values}.get(op, [])
        asked["filters"].append({"field": field, "op": op, "values": chosen})
    if rng.random() < 0.5:
        asked["grain"] = rng.choice(["day", "week", "month", "quarter", "year"])
    return asked


def main() -> None:
    """Write the file beside this one."""
    rng = random.Random(20260302)
    questions = [question(rng, name) for name in SCHEMAS for _ in range(170)]
    text = json.dumps({"schemas": SCHEMAS, "questions": questions}, indent=1)
    (Path(__file__).parent / "asked.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
