"""Events out of Kafka, over the wire: none lost, none doubled, none that cannot be read in the way of the others."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingestion.events import kafka, settling, store
from ingestion.events.intake import Intake
from store.errors import InvalidRequest
from warehouse.lake import Lake
from warehouse.workspace import Workspace, named

confluent_kafka = pytest.importorskip("confluent_kafka")
PATIENCE = 60.0
QUICK = {"session.timeout.ms": "6000", "heartbeat.interval.ms": "300", "topic.metadata.refresh.interval.ms": "500"}


@pytest.fixture(scope="module")
def broker() -> Iterator[tuple[Any, str]]:
    """A producer and the address of the broker inside it, which speaks Kafka's own protocol over TCP."""
    producer = confluent_kafka.Producer({"test.mock.num.brokers": 1, "log_level": 0, "bootstrap.servers": "mock"})
    (found,) = producer.list_topics(timeout=10).brokers.values()
    yield producer, f"{found.host}:{found.port}"
    producer.flush(5)


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    found = named("shop", tmp_path)
    found.lake.mkdir(parents=True)
    return found


def _produce(producer: Any, topic: str, values: list[Any]) -> None:
    for value in values:
        producer.produce(topic, value if isinstance(value, bytes | None) else json.dumps(value).encode())
    assert producer.flush(20) == 0


def _follow(place: Workspace, address: str, topic: str, want: int) -> kafka.Followed:
    """Follow until `want` events were taken."""

    async def run() -> kafka.Followed:
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        with closing(Intake(place)) as intake:

            def look() -> None:
                if intake.live.total >= want:
                    loop.call_soon_threadsafe(over.set)

            topics = kafka.Topics(address, [topic], f"group-{topic}", QUICK)
            return await kafka.follow(intake, topics, look, over=over, idle=PATIENCE)

    return asyncio.run(run())


def _rows(place: Workspace) -> list[tuple[Any, ...]]:
    settling.settle(place, settling.Pace(due=math.inf))  # rows alone; what they mean is no matter here
    with Lake.open(place.lake).writer() as writer:
        return writer.execute(f"SELECT event_name, event_id FROM {store.TABLE} ORDER BY event_id").fetchall()


def _event(number: int) -> dict[str, Any]:
    return {"id": f"e{number:03d}", "event": "signup", "user_id": f"u{number}"}


def test_messages_become_events_and_what_is_none_is_set_aside(broker: tuple[Any, str], place: Workspace) -> None:
    producer, address = broker
    many = [{"event": "x"} for _ in range(250)]
    values: list[Any] = [_event(1), [_event(2), _event(3)], {"batch": [_event(4)], "context": {"country": "Norway"}}]
    values += [b"not json", b"\xff\xfe", b"7", None, many, {"event": "view", "user_id": "u9"}]
    _produce(producer, "mixed", values)
    done = _follow(place, address, "mixed", 5)
    assert (done.messages, done.accepted, done.set_aside, done.empty) == (9, 5, 4, 1)
    assert [name for name, _ in _rows(place)] == ["signup"] * 4 + ["view"]
    aside = kafka.set_aside(place.root)
    assert {row["reason"] for row in aside} >= {
        "The message is not JSON.",
        "An event says who: user_id or anonymous_id.",
    }
    assert any(row["value"] == "not json" and row["topic"] == "mixed" for row in aside)
    _produce(producer, "mixed", [_event(5)])
    assert _follow(place, address, "mixed", 1).messages == 1


def test_what_was_taken_but_not_committed_comes_again_and_counts_once(
    broker: tuple[Any, str], place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    producer, address = broker
    _produce(producer, "again", [_event(n) for n in range(20)] + [{"event": "view", "user_id": "u"}] * 5)
    with monkeypatch.context() as patched:
        patched.setattr(kafka.Follower, "_commit", lambda *_: None)
        assert _follow(place, address, "again", 25).accepted == 25
    _produce(producer, "again", [_event(20)])
    assert _follow(place, address, "again", 26).messages == 26
    rows = _rows(place)
    assert len(rows) == len(set(rows)) == 26


def test_settings_of_the_client_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "client.properties"
    path.write_text("# remark\nsecurity.protocol = SASL_SSL\n\nsasl.password=a=b\n", encoding="utf-8")
    assert kafka.options_from(path) == {"security.protocol": "SASL_SSL", "sasl.password": "a=b"}
    path.write_text("nothing", encoding="utf-8")
    with pytest.raises(InvalidRequest, match=r"Line 1 of client\.properties"):
        kafka.options_from(path)


@pytest.mark.parametrize("options", [{"plugin.library.paths": "/tmp/x.so"}, {"no.such.setting": "1"}])
def test_settings_that_load_code_or_do_not_exist_are_refused(place: Workspace, options: dict[str, str]) -> None:
    async def run() -> None:
        with closing(Intake(place)) as intake:
            kafka.Follower(intake, kafka.Topics("127.0.0.1:1", ["t"], "g", options))

    with pytest.raises(InvalidRequest):
        asyncio.run(run())
