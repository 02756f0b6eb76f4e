"""Writes asked_deeper.json: questions that only a layer with facts over time answers, beside those of asked.json.

    python tests/warehouse/oracles/deeper.py

Two facts in one table, metrics made of metrics, running figures, earlier periods, levels that do not add up over time.
"""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

from make import SCHEMAS, VALUES

STOCK = (
    "SELECT DATE '2024-11-04' + CAST(7 * w AS INTEGER) AS counted_on, p AS product_ref, "
    "CAST(w * p * 37 % 90 AS INTEGER) AS held FROM range(0, 60) a(w), range(1, 41) b(p) WHERE w * p % 11 <> 3"
)
ADDED: dict[str, dict[str, Any]] = {
    "shop": {
        "facts": ["orders", "items"],
        "level": {"table": "stock", "sql": STOCK, "key": ["counted_on", "product_ref"], "time": "counted_on",
                  "join": ["product_ref", "products"], "measure": "on_hand", "column": "held"},
        "shared": ["orders.channel", "orders.status", "customers.country", "customers.segment", "regions.territory"],
        "metrics": {
            "done_revenue": {"kind": "simple", "measure": "revenue", "where": ["orders.status", "completed"]},
            "done_orders": {"kind": "simple", "measure": "orders_n", "where": ["orders.status", "completed"]},
            "basket": {"kind": "ratio", "parts": ["done_revenue", "done_orders"]},
            "pieces_per_order": {"kind": "ratio", "parts": ["pieces", "orders_n"]},
            "lost_revenue": {"kind": "derived", "expr": "revenue - done_revenue", "parts": ["revenue", "done_revenue"]},
            "revenue_28": {"kind": "cumulative", "measure": "revenue", "window": [28, "day"]},
            "revenue_mtd": {"kind": "cumulative", "measure": "revenue", "reset": "month"},
            "revenue_ytd": {"kind": "cumulative", "measure": "revenue", "reset": "year"},
            "revenue_ever": {"kind": "cumulative", "measure": "revenue"},
            "orders_56": {"kind": "cumulative", "measure": "orders_n", "window": [56, "day"]},
        },
        "steady": ["revenue", "orders_n", "done_revenue"],
        "windows": [["2025-01-01", "2025-07-01"], ["2025-03-15", "2025-04-02"], ["2024-11-03", "2024-12-25"]],
    },
    "clinic": {
        "facts": ["visits", "charges"],
        "shared": ["visits.kind", "doctors.grade", "patients.sex", "patients.age_band", "wards.ward", "wards.field"],
        "metrics": {
            "urgent_visits": {"kind": "simple", "measure": "visits_n", "where": ["visits.kind", "urgent"]},
            "urgent_share": {"kind": "ratio", "parts": ["urgent_visits", "visits_n"]},
            "billed_per_visit": {"kind": "ratio", "parts": ["billed", "visits_n"]},
            "calm_visits": {
                "kind": "derived", "expr": "visits_n - urgent_visits", "parts": ["visits_n", "urgent_visits"],
            },
            "visits_30": {"kind": "cumulative", "measure": "visits_n", "window": [30, "day"]},
            "visits_qtd": {"kind": "cumulative", "measure": "visits_n", "reset": "quarter"},
            "billed_ytd": {"kind": "cumulative", "measure": "billed", "reset": "year"},
            "billed_ever": {"kind": "cumulative", "measure": "billed"},
        },
        "steady": ["visits_n", "time_spent", "urgent_visits"],
        "windows": [["2025-01-01", "2025-04-01"], ["2025-06-10", "2025-08-20"], ["2025-05-05", "2025-05-06"]],
    },
}  # fmt: skip
GRAINS = ["day", "week", "month", "quarter", "year"]
EACH = 27


def schemas() -> dict[str, Any]:
    """The schemas of asked.json with a table of levels in the shop."""
    made = copy.deepcopy(SCHEMAS)
    level = ADDED["shop"]["level"]
    shop = made["shop"]
    shop["data"][level["table"]] = level["sql"]
    shop["joins"].append([level["table"], *level["join"]])
    shop["times"][level["table"]] = level["time"]
    return made


def filters(rng: random.Random, fields: list[str]) -> list[dict[str, Any]]:
    """At most one condition on one of the fields."""
    if rng.random() < 0.6:
        return []
    field = rng.choice(fields)
    values = VALUES[field.split(".")[1]]
    op = rng.choice(["=", "in", "not_null"])
    return [{"field": field, "op": op, "values": {"=": values[:1], "in": values}.get(op, [])}]


def question(rng: random.Random, name: str, kind: str) -> dict[str, Any]:
    """A random question of one kind."""
    added, schema = ADDED[name], SCHEMAS[name]
    shared = added["shared"]
    asked: dict[str, Any] = {"schema": name, "kind": kind, "filters": filters(rng, shared)}
    asked["dimensions"] = rng.sample(shared, rng.randint(0, 2))
    if kind == "together":
        asked["metrics"] = [rng.choice(list(schema["measures"][fact])) for fact in added["facts"]]
    elif kind == "made":
        made = [m for m, how in added["metrics"].items() if how["kind"] != "cumulative"]
        chosen = rng.sample(made, rng.randint(1, 2))
        parts = [p for m in chosen if added["metrics"][m]["kind"] == "derived" for p in added["metrics"][m]["parts"]]
        asked["metrics"] = list(dict.fromkeys(chosen + parts))
    elif kind == "running":
        made = [m for m, how in added["metrics"].items() if how["kind"] == "cumulative"]
        asked["metrics"] = [rng.choice(made)]
        asked["dimensions"] = asked["dimensions"][:1]
    elif kind == "before":
        asked["metrics"] = [rng.choice(added["steady"])]
        asked["dimensions"] = asked["dimensions"][:1]
        asked["grain"] = asked["back"] = rng.choice(["day", "week", "month", "quarter"])
    elif kind == "level":
        fields = ["products.product", "categories.category", "categories.department"]
        asked["metrics"], asked["filters"] = [added["level"]["measure"]], filters(rng, fields)
        asked["dimensions"] = rng.sample(fields, rng.randint(0, 2))
    _when(rng, asked, added)
    return asked


def _when(rng: random.Random, asked: dict[str, Any], added: dict[str, Any]) -> None:
    grains = ["day", "week", "month"] if asked["kind"] == "running" else GRAINS
    if asked["kind"] == "running" or ("grain" not in asked and rng.random() < 0.6):
        asked["grain"] = rng.choice(grains)
    if asked["kind"] in ("together", "made", "level") and rng.random() < 0.5:
        asked["window"] = rng.choice(added["windows"])


def main() -> None:
    """Write the file beside this one."""
    rng = random.Random(20261121)
    kinds = {"shop": ["together", "made", "running", "before", "level"]}
    kinds["clinic"] = kinds["shop"][:-1]
    questions = [question(rng, name, kind) for name in SCHEMAS for kind in kinds[name] for _ in range(EACH)]
    text = json.dumps({"schemas": schemas(), "added": ADDED, "questions": questions}, indent=1)
    (Path(__file__).parent / "asked_deeper.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
