"""Bodies of events: JSON, an envelope, or a line each, plain or gzipped; never larger than allowed once unpacked."""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from api.errors import TooLarge, WrongMedia
from store.errors import InvalidRequest

if TYPE_CHECKING:
    from ingestion.events.plain import Plain

_LINES = ("ndjson", "jsonl", "json-seq")
_BATCHES = ("batch", "events")


@dataclass(frozen=True)
class Told:
    """What a body holds: events as they came, what they share ({context, sent_at}), and the key if it is inside.

    `plain` has them instead when all of them are in the plain form.
    """

    events: list[Any]
    shared: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    plain: Plain | None = None

    @property
    def count(self) -> int:
        """How many events."""
        return len(self.events) if self.plain is None else self.plain.count


def unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """The body without its compression. Raises `TooLarge`, `WrongMedia`, `InvalidRequest`."""
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise WrongMedia("Events come plain or gzipped.", hint="Send Content-Encoding: gzip, or none.")
    try:
        reader = zlib.decompressobj(wbits=31)
        text = reader.decompress(body, most + 1)
    except zlib.error as error:
        raise InvalidRequest("The body is not gzipped as it says.", code="invalid_gzip") from error
    if len(text) > most:
        raise TooLarge(f"The events are larger than {most:,} bytes.", details={"limit": most})
    if not reader.eof:
        raise InvalidRequest("The gzipped body is cut off.", code="invalid_gzip")
    return text


def read(body: bytes, media: str, *, quick: bool = False) -> Told:
    """The events of a body; `quick` may give them as columns. Raises `InvalidRequest`."""
    lines = any(kind in media for kind in _LINES)
    if quick:
        from ingestion.events import plain

        found = plain.read(body, time.time_ns() // 1_000, lines=lines)
        if found is not None:
            return Told([], key=found.key, plain=found)
    if lines:
        return Told(_lines(body))
    value = _parsed(body)
    if isinstance(value, list):
        return Told(value)
    if not isinstance(value, dict):
        raise InvalidRequest("The body is an event, a list of events, or {“batch”: […]}.", code="invalid_event")
    found = next((value[name] for name in _BATCHES if isinstance(value.get(name), list)), None)
    key = value.get("write_key") or value.get("writeKey")
    return Told(
        [value] if found is None else found, value if found is not None else {}, key if isinstance(key, str) else ""
    )


def identified(events: list[Any], key_id: str, given: str) -> None:
    """Give events without an id one that a repetition of the same request would give them too."""
    for index, event in enumerate(events):
        if isinstance(event, dict) and not (event.get("id") or event.get("event_id") or event.get("messageId")):
            event["id"] = hashlib.sha256(f"{key_id}\0{given}\0{index}".encode("utf-8", "replace")).hexdigest()[:32]


def _lines(body: bytes) -> list[Any]:
    lines = [line for line in body.splitlines() if line.strip()]
    try:
        found: list[Any] = orjson.loads(b"[" + b",".join(lines) + b"]")
    except orjson.JSONDecodeError:
        found = []
    return found if len(found) == len(lines) else [_line(line) for line in lines]


def _line(line: bytes) -> Any:
    """The event of a line; None, which is refused by itself, for one that is no JSON."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(
            f"The body is not valid JSON (line {error.lineno}, column {error.colno}).", code="invalid_json",
            details={"line": error.lineno, "column": error.colno},
        ) from error  # fmt: skip
