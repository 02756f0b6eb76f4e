"""The SQL people are shown, kept as files: a change of it must be seen. Regenerate with GOLDEN=write."""

import os
from pathlib import Path

import pytest

from warehouse.compiler import compile_records
from warehouse.query import RecordQuery

FOLDER = Path(__file__).parent / "golden"
SHOES = {"field": {"field": "category_name"}, "values": ["Shoes"]}
MONTH = {"grain": "month"}
QUERIES = {
    "total": {"metrics": ["revenue", "orders", "completed_orders"]},
    "breakdown": {"metrics": ["revenue"], "dimensions": ["territory"], "top": {"n": 3, "by": "revenue"}},
    "trend": {"metrics": ["revenue"], "time": MONTH},
    "trend_by_group": {
        "metrics": ["aov"], "dimensions": ["country"], "time": MONTH, "top": {"n": 2, "by": "aov"},
    },
    "compare_window": {
        "metrics": ["revenue"], "dimensions": ["channel"], "time": {"last": {"n": 1, "unit": "month"}},
        "compare": {"to": "previous_period"},
    },
    "compare_periods": {"metrics": ["revenue"], "time": MONTH, "compare": {"to": "same_date_last_year"}},
    "two_facts": {"metrics": ["net_revenue"], "dimensions": ["country"]},
    "many_side_filter": {"metrics": ["revenue"], "filters": [SHOES]},
    "shares": {
        "metrics": ["revenue"], "dimensions": ["channel"], "having": [{"column": "revenue", "op": ">", "value": 10}],
        "transforms": [{"kind": "share", "of": "revenue"}, {"kind": "rank", "of": "revenue"}],
    },
    "top_per_group": {
        "metrics": ["item_revenue"], "dimensions": ["category_name", "product_name"],
        "top": {"n": 1, "by": "item_revenue", "per": [{"field": "category_name"}]},
    },
    "values": {"dimensions": ["product_name"]},
}  # fmt: skip
RECORDS = {
    "records": {
        "table": "customers", "columns": [{"field": "customers.customer_id"}, {"field": "territory"}],
        "related": [{"table": "orders", "exists": False, "time": {"last": {"n": 1, "unit": "month"}}}],
    },
}  # fmt: skip


def check(name, sql):
    path = FOLDER / f"{name}.sql"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(sql + "\n", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == sql + "\n"


@pytest.mark.parametrize("name", QUERIES)
def test_the_sql_of_each_kind_of_question(shop, name):
    compiled = shop.compile(**QUERIES[name])
    shop.rows(compiled)
    check(name, compiled.sql)


@pytest.mark.parametrize("name", RECORDS)
def test_the_sql_of_each_kind_of_list(shop, name):
    query = RecordQuery.model_validate(RECORDS[name])
    check(name, compile_records(shop.model, query, profile=shop.profile, as_of=shop.as_of).sql)


def test_nothing_is_compiled_twice_differently(shop):
    assert len({shop.compile(**QUERIES["shares"]).sql for _ in range(3)}) == 1
