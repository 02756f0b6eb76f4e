"""Links that are not there are not found, a true lag is; suppositions add up exactly and refuse what has no formula."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.errors import InvalidRequest, NotEnough, UnknownName
from tools.factbook.book import problems
from tools.levers.sums import needed, shares
from tools.levers.tree import Node, trees
from tools.links.candidates import built_in, figure, figures
from tools.links.engine import chosen, link, run_json
from tools.registry import ToolContext, get


def test_random_walks_and_shared_seasons_are_no_links() -> None:
    draw, n = np.random.default_rng(3), 120
    walks = [
        link(100 + np.cumsum(draw.normal(size=n)), 100 + np.cumsum(draw.normal(size=n)), "day", 7) for _ in range(60)
    ]
    assert sum(w["p"] <= 0.03 for w in walks) <= 5
    at = np.arange(730)
    year, week = np.sin(2 * np.pi * at / 365.25), np.where(at % 7 >= 5, 1.4, 1.0)
    shop = lambda: (100 + 30 * year + draw.normal(size=730) * 5) * week  # noqa: E731
    assert sum(link(shop(), shop(), "day", 7)["p"] <= 0.03 for _ in range(12)) <= 2


def test_a_true_lag_is_found_with_its_direction() -> None:
    draw, n = np.random.default_rng(8), 300
    other = 50 + np.cumsum(draw.normal(size=n)) * 0.3 + draw.normal(size=n) * 2
    target = 100 + 0.9 * np.roll(other, 3) + draw.normal(size=n)
    found = link(target[3:], other[3:], "day", 10)
    assert abs(found["lag"] - 3) <= 1 and found["p"] <= 0.01 and found["r"] > 0.4
    assert link(other[3:], target[3:], "day", 10)["lag"] == -found["lag"]


def test_the_worker_answers_in_json_and_a_constant_is_no_candidate() -> None:
    draw = np.random.default_rng(2)
    target = list(100 + draw.normal(size=60))
    answer = run_json({"target": target, "candidates": {"flat": [5.0] * 60, "same": target}, "grain": "day", "lags": 5})
    assert "p" not in answer["links"]["flat"] and answer["links"]["same"]["alike"]


def test_many_tests_at_once_are_held_to_ten_percent() -> None:
    assert chosen([0.001, 0.02, 0.5, 0.9]) == [True, True, False, False]
    assert chosen([0.04]) == [False]
    assert chosen([0.02] + [0.5] * 30) == [False] * 31


def test_figures_made_of_the_same_rows_are_left_out(context: ToolContext) -> None:
    model = context.model
    revenue = figure(model, "net_revenue")
    assert revenue is not None
    tied = {f.name for f in figures(model) if built_in(model, revenue, f)}
    assert {"orders", "units", "average_order_value", "margin", "margin_rate", "gross_revenue", "placed_orders"} <= tied
    assert not {"ad_spend", "signups", "return_rate", "discount_rate"} & tied


def test_the_planted_lead_of_advertising_is_found_on_the_demo(context: ToolContext) -> None:
    found = get("correlate").run(context, {"metric": "orders", "candidates": ["ad_spend"], "lag": 7})
    fact = next(f for f in found.facts if f.kind == "moves_with")
    main = found.main()
    assert main is not None and problems(found) == []
    assert main.rows[0][main.column_index("lag")] == 3 and fact.attributes["timing"] == "ahead"


def test_too_few_points_and_ties_are_refused(context: ToolContext) -> None:
    with pytest.raises(NotEnough, match="too few to tell a link from chance"):
        get("correlate").run(context, {"metric": "orders", "grain": "quarter"})
    with pytest.raises(InvalidRequest, match="by the way it is counted"):
        get("correlate").run(context, {"metric": "net_revenue", "candidates": ["orders"]})
    with pytest.raises(UnknownName):
        get("correlate").run(context, {"metric": "happiness"})


# suppositions ---------------------------------------------------------------------------------------------------

POSITIVE = st.fractions(min_value=Fraction(1, 100), max_value=10**6)
PRODUCT = Node(op="*", left=Node("a"), right=Node("b"))
MIXED = Node(op="-", left=PRODUCT, right=Node("c"))


@settings(max_examples=200, deadline=None)
@given(POSITIVE, POSITIVE, POSITIVE, POSITIVE, POSITIVE)
def test_what_levers_made_adds_up_to_the_change_exactly(a: Any, b: Any, c: Any, a2: Any, b2: Any) -> None:
    base, new = {"a": a, "b": b, "c": c}, {"a": a2, "b": b2, "c": c}
    for tree in (PRODUCT, MIXED):
        parts = shares(tree, base, new, ["a", "b"])
        assert sum(parts) == tree.value(new) - tree.value(base)


@settings(max_examples=100, deadline=None)
@given(POSITIVE, POSITIVE, POSITIVE, POSITIVE)
def test_a_goal_solved_for_gives_the_goal(a: Any, b: Any, c: Any, goal: Any) -> None:
    base = {"a": a, "b": b, "c": c}
    value = needed(MIXED, base, "a", goal)
    assert value is not None and MIXED.value({**base, "a": value}) == goal
    ratio = Node(op="/", left=Node("a"), right=Node("b"))
    below = needed(ratio, base, "b", goal)
    assert below is not None and ratio.value({**base, "b": below}) == goal


def test_nothing_changed_gives_the_base_and_changes_are_exact(context: ToolContext) -> None:
    same = get("what_if").run(context, {"metric": "net_revenue", "changes": [{"metric": "orders", "by": 0}]})
    row = same.main().rows[0]  # type: ignore[union-attr]
    assert row[1] == row[2] and float(row[3]) == 0
    args = {
        "metric": "net_revenue",
        "changes": [{"metric": "average_order_value", "by": 0.05}, {"metric": "orders", "by": -0.1}],
    }
    both = get("what_if").run(context, args)
    assert problems(both) == []
    row = both.main().rows[0]  # type: ignore[union-attr]
    assert float(row[2]) == pytest.approx(float(row[1]) * 1.05 * 0.9, rel=1e-9)
    effects = [float(t.rows[0][t.column_index("effect")]) for t in both.tables if t.id.startswith("l")]
    assert sum(effects) == pytest.approx(float(row[3]), rel=1e-9)


def test_prices_leave_costs_alone_and_more_orders_do_not(context: ToolContext) -> None:
    labels = {n: n for n in ("units", "average_selling_price", "cost", "orders", "average_order_value", "margin_rate")}
    price = trees(context.model, "margin", ("average_selling_price",))[0]
    assert price.said(labels) == "units × average_selling_price − cost"
    more = trees(context.model, "margin", ("orders",))[0]
    assert sorted(more.leaves()) == ["average_order_value", "margin_rate", "orders"]


def test_without_a_formula_it_says_so(context: ToolContext) -> None:
    with pytest.raises(InvalidRequest, match="no formula that links net revenue and ad spend") as refused:
        get("what_if").run(context, {"metric": "net_revenue", "changes": [{"metric": "ad_spend", "by": 1}]})
    assert refused.value.code == "no_formula"
    with pytest.raises(InvalidRequest, match="is a share"):
        get("what_if").run(context, {"metric": "margin", "changes": [{"metric": "margin_rate", "to": 1.2}]})
    with pytest.raises(InvalidRequest):
        get("what_if").run(context, {"metric": "margin", "changes": [{"metric": "orders", "to": 5, "by": 1}]})
