"""Events are checked one by one: what is good is taken, what is not is told with its field."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from ingestion.events import shape

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WHO = {"user_id": "u1"}


def read(*events, **shared):
    return shape.read(list(events), shared, NOW, set())


def row(event, **shared):
    batch = read(event, **shared)
    assert batch.errors == []
    return dict(zip(shape.COLUMNS, batch.rows[0], strict=True))


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (3, "event"),
        ({**WHO}, "event"),
        ({**WHO, "event": "  "}, "event"),
        ({**WHO, "event": "x" * 201}, "event"),
        ({"event": "a"}, "user_id"),
        ({"event": "a", "user_id": ["x"]}, "user_id"),
        ({"event": "a", "user_id": ""}, "user_id"),
        ({**WHO, "event": "a", "type": "alias"}, "type"),
        ({**WHO, "event": "a", "timestamp": "yesterday"}, "timestamp"),
        ({**WHO, "event": "a", "timestamp": "2026-12-22T00:00:00Z"}, "timestamp"),
        ({**WHO, "event": "a", "timestamp": "1999-01-01T00:00:00Z"}, "timestamp"),
        ({**WHO, "event": "a", "timestamp": True}, "timestamp"),
        ({**WHO, "event": "a", "properties": [1]}, "properties"),
        ({**WHO, "event": "a", "properties": {"x": "y" * 40_000}}, "properties"),
        ({**WHO, "event": "a", "context": "here"}, "context"),
        ({"type": "identify", "anonymous_id": "a"}, "user_id"),
    ],
)
def test_what_is_wrong_is_named_and_the_rest_is_taken(event, field):
    batch = read({**WHO, "event": "good"}, event, {**WHO, "event": "good"})
    assert [(e["index"], e["field"]) for e in batch.errors] == [(1, field)]
    assert batch.errors[0]["message"] and len(batch.rows) == 2 and batch.rejected == 1


@pytest.mark.parametrize(
    "told",
    ["2026-11-22T10:30:00Z", "2026-11-22T11:30:00+01:00", "2026-11-22T10:30:00", 1795343400, 1795343400000],
)
def test_times_of_every_form_are_one_moment(told):
    assert row({**WHO, "event": "a", "timestamp": told})["time"] == 1795343400 * 1_000_000


def test_a_device_whose_clock_is_wrong_is_corrected_and_a_slow_request_is_not():
    event = {**WHO, "event": "a", "timestamp": "2026-11-21T11:59:00Z"}
    assert row(event, sent_at="2026-11-21T12:00:00Z")["time"] == int(NOW.timestamp() - 60) * 1_000_000
    assert row({**event, "timestamp": "2026-11-22T11:59:00Z"}, sent_at="2026-11-22T11:59:30Z")["time"] == int(
        (NOW.timestamp() - 60) * 1_000_000
    )


def test_the_shapes_of_other_trackers_are_read_too():
    event = {
        "type": "page", "messageId": "m1", "userId": 7, "anonymousId": "a", "properties": {"title": "Home", "url": "u"},
        "context": {"campaign": {"source": "ads"}, "page": {"referrer": "r"}, "locale": "de-DE"},
    }  # fmt: skip
    found = row(event)
    names = ("event", "event_id", "user_id", "page_title", "page_url", "utm_source", "referrer", "language")
    assert [found[n] for n in names] == ["page_view", "m1", "7", "Home", "u", "ads", "r", "de-DE"]


def test_what_a_batch_shares_is_given_to_all_and_their_own_wins():
    batch = read(
        {**WHO, "event": "a"}, {**WHO, "event": "a", "context": {"country": "FR"}},
        context={"country": "DE", "device": "mobile"},
    )  # fmt: skip
    at = shape.COLUMNS.index("country")
    assert [(r[at], r[at + 1]) for r in batch.rows] == [("DE", "mobile"), ("FR", "mobile")]


def test_money_and_new_properties_are_found():
    shapes: set[tuple[str, ...]] = set()
    event = {**WHO, "event": "buy", "properties": {"revenue": 9.5, "currency": "eur", "plan": "pro", "gift": True}}
    first = shape.read([event], {}, NOW, shapes)
    again = shape.read([event], {}, NOW, shapes)
    kinds = {"revenue": "number", "currency": "text", "plan": "text", "gift": "boolean"}
    assert first.keys == kinds and again.keys == {}
    found = dict(zip(shape.COLUMNS, first.rows[0], strict=True))
    assert (found["revenue"], found["currency"]) == (9.5, "EUR")
    assert orjson.loads(found["properties"]) == event["properties"]


def test_many_errors_are_counted_but_not_all_told():
    batch = read(*[{}] * 500)
    assert (batch.rejected, len(batch.errors)) == (500, shape.MOST_ERRORS)
