"""From one page to the next: what to ask for, and when to stop; a stuck source is noticed, never read for ever."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingestion.connectors.guarded import Answer
from ingestion.connectors.manifest import Paging
from ingestion.connectors.places import every, one

_LINK = re.compile(r"<([^>]+)>\s*;([^,]*)")
Place = dict[str, Any]
"""Where a walk is: {} at its start, else `page`, `offset`, `cursor` or `link`; JSON that outlives the process."""


@dataclass(frozen=True)
class Page:
    """One answer understood: its body (None when it is no JSON), its rows, and the answer itself."""

    body: Any
    rows: list[Any] = field(repr=False)
    answer: Answer = field(repr=False)


def parameters(paging: Paging, place: Place) -> dict[str, str]:
    """What asks for the page at `place`."""
    found: dict[str, str] = {}
    if paging.size_param and paging.size:
        found[paging.size_param] = str(paging.size)
    if paging.kind in ("page", "page_session") and paging.param:
        found[paging.param] = str(place.get("page", paging.first))
        if paging.session and place.get("session"):
            found[paging.session] = str(place["session"])
    elif paging.kind == "offset" and paging.param:
        found[paging.param] = str(place.get("offset", 0) + (paging.first if paging.first != 1 else 0))
    elif paging.kind in ("cursor", "last_id") and paging.param and place.get("cursor"):
        found[paging.param] = str(place["cursor"])
    return found


def after(paging: Paging, place: Place, page: Page) -> Place | None:
    """Where the walk goes on after `page`; None at its end."""
    return _AFTER[paging.kind](paging, place, page)


def _page(paging: Paging, place: Place, page: Page) -> Place | None:
    number = int(place.get("page", paging.first))
    if _stops(paging, page):
        return None
    total = _number(one(page.body, paging.total_pages)) if paging.total_pages else None
    if total is not None and number - paging.first + 1 >= total:
        return None
    size = _number(one(page.body, paging.size_param)) if paging.kind == "page_session" and paging.size_param else None
    known = total is not None or paging.last or paging.more
    if not known and len(page.rows) < (size or paging.size or 1):
        return None
    found: Place = {"page": number + 1}
    if paging.session:
        found["session"] = one(page.body, paging.session)
    return found


def _offset(paging: Paging, place: Place, page: Page) -> Place | None:
    done = int(place.get("offset", 0)) + len(page.rows)
    total = _total(paging, page)
    if _stops(paging, page) or (total is not None and done >= total):
        return None
    if total is None and not paging.more and len(page.rows) < (paging.size or 1):
        return None
    return {"offset": done}


def _cursor(paging: Paging, place: Place, page: Page) -> Place | None:
    """A missing token is the end; a short page is not."""
    token = one(page.body, paging.path or "next")
    stop = paging.more is not None and not one(page.body, paging.more)
    return None if stop or token in (None, "", False) else {"cursor": str(token)}


def _last_id(paging: Paging, place: Place, page: Page) -> Place | None:
    if not page.rows or (paging.more is not None and not one(page.body, paging.more)):
        return None
    if paging.more is None and len(page.rows) < (paging.size or 1):
        return None
    return {"cursor": str(one(page.rows[-1], paging.id or "id"))}


def _next_link(paging: Paging, place: Place, page: Page) -> Place | None:
    links = every(page.body, paging.path or "next")
    return {"link": str(links[0])} if links and links[0] else None


def _link_header(paging: Paging, place: Place, page: Page) -> Place | None:
    for link, rest in _LINK.findall(page.answer.headers.get("link", "")):
        if re.search(r'rel="?next"?', rest):
            return {"link": link}
    return None


def _stops(paging: Paging, page: Page) -> bool:
    """Whether the page says that it is the last, or holds nothing."""
    if paging.last and one(page.body, paging.last) is True:
        return True
    if paging.more and not one(page.body, paging.more):
        return True
    return not page.rows


def _total(paging: Paging, page: Page) -> int | None:
    if not paging.total:
        return None
    if paging.total.startswith("header "):
        return _number(_header(page.answer.headers, paging.total.removeprefix("header ")))
    return _number(one(page.body, paging.total))


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return headers.get(name) or headers.get(name.lower())


def _number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


_AFTER = {
    "none": lambda _paging, _place, _page: None,
    "page": _page,
    "page_session": _page,
    "offset": _offset,
    "cursor": _cursor,
    "last_id": _last_id,
    "next_link": _next_link,
    "link_header": _link_header,
}
