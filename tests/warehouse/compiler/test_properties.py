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
