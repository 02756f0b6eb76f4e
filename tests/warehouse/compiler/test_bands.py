"""Numbers in steps: the edges belong to the upper step, below zero counts downwards, and a step can be a condition."""

import pytest

from store.errors import InvalidRequest
from warehouse.query import DimRef

TENS = {"field": "amount", "band": 50}


def test_a_step_holds_its_lower_end_and_not_its_upper_one(shop):
    shop.run("INSERT INTO orders VALUES (6, 1, NULL, 'completed', 'web', 50), (7, 1, NULL, 'completed', 'web', 49.99)")
    assert shop.ask(metrics=["orders"], dimensions=[TENS]) == [(0, 4), (50, 2), (100, 1)]


def test_steps_below_zero_go_on_downwards(shop):
    shop.run("INSERT INTO orders VALUES (6, 1, NULL, 'completed', 'web', -1), (7, 1, NULL, 'completed', 'web', -50)")
    assert shop.ask(metrics=["orders"], dimensions=[TENS])[0] == (-50, 2)


def test_a_fraction_of_one_is_exact(shop):
    shop.run("DELETE FROM orders")
    shop.run("INSERT INTO orders VALUES (6, 1, NULL, 'completed', 'web', 0.30), (7, 1, NULL, 'completed', 'web', 0.29)")
    rows = shop.ask(metrics=["orders"], dimensions=[{"field": "amount", "band": "0.1"}])
    assert [(round(float(low), 6), n) for low, n in rows] == [(0.2, 1), (0.3, 1)]


def test_a_step_can_be_asked_for(shop):
    asked = {"field": TENS, "op": "=", "values": [50]}
    assert shop.ask(metrics=["orders"], filters=[asked]) == [(1,)]


def test_only_numbers_have_steps(shop):
    with pytest.raises(InvalidRequest) as refused:
        shop.ask(metrics=["orders"], dimensions=[{"field": "status", "band": 10}])
    assert refused.value.code == "not_a_number"
    with pytest.raises(ValueError, match="band"):
        DimRef.model_validate({"field": "orders.ordered_at", "grain": "day", "band": 10})
