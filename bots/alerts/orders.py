"""“Stop telling me about refunds”, “snooze that until Monday”, “what do you watch?”: said as people say it, done once.

What fits several alerts is asked back rather than guessed, and what is not understood whole is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from store import alerts, digests

Deed = Literal["stop", "snooze", "list"]
_TELL = r"(?:tell|alert|warn|notify|ping|messag|e-?mail|inform|bother|send)(?:ing|e)?"
_STOP = re.compile(
    rf"^(?:please\s+)?(?:(?:stop|quit|cease|no more)\s+{_TELL}|(?:don'?t|do not|never)\s+{_TELL})\s*(?:me|us)?"
    r"(?:\s+(?:any ?more|again))?(?:\s+(?:when(?:ever)?|if|about|of|on|for|that))?(?P<about>.*)$", re.I | re.S,
)  # fmt: skip
_OFF = re.compile(
    r"^(?:please\s+)?(?:stop|cancel|remove|delete|drop|turn off|switch off|end|unsubscribe(?: me)? from)\s+"
    r"(?P<about>(?:.*\b)?(?:alerts?|digests?|reports?|messages?|that|this|it|them|all|everything)\b.*)$", re.I | re.S,
)  # fmt: skip
_SNOOZE = re.compile(
    r"^(?:please\s+)?(?:snooze|mute|pause|silence|hush|(?:be|keep|stay) quiet(?: about| on)?)\b(?P<about>.*?)\s*"
    r"(?:\b(?:until|till|for)\s+(?P<when>.+))?$", re.I | re.S,
)  # fmt: skip
_LIST = re.compile(
    r"^(?:please\s+)?(?:what (?:do|are) you watch(?:ing)?(?: for me)?|(?:show|list)(?: me)?(?: all)?(?: of)? my alerts"
    r"|what alerts (?:do i have|are there|have i)|which alerts (?:do i have|are there)|my alerts)$", re.I,
)  # fmt: skip
_SPAN = re.compile(
    r"^(?:the next\s+)?(?P<n>\d{1,3}|an?|one|two|three|four|five|six|seven)?\s*(?P<unit>hour|day|week|month)s?$", re.I
)
_NAMED = re.compile(r"([a-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?|(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([a-z]{3})[a-z]*")
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ALL = frozenset({"all", "everything", "alerts", "digests", "messages"})
_THIS = frozenset({"it", "this", "that", "these", "them"})
_EMPTY = _ALL | _THIS | {
    "a", "an", "the", "my", "our", "your", "me", "us", "of", "on", "for", "about", "when", "whenever", "if", "is",
    "are", "be", "was", "goes", "go", "drops", "drop", "falls", "fall", "rises", "rise", "below", "above", "under",
    "over", "by", "more", "than", "less", "and", "or", "any", "anymore", "again", "please", "alert", "alerts",
    "digest", "digests", "report", "reports", "message", "messages", "daily", "day", "new", "come", "comes", "no",
    "usual", "range", "s",
}  # fmt: skip
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_DAYS_MOST = 366
_MORNING = time(8)


@dataclass(frozen=True)
class Order:
    """What somebody wants done: `about` are their words, `until` is a moment for a snooze."""

    deed: Deed
    about: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Kept:
    """An alert or a digest of somebody, as an order speaks of it."""

    id: str
    name: str
    words: frozenset[str]
    kind: Literal["alert", "digest"]
    quiet_until: datetime | None = None


def ordered(text: str, now: datetime, zone: str = "UTC") -> Order | None:
    """The order of a sentence, None for every other sentence; `now` is aware, `zone` says what Monday is."""
    said = re.sub(r"\s+", " ", text).strip().rstrip(".!?").strip()
    if _LIST.match(said):
        return Order("list")
    snooze = _SNOOZE.match(said)
    if snooze is not None:
        until = _until(snooze["when"], now.astimezone(ZoneInfo(zone))) if snooze["when"] else now + timedelta(days=1)
        return Order("snooze", _bare(snooze["about"]), until) if until is not None else None
    for pattern in (_STOP, _OFF):
        found = pattern.match(said)
        if found is not None:
            return Order("stop", _bare(found["about"]))
    return None


def _bare(text: str) -> str:
    return text.strip(' ,:-–—"“”')


def _until(text: str, wall: datetime) -> datetime | None:
    """The moment that “Monday”, “two days” or “Dec 3” means, at eight in the morning where a day is named."""
    said = text.strip().casefold()
    span = _SPAN.match(said)
    if span is not None:
        count = _NUMBERS.get(span["n"] or "one") or int(span["n"] or 1)
        hours = {"hour": 1, "day": 24, "week": 168, "month": 720}[span["unit"].casefold()] * count
        return (wall + timedelta(hours=hours)).astimezone(UTC) if 0 < hours <= _DAYS_MOST * 24 else None
    day = _day(re.sub(r"^(?:on|the|next)\s+", "", said) if said != "next week" else said, wall.date())
    if day is None or not 0 < (day - wall.date()).days <= _DAYS_MOST:
        return None
    return datetime.combine(day, _MORNING, wall.tzinfo).astimezone(UTC)


def _day(said: str, today: date) -> date | None:
    if said in ("tomorrow", "the morning", "morning"):
        return today + timedelta(days=1)
    if said in _WEEKDAYS:
        return today + timedelta(days=(_WEEKDAYS.index(said) - today.weekday() - 1) % 7 + 1)
    if said in ("next week", "the weekend is over", "weekend is over"):
        return today + timedelta(days=7 - today.weekday())
    if said in ("next month", "end of the month", "the end of the month", "month"):
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", said)
    named = _NAMED.fullmatch(said)
    try:
        if iso is not None:
            return date(*map(int, iso.groups()))
        if named is not None and (month := named[1] or named[4]) in _MONTHS:
            made = date(today.year, _MONTHS.index(month) + 1, int(named[2] or named[3]))
            return made if made > today else made.replace(year=today.year + 1)
    except ValueError:
        return None
    return None


def kept(connection: Connection, owner: str, workspace: str) -> list[Kept]:
    """What somebody is told by: their alerts and digests that are on."""
    rows = [(r, "alert", r["snoozed_until"]) for r in alerts.listed(connection, owner, workspace)]
    rows += [(r, "digest", r["muted_until"]) for r in digests.listed(connection, owner, workspace)]
    return [_kept(row, kind, until) for row, kind, until in rows if row["active"]]


def _kept(row: RowMapping, kind: str, until: datetime | None) -> Kept:
    rule = row["rule"] if kind == "alert" else {}
    said = " ".join([row["name"], *(str(rule.get(k) or "") for k in ("metric", "table", "by"))])
    said += " " + " ".join(str(v) for f in rule.get("filters", ()) for v in f.get("values", ()))
    timing = row["timing"] if kind == "digest" else {}
    said += f" {timing.get('cadence', '')} {_WEEKDAYS[timing['weekday'] - 1] if timing.get('weekday') else ''}"
    which: Literal["alert", "digest"] = "alert" if kind == "alert" else "digest"
    return Kept(row["id"], row["name"], frozenset(_words(said.replace("_", " "))), which, until)


def meant(order: Order, known: Sequence[Kept], under: Sequence[str] = ()) -> list[Kept]:
    """Those that an order may mean: all whose words hold every word of it. `under` are those of the message that the
    order answers; they are meant when it names none."""
    said = [w.casefold() for w in _WORD.findall(order.about)]
    if any(w.startswith(("digest", "report")) for w in said):
        known = [k for k in known if k.kind == "digest"]
    elif any(w.startswith("alert") for w in said):
        known = [k for k in known if k.kind == "alert"]
    named = _words(order.about)
    if named:
        return [k for k in known if named <= k.words]
    if under and not _ALL & set(said):
        return [k for k in known if k.id in under]
    return list(known)


def _words(text: str) -> set[str]:
    found = (w.casefold() for w in _WORD.findall(text) if w.isalpha())  # a level is said in many ways
    return {w[:-1] if len(w) > 3 and w.endswith("s") else w for w in found if w not in _EMPTY}


def stop(connection: Connection, ones: Sequence[Kept]) -> None:
    """Watch and tell no more; what was told stays in the inbox."""
    for one in ones:
        (alerts if one.kind == "alert" else digests).change(connection, one.id, {"active": False, "next_at": None})


def snooze(connection: Connection, ones: Sequence[Kept], until: datetime) -> None:
    """Keep quiet until a moment."""
    for one in ones:
        if one.kind == "alert":
            alerts.change(connection, one.id, {"snoozed_until": until})
        else:
            digests.change(connection, one.id, {"muted_until": until})
