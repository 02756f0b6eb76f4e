"""How people say what somebody did, so that “how many users signed up” finds the event `signup`."""

from __future__ import annotations

import re
from collections.abc import Mapping

PEOPLE = ("users", "people", "visitors", "customers")
ONE = ("user", "visitor", "person")
_WHOLE: Mapping[str, tuple[str, ...]] = {
    "signup": ("signed up", "registered"), "sign up": ("signed up", "registered"), "registration": ("registered",),
    "purchase": ("purchased", "bought something", "made a purchase", "bought"), "login": ("logged in", "signed in"),
    "log in": ("logged in", "signed in"), "sign in": ("signed in", "logged in"), "checkout": ("checked out",),
    "order": ("ordered", "placed an order"), "payment": ("paid", "made a payment"), "search": ("searched",),
    "subscription": ("subscribed",), "page view": ("viewed a page",),
    "add to cart": ("added to cart", "added to the cart"),
    "added to cart": ("added to cart", "added to the cart", "added something to the cart"),
    "remove from cart": ("removed from cart",), "refund": ("got a refund",), "booking": ("booked",),
    "cancellation": ("cancelled", "canceled"), "logout": ("logged out",),
}  # fmt: skip
_PAST: Mapping[str, str] = {
    "add": "added", "book": "booked", "buy": "bought", "cancel": "cancelled", "click": "clicked",
    "complete": "completed", "create": "created", "download": "downloaded", "finish": "finished",
    "install": "installed", "invite": "invited",
    "open": "opened", "order": "ordered", "pay": "paid", "place": "placed", "play": "played", "purchase": "purchased",
    "rate": "rated", "read": "read", "remove": "removed", "save": "saved", "search": "searched", "select": "selected",
    "send": "sent", "share": "shared", "start": "started", "submit": "submitted", "subscribe": "subscribed",
    "upgrade": "upgraded", "upload": "uploaded", "view": "viewed", "visit": "visited", "watch": "watched",
}  # fmt: skip


def plain(event: str) -> str:
    """The words of a name: `orderCompleted` and `order_completed` are “order completed”."""
    return re.sub(r"[^A-Za-z0-9]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", event)).strip().lower()


def deeds(event: str) -> list[str]:
    """What somebody did who caused an event, in the past tense: `order_completed` -> “completed an order”."""
    text = plain(event)
    if text in _WHOLE:
        return list(_WHOLE[text])
    first, *rest = text.split() or [""]
    last = rest[-1] if rest else ""
    if first.endswith("ed") and rest:
        return [text]
    if last in _PAST or last.endswith("ed"):
        what = " ".join([first, *rest[:-1]])
        done = _PAST.get(last, last)
        return [f"{done} {_article(what)} {what}", f"{done} {what}"]
    if first in _PAST:
        what = " ".join(rest)
        return [f"{_PAST[first]} {what}", f"{_PAST[first]} {_article(what)} {what}"] if rest else [_PAST[first]]
    return []


def who(event: str) -> list[str]:
    """Ways to ask for the people behind an event: “users signed up”, “people who signed up”."""
    return [f"{people}{that}{deed}" for deed in deeds(event) for that in (" ", " who ") for people in PEOPLE]


def each(words: list[str]) -> list[str]:
    """Ways to ask for a figure per person: “purchases per user”, “average revenue per visitor”."""
    return [
        f"{lead}{text} per {one}" for text in words for lead in ("", "average ", "average number of ") for one in ONE
    ]


def _article(what: str) -> str:
    return "an" if what[:1] in "aeiou" else "a"
