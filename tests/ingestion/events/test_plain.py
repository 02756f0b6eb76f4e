"""The quick way takes what the long way takes, column by column, and leaves to it whatever is unusual."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.events import frames, plain, shape

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RECEIVED = int(NOW.timestamp() * 1_000_000)
WHO = {"user_id": "u1", "id": "1"}
TRACK = {**WHO, "event": "signup", "timestamp": "2026-11-22T10:00:00.250+02:00"}

_texts = st.text(max_size=8)
_times = st.sampled_from(
    ["2026-11-01T10:00:00Z", "2026-11-01 10:00:00.123456+05:30", "2026-11-01T10:00", "2026-11-01",
     "1999-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "soon", 1_793_000_000, None]
)  # fmt: skip
_values = st.one_of(_texts, st.integers(-(2**70), 2**70), st.floats(allow_nan=False), st.booleans(), st.none())
_events = st.fixed_dictionaries(
    {"id": st.text(min_size=1, max_size=6)},
    optional={
        "type": st.sampled_from(["track", "page", "screen", "identify", "alias", None]),
        "event": st.sampled_from(["signup", " signup", "", "größe", None]),
        "timestamp": _times,
        "user_id": st.sampled_from(["u", "", 7, None]),
        "anonymous_id": st.sampled_from(["a", None]),
        "session_id": _texts,
        "context": st.dictionaries(st.sampled_from(["page_url", "country", "device", "page"]), _texts, max_size=3),
        "properties": st.dictionaries(
            st.sampled_from(["revenue", "currency", "url", "title", "plan"]), _values, max_size=4
        ),
        "userId": st.just("other spelling"),
    },
)


def columns_of(events: list[object], **more: object) -> tuple[object, object]:
    """The rows by either way, as what is written to disk; None for a way that does not take them all."""
    told = orjson.loads(orjson.dumps(events))
    long = shape.read(told, more, NOW, set())
    body = orjson.dumps({"batch": events, **more} if more else events)
    quick = plain.read(body, RECEIVED)
    kept = frames.unpacked([frames.packed(list(zip(*long.rows, strict=True)), {})])[0] if long.rows else None
    return (kept if not long.rejected else None), (
        frames.unpacked([frames.packed(quick.columns, {})])[0] if quick else None
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(_events, min_size=1, max_size=4))
def test_what_the_quick_way_takes_is_what_the_long_way_makes_of_it(events):
    try:
        orjson.dumps(events)
    except TypeError:  # a number that JSON of ours cannot hold
        return
    long, quick = columns_of(events)
    if quick is not None:
        assert long is not None and quick.equals(long)


@pytest.mark.parametrize(
    "event",
    [
        TRACK,
        {"anonymous_id": "a", "id": "2", "type": "page", "properties": {"url": "https://x/1", "title": "T", "n": 1}},
        {**TRACK, "context": {"country": "DE"}, "properties": {"revenue": 3, "currency": "eur"}},
        {**TRACK, "properties": {"text": "größer ≥ 3", "deep": {"a": [1, 2.5, None]}}},
        {**TRACK, "timestamp": None},
    ],
)  # fmt: skip
def test_usual_events_go_the_quick_way(event):
    long, quick = columns_of([event, TRACK])
    assert quick is not None and quick.equals(long)
    _, enveloped = columns_of([event], sent_at="2026-11-22T12:00:05Z")
    assert enveloped is not None
    lines = plain.read(orjson.dumps(event) + b"\n" + orjson.dumps(TRACK) + b"\n", RECEIVED, lines=True)
    assert lines is not None and lines.count == 2


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[", b"[]", b"{}", b"3", b"\xff[]", b'{"batch": []}', b'["x"]',
        orjson.dumps([{**TRACK, "messageId": "other spelling"}]),
        orjson.dumps({"batch": [TRACK], "context": {"country": "DE"}}),
        orjson.dumps({"batch": [TRACK], "sent_at": "2026-11-22T13:00:00Z"}),
        orjson.dumps([{**TRACK, "properties": {"x": "y" * 33_000}}]),
        orjson.dumps([TRACK] * (shape.MOST_EVENTS + 1)),
        b'[{"event": "a", "user_id": "u", "properties": {"n": 1' + b"0" * 40 + b"}}]",
        b'[{"event": "a", "user_id": "u", "properties": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"}]",
    ],
)  # fmt: skip
def test_what_is_unusual_is_left_to_the_long_way(body):
    assert plain.read(body, RECEIVED) is None


def test_an_event_without_an_id_gets_one():
    found = plain.read(orjson.dumps([{"event": "a", "user_id": "u"}] * 2), RECEIVED)
    assert found is not None and len(set(found.columns[1])) == 2
