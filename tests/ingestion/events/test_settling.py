"""From the log to the lake: each event once, visits and people worked out, meaning that plain English finds."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from evals.events import killed
from ingestion.events import log, sessions, settling, store
from ingestion.events.intake import Intake
from ingestion.events.live import Live
from store.errors import LimitReached, Unavailable
from warehouse.lake import Lake
from warehouse.model import store as models
from warehouse.workspace import named

DAY = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=2)


def event(name: str, minute: int, who: str = "a1", **more):
    moment = (DAY + timedelta(minutes=minute)).isoformat()
    return {"id": f"{name}-{minute}-{who}", "event": name, "timestamp": moment, "anonymous_id": who, **more}


@pytest.fixture
def place(tmp_path):
    workspace = named("shop", tmp_path)
    workspace.lake.mkdir(parents=True)
    return workspace


def take(intake: Intake, *events, **shared):
    return asyncio.run(intake.take(list(events), shared))


def settled(intake: Intake, *, meaning: bool = False):
    """Load what waits and work out visits; the meaning too where a test looks at it."""
    intake.waits()
    if not meaning:
        intake.pace.due = math.inf
    done = settling.settle(intake.workspace, intake.pace, now=meaning)
    with Lake.open(intake.workspace.lake).writer() as writer:
        sessions.build(writer)
    return done


@contextmanager
def opened(place) -> Iterator[Intake]:
    with closing(Intake(place)) as intake:
        yield intake


def ask(place, sql: str):
    with Lake.open(place.lake).writer() as writer:
        return writer.execute(sql).fetchall()


def test_events_become_rows_once_whoever_repeats_them(place):
    with opened(place) as intake:
        first = [event("page_view", 0), event("signup", 5, properties={"plan": "pro", "seats": 3})]
        assert take(intake, *first)["accepted"] == 2
        assert take(intake, *first) == {"accepted": 0, "duplicates": 2, "rejected": 0, "errors": []}
        assert settled(intake).rows == 2
    with opened(place) as intake:  # another process knows of the ids by the lake alone
        assert take(intake, *first, first[0])["accepted"] == 3
        done = settled(intake)
        assert (done.rows, done.duplicates) == (0, 3)
    assert ask(place, "SELECT event_name, plan, seats FROM events ORDER BY time") == [
        ("page_view", None, None),
        ("signup", "pro", 3.0),
    ]
    assert log.pending_bytes(store.folder_of(place.root)) == 0


def test_a_property_that_comes_late_is_filled_from_what_was_there(place):
    with opened(place) as intake:
        take(intake, event("a", 0, properties={"size": None, "odd": 1}))
        settled(intake)
        take(intake, event("a", 1, properties={"size": 4, "odd": "text"}), event("a", 2, properties={"Event ID": "x"}))
        settled(intake)
    rows = ask(place, "SELECT size, odd, property_event_id, properties FROM events ORDER BY time")
    assert [r[:3] for r in rows] == [(None, 1.0, None), (4.0, None, None), (None, None, "x")]
    assert '"odd":"text"' in rows[1][3], "what does not fit the kind of its column is still there"


def test_visits_end_after_half_an_hour_and_late_events_mend_them(place):
    with opened(place) as intake:
        take(intake, event("page_view", 0), event("page_view", 20), event("buy", 70), event("page_view", 0, "b"))
        settled(intake)
        visits = "SELECT visitor_id, events, page_views, bounced FROM event_sessions ORDER BY visitor_id, started_at"
        assert ask(place, visits) == [("a1", 2, 2, False), ("a1", 1, 0, True), ("b", 1, 1, True)]
        take(intake, event("page_view", 45))
        settled(intake)
        assert ask(place, visits) == [("a1", 4, 3, False), ("b", 1, 1, True)]


def test_who_signs_in_stays_the_same_visitor_on_every_device(place):
    with opened(place) as intake:
        take(intake, event("page_view", 0), event("signup", 1, user_id="u"))
        take(intake, event("page_view", 2, "phone"), event("buy", 3, "phone", user_id="u"))
        take(intake, {"id": "s", "event": "renewed", "user_id": "u"})
        told = [
            {"type": "identify", "id": f"i{n}", "user_id": "u", "traits": {"plan": "free", k: n}}
            for n, k in ((0, "a"), (1, "b"))
        ]
        take(intake, *told)
        settled(intake)
        take(intake, {"type": "identify", "id": "i2", "user_id": "u", "traits": {"plan": "pro"}})
        settled(intake)
    who = dict(ask(place, "SELECT event_name || ' ' || coalesce(anonymous_id, ''), visitor_id FROM events"))
    assert who == {
        "page_view a1": "a1", "signup a1": "a1", "page_view phone": "phone", "buy phone": "a1", "renewed ": "a1",
    }  # fmt: skip
    ((user, traits),) = ask(place, "SELECT user_id, traits FROM event_users")
    assert (user, json.loads(traits)) == ("u", {"plan": "pro", "a": 0, "b": 1})


def test_kinds_of_events_are_figures_by_their_own_names(place):
    with opened(place) as intake:
        sent = [event("signup", n, f"v{n}", context={"country": "DE"}) for n in range(3)]
        take(intake, *sent, event("Order Completed", 9, properties={"revenue": 5, "currency": "eur"}))
        settled(intake, meaning=True)
    model = models.load(place.model_file)
    measures = model.tables["events"].measures
    assert measures["signups"].label == "Signups" and measures["signups"].where == "event_name = 'signup'"
    assert {"events", "active_visitors", "order_completed", "event_revenue"} <= set(measures)
    assert measures["event_revenue"].unit.currency == "EUR"
    assert "visits" in model.tables["event_sessions"].measures
    assert "How many signups by country?" in model.starters


def test_a_lake_that_is_busy_keeps_events_waiting(place, monkeypatch):
    monkeypatch.setattr(settling, "WRITER_WAIT", 0.05)
    with opened(place) as intake:
        take(intake, event("a", 0))
        with Lake.create(place.lake).writer(), pytest.raises(Unavailable):
            settled(intake)
        intake.again()
        assert intake.waits() and settled(intake).rows == 1


def test_too_many_at_once_and_a_backlog_are_refused(place, monkeypatch):
    with opened(place) as intake:
        with pytest.raises(LimitReached):
            take(intake, *[{}] * 5_001)
        take(intake, event("a", 0))
        monkeypatch.setenv("PLAINSAY_EVENT_BACKLOG_BYTES", "10")
        with pytest.raises(Unavailable):
            take(intake, event("a", 1))


def test_live_counts_forget_after_a_minute():
    live = Live()
    live.count(["a", "a", "b"], ["v1", "v1", "v2"], at=100.5)
    live.count(["a"], ["v3"], at=101.2)
    shown = live.shown(at=101.9)
    assert (shown["last_minute"], shown["visitors"], shown["last_second"]) == (4, 3, 3)
    assert shown["events"] == [{"event": "a", "count": 3}, {"event": "b", "count": 1}]
    assert live.shown(at=160.5)["last_minute"] == 1 and live.shown(at=170)["last_minute"] == 0


def test_a_visitor_of_many_seconds_is_counted_and_kept_once():
    live = Live()
    for second in range(100, 200):
        live.count(["page_view"] * 3, ["a", "b", None], at=second)
    live.count(["page_view"], ["late"], at=200)
    assert live.shown(at=200)["visitors"] == 3
    assert live.shown(at=259)["visitors"] == 1
    live.count(["page_view"], ["c"], at=290)
    assert live.shown(at=290)["visitors"] == 1 and set(live._people) == {"c"}


def test_names_known_before_they_were_listed_apart_are_not_new(place):
    with opened(place) as intake:
        take(intake, event("page_view", 1), event("purchase", 2))
        assert settled(intake).names == {"page_view", "purchase"}
        with Lake.open(place.lake).writer() as writer:
            writer.execute("DROP TABLE _events.names")
        take(intake, event("purchase", 3), event("refund", 4))
        assert settled(intake).names == {"refund"}
        take(intake, event("refund", 5))
        assert settled(intake).names == set()


def test_rows_are_published_before_what_they_mean_is_worked_out(place, monkeypatch):
    published = []
    monkeypatch.setattr(sessions, "build", lambda _: published.append(Lake.open(place.lake).current().files["events"]))
    with opened(place) as intake:
        take(intake, event("page_view", 1))
        intake.waits()
        settling.settle(place, intake.pace)
    assert len(published) == 1 and published[0]


def test_kill_nine_loses_and_doubles_nothing():
    done = killed.run(kills=3)
    assert done.acknowledged > 0 and (done.lost, done.doubled) == (0, 0)
