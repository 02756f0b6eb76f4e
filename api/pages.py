"""Lists in pages: `limit` says how long one is, `next` is the cursor of the one after it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

from store.errors import InvalidRequest

MOST = 200
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=40, description="`next` of the page before.")]
_MARK = "p:"


def start(cursor: str | None) -> int:
    """The place where a page begins. Raises `InvalidRequest` for a cursor that none of our pages gave."""
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"==").decode("ascii")
        number = int(text.removeprefix(_MARK))
    except (ValueError, UnicodeError) as error:
        raise _wrong() from error
    if not text.startswith(_MARK) or not 0 <= number < 2**31:
        raise _wrong()
    return number


def page(items: Sequence[Any], begun: int, limit: int) -> dict[str, Any]:
    """A page of `items`, which hold one more than `limit` when there is more."""
    return {"items": list(items[:limit]), "next": _cursor(begun + limit) if len(items) > limit else None}


def paged(items: Sequence[Any], limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of a list that is there as a whole."""
    begun = start(cursor)
    return page(items[begun : begun + limit + 1], begun, limit)


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"{_MARK}{place}".encode("ascii")).decode("ascii").rstrip("=")


def _wrong() -> InvalidRequest:
    return InvalidRequest("This cursor is none of ours.", code="bad_cursor", details={"field": "cursor"})
