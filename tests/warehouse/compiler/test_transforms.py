"""Moving figures, growth, resets, shares and ranks within, and what is left over beside the top."""

from __future__ import annotations

import datetime as dt

import pytest

from store.errors import InvalidRequest

MONTHS = {"grain": "month"}


def with_transform(shop, time=MONTHS, dimensions=(), **transform):
    rows = shop.ask(metrics=[transform["of"]], dimensions=list(dimensions), time=time, transforms=[transform])
    return [r[-1] for r in rows]


def refused(shop, **query):
    with pytest.raises(InvalidRequest) as error:
        shop.compile(**query)
    return error.value.code


def test_a_moving_average_needs_all_its_periods_unless_told(shop):
    assert with_transform(shop, kind="moving", of="revenue", n=2) == [None, 125, 35, 2.5]
    assert with_transform(shop, kind="moving", of="revenue", n=3, min_points=1) == [180, 125, 250 / 3, 25]


@pytest.mark.parametrize(
    ("agg", "expected"), [("sum", [None, 250, 70, 5]), ("min", [None, 70, 0, 0]), ("max", [None, 180, 70, 5])]
)
def test_other_moving_figures(shop, agg, expected):
    assert with_transform(shop, kind="moving", of="revenue", n=2, agg=agg) == expected


def test_a_moving_figure_looks_back_before_the_window(shop):
    window = {"grain": "month", "start": "2025-03-01", "end": "2025-05-01"}
    assert with_transform(shop, window, kind="moving", of="revenue", n=2, agg="sum") == [70, 5]
    rows = shop.ask(
        metrics=["revenue"],
        time=window,
        transforms=[
            {"kind": "moving", "of": "revenue", "n": 3, "agg": "sum"},
            {"kind": "running", "of": "revenue"},
            {"kind": "moving", "of": "revenue", "n": 2, "agg": "sum"},
        ],
    )
    assert [r[1:] for r in rows] == [(0, 250, 0, 70), (5, 75, 5, 5)]


def test_moving_figures_by_group(shop):
    assert with_transform(shop, dimensions=["channel"], kind="moving", of="orders", n=2, agg="sum") == [
        None, None, 1, 3, 0, 2, 1, 0,
    ]  # fmt: skip


def test_what_cannot_be_moved(shop):
    moving = {"kind": "moving", "n": 2}
    assert refused(shop, metrics=["buyers"], time=MONTHS, transforms=[{**moving, "of": "buyers"}]) == "non_additive"
    assert refused(shop, metrics=["aov"], time=MONTHS, transforms=[{**moving, "of": "aov"}]) == "non_additive"
    assert refused(shop, metrics=["revenue"], transforms=[{**moving, "of": "revenue"}]) == "no_grain"


def test_growth_against_the_month_before_and_the_first(shop):
    previous = with_transform(shop, kind="growth", of="revenue")
    assert previous == [None, pytest.approx(-110 / 180), -1, None]
    first = with_transform(shop, kind="growth", of="revenue", base="first")
    assert first == pytest.approx([0, -110 / 180, -1, -175 / 180])


def test_growth_passes_through_empty_periods_even_unfilled(shop):
    assert with_transform(shop, {"grain": "month", "fill": False}, kind="growth", of="revenue")[3] is None


def test_a_running_total_starts_anew(shop):
    assert with_transform(shop, kind="running", of="revenue", reset="quarter") == [180, 250, 250, 5]
    hours = {"grain": "hour", "start": "2025-01-05T09:00", "end": "2025-01-05T12:00"}
    assert with_transform(shop, hours, kind="running", of="orders", reset="month") == [0, 1, 1]


def test_shares_and_ranks_within_a_dimension(shop):
    query = {"metrics": ["item_revenue"], "dimensions": ["department", "category_name"]}
    within = {"of": "item_revenue", "within": [{"field": "department"}]}
    rows = shop.ask(**query, transforms=[{"kind": "share", **within}, {"kind": "rank", **within}])
    assert rows == [
        ("Apparel", "Shoes", 160, pytest.approx(160 / 180), 1), ("Other", "Toys", 60, 1, 1),
        ("Apparel", "Hats", 20, pytest.approx(20 / 180), 2),
    ]  # fmt: skip
    assert refused(
        shop, **query, transforms=[{"kind": "share", "of": "item_revenue", "within": [{"field": "country"}]}]
    )


def test_a_share_within_of_a_distinct_count_has_totals_of_its_own(shop):
    rows = shop.ask(
        metrics=["buyers"], dimensions=["channel", "status"],
        transforms=[{"kind": "share", "of": "buyers", "within": [{"field": "channel"}]}],
    )  # fmt: skip
    assert {r[:2]: r[3] for r in rows} == {
        ("web", "completed"): 1, ("web", "cancelled"): 0.5, ("app", "completed"): 1, ("app", "pending"): 1,
    }  # fmt: skip


def test_ranks_of_rows_are_never_tied(shop):
    shop.run("UPDATE orders SET amount = 10")
    rank = {"kind": "rank", "of": "revenue", "ties": "row"}
    rows = shop.ask(metrics=["revenue"], dimensions=["status"], transforms=[rank])
    assert [(r[0], r[2]) for r in rows] == [("completed", 1), ("cancelled", 2), ("pending", 3)]


def top(n, **more):
    return {"n": n, "by": "item_revenue", "others": True, **more}


def test_others_are_one_group_at_the_end(shop):
    rows = shop.ask(metrics=["item_revenue"], dimensions=["product_name"], top=top(1))
    assert rows == [("Runner", 100), ("Other", 140)]
    assert shop.ask(metrics=["item_revenue"], dimensions=["product_name"], top=top(9))[-1] == ("Cap", 20)


def test_others_are_counted_anew(shop):
    """Two customers bought, one of them in both of the cut channels: not added up, and not the difference."""
    shop.run("INSERT INTO orders VALUES (6, 1, '2025-02-01', 'completed', 'shop', 1)")
    rows = shop.ask(
        metrics=["buyers", "aov"], dimensions=["channel"], top={"n": 1, "by": "aov", "others": True, "bottom": True}
    )
    assert rows == [("shop", 1, 1), ("Other", 3, pytest.approx(220 / 3))]


def test_others_in_each_group(shop):
    rows = shop.ask(
        metrics=["item_revenue"], dimensions=["category_name", "product_name"],
        top=top(1, per=[{"field": "category_name"}]),
    )  # fmt: skip
    assert rows == [
        ("Hats", "Cap", 20), ("Shoes", "Runner", 100), ("Shoes", "Other", 60), ("Toys", "Robot", 60),
    ]  # fmt: skip


def test_others_over_time_with_a_comparison_and_shares(shop):
    rows = shop.ask(
        metrics=["item_revenue"], dimensions=["product_name"], top=top(1),
        time={"grain": "month", "start": "2025-01-01", "end": "2025-03-01"},
        compare={"to": "previous_period", "show": ["prev"]}, transforms=[{"kind": "share", "of": "item_revenue"}],
    )  # fmt: skip
    jan, feb = dt.date(2025, 1, 1), dt.date(2025, 2, 1)
    assert rows == [
        (jan, "Runner", 100, None, pytest.approx(100 / 170)), (jan, "Other", 70, None, pytest.approx(70 / 170)),
        (feb, "Runner", 0, 100, 0), (feb, "Other", 70, 70, 1),
    ]  # fmt: skip


def test_what_has_no_name_is_cut_like_any_other(shop):
    shop.run("UPDATE products SET product_name = NULL WHERE product_id = 2")
    rows = shop.ask(metrics=["item_revenue"], dimensions=["product_name"], top=top(2))
    assert rows == [("Runner", 100), ("Robot", 60), ("Other", 80)]


def test_others_need_names(shop):
    assert refused(shop, metrics=["item_revenue"], top=top(1)) == "invalid_top"
    rank = [{"kind": "rank", "of": "item_revenue"}]
    query = {"metrics": ["item_revenue"], "dimensions": ["product_name"], "top": top(1)}
    assert refused(shop, **query, transforms=rank) == "invalid_top"
    assert refused(shop, **query, having=[{"column": "item_revenue", "op": ">", "value": 1}]) == "invalid_top"
