"""Other words for a column, because people say `arrival date` where a table says date_arrived."""

from __future__ import annotations

from collections.abc import Iterator

from warehouse.model import called, lexicon, words
from warehouse.model.bags import bag
from warehouse.model.reading import GENERIC, ReadColumn, ReadTable

FLAG_MARKS = frozenset(("is", "has", "was", "are", "flag", "indicator", "yn"))
_PERSON_PARTS = frozenset(("first", "last", "middle", "full", "user", "nick", "display", "short", "long"))
_DONE = {
    "adopted": "adoption", "arrived": "arrival", "cancelled": "cancellation", "closed": "closing",
    "created": "creation", "delivered": "delivery", "departed": "departure", "expired": "expiry", "hired": "hire",
    "joined": "join", "opened": "opening", "ordered": "order", "paid": "payment", "posted": "posting",
    "published": "publication", "purchased": "purchase", "received": "receipt", "registered": "registration",
    "released": "release", "resolved": "resolution", "returned": "return", "shipped": "shipping", "signed": "signing",
    "started": "start", "terminated": "termination", "updated": "update",
}  # fmt: skip
_POSTAL = bag("zip postal area")
_DATES = bag("date time at on")


def synonyms(table: ReadTable, column: ReadColumn, label: str, *, linked: bool = False) -> list[str]:
    """Other words for a column with the given label; a `linked` one leaves the short word to the table it refers to."""
    spoken = words.phrase(column.words)
    last = [] if lexicon.wished(column.words) else lexicon.synonyms(column.words[-1])
    found = [*(lexicon.synonyms(spoken) or last)]
    if label.lower() != spoken.lower():
        found.append(spoken)
    found += _without_name(column)
    found += _counted(column, label)
    if column.kind != "integer":
        found += _without_marks(column, FLAG_MARKS)
    found += _turned(column)
    found += _when(column)
    found += _without_record(table, column)
    noun = called.entity(table, column)
    if noun is not None:
        found.append(noun)
    coded = column.words[-1] == "code" and not _POSTAL.intersection(column.words)
    if coded and not linked and not _told_beside(table, column):
        found.append(words.phrase(column.words[:-1]))
    return [text for text in dict.fromkeys(found) if text and text.lower() != label.lower()]


def _without_name(column: ReadColumn) -> Iterator[str]:
    """`state` for `state name`, but never `first` for `first name`."""
    if len(column.words) > 1 and column.words[-1] == "name" and not _PERSON_PARTS.intersection(column.words):
        yield words.phrase(column.words[:-1])


def _counted(column: ReadColumn, label: str) -> Iterator[str]:
    counted = column.words[:-1] if column.words[-1] == "number" else column.words[2:]
    if label.startswith("Number of ") and counted:
        yield words.phrase([*counted[:-1], words.many(counted[-1])])
        yield f"{words.phrase([*counted[:-1], words.singular(counted[-1])])} count"


def _without_marks(column: ReadColumn, marks: frozenset[str]) -> Iterator[str]:
    bare = [w for w in column.words if w not in marks]
    if bare and len(bare) < len(column.words):
        yield words.phrase(bare)


def _turned(column: ReadColumn) -> Iterator[str]:
    """`membership level` for `level of membership`; counts are left to `_counted`."""
    if len(column.words) >= 3 and column.words[1] == "of" and column.words[0] not in ("number", "count"):
        yield words.phrase([*column.words[2:], column.words[0]])


def _when(column: ReadColumn) -> Iterator[str]:
    """`arrival date` and `arrived` for a date called date_arrived or arrived_at."""
    done = next((w for w in column.words if w in _DONE), None)
    if column.temporal and done and set(column.words) <= {done, *_DATES}:
        yield from (f"{_DONE[done]} date", f"{done} date", done)


def _without_record(table: ReadTable, column: ReadColumn) -> Iterator[str]:
    """`altitude` for `mountain altitude` of a mountain; general words such as `type` need the record."""
    size = len(table.record)
    rest = column.words[size:]
    own = column.words[:size] == table.record and not lexicon.wished(column.words)
    if rest and own and not set(rest) <= GENERIC:
        yield words.phrase(rest)


def _told_beside(table: ReadTable, column: ReadColumn) -> bool:
    """Whether another column gives the code in words: `breed_name` beside `breed_code`."""
    told = {(*column.words[:-1], end) for end in ("name", "description", "title", "label")}
    return column.words[:-1] in (table.record, ()) or any(c.words in told for c in table.columns.values())
