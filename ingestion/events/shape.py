"""What an event must look like, and what it becomes; every event is looked at by hand, because there are so many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson

COLUMNS = (
    "kind", "event_id", "event", "time", "received_at", "user_id", "anonymous_id", "session_id", "page_url",
    "page_title", "referrer", "utm_source", "utm_medium", "utm_campaign", "country", "device", "language", "revenue",
    "currency", "properties",
)  # fmt: skip
"""Fields of a row, in this order; times are microseconds since 1970, `properties` is JSON or None."""
MOST_EVENTS = 5_000
MOST_ERRORS = 100
MOST_PROPERTIES_BYTES = 32_000
AHEAD_US = 86_400_000_000
OLDEST_US = 946_684_800_000_000
"""The year 2000: what is older was dated by a clock that was never set."""
_SKEW_US = 60_000_000
NAME_CHARS, ID_CHARS, TEXT_CHARS = 200, 200, 2_000
_NOTHING: Mapping[str, Any] = {}
_NO_CONTEXT = (None,) * 9
_PLACES = (
    ("page_url", "page", "url"), ("page_title", "page", "title"), ("referrer", "page", "referrer"),
    ("utm_source", "campaign", "source"), ("utm_medium", "campaign", "medium"), ("utm_campaign", "campaign", "name"),
    ("country", "location", "country"), ("device", "device", "type"), ("language", "", "locale"),
)  # fmt: skip
_FLAT_NAMES = tuple(flat for flat, _, _ in _PLACES)
_FLAT = frozenset(_FLAT_NAMES)
PAGE_PLACES = ("url", "title", "referrer")
_KINDS = {"track": "track", "page": "page", "screen": "page", "identify": "identify"}
Row = tuple[Any, ...]


class Refused(ValueError):
    """An event that cannot be taken: the field at fault, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.reason = field, reason


@dataclass(frozen=True)
class Batch:
    """What of a request can be kept: rows in the order of `COLUMNS`; `errors` are {index, field, message}."""

    rows: list[Row]
    errors: list[dict[str, Any]]
    rejected: int = 0
    keys: dict[str, str] = field(default_factory=dict)


def read(events: Sequence[Any], shared: Mapping[str, Any], now: datetime, shapes: set[tuple[str, ...]]) -> Batch:
    """Check events and make rows of them. `shared` is what they have in common: {context, sent_at}.

    `shapes` remembers which sets of properties were seen before; kinds of new ones come back as `keys`.
    """
    received = int(now.timestamp() * 1_000_000)
    ahead = shift(shared.get("sent_at") or shared.get("sentAt"), received)
    common = shared.get("context")
    common = common if isinstance(common, dict) else _NOTHING
    base = _context(common, _NOTHING) if common else _NO_CONTEXT
    rows: list[Row] = []
    errors: list[dict[str, Any]] = []
    rejected = 0
    for index, event in enumerate(events):
        try:
            rows.append(_row(event, received, ahead, common, base))
        except Refused as refused:
            rejected += 1
            if len(errors) < MOST_ERRORS:
                errors.append({"index": index, "field": refused.field, "message": refused.reason})
    return Batch(rows, errors, rejected, new_keys((e.get("properties") for e in events if type(e) is dict), shapes))


def _row(event: Any, received: int, shift: int, common: Mapping[str, Any], base: Row) -> Row:
    if type(event) is not dict:
        raise Refused("event", "An event is a JSON object.")
    get = event.get
    kind = _KINDS.get(get("type") or "track")
    if kind is None:
        raise Refused("type", "The type is track, page, screen or identify.")
    properties = get("traits" if kind == "identify" else "properties") or _NOTHING
    if type(properties) is not dict and properties is not _NOTHING:
        raise Refused("properties", "Properties are a JSON object.")
    context = get("context") or _NOTHING
    if type(context) is not dict and context is not _NOTHING:
        raise Refused("context", "The context is a JSON object.")
    user = _id(get("user_id", get("userId")), "user_id")
    anonymous = _id(get("anonymous_id", get("anonymousId")), "anonymous_id")
    if user is None and anonymous is None:
        raise Refused("user_id", "An event says who: user_id or anonymous_id.")
    if kind == "identify" and user is None:
        raise Refused("user_id", "identify needs the user_id.")
    told = get("timestamp", get("time"))
    time = received if told is None else _moment(told) + shift
    if not OLDEST_US <= time <= received + AHEAD_US:
        raise Refused("timestamp", "The time is before 2000 or more than a day ahead.")
    page = properties if kind == "page" else _NOTHING
    found = _context({**common, **context} if common else context, page) if context or page else base
    revenue, currency = money(properties) if properties else (None, None)
    return (
        kind, _id(get("id") or get("event_id") or get("messageId"), "id") or uuid4().hex, _name(kind, get), time,
        received, user, anonymous, _id(get("session_id", get("sessionId")), "session_id"), *found, revenue, currency,
        _json(properties) if properties else None,
    )  # fmt: skip


def _name(kind: str, get: Any) -> str:
    if kind != "track":
        return "page_view" if kind == "page" else "identify"
    name = get("event") or get("name")
    if type(name) is not str or not name.strip():
        raise Refused("event", "The event has no name.")
    if len(name) > NAME_CHARS:
        raise Refused("event", f"The name is longer than {NAME_CHARS} characters.")
    return name.strip() if name[0].isspace() or name[-1].isspace() else name


def _id(value: Any, field: str) -> str | None:
    if type(value) is not str:
        if value is None:
            return None
        if type(value) is not int:
            raise Refused(field, f"{field} is a text or a whole number.")
        value = str(value)
    if len(value) > ID_CHARS:
        raise Refused(field, f"{field} is longer than {ID_CHARS} characters.")
    return value or None


def _moment(value: Any) -> int:
    """Microseconds since 1970 of ISO text (UTC where it names no zone), or of seconds or milliseconds since then."""
    if type(value) is str:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise Refused("timestamp", "The time is not ISO 8601, such as 2026-01-31T12:00:00Z.") from None
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1_000_000)
    if type(value) in (int, float) and 0 <= value < 1e14:
        return int(value * (1_000 if value >= 1e11 else 1_000_000))
    raise Refused("timestamp", "The time is ISO 8601 text, or seconds or milliseconds since 1970.")


def shift(sent_at: Any, received: int) -> int:
    """What to add to the times of a device whose clock is wrong by more than a minute."""
    try:
        ahead = _moment(sent_at) - received if sent_at is not None else 0
    except Refused:
        return 0
    return -ahead if abs(ahead) > _SKEW_US else 0


def _context(context: Mapping[str, Any], page: Mapping[str, Any]) -> Row:
    """The nine columns of `_PLACES`, flat names first, then nested ones as other trackers send them."""
    if not page and context.keys() <= _FLAT:
        plain = tuple(map(context.get, _FLAT_NAMES))
        for value in plain:
            if value is not None and (type(value) is not str or not 0 < len(value) <= TEXT_CHARS):
                break
        else:
            return plain
    found: list[str | None] = []
    for number, (flat, part, name) in enumerate(_PLACES):
        value = context.get(flat)
        if value is None:
            inner = context.get(part) if part else context
            value = inner.get(name) if isinstance(inner, dict) else None
        if value is None and page and number < len(PAGE_PLACES):
            value = page.get(PAGE_PLACES[number])
        found.append(value[:TEXT_CHARS] if isinstance(value, str) and value else None)
    return tuple(found)


def money(properties: Mapping[str, Any]) -> tuple[float | None, str | None]:
    """The revenue and currency among properties."""
    revenue = properties.get("revenue")
    if isinstance(revenue, bool) or not isinstance(revenue, int | float):
        return None, None
    currency = properties.get("currency")
    return float(revenue), currency.upper()[:3] if isinstance(currency, str) and currency else None


def _json(properties: Mapping[str, Any]) -> bytes:
    try:
        text = orjson.dumps(properties)
    except TypeError:
        raise Refused("properties", "The properties cannot be kept as JSON.") from None
    if len(text) > MOST_PROPERTIES_BYTES:
        raise Refused("properties", f"The properties are larger than {MOST_PROPERTIES_BYTES:,} bytes.")
    return text


def new_keys(found: Iterable[Any], shapes: set[tuple[str, ...]]) -> dict[str, str]:
    """Kinds of properties in sets that were not seen before; the sets that were go into `shapes`."""
    keys: dict[str, str] = {}
    for properties in found:
        if type(properties) is not dict or (shape := tuple(properties)) in shapes:
            continue
        for name, value in properties.items():
            kind = _kind(value)
            if kind is not None:
                keys.setdefault(name, kind)
        if all(value is not None for value in properties.values()) and len(shapes) < 1_000:
            shapes.add(shape)
    return keys


def _kind(value: Any) -> str | None:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else None
