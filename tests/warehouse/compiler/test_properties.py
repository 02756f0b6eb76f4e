"""What must hold for any question: parts add up to the whole, filters split it, joins lose and double nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FIELDS = ["channel", "status", "country", "territory"]
VALUES = ["web", "APP", "us", "North", "completed", "nothing", "a", ""]
fields = st.sampled_from(FIELDS)
filters = st.builds(
    lambda field, op, value: {"field": {"field": field}, "op": op, "values": [value]},
    fields,
    st.sampled_from(["=", "contains", "starts_with", "<", ">="]),
    st.sampled_from(VALUES),
)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def orphaned(shop):
    shop.run("INSERT INTO orders VALUES (6, 99, '2025-04-01', 'completed', 'web', 7), (7, 1, NULL, NULL, NULL, 3)")
    return shop


def total(shop, **query):
    return shop.ask(metrics=["revenue", "orders"], **query)[0]


@quick
@given(dimensions=st.lists(fields, max_size=3, unique=True), wanted=st.lists(filters, max_size=2))
def test_parts_add_up_to_the_whole(orphaned, dimensions, wanted):
    whole = total(orphaned, filters=wanted)
    parts = orphaned.ask(metrics=["revenue", "orders"], dimensions=dimensions, filters=wanted)
    assert sum((p[-2] or Decimal(0) for p in parts), Decimal(0)) == (whole[0] or 0)
    assert sum(p[-1] or 0 for p in parts) == (whole[1] or 0)


@quick
@given(dimensions=st.lists(fields, max_size=2, unique=True), grain=st.sampled_from(["day", "week", "month", "year"]))
def test_periods_add_up_to_the_whole(orphaned, dimensions, grain):
    parts = orphaned.ask(metrics=["revenue", "orders"], dimensions=dimensions, time={"grain": grain})
    assert (sum(p[-2] for p in parts), sum(p[-1] for p in parts)) == total(orphaned)


@quick
@given(field=fields, value=st.sampled_from(VALUES))
def test_a_filter_and_its_opposite_split_the_rows(orphaned, field, value):
    sides = [total(orphaned, filters=[{"field": {"field": field}, "op": op, "values": [value]}]) for op in ("=", "!=")]
    assert sum(s[1] or 0 for s in sides) == total(orphaned)[1]


@quick
@given(wanted=filters, other=filters)
def test_or_is_inclusion_and_exclusion(orphaned, wanted, other):
    either = total(orphaned, filters=[{"any_of": [wanted, other]}])[1] or 0
    both = total(orphaned, filters=[wanted, other])[1] or 0
    assert either == (total(orphaned, filters=[wanted])[1] or 0) + (total(orphaned, filters=[other])[1] or 0) - both


@quick
@given(wanted=filters)
def test_a_filter_of_a_metric_is_a_filter(orphaned, wanted):
    inside = orphaned.ask(metrics=[{"metric": "revenue", "where": [wanted], "alias": "some"}])[0][0]
    assert inside == (total(orphaned, filters=[wanted])[0] or 0)


@quick
@given(dimension=fields, n=st.integers(1, 6))
def test_a_top_is_the_head_of_the_whole_order(orphaned, dimension, n):
    whole = orphaned.ask(metrics=["revenue"], dimensions=[dimension])
    assert orphaned.ask(metrics=["revenue"], dimensions=[dimension], top={"n": n, "by": "revenue"}) == whole[:n]


@quick
@given(dimension=fields)
def test_a_row_asked_for_alone_shows_the_same_figures(orphaned, dimension):
    for name, *figures in orphaned.ask(metrics=["revenue", "aov", "buyers"], dimensions=[dimension]):
        one = {
            "field": {"field": dimension},
            "op": "is_null" if name is None else "=",
            "values": [name] if name else [],
        }
        assert list(orphaned.ask(metrics=["revenue", "aov", "buyers"], filters=[one])[0]) == pytest.approx(figures)


brief = settings(quick, max_examples=12)
grains = st.sampled_from(["day", "week", "month", "quarter", "year"])
calendars = st.sampled_from([None, "civil", "fiscal", "retail", "iso"])


@brief
@given(dimensions=st.lists(fields, max_size=2, unique=True), wanted=st.lists(filters, min_size=2, max_size=4))
def test_filters_commute(orphaned, dimensions, wanted):
    asked = [orphaned.ask(metrics=["revenue", "aov", "buyers"], dimensions=dimensions, filters=order)
             for order in (wanted, wanted[::-1], [*wanted, wanted[0]])]  # fmt: skip
    assert asked[0] == asked[1] == asked[2]


@brief
@given(first=filters, second=filters)
def test_filters_of_the_query_and_of_the_metric_commute(orphaned, first, second):
    def one_way(outer, inner):
        return (
            orphaned.ask(metrics=[{"metric": "orders", "where": [inner], "alias": "some"}], filters=[outer])[0][0] or 0
        )

    assert one_way(first, second) == one_way(second, first)


@brief
@given(
    dimensions=st.lists(fields, max_size=2, unique=True),
    grain=st.one_of(st.none(), grains),
    calendar=calendars,
    wanted=st.lists(filters, max_size=1),
)
def test_a_ratio_is_its_numerator_over_its_denominator_at_every_grain(orphaned, dimensions, grain, calendar, wanted):
    orphaned.data["calendar"] |= {"retail": {}, "fiscal_start_month": 3}
    time = {"time": {"grain": grain, "calendar": calendar}} if grain else {}
    asked = ["aov", "completed_revenue", "completed_orders"]
    rows = orphaned.ask(metrics=asked, dimensions=dimensions, filters=wanted, **time)
    for *_, ratio, top, bottom in rows:
        assert ratio == (pytest.approx(float(top or 0) / bottom) if bottom else None)


@brief
@given(grain=grains, calendar=calendars, dimensions=st.lists(fields, max_size=1))
def test_periods_of_any_calendar_add_up_and_do_not_overlap(orphaned, grain, calendar, dimensions):
    orphaned.data["calendar"] |= {"retail": {"periods": "4-5-4"}, "fiscal_start_month": 3, "week_start": "saturday"}
    time = {"grain": grain, "calendar": calendar}
    parts = orphaned.ask(metrics=["revenue", "orders"], dimensions=dimensions, time=time)
    assert (sum(p[-2] for p in parts), sum(p[-1] for p in parts)) == total(orphaned)
    keys = [p[:-2] for p in parts]
    assert len(keys) == len(set(keys))


@brief
@given(grain=st.sampled_from(["week", "month", "quarter"]), calendar=calendars, n=st.integers(1, 3))
def test_what_a_period_is_compared_with_is_what_that_period_says_itself(orphaned, grain, calendar, n):
    orphaned.data["calendar"] |= {"retail": {}, "fiscal_start_month": 3}
    time = {"grain": grain, "calendar": calendar}
    alone = {r[0]: r[1] for r in orphaned.ask(metrics=["revenue"], time=time)}
    compare = {"to": "offset", "n": n, "unit": grain, "show": ["prev"], "align_partial": False}
    rows = orphaned.ask(metrics=["revenue"], time=time, compare=compare)
    starts = [r[0] for r in rows]
    for position, (_, _, prior) in enumerate(rows):
        if position >= n and prior is not None:
            assert prior == alone[starts[position - n]]


@brief
@given(dimensions=st.lists(fields, min_size=1, max_size=2, unique=True), wanted=st.lists(filters, max_size=1))
def test_shares_add_up_to_one(orphaned, dimensions, wanted):
    share = [{"kind": "share", "of": "orders"}]
    rows = orphaned.ask(metrics=["orders"], dimensions=dimensions, filters=wanted, transforms=share)
    assert not rows or sum(r[-1] or 0 for r in rows) == pytest.approx(1)
