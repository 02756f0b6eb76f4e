"""One figure per another: recomputed at every grain, with the narrowed part over the whole."""

from __future__ import annotations

from datetime import datetime

from warehouse.compiled import Compiled
from warehouse.compiler import compile_query
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile
from warehouse.query import MetricQuery

MODEL = SemanticModel.model_validate(
    {
        "model": "shop",
        "tables": {
            "orders": {
                "source": "orders",
                "key": ["order_id"],
                "dimensions": {"order_id": {"type": "integer"}, "status": {}},
                "measures": {
                    "revenue": {"agg": "sum", "expr": "amount", "unit": {"currency": "USD"}},
                    "orders": {"agg": "count"},
                },
            }
        },
    }
)


def compiled(metric: dict[str, object]) -> Compiled:
    query = MetricQuery.model_validate({"metrics": [metric]})
    return compile_query(MODEL, query, profile=DataProfile(tables={}), as_of=datetime(2025, 1, 15))


def test_money_per_count_stays_money() -> None:
    done = compiled({"metric": "revenue", "per": "orders", "alias": "revenue_per_order"})
    column = done.columns[0]
    assert (column.name, column.label) == ("revenue_per_order", "Revenue per order")
    assert column.unit is not None and column.unit.currency == "USD"
    assert not column.additive
    assert column.lineage.formula == "revenue / orders"
    assert "NULLIF" in done.sql


def test_only_the_part_is_narrowed() -> None:
    done_where = {"field": {"field": "orders.status"}, "values": ["done"]}
    done = compiled({"metric": "orders", "where": [done_where], "per": "orders", "alias": "share_done"})
    assert done.columns[0].unit is not None and done.columns[0].unit.ratio
    assert done.sql.lower().count("'done'") == 1
