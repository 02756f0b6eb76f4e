"""Requests that are small to write and huge to carry out are refused before they cost anything."""

import datetime as dt
import time

import pytest
from pydantic import ValidationError

from store.errors import InvalidRequest
from warehouse.query import MetricQuery

HUGE = ("1e999999999", "-1E999999999", "1e-999999999", "0e-999999999")


@pytest.mark.parametrize("number", HUGE)
def test_numbers_that_cannot_be_written_out_are_refused(shop, condition, number):
    began = time.process_time()
    with pytest.raises(ValidationError):
        MetricQuery.model_validate(
            {"metrics": [{"metric": "orders"}], "having": [{"column": "orders", "op": ">", "value": number}]}
        )
    with pytest.raises(InvalidRequest) as refused:
        shop.compile(metrics=["orders"], filters=[condition("orders.amount", ">", number)])
    assert refused.value.code == "invalid_value"
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "time",
    [
        {"last": {"n": 10**6, "unit": "year"}},
        {"last": {"n": 10**18, "unit": "month"}},
        {"last": {"n": 10**18, "unit": "hour"}},
        {"last": {"n": 10**7, "unit": "week"}, "grain": "week"},
    ],
)
def test_windows_outside_the_calendar_are_refused(shop, time):
    with pytest.raises(InvalidRequest) as refused:
        shop.compile(metrics=["orders"], time=time)
    assert refused.value.code == "no_such_time"


@pytest.mark.parametrize("compare", ["previous_period", "same_date_last_year"])
def test_comparisons_before_the_first_year_are_refused(shop, compare):
    with pytest.raises(InvalidRequest) as refused:
        shop.compile(metrics=["orders"], time={"start": "0001-01-01", "end": "0001-02-01"}, compare={"to": compare})
    assert refused.value.code == "no_such_time"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_today_at_the_end_of_the_calendar_is_refused(shop, day):
    shop.as_of = dt.datetime.fromisoformat(day)
    with pytest.raises(InvalidRequest):
        shop.compile(metrics=["orders"], time={"last": {"n": 1, "unit": "year", "complete": day < "1"}})


def test_a_window_over_the_whole_calendar_is_no_unit(shop):
    assert shop.ask(metrics=["orders"], time={"start": "0001-01-02", "end": "9999-12-31"}) == [(5,)]


@pytest.mark.parametrize(
    "query",
    [
        {"dimensions": [{"field": "orders.channel"}] * 2000},
        {"metrics": [{"metric": "orders", "alias": f"a{n}"} for n in range(2000)]},
        {"filters": [{"field": {"field": "orders.channel"}, "values": ["x"]}] * 3000},
        {"filters": [{"any_of": [{"field": {"field": "orders.channel"}, "values": ["x"]}] * 3000}]},
    ],
)
def test_thousands_of_columns_or_conditions_are_refused(query):
    with pytest.raises(ValidationError):
        MetricQuery.model_validate({"metrics": [{"metric": "orders"}], **query})
