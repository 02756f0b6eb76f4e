"""One message for all that is news at a time, however many alerts and segments it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bots.alerts.judge import Deed, Event
from bots.alerts.reading import worse
from bots.alerts.rule import Severity

MOST_ITEMS = 8
_MOST_NAMES = 4
_PREFIX: Mapping[Deed, str] = {"opened": "", "worse": "Worse now: ", "reminded": "Still so: ", "ended": "Over: "}
_ORDER: Mapping[Deed, int] = {"opened": 0, "worse": 0, "reminded": 1, "ended": 2}


@dataclass(frozen=True)
class News:
    """What one alert has to tell: its id and name, the figure's label, and its events."""

    alert_id: str
    name: str
    events: Sequence[Event]
    label: str = ""


@dataclass(frozen=True)
class Item:
    """One line of a message; it has the fields of a digest's finding, so that every channel shows both alike."""

    identity: str
    alert_id: str
    alert: str
    deed: Deed
    member: str
    severity: Severity
    tone: str
    headline: str
    text: str
    why: str
    silence: str
    question: str
    since: str


def compose(news: Sequence[News], *, held_back: int = 0) -> dict[str, Any]:
    """The message's body, JSON-ready: the weightiest first, segments of one alert on one line.

    `held_back` is how many messages the week's budget kept in the inbox before this one.
    """
    items = sorted((i for one in news for i in _items(one)), key=_weight)
    shown, more = items[:MOST_ITEMS], len(items) - MOST_ITEMS
    headline = shown[0].text
    open_items = [i for i in shown if i.deed != "ended"]
    if len(open_items) > 1:
        headline = f"{len(items)} alerts: {headline}"
    names = list(dict.fromkeys(n.name for n in news))
    notes = [f"{more} more are in your inbox."] if more > 0 else []
    if held_back:
        notes.append(f"{held_back} more {'message' if held_back == 1 else 'messages'} this week stayed in the inbox.")
    return {
        "name": names[0] if len(names) == 1 else f"{len(names)} alerts", "headline": headline, "period": "",
        "held": False, "quiet": False, "items": [vars(i) for i in shown], "ahead": "", "goals": [], "figures": [],
        "questions": list(dict.fromkeys(i.question for i in shown if i.question))[:3], "note": " ".join(notes),
        "through": max(e.reading.day for n in news for e in n.events), "chart": None, "kind": "alert",
        "severity": _highest(shown), "over": not open_items,
    }  # fmt: skip


def _items(news: News) -> list[Item]:
    """An item for each deed; segments with the same deed are told together."""
    found: list[Item] = []
    for deed in _ORDER:
        events = sorted((e for e in news.events if e.deed == deed), key=lambda e: -e.reading.size)
        if events:
            found.append(_item(news, deed, events))
    return found


def _item(news: News, deed: Deed, events: Sequence[Event]) -> Item:
    first = events[0]
    reading, standing = first.reading, first.standing
    said = reading.over if deed == "ended" else reading.text
    also = _also([e.standing.member for e in events[1:]])
    text = f"{_PREFIX[deed]}{said}{also}"
    severity = standing.severity
    for event in events:
        severity = event.standing.severity if worse(event.standing.severity, severity) else severity
    return Item(
        f"{news.alert_id}/{standing.member}"[:200], news.alert_id, news.name, deed, standing.member, severity,
        "good" if deed == "ended" else reading.tone, text, text, "" if deed == "ended" else reading.why,
        "" if deed == "ended" else reading.silence, reading.question, standing.since,
    )  # fmt: skip


def _also(members: Sequence[str]) -> str:
    if not members:
        return ""
    named = ", ".join(members[:_MOST_NAMES])
    rest = len(members) - _MOST_NAMES
    return f" The same for {named}{f' and {rest} more' if rest > 0 else ''}."


def _weight(item: Item) -> tuple[int, int]:
    return _ORDER[item.deed], {"critical": 0, "warning": 1, "info": 2}[item.severity]


def _highest(items: Sequence[Item]) -> Severity:
    found: Severity = "info"
    for item in items:
        if item.deed != "ended" and worse(item.severity, found):
            found = item.severity
    return found
