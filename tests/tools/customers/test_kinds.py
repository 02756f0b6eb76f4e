"""Customers by kinds: groups add up to everybody, equal to independent SQL, and chance alone tells no kind apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import duckdb
import pytest

from store.errors import InvalidRequest, NotEnough
from tools import entities
from tools.churn.kinds import _apart
from tools.entity_groups import grouped, of_rows
from tools.evidence import Evidence
from tools.factbook.book import problems
from tools.registry import ToolContext, get
from warehouse.entity_query import EntityQuery, PerEntity
from warehouse.query import DimRef, MetricRef

COUNTRY, STATUS = DimRef(field="customers.country"), DimRef(field="orders.status")


@pytest.fixture(scope="module")
def valued(shop: ToolContext) -> Evidence:
    return get("lifetime_value").run(shop, {"by": {"field": "customers.country"}})


def test_groups_are_those_of_independent_sql(shop: ToolContext) -> None:
    """Somebody with several values belongs where most of their purchases are, of equals the first by name."""
    entity = entities.find(shop, entities.EntityArgs())
    today = date(2026, 11, 1)
    found = entities.activity(shop, entity, (), [PerEntity(name="days", take="days")], today)
    mine = dict(zip(found.ids, grouped(shop, entity, found, COUNTRY, (), today).names, strict=True))
    assert mine == {who: ("Norway", "Spain")[who % 2] for who in found.ids}
    years = DimRef(field="orders.ordered_on", part="year")
    split = grouped(shop, entity, found, years, (), today)
    assert not split.own
    path = shop.workspace.root.parent.parent.parent / "orders.csv"
    rows = duckdb.sql(f"""
        WITH n AS (SELECT customer_id AS w, year(CAST(ordered_on AS DATE)) AS m,
                          count(*) FILTER (status = 'done') AS c
                   FROM read_csv('{path}') GROUP BY 1, 2)
        SELECT w, arg_max(m, c * 100 - m) FROM n WHERE c > 0 GROUP BY 1""").fetchall()
    assert dict(zip(found.ids, split.names, strict=True)) == {w: str(m) for w, m in rows}


def test_value_by_country_adds_up_to_the_whole(shop: ToolContext, valued: Evidence) -> None:
    groups = next(t for t in valued.tables if t.title == "Expected value by country")
    whole = next(t for t in valued.tables if t.title == "All together")
    value, count = groups.column_index("value"), groups.column_index("customers")
    assert [r[0] for r in groups.rows] in (["Norway", "Spain"], ["Spain", "Norway"])
    assert sum(float(r[value]) for r in groups.rows) == pytest.approx(float(whole.rows[0][whole.column_index("value")]))
    assert sum(r[count] for r in groups.rows) == whole.rows[0][whole.column_index("customers")]
    assert problems(valued) == []


def test_value_is_told_by_kind(
    shop: ToolContext, valued: Evidence, told: Callable[[ToolContext, Evidence], str]
) -> None:
    text = told(shop, valued)
    assert text.startswith("By country, ")
    assert "has the most valuable customers: each is expected to bring $" in text


def test_chance_tells_no_kind_apart(shop: ToolContext, told: Callable[[ToolContext, Evidence], str]) -> None:
    """Countries follow odd and even numbers, so neither may be called more at risk."""
    found = get("churn_risk").run(shop, {"by": {"field": "customers.country"}})
    facts = [f for f in found.facts if f.kind == "risk_by"]
    assert {f.attributes["unlike"] for f in facts} == {"no"}
    assert told(shop, found).startswith("No country stands out: ")
    groups = next(t for t in found.tables if t.title == "Risk of leaving by country")
    whole = next(t for t in found.tables if t.title == "All together")
    judged = sum(r[groups.column_index("judged")] for r in groups.rows)
    assert judged == whole.rows[0][whole.column_index("judged")]
    assert problems(found) == []


def test_a_kind_is_apart_beyond_two_standard_errors() -> None:
    assert _apart(0.30, 1_000, 0.20)
    assert not _apart(0.22, 1_000, 0.20)
    assert not _apart(0.40, 10, 0.20)


def test_what_cannot_be_split_is_refused(shop: ToolContext) -> None:
    entity = entities.find(shop, entities.EntityArgs())
    found = entities.activity(shop, entity, (), [PerEntity(name="days", take="days")], date(2026, 11, 1))
    with pytest.raises(NotEnough, match="too many to compare"):
        grouped(shop, entity, found, DimRef(field="orders.order_id"), (), date(2026, 11, 1))
    with pytest.raises(InvalidRequest, match="no RFM segments"):
        of_rows(shop, "customers", "customer_id", [1, 2], "rfm", "customers")
    with pytest.raises(ValueError, match="two requests"):
        EntityQuery(
            entity=COUNTRY, amount=MetricRef(metric="revenue"), events=MetricRef(metric="orders"), by=STATUS,
            columns=(PerEntity(name="days", take="days"),),
        )  # fmt: skip
