"""The quick way in: events in the plain form of the documents become columns without a Python object for each field.

It takes exactly what `shape` would take, or nothing: whatever is unusual in a body sends all of it the long way round,
which knows other trackers' spellings and can say what is wrong with which event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import uuid4

import msgspec
import orjson
from msgspec import Meta, Struct

from ingestion.events import shape

_Id = Annotated[str, Meta(min_length=1, max_length=shape.ID_CHARS)]
_Text = Annotated[str, Meta(min_length=1, max_length=shape.TEXT_CHARS)]


class _Context(Struct, forbid_unknown_fields=True, gc=False):
    page_url: _Text | None = None
    page_title: _Text | None = None
    referrer: _Text | None = None
    utm_source: _Text | None = None
    utm_medium: _Text | None = None
    utm_campaign: _Text | None = None
    country: _Text | None = None
    device: _Text | None = None
    language: _Text | None = None


class _Event(Struct, forbid_unknown_fields=True, gc=False):
    id: _Id | None = None
    type: Literal["track", "page", "screen"] = "track"
    event: Annotated[str, Meta(max_length=shape.NAME_CHARS)] | None = None
    timestamp: str | None = None
    user_id: _Id | None = None
    anonymous_id: _Id | None = None
    session_id: _Id | None = None
    context: _Context | None = None
    properties: dict[str, Any] | None = None


class _Envelope(Struct, forbid_unknown_fields=True, gc=False):
    batch: list[_Event]
    write_key: str = ""
    sent_at: str | None = None


_LIST = msgspec.json.Decoder(list[_Event])
_ENVELOPE = msgspec.json.Decoder(_Envelope)
_LINE = msgspec.json.Decoder(_Event)
_NOTHING = _Context()
_TRACK = "track"


@dataclass(frozen=True)
class Plain:
    """Events as columns in the order of `shape.COLUMNS`, the sets of properties they have, and the key of the body."""

    columns: list[Sequence[Any]]
    properties: list[dict[str, Any]]
    key: str = ""

    @property
    def count(self) -> int:
        """How many events."""
        return len(self.columns[0])


def read(body: bytes, received: int, *, lines: bool = False) -> Plain | None:
    """The events of a body, `lines` for one in each line; None when it must be read the long way.

    `received` is microseconds since 1970.
    """
    key, sent_at = "", None
    try:
        if lines:
            events = _LINE.decode_lines(body)
        elif body.lstrip()[:1] == b"[":
            events = _LIST.decode(body)
        else:
            envelope = _ENVELOPE.decode(body)
            events, key, sent_at = envelope.batch, envelope.write_key, envelope.sent_at
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if not 0 < len(events) <= shape.MOST_EVENTS or shape.shift(sent_at, received):
        return None
    columns = _columns(events, received)
    return Plain(columns, [e.properties for e in events if e.properties], key) if columns else None


def _columns(events: list[_Event], received: int) -> list[Sequence[Any]] | None:
    # a list for each field costs a third of a tuple for each event, which the garbage collector would look at too
    users, visitors = [e.user_id for e in events], [e.anonymous_id for e in events]
    if (
        None in users
        and None in visitors
        and any(u is None and v is None for u, v in zip(users, visitors, strict=True))
    ):
        return None
    kinds: Sequence[str] = [e.type for e in events]
    names = [e.event for e in events]
    if kinds.count(_TRACK) != len(kinds):
        kinds = [_TRACK if kind == _TRACK else "page" for kind in kinds]
        names = [n if k == _TRACK else "page_view" for k, n in zip(kinds, names, strict=True)]
    times = _times([e.timestamp for e in events], received)
    if times is None or not all(name and name == name.strip() for name in set(names)):
        return None
    ids = [e.id for e in events]
    if None in ids:
        ids = [one or uuid4().hex for one in ids]
    places = _places(events)
    texts = _texts(events, kinds, places)
    if texts is None:
        return None
    sessions = [e.session_id for e in events]
    return [kinds, ids, names, times, [received] * len(events), users, visitors, sessions, *places, *texts]


def _places(events: list[_Event]) -> list[list[Any]]:
    """A column for each field of the contexts, in the order of `shape.COLUMNS`."""
    found = [e.context or _NOTHING for e in events]
    return [
        [c.page_url for c in found], [c.page_title for c in found], [c.referrer for c in found],
        [c.utm_source for c in found], [c.utm_medium for c in found], [c.utm_campaign for c in found],
        [c.country for c in found], [c.device for c in found], [c.language for c in found],
    ]  # fmt: skip


def _times(told: list[str | None], received: int) -> Any | None:
    """ISO times with a zone as an Arrow array, all within what is believed; None when one is spelt otherwise."""
    import pyarrow as pa
    import pyarrow.compute as pc

    moments = pa.timestamp("us", tz="UTC")
    try:
        times = pa.array(told, pa.string()).cast(moments)
    except pa.ArrowInvalid:
        return None
    if times.null_count:
        times = times.fill_null(pa.scalar(received, moments))
    ends = pc.min_max(times.cast(pa.int64()))
    within = ends["min"].as_py() >= shape.OLDEST_US and ends["max"].as_py() <= received + shape.AHEAD_US
    return times if within else None


def _texts(
    events: list[_Event], kinds: Sequence[str], places: list[list[Any]]
) -> tuple[list[Any], list[Any], list[Any]] | None:
    """Revenue, currency and the JSON of properties; what a page view tells of its page goes to its places."""
    revenues: list[float | None] = [None] * len(events)
    currencies: list[str | None] = [None] * len(events)
    texts: list[bytes | None] = [None] * len(events)
    for number, properties in [(n, e.properties) for n, e in enumerate(events) if e.properties]:
        try:
            texts[number] = text = orjson.dumps(properties)
        except TypeError:
            return None
        if len(text) > shape.MOST_PROPERTIES_BYTES:
            return None
        revenues[number], currencies[number] = shape.money(properties)
        if kinds[number] == "page":
            _page(properties, number, places)
    return revenues, currencies, texts


def _page(properties: dict[str, Any], number: int, places: list[list[Any]]) -> None:
    for column, name in zip(places, shape.PAGE_PLACES, strict=False):
        value = properties.get(name) if column[number] is None else None
        if isinstance(value, str) and value:
            column[number] = value[: shape.TEXT_CHARS]
