"""The time between two dates that no model wrote down: named, checked against the model, computed by the engine."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pytest

from store.errors import PlainsayError, UnknownName
from warehouse.compiler import compile_query
from warehouse.model.adhoc import resolve_field, resolve_measure
from warehouse.model.schema import SemanticModel
from warehouse.model.spans import span_name, span_of
from warehouse.profile import DataProfile
from warehouse.query import MetricPart, MetricQuery, MetricRef

MODEL = SemanticModel.model_validate({
    "model": "loans",
    "tables": {
        "loans": {"source": "loans", "key": ["loan_id"], "joins": [{"to": "books", "on": {"book_id": "book_id"}}],
                  "time": {"default": "lent", "columns": {"lent": {"kind": "date"}, "returned": {"kind": "date"}}},
                  "dimensions": {"loan_id": {"type": "integer"}, "book_id": {"type": "integer"}},
                  "measures": {"loan_count": {"agg": "count"}}},
        "books": {"source": "books", "key": ["book_id"],
                  "dimensions": {"book_id": {"type": "integer"}, "shelf": {}, "bought": {"type": "date"}},
                  "numbers": {"pages": {"label": "Pages", "type": "integer"}}},
    },
})  # fmt: skip
LASTED = span_name("loans.lent", "loans.returned")


def _rows(query: MetricQuery) -> list[tuple[object, ...]]:
    compiled = compile_query(MODEL, query, profile=DataProfile(tables={}), as_of=datetime(2025, 1, 1))
    with duckdb.connect() as db:
        db.execute("CREATE TABLE books AS SELECT * FROM (VALUES (1, 'A', DATE '2024-01-01', 100),"
                   " (2, 'B', DATE '2024-02-01', 300)) t(book_id, shelf, bought, pages)")  # fmt: skip
        db.execute("CREATE TABLE loans AS SELECT * FROM (VALUES (1, 1, DATE '2024-03-01', DATE '2024-03-11'),"
                   " (2, 1, DATE '2024-04-01', DATE '2024-04-05'), (3, 2, DATE '2024-05-01', NULL))"
                   " t(loan_id, book_id, lent, returned)")  # fmt: skip
        return db.execute(compiled.sql).fetchall()


def test_days_between_two_dates() -> None:
    assert _rows(MetricQuery(metrics=(MetricRef(metric=f"avg:loans.{LASTED}", alias="days"),))) == [(7.0,)]


def test_dates_of_two_tables() -> None:
    waited = span_name("books.bought", "loans.lent")
    assert _rows(MetricQuery(metrics=(MetricRef(metric=f"max:loans.{waited}", alias="days"),))) == [(91,)]


def test_a_number_of_what_each_row_belongs_to() -> None:
    query = MetricQuery(metrics=(MetricRef(metric="sum:loans.books.pages", alias="pages"),))
    assert _rows(query) == [(500,)]


def test_arithmetic_over_parts() -> None:
    parts = (MetricPart(metric="sum:loans.books.pages"), MetricPart(metric="loan_count"))
    one = MetricRef(metric=parts[0].metric, alias="x", formula="(p0 - p1) / p1 * 100", parts=parts)
    assert _rows(MetricQuery(metrics=(one,))) == [(pytest.approx((500 - 3) / 3 * 100),)]


@pytest.mark.parametrize("name", ["days(loans.lent to loans.nowhere)", "days(books.shelf to loans.lent)",
                                  "days(lent to returned)", "weeks(loans.lent to loans.lent)", "days(x)"])  # fmt: skip
def test_only_dates_of_the_model_have_a_time_between(name: str) -> None:
    assert span_of(MODEL, name) is None
    assert resolve_measure(MODEL, f"avg:loans.{name}") is None
    with pytest.raises(UnknownName):
        resolve_field(MODEL, "loans", name)


@pytest.mark.parametrize("name", ["sum:loans.books.shelf", "sum:loans.nothing.pages", "sum:loans.books.book_id"])
def test_only_stored_numbers_are_reached(name: str) -> None:
    assert resolve_measure(MODEL, name) is None


@pytest.mark.parametrize("formula", ["p0 + p2", "p0", "p0 + (SELECT 1)", "p0 || p1"])
def test_a_formula_speaks_of_all_its_parts_and_nothing_else(formula: str) -> None:
    parts = (MetricPart(metric="loan_count"), MetricPart(metric="sum:loans.books.pages"))
    with pytest.raises(PlainsayError):
        _rows(MetricQuery(metrics=(MetricRef(metric="loan_count", alias="x", formula=formula, parts=parts),)))


def test_a_formula_needs_its_parts() -> None:
    with pytest.raises(ValueError, match="given together"):
        MetricRef(metric="loan_count", formula="p0 * 2")
