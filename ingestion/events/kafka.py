"""Events out of Kafka: an offset is committed only when its message is on disk here, or set aside where it is seen.

A message that comes again after a crash brings the same ids (its own, or its place in the topic), so it counts once.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from ingestion.events import shape
from ingestion.events.intake import Intake
from store.errors import ConfigProblem, InvalidRequest, Unavailable

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Message

AT_ONCE = 1_000
"""Messages of one round."""
POLL_SECONDS = 0.5
SHOWN_CHARS = 10_000
_BATCHES = ("batch", "events")
_NEVER = ("plugin.library.paths", "enable.auto.commit", "enable.auto.offset.store", "group.instance.id")
_log = structlog.get_logger("plainsay.events")


@dataclass(frozen=True)
class Topics:
    """What to follow: broker addresses, topics, the group that remembers how far it is, settings of the client."""

    brokers: str
    names: Sequence[str]
    group: str
    options: Mapping[str, str]


@dataclass
class Followed:
    """What came of it: messages read, events kept, known before, messages set aside and messages without content."""

    messages: int = 0
    accepted: int = 0
    duplicates: int = 0
    set_aside: int = 0
    empty: int = 0


@dataclass(frozen=True)
class _Origin:
    """Where an event came from."""

    topic: str
    partition: int
    offset: int
    value: bytes


class Follower:
    """Reads topics into an intake, round by round. Only for use on the event loop that the intake lives on."""

    def __init__(self, intake: Intake, topics: Topics) -> None:
        self._intake, self.done = intake, Followed()
        self._consumer = _consumer(topics)
        self._aside = set_aside_file(intake.workspace.root)

    async def round(self) -> int:
        """Take what is there now and commit it; how many messages. Raises `Unavailable` for a topic that fails."""
        found = await asyncio.to_thread(self._consumer.consume, AT_ONCE, POLL_SECONDS)
        messages = [message for message in found if not _is_error(message)]
        if not messages:
            return 0
        events, origins, refused = self._read(messages)
        for start in range(0, len(events), shape.MOST_EVENTS):
            part = slice(start, start + shape.MOST_EVENTS)
            refused += await self._take(events[part], origins[part])
        if refused:
            await asyncio.to_thread(_put_aside, self._aside, refused)
        self.done.messages += len(messages)
        self.done.set_aside += len({(o.topic, o.partition, o.offset) for o, _ in refused})
        await asyncio.to_thread(self._commit, messages)
        return len(messages)

    async def aclose(self) -> None:
        """Leave the group."""
        await asyncio.to_thread(self._consumer.close)

    def _read(self, messages: Sequence[Message]) -> tuple[list[Any], list[_Origin], list[tuple[_Origin, str]]]:
        events: list[Any] = []
        origins: list[_Origin] = []
        refused: list[tuple[_Origin, str]] = []
        for message in messages:
            value = message.value()
            if not value:
                self.done.empty += 1
                continue
            origin = _Origin(message.topic() or "", message.partition() or 0, message.offset() or 0, value)
            try:
                told = list(_events(value, origin, message.timestamp()))
            except ValueError as error:
                refused.append((origin, str(error)))
                continue
            events += told
            origins += [origin] * len(told)
        return events, origins, refused

    async def _take(self, events: list[Any], origins: list[_Origin]) -> list[tuple[_Origin, str]]:
        """Keep events; returns those refused with the reason."""
        refused: list[tuple[_Origin, str]] = []
        told = await self._kept(events)
        self.done.accepted += told["accepted"]
        self.done.duplicates += told["duplicates"]
        start = 0
        while True:
            refused += [(origins[start + e["index"]], e["message"]) for e in told["errors"]]
            if told["rejected"] <= len(told["errors"]):
                return refused
            start += told["errors"][-1]["index"] + 1  # only so many are named at a time; the rest is known by now
            told = await self._kept(events[start:])

    async def _kept(self, events: list[Any]) -> dict[str, Any]:
        """Keep events, waiting while too much waits to be loaded."""
        while True:
            try:
                return await self._intake.take(events, {})
            except Unavailable as busy:
                _log.warning("kafka_waits", code=busy.code)
                await asyncio.sleep(busy.retry_after or 1.0)

    def _commit(self, messages: Sequence[Message]) -> None:
        """Say how far we are; where that fails the messages come again and are known by their ids."""
        from confluent_kafka import KafkaException, TopicPartition

        last: dict[tuple[str, int], int] = {}
        for message in messages:
            place = (message.topic() or "", message.partition() or 0)
            last[place] = max(last.get(place, 0), (message.offset() or 0) + 1)
        places = [TopicPartition(topic, partition, offset) for (topic, partition), offset in last.items()]
        try:
            self._consumer.commit(offsets=places, asynchronous=False)
        except KafkaException as error:
            _log.warning("kafka_not_committed", reason=error.args[0].name())


def options_from(path: Path) -> dict[str, str]:
    """Settings of the Kafka client from a properties file: `name=value` a line. Raises `InvalidRequest`."""
    found: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"The file {path.name} cannot be read.", hint="Give a text file of name=value.") from error
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            name, sign, value = line.partition("=")
            if not sign:
                raise InvalidRequest(f"Line {number} of {path.name} is not name=value.", hint="Mend it and try again.")
            found[name.strip()] = value.strip()
    return found


def set_aside_file(root: Path) -> Path:
    """Where messages that hold no event are kept: a line of JSON each."""
    return root / "events-set-aside.ndjson"


def set_aside(root: Path) -> list[dict[str, Any]]:
    """Messages that hold no event: {topic, partition, offset, reason, value, at}; each place once, oldest first."""
    path = set_aside_file(root)
    if not path.is_file():
        return []
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for line in path.read_bytes().splitlines():
        with suppress(orjson.JSONDecodeError):  # the end of a line that a crash cut off; its message comes again
            told = orjson.loads(line)
            found.setdefault((told["topic"], told["partition"], told["offset"], told["reason"]), told)
    return list(found.values())


async def follow(
    intake: Intake, topics: Topics, settle: Callable[[], Any], *, over: asyncio.Event, idle: float | None = None
) -> Followed:
    """Follow topics until `over` is set, or nothing came for `idle` seconds; `settle` loads what was taken.

    Everything taken is on disk before it returns. Raises `Unavailable`, `InvalidRequest`, `ConfigProblem`.
    """
    follower = Follower(intake, topics)
    clock = asyncio.get_running_loop().time
    settler = asyncio.create_task(_settling(settle, over))
    heard = clock()
    try:
        while not over.is_set() and (idle is None or clock() - heard < idle):
            if await follower.round():
                heard = clock()
    finally:
        over.set()
        await settler
        await follower.aclose()
    return follower.done


async def _settling(settle: Callable[[], Any], over: asyncio.Event) -> None:
    while not over.is_set():
        with suppress(Unavailable):  # another load holds the workspace; what waits stays in the log
            await asyncio.to_thread(settle)
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), 1.0)


def _consumer(topics: Topics) -> Consumer:
    try:
        from confluent_kafka import Consumer, KafkaException
    except ImportError as error:
        raise ConfigProblem(
            "Following Kafka needs a package that is not installed.",
            code="missing_extra", hint="Install it with: pip install 'plainsay[kafka]'.",
        ) from error  # fmt: skip
    if bad := [name for name in _NEVER if name in topics.options]:
        raise InvalidRequest(f"The setting {bad[0]} cannot be changed.", hint="Leave it out.")
    settings = {
        "auto.offset.reset": "earliest", "client.id": "plainsay", "log_level": 2, **topics.options,
        "bootstrap.servers": topics.brokers, "group.id": topics.group,
        "enable.auto.commit": False, "enable.auto.offset.store": False,
    }  # fmt: skip
    try:
        consumer = Consumer(settings)
    except (KafkaException, ValueError, TypeError) as error:
        raise InvalidRequest(
            "The settings of the Kafka client are not right.", hint="Look at the names and values of its options."
        ) from error
    consumer.subscribe(list(topics.names))
    return consumer


def _is_error(message: Message) -> bool:
    """Whether this is word of trouble instead of a message. Raises `Unavailable` for what does not pass."""
    from confluent_kafka import KafkaError

    error = message.error()
    if error is None:
        return False
    if error.code() in (KafkaError._PARTITION_EOF, KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN):
        return True
    if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
        raise Unavailable("Kafka knows no such topic.", code="kafka_topic", hint="Check the name of the topic.")
    if error.retriable():
        return True
    raise Unavailable("Kafka does not let the topic be read.", code="kafka_refused", hint="Check rights and settings.")


def _events(value: bytes, origin: _Origin, moment: tuple[int, int]) -> Iterator[Any]:
    """The events of a message: one, a list or an envelope. Raises `ValueError`."""
    try:
        told = orjson.loads(value)
    except orjson.JSONDecodeError:
        raise ValueError("The message is not JSON.") from None
    shared = told.get("context") if isinstance(told, dict) else None
    if isinstance(told, dict):
        told = next((told[name] for name in _BATCHES if isinstance(told.get(name), list)), [told])
    if not isinstance(told, list):
        raise ValueError("The message is no event, no list of events and no {“batch”: […]}.")
    for number, event in enumerate(told):
        if isinstance(event, dict):
            if not (event.get("id") or event.get("event_id") or event.get("messageId")):
                event["id"] = f"{origin.topic}/{origin.partition}/{origin.offset}/{number}"[-200:]
            if event.get("timestamp") is None and event.get("time") is None and moment[0]:
                event["timestamp"] = moment[1]
            if isinstance(shared, dict) and shared is not event.get("context"):
                event["context"] = {**shared, **(event.get("context") or {})}
        yield event


def _put_aside(path: Path, refused: Sequence[tuple[_Origin, str]]) -> None:
    """Keep messages where people find them; synced, for their offsets are committed next."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    lines = [
        json.dumps(
            {
                "topic": o.topic, "partition": o.partition, "offset": o.offset, "reason": reason,
                "value": o.value.decode("utf-8", "replace")[:SHOWN_CHARS], "at": now,
            },
            ensure_ascii=False,
        )
        for o, reason in refused
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", errors="replace") as file:
        file.write("\n" + "\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
