"""The mini fixture: a shop small enough to compute by hand, with the traps that break analytics in it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import pytest

from evals.engine_cases import EngineRunner, engine_runner
from store.principal import LOCAL_OWNER, Principal, Role
from warehouse import guard
from warehouse.compiled import Compiled
from warehouse.compiler import compile_query, compile_records
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile
from warehouse.query import MetricQuery, RecordQuery
from warehouse.snapshot import Snapshot

ENGINE = os.environ.get("PLAINSAY_TEST_ENGINE")  # read here: tests run without the settings of the shell
EVERY = int(os.environ.get("PLAINSAY_TEST_EVERY", "1"))
AS_OF = dt.datetime(2025, 5, 3, 9)

TABLES: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "regions": ("region_id INT, territory TEXT", [(1, "North"), (2, "South")]),
    "customers": (
        "customer_id INT, country TEXT, region_id INT",
        [(1, "US", 1), (2, "US", 2), (3, "GB", 1), (4, "DE", 2)],
    ),
    "categories": (
        "category_id INT, category_name TEXT, department TEXT",
        [(1, "Shoes", "Apparel"), (2, "Hats", "Apparel"), (3, "Toys", "Other")],
    ),
    "products": (
        "product_id INT, product_name TEXT, category_id INT",
        [(1, "Runner", 1), (2, "Boot", 1), (3, "Cap", 2), (4, "Robot", 3)],
    ),
    "orders": (
        "order_id INT, customer_id INT, ordered_at TIMESTAMP, status TEXT, channel TEXT, amount DECIMAL(18,2)",
        [
            (1, 1, "2025-01-05 10:00", "completed", "web", "120"),
            (2, 2, "2025-01-20 12:00", "completed", "app", "60"),
            (3, 1, "2025-02-01 03:30", "cancelled", "web", "30"),
            (4, 3, "2025-02-10 09:00", "completed", "web", "40"),
            (5, 2, "2025-04-30 23:00", "pending", "app", "5"),
        ],
    ),
    "order_items": (
        "item_id INT, order_id INT, product_id INT, quantity INT, unit_price DECIMAL(18,2)",
        [
            (1, 1, 1, 1, "50"),
            (2, 1, 2, 1, "60"),
            (3, 2, 1, 1, "50"),
            (4, 2, 3, 1, "10"),
            (5, 3, 4, 1, "30"),
            (6, 4, 3, 1, "10"),
            (7, 4, 4, 1, "30"),
        ],
    ),
    "events": (
        "event_id INT, customer_id INT, session_id TEXT, event_type TEXT, event_at TIMESTAMP",
        [
            (1, 1, "S1", "view", "2025-01-05"),
            (2, 1, "S1", "purchase", "2025-01-05"),
            (3, 2, "S2", "view", "2025-01-20"),
            (4, 2, "S2", "cart", "2025-01-20"),
            (5, 3, "S3", "view", "2025-02-10"),
            (6, 3, "S3", "purchase", "2025-02-10"),
            (7, 4, "S4", "view", "2025-02-11"),
            (8, 1, "S5", "view", "2025-02-12"),
        ],
    ),
    "returns": (
        "return_id INT, item_id INT, returned_at TIMESTAMP, refund_amount DECIMAL(18,2)",
        [(1, 1, "2025-02-03", "50"), (2, 6, "2025-03-02", "10")],
    ),
    "inventory": (
        "snapshot_date DATE, product_id INT, on_hand INT",
        [
            ("2025-01-30", 1, 7),
            ("2025-01-30", 3, 5),
            ("2025-01-31", 1, 6),
            ("2025-01-31", 3, 4),
            ("2025-02-27", 1, 9),
            ("2025-02-27", 3, 3),
            ("2025-02-28", 1, 8),
        ],
    ),
}


def model_data() -> dict[str, Any]:
    """The model as it would be read from YAML; a test may change its copy."""
    text: dict[str, Any] = {"type": "text"}
    usd = {"currency": "USD"}
    return {
        "model": "mini",
        "calendar": {"data_from": "2025-01-01", "data_through": "2025-04-30"},
        "tables": {
            "regions": {"source": "regions", "key": ["region_id"], "dimensions": {"territory": text}},
            "customers": {
                "source": "customers",
                "key": ["customer_id"],
                "joins": [{"to": "regions", "on": {"region_id": "region_id"}}],
                "dimensions": {"country": text},
                "measures": {"customers": {"agg": "count"}},
            },
            "categories": {
                "source": "categories",
                "key": ["category_id"],
                "dimensions": {"category_name": text, "department": text},
            },
            "products": {
                "source": "products",
                "key": ["product_id"],
                "joins": [{"to": "categories", "on": {"category_id": "category_id"}}],
                "dimensions": {"product_name": text},
            },
            "orders": {
                "source": "orders",
                "key": ["order_id"],
                "joins": [{"to": "customers", "on": {"customer_id": "customer_id"}}],
                "time": {"default": "ordered_at", "columns": {"ordered_at": {"kind": "timestamp"}}},
                "dimensions": {"channel": {"values": {"web": ["online"]}}, "status": text},
                "numbers": {"amount": {"unit": usd}},
                "measures": {
                    "orders": {"agg": "count"},
                    "revenue": {"agg": "sum", "expr": "amount", "unit": usd, "good": "up", "decimals": 2},
                    "buyers": {"agg": "count_distinct", "expr": "customer_id"},
                },
            },
            "order_items": {
                "source": "order_items",
                "key": ["item_id"],
                "joins": [
                    {"to": "orders", "on": {"order_id": "order_id"}},
                    {"to": "products", "on": {"product_id": "product_id"}},
                ],
                "measures": {"item_revenue": {"agg": "sum", "expr": "quantity * unit_price", "unit": usd}},
            },
            "events": {
                "source": "events",
                "key": ["event_id"],
                "joins": [{"to": "customers", "on": {"customer_id": "customer_id"}}],
                "time": {"default": "event_at", "columns": {"event_at": {"kind": "timestamp"}}},
                "dimensions": {"event_type": text},
                "measures": {
                    "events": {"agg": "count"},
                    "sessions": {"agg": "count_distinct", "expr": "session_id"},
                    "purchase_sessions": {
                        "agg": "count_distinct",
                        "expr": "session_id",
                        "where": "event_type = 'purchase'",
                    },
                },
            },
            "returns": {
                "source": "returns",
                "key": ["return_id"],
                "joins": [{"to": "order_items", "on": {"item_id": "item_id"}}],
                "time": {"default": "returned_at", "columns": {"returned_at": {"kind": "timestamp"}}},
                "measures": {"refunds": {"agg": "sum", "expr": "refund_amount", "unit": usd, "good": "down"}},
            },
            "inventory": {
                "source": "inventory",
                "key": ["snapshot_date", "product_id"],
                "joins": [{"to": "products", "on": {"product_id": "product_id"}}],
                "time": {"default": "snapshot_date", "columns": {"snapshot_date": {"kind": "date"}}},
                "measures": {
                    "on_hand": {"agg": "sum", "expr": "on_hand", "semi_additive": {"over": "snapshot_date"}},
                },
            },
        },
        "metrics": {
            "completed_revenue": {"kind": "simple", "measure": "revenue", "where": "orders.status = 'completed'"},
            "completed_orders": {"kind": "simple", "measure": "orders", "where": "orders.status = 'completed'"},
            "cancelled_revenue": {"kind": "simple", "measure": "revenue", "where": "orders.status = 'cancelled'"},
            "aov": {"kind": "ratio", "numerator": "completed_revenue", "denominator": "completed_orders"},
            "conversion": {"kind": "ratio", "numerator": "purchase_sessions", "denominator": "sessions"},
            "net_revenue": {"kind": "derived", "expr": "completed_revenue - refunds"},
        },
        "filters": {"completed": {"where": "orders.status = 'completed'"}},
        "terms": {"american": "customers.country = 'US'"},
    }


def load(connection: duckdb.DuckDBPyConnection) -> None:
    for name, (columns, rows) in TABLES.items():
        connection.execute(f"CREATE TABLE {name} ({columns})")
        places = ", ".join("?" for _ in rows[0])
        connection.executemany(f"INSERT INTO {name} VALUES ({places})", rows)


class Shop:
    """The mini shop: change the model or the data, then ask."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.data = model_data()
        self.profile = DataProfile()
        self.as_of = AS_OF
        self.principal = LOCAL_OWNER
        self.dialect = "duckdb"
        self.elsewhere: EngineRunner | None = None
        load(self.connection)

    @property
    def model(self) -> SemanticModel:
        return SemanticModel.model_validate(self.data)

    def run(self, sql: str) -> None:
        self.connection.execute(sql)

    def snapshot(self) -> Snapshot:
        """The tables as the gate sees them."""
        listed = self.connection.execute(
            "SELECT table_name, list(column_name) FROM information_schema.columns GROUP BY table_name"
        ).fetchall()
        tables = {name: tuple(columns) for name, columns in listed}
        return Snapshot(1, Path("none"), Path("none"), tables, dict.fromkeys(tables, ()))

    def compile(self, **query: Any) -> Compiled:
        asked = MetricQuery.model_validate(spelled(query))
        return compile_query(self.model, asked, **self.rights())

    def rights(self) -> dict[str, Any]:
        """Who asks, when, of which engine."""
        return {
            "profile": self.profile, "as_of": self.as_of, "principal": self.principal, "dialect": self.dialect
        }  # fmt: skip

    def signed_in(self, role: Role = "viewer", **attributes: tuple[str, ...]) -> None:
        """Ask as somebody with these attributes."""
        self.principal = Principal("ana", "Ana", role, MappingProxyType(attributes))

    def ask(self, **query: Any) -> list[tuple[Any, ...]]:
        return self.rows(self.compile(**query))

    def records(self, **query: Any) -> list[tuple[Any, ...]]:
        asked = RecordQuery.model_validate(query)
        return self.rows(compile_records(self.model, asked, **self.rights()))

    def notes(self, compiled: Compiled) -> dict[str, str]:
        """Code -> text of the notes, those included that the data decides."""
        found = {n.code: n.text for n in compiled.notes}
        for probe in compiled.probes:
            names = [c.name for c in probe.query.columns]
            row = next((dict(zip(names, r, strict=True)) for r in self.rows(probe.query)), None)
            note = probe.note(row)
            if note is not None:
                found[note.code] = note.text
        return found

    def rows(self, compiled: Compiled) -> list[tuple[Any, ...]]:
        """What the engine says once the gate has let the statement through."""
        patient = guard.Limits(seconds=120)  # what is proven is the value, on however busy a machine
        bound = guard.authorize(compiled, self.principal, model=self.model, snapshot=self.snapshot(), limits=patient)
        if self.elsewhere is not None and compiled.dialect == self.dialect:
            return self.elsewhere.rows(self.connection, bound)
        found = self.connection.execute(bound.sql)
        assert [c[0] for c in found.description] == [c.name for c in compiled.columns]
        return found.fetchall()


def spelled(query: dict[str, Any]) -> dict[str, Any]:
    """Bare names are metrics and dimensions, so that a test reads like the question."""
    made = dict(query)
    made["metrics"] = [{"metric": m} if isinstance(m, str) else m for m in query.get("metrics", ())]
    made["dimensions"] = [{"field": d} if isinstance(d, str) else d for d in query.get("dimensions", ())]
    return made


def where(field: str, op: str, *values: Any) -> dict[str, Any]:
    """A filter."""
    return {"field": {"field": field}, "op": op, "values": values}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Another engine may take every so many-th case only; the suite `engines` runs all."""
    if ENGINE and EVERY > 1:
        items[:] = items[::EVERY]


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[EngineRunner | None]:
    """The engine that `PLAINSAY_TEST_ENGINE` names: the same cases with the same expected values, executed there."""
    if ENGINE is None:
        yield None
        return
    with engine_runner(ENGINE) as runner:
        yield runner


@pytest.fixture
def shop(elsewhere: EngineRunner | None, record_property: Callable[[str, object], None]) -> Iterator[Shop]:
    made = Shop()
    before = elsewhere.ran if elsewhere is not None else 0
    if elsewhere is not None:
        made.elsewhere, made.dialect = elsewhere, elsewhere.dialect
    yield made
    if elsewhere is not None:
        record_property("queries", elsewhere.ran - before)


@pytest.fixture
def condition() -> Callable[..., dict[str, Any]]:
    return where
