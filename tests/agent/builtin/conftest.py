"""A small shop with hand-written words: enough model for every construct, no engine and no files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from agent.brain import PastTurn, PlanContext
from agent.builtin.brain import BuiltinBrain
from agent.plan import Decision, Plan
from store.principal import LOCAL_OWNER
from warehouse.compiler import compile_query
from warehouse.model.schema import SemanticModel
from warehouse.model.values import ValueMatch
from warehouse.profile import ColumnProfile, DataProfile, TableProfile
from warehouse.query import MetricQuery

MODEL = {
    "model": "shop",
    "currency": "USD",
    "tables": {
        "orders": {
            "source": "orders", "record": "order", "records": "orders", "key": ["order_id"],
            "joins": [
                {"to": "customers", "on": {"customer_id": "customer_id"}},
                {"to": "products", "on": {"product_id": "product_id"}},
            ],
            "time": {"default": "order_date", "columns": {
                "order_date": {"kind": "date", "label": "Order date"},
                "ship_date": {"kind": "date", "label": "Ship date"},
            }},
            "dimensions": {
                "order_id": {"type": "integer", "label": "Order ID"},
                "customer_id": {"type": "integer", "label": "Customer ID"},
                "product_id": {"type": "integer", "label": "Product ID"},
                "channel": {"label": "Channel"},
                "status": {"label": "Order status", "synonyms": ["status"]},
            },
            "numbers": {
                "quantity": {"label": "Quantity", "type": "integer", "synonyms": ["units"]},
                "amount": {"label": "Amount", "unit": {"currency": "USD"}},
                "discount_rate": {"label": "Discount rate", "additive": "none"},
            },
            "measures": {
                "revenue": {"label": "Revenue", "agg": "sum", "expr": "amount", "unit": {"currency": "USD"},
                            "synonyms": ["sales", "turnover"]},
                "order_count": {"label": "Number of orders", "agg": "count"},
            },
        },
        "customers": {
            "source": "customers", "record": "customer", "records": "customers", "key": ["customer_id"],
            "name_column": "customer_name",
            "time": {"default": "signup_date", "columns": {"signup_date": {"kind": "date", "label": "Signup date"}}},
            "dimensions": {
                "customer_id": {"type": "integer", "label": "Customer ID"},
                "customer_name": {"label": "Customer name", "synonyms": ["name"]},
                "country": {"label": "Country"},
                "email": {"label": "Email"},
                "segment": {"label": "Segment"},
            },
            "measures": {"customer_count": {"label": "Number of customers", "agg": "count"}},
        },
        "products": {
            "source": "products", "record": "product", "records": "products", "key": ["product_id"],
            "name_column": "product_name",
            "dimensions": {
                "product_id": {"type": "integer", "label": "Product ID"},
                "product_name": {"label": "Product name"},
                "category": {"label": "Category"},
            },
            "numbers": {"list_price": {"label": "List price", "additive": "none", "unit": {"currency": "USD"}}},
            "measures": {"product_count": {"label": "Number of products", "agg": "count"}},
        },
    },
    "metrics": {
        "aov": {"label": "Average order value", "kind": "ratio", "numerator": "revenue", "denominator": "order_count",
                "synonyms": ["basket size"]},
    },
}  # fmt: skip
VALUES = {
    "orders.channel": ["web", "app", "store"],
    "orders.status": ["completed", "cancelled", "pending"],
    "customers.country": ["Germany", "France", "United States"],
    "customers.segment": ["Consumer", "Corporate"],
    "products.category": ["Shoes", "Hats"],
    "products.product_name": ["Trail Runner", "Cap", "Corporate"],
}
LAST_DAY = "2025-01-14"


class FewValues:
    """The part of a values index that planning uses, over a handful of values."""

    def match(self, phrase: str, limit: int = 8) -> list[ValueMatch]:
        found = []
        for field, values in VALUES.items():
            table, dimension = field.split(".")
            hits = [v for v in values if v.casefold() == phrase.casefold()]
            found += [ValueMatch(table, dimension, v, 1.0, "whole") for v in hits]
        return found[:limit]

    def values_of(self, table: str, dimension: str) -> list[str]:
        return list(VALUES.get(f"{table}.{dimension}", ()))

    def longest_phrase(self) -> int:
        return 2


def column(name: str, kind: str, least: str | None = None, most: str | None = None) -> ColumnProfile:
    return ColumnProfile(name=name, duckdb_type=kind, rows=100, distinct=50, min=least, max=most)


def profile() -> DataProfile:
    dates = {"order_date", "ship_date", "signup_date"}
    tables = {}
    for name, table in MODEL["tables"].items():
        times = table.get("time", {}).get("columns", {})
        names = [*table["dimensions"], *table.get("numbers", {}), *times]
        columns = {n: column(n, "DATE", "2022-01-01", LAST_DAY) if n in dates else column(n, "VARCHAR") for n in names}
        tables[name] = TableProfile(name=name, rows=100, columns=columns, primary_key=table["key"])
    return DataProfile(tables=tables)


SHOP = SemanticModel.model_validate(MODEL)
PROFILE = profile()
Ask = Callable[..., Decision]


@pytest.fixture
def shop_context() -> Callable[..., PlanContext]:
    """A question on the shop with a history: shop_context(question, history)."""

    def call(question: str, history: tuple[PastTurn, ...] = ()) -> PlanContext:
        moment = datetime.fromisoformat("2025-01-15T09:00")
        return PlanContext(question, SHOP, PROFILE, FewValues(), LOCAL_OWNER, moment, True, history)  # type: ignore[arg-type]

    return call


@pytest.fixture
def ask() -> Ask:
    """Plan a question on the shop: ask(question, as_of=…, given=…, last=a plan, glossary=(…))."""

    def call(
        question: str,
        *,
        as_of: str = "2025-01-15",
        given: bool = True,
        last: Plan | None = None,
        glossary: tuple[str, ...] = (),
    ) -> Decision:
        history = (PastTurn("before", "answered", last),) if last else ()
        return BuiltinBrain().plan(
            PlanContext(
                question, SHOP, PROFILE, FewValues(), LOCAL_OWNER, datetime.fromisoformat(f"{as_of}T09:00"), given,
                history, glossary,
            )  # type: ignore[arg-type]
        )  # fmt: skip

    return call


@pytest.fixture
def query(ask: Ask) -> Callable[..., dict]:
    """The query JSON of a question that must be planned."""

    def call(question: str, **more: object) -> dict:
        decision = ask(question, **more)
        assert decision.kind == "plan", f"{question!r}: {decision}"
        return decision.steps["s1"].args["query"]

    return call


@pytest.fixture
def compiles() -> Callable[[dict], str]:
    """The SQL of a query's JSON on the shop."""

    def call(data: dict) -> str:
        query = MetricQuery.model_validate(data)
        return compile_query(SHOP, query, profile=PROFILE, as_of=datetime(2025, 1, 15)).sql

    return call
