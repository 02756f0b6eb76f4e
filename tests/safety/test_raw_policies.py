"""SQL that a person wrote shows no more than a question in words: every scan carries the policies of the asker."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType
from typing import Any

import pytest

from store.errors import QueryRefused
from store.principal import Principal
from warehouse.compiled import Compiled
from warehouse.guard import RawSql, authorize
from warehouse.model.schema import SemanticModel

GERMAN = Principal("ana", "Ana", "analyst", MappingProxyType({"countries": ("DE",)}))
QUOTED = Principal("bob", "Bob", "analyst", MappingProxyType({"countries": ("DE' OR 1=1 --",)}))
UNKNOWN = Principal("eve", "Eve", "analyst")


@pytest.fixture(scope="module")
def model() -> SemanticModel:
    join = {"to": "customers", "on": {"customer_id": "id"}}
    return SemanticModel.model_validate(
        {
            "model": "guarded",
            "tables": {
                "customers": {"source": "customers", "key": ["id"], "dimensions": {"country": {"type": "text"}}},
                "orders": {
                    "source": "orders", "key": ["id"], "joins": [join], "measures": {"orders": {"agg": "count"}},
                },
                "t": {"source": "t", "measures": {"lines": {"agg": "count"}}},
            },
            "policies": [{"name": "own_country", "table": "customers", "where": "country IN (:countries)"}],
            "column_policies": [{"name": "names", "table": "customers", "columns": ["name"], "action": "mask"}],
        }
    )  # fmt: skip


@pytest.fixture
def ask(guarded: Any, model: SemanticModel) -> Any:
    def rows(sql: str, principal: Principal = GERMAN, model: SemanticModel = model) -> list[tuple[Any, ...]]:
        bound = authorize(RawSql(sql), principal, model=model, snapshot=guarded.snapshot)
        found = guarded.engine.run(bound).table
        return [tuple(row.values()) for row in found.to_pylist()]

    return rows


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT DISTINCT country FROM customers",
        "SELECT DISTINCT c.country FROM customers AS c",
        "SELECT DISTINCT country FROM main.customers",
        "FROM customers SELECT DISTINCT country",
        "WITH x AS (SELECT * FROM customers) SELECT DISTINCT country FROM x",
        "WITH customers AS (SELECT * FROM customers) SELECT DISTINCT country FROM customers",
        "SELECT DISTINCT country FROM (SELECT country FROM CUSTOMERS UNION ALL SELECT country FROM \"customers\")",
        "SELECT DISTINCT (SELECT c.country FROM customers c WHERE c.id = o.customer_id) FROM orders o",
        "SELECT DISTINCT country FROM orders o JOIN customers c ON c.id = o.customer_id",
        "SELECT max(country) FROM customers",
    ],
)  # fmt: skip
def test_no_way_of_writing_it_shows_another_country(ask: Any, sql: str) -> None:
    assert ask(sql) == [("DE",)]


def test_a_fact_shows_the_rows_that_lead_to_what_may_be_seen(ask: Any) -> None:
    assert ask("SELECT count(*) FROM orders") == [(571,)]  # customers 0, 2, 4, 6 of 7
    assert ask("SELECT count(*) FROM orders WHERE customer_id IN (1, 3, 5)") == [(0,)]


def test_masked_columns_are_masked_under_every_name(ask: Any) -> None:
    assert ask("SELECT DISTINCT name FROM customers") == [("•••",)]
    assert ask("SELECT DISTINCT upper(x) FROM (SELECT name AS x FROM customers)") == [("•••",)]


def test_personal_data_is_masked_in_sql_by_the_column_that_it_is_made_from(ask: Any, model: SemanticModel) -> None:
    called = {"expr": "upper(name)", "type": "text", "personal": "name"}
    plain = model.model_dump(mode="json", by_alias=True, exclude_none=True)
    plain["tables"]["customers"]["dimensions"]["called"] = called
    plain["column_policies"] = [{"name": "all", "personal": True, "action": "mask"}]
    changed = SemanticModel.model_validate(plain)
    assert ask("SELECT DISTINCT name FROM customers", model=changed) == [("•••",)]
    assert ask("SELECT DISTINCT country FROM customers", model=changed) == [("DE",)]


def test_an_attribute_is_a_value_never_sql(ask: Any) -> None:
    assert ask("SELECT count(*) FROM customers", QUOTED) == [(0,)]


@pytest.mark.parametrize(
    ("sql", "principal", "code"),
    [
        ("SELECT * FROM customers", UNKNOWN, "policy_attribute"),
        ("SELECT * FROM t", GERMAN, "policy_no_path"),
        ("SELECT * FROM query('SELECT * FROM customers')", GERMAN, "sql_function"),
        ("SELECT * FROM only_b", GERMAN, "sql_table"),
        ("SELECT * FROM b.customers", GERMAN, "sql_table"),
        ("SELECT * FROM customers; SELECT 1", GERMAN, "sql_not_select"),
    ],
)
def test_what_cannot_be_bound_is_refused(ask: Any, sql: str, principal: Principal, code: str) -> None:
    with pytest.raises(QueryRefused) as caught:
        ask(sql, principal)
    assert caught.value.code == code


def test_a_query_compiled_for_somebody_else_is_refused(guarded: Any, model: SemanticModel) -> None:
    compiled = Compiled(sql='SELECT COUNT(*) AS "n" FROM "orders"', dialect="duckdb", columns=(), tables=("orders",))
    for principal in (GERMAN, dataclasses.replace(GERMAN, role="viewer")):
        with pytest.raises(QueryRefused) as caught:
            authorize(compiled, principal, model=model, snapshot=guarded.snapshot)
        assert caught.value.code == "policy_missing"
