"""Every field of a reading is accounted for: it shows in the query, or the question is not answered."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest

from agent.builtin.audit import CHECKS, NOTES, audit
from agent.builtin.lexicon import Ref
from agent.builtin.reading import Ask, Best, Cond, Having, Noun, Reading, Relation, Top, When
from agent.builtin.resolve import Unresolved
from agent.builtin.times import TimeHit
from warehouse.query import DimRef, Filter, MetricQuery, MetricRef, RecordQuery

NOUN = Noun((Ref("dim", "orders", "channel"),), "channel")
TABLE = Noun((Ref("table", "orders", "orders"),), "orders")
SET: dict[str, Any] = {
    "asks": [Ask(None, NOUN)],
    "groups": [NOUN],
    "columns": [NOUN],
    "conds": [Cond("=", ("web",), noun=NOUN)],
    "having": [Having(Ask(None, NOUN), ">", Decimal(5))],
    "relations": [Relation(True, noun=TABLE)],
    "whens": [When(TimeHit(1))],
    "top": Top(5),
    "grain": "month",
    "calendar": "retail",
    "trend": True,
    "order": (None, True),
    "compare": "previous_period",
    "share": True,
    "rank": True,
    "running": True,
    "distinct": True,
    "per": TABLE,
    "part": "weekday",
    "band": NOUN,
    "best": Best("latest", low=False),
    "rates": [Cond("=", (True,), noun=NOUN)],
    "versus": Cond("in", ("web", "app")),
    "growth": "growth",
    "amounts": [Cond(">", (Decimal(5),))],
}
PLAIN = MetricQuery(metrics=(MetricRef(metric="revenue", per="orders"),))
LISTED = RecordQuery(table="customers", columns=(DimRef(field="products.category"),))


def test_no_field_of_a_reading_is_forgotten() -> None:
    assert {f.name for f in fields(Reading)} == CHECKS.keys() | NOTES.keys()
    assert not CHECKS.keys() & NOTES.keys()
    assert CHECKS.keys() - SET.keys() == {"subjects"}


@pytest.mark.parametrize("name", [n for n in SET if n not in ("asks", "relations", "share", "per")])
def test_a_field_that_does_not_reach_the_query_is_refused(name: str) -> None:
    with pytest.raises(Unresolved):
        audit(Reading(**{name: SET[name]}), PLAIN)


@pytest.mark.parametrize("name", ["asks", "relations", "share", "per", "columns", "best", "conds"])
def test_a_field_that_does_not_reach_a_listing_is_refused(name: str) -> None:
    query = LISTED if name != "relations" else LISTED.model_copy(update={"related": ()})
    with pytest.raises(Unresolved):
        audit(Reading(**{name: SET[name]}), query)


def test_conditions_that_exclude_one_another_are_refused() -> None:
    field = DimRef(field="orders.amount")
    filters = (Filter(field=field, op=">", values=(Decimal(40),)), Filter(field=field, op="<", values=(Decimal(30),)))
    with pytest.raises(Unresolved):
        audit(Reading(), RecordQuery(table="orders", filters=filters))
