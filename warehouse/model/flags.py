"""Reads yes-or-no columns under all their disguises (T/F, Y/N, 0/1), so that "active" and "inactive" select rows."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.literals import literal
from warehouse.model import lexicon, words
from warehouse.model.bags import bag
from warehouse.model.reading import ReadColumn

_PAIRS = (("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("1", "0"))
MARKS = bag("is has was are flag indicator yn can")
_OPPOSITES = {
    "male": "female", "female": "male", "active": "inactive", "enabled": "disabled", "full time": "part time",
    "paid": "unpaid", "verified": "unverified", "available": "unavailable", "open": "closed", "public": "private",
    "married": "unmarried", "complete": "incomplete", "resolved": "unresolved", "valid": "invalid",
    "subscribed": "unsubscribed", "domestic": "foreign", "new": "used", "online": "offline",
}  # fmt: skip
_ENOUGH = 20
_CODED = bag(
    "sex gender type class code group level cluster shift side team half grade version category kind segment label "
    "variant arm fold id key number count quantity rank index position status state round term semester period"
)
_ADJECTIVES = ("ed", "able", "ible", "ive")


@dataclass(frozen=True)
class Flag:
    """A yes-or-no column: `expr` gives a boolean (None when it is stored as one), `values` the words for either."""

    expr: str | None
    values: dict[str, tuple[str, ...]]


def find(column: ReadColumn, expression: str) -> Flag | None:
    """The flag that a column holds, or None. 0 and 1 are one unless the name says that they are codes."""
    if column.kind == "boolean":
        return Flag(None, _values(column))
    if column.kind not in ("text", "integer") or not 0 < column.profile.distinct <= 2:
        return None
    stored = {str(v).strip().lower(): v for v in column.profile.values}
    pair = next((p for p in _PAIRS if stored.keys() <= set(p)), None)
    if (
        pair is None
        or len(stored) < column.profile.distinct
        or not (_marked(column) or _plain(pair, stored.keys()) or _told_apart(column, pair, stored.keys()))
    ):
        return None
    yes = stored.get(pair[0], pair[0].upper() if column.kind == "text" else pair[0])
    written = literal(str(yes)) if column.kind == "text" or column.as_text else str(int(yes))
    return Flag(f"{expression} = {written}", _values(column))


def _marked(column: ReadColumn) -> bool:
    return not (MARKS | lexicon.FLAGS).isdisjoint(column.words)


def _plain(pair: tuple[str, str], stored: object) -> bool:
    """Whether the values speak for themselves: both of yes and no, but not 0 and 1, which may be codes."""
    return pair != ("1", "0") and stored == set(pair)


def _told_apart(column: ReadColumn, pair: tuple[str, str], stored: object) -> bool:
    """Whether 0 and 1 both occur, often, under a name that is true or not (`senior citizen`), not one of two kinds."""
    whole = column.kind == "integer" and not column.as_text
    both = pair == ("1", "0") and stored == set(pair)
    return whole and both and column.profile.rows >= _ENOUGH and _CODED.isdisjoint(column.words)


def _values(column: ReadColumn) -> dict[str, tuple[str, ...]]:
    """Words that select the rows: those left of a marked name, or a name that is an adjective itself."""
    bare = words.phrase([w for w in column.words if w not in MARKS])
    owned = column.words[0] in ("has", "can")
    if not bare or owned or not (_marked(column) or bare.endswith(_ADJECTIVES)):
        return {}
    opposite = _OPPOSITES.get(bare)
    return {"true": (bare,), "false": tuple(w for w in (opposite, f"not {bare}", f"non {bare}") if w)}
