"""How alike a stored name and a name of a pack are, because nobody's columns are called as a pack calls them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from warehouse.model import words
from warehouse.model.bags import bag

EXACT, SURE = 1.0, 0.9
_FILLERS = bag("of the a an in per for and to fk pk key dim fact tbl col field value")
_DATES = bag("date at on day time datetime timestamp")
_MONEY_MARKS = bag("usd eur gbp dollar local lc amount total sum")
_ALIKE = {
    "client": "customer", "shop": "store", "branch": "store", "outlet": "store", "sku": "product", "item": "product",
    "article": "product", "purchase": "order", "sale": "order", "identifier": "id", "key": "id", "code": "id",
    "employee": "staff", "earning": "revenue",
}  # fmt: skip

Tokens = tuple[str, ...]


@lru_cache(maxsize=20_000)
def tokens(name: str) -> Tokens:
    """The words of a name: split, abbreviations spelled out, singular, without fillers: `ord_dt` -> order, date."""
    parts = [p for part in words.split(name) for p in words.apart(part, _KNOWN)]
    spelled = [words.singular(w) for w in words.expand(parts)]
    kept = tuple(w for w in spelled if w not in _FILLERS)
    return kept or tuple(spelled)


_KNOWN = frozenset(words.ABBREVIATIONS.values()) | bag(
    "order line product customer store shop price amount cost unit date status quantity item sale patient visit stay"
    " vehicle deal loan account claim branch invoice payment service guest table menu staff shift return discount"
)


def alike(stored: Tokens, wanted: Tokens, around: frozenset[str] = frozenset()) -> float:
    """0-1: whether two names say the same. `around` are words that the table says already (`order` in orders)."""
    if not stored or not wanted:
        return 0.0
    if set(stored) == set(wanted) or "".join(stored) == "".join(wanted):
        return EXACT
    mine, yours = _bare(stored, around), _bare(wanted, around)
    if mine and yours and (set(mine) == set(yours) or "".join(mine) == "".join(yours)):
        return 0.95
    if _shortened(stored, wanted) or (mine and yours and _shortened(mine, yours)):
        return 0.88
    same = {_ALIKE.get(w, w) for w in stored}, {_ALIKE.get(w, w) for w in wanted}
    if same[0] == same[1]:
        return 0.86
    extra, lacking = set(mine or stored) - set(yours or wanted), set(yours or wanted) - set(mine or stored)
    if not lacking and extra <= _MONEY_MARKS:
        return 0.86
    if extra | lacking <= _DATES and set(mine or stored) & set(yours or wanted):
        return 0.9
    return 0.6 * _overlap(set(stored), set(wanted))


def best(stored: Iterable[Tokens], wanted: Iterable[tuple[Tokens, float]], around: frozenset[str]) -> float:
    """The best likeness of any stored spelling with any wanted one, each wanted one weighed."""
    known = list(stored)
    return max((alike(s, w, around) * weight for w, weight in wanted for s in known), default=0.0)


def _bare(name: Tokens, around: frozenset[str]) -> Tokens:
    return tuple(w for w in name if w not in around)


def _overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


def _shortened(short: Tokens, full: Tokens) -> bool:
    """Whether each word of one name shortens the word at the same place of the other: `cst nm` and customer name."""
    if len(short) != len(full):
        return False
    pairs = list(zip(short, full, strict=True))
    return all(a == b or _abbreviates(a, b) or _abbreviates(b, a) for a, b in pairs)


def _abbreviates(short: str, full: str) -> bool:
    if not 2 <= len(short) < len(full) or short[0] != full[0]:
        return False
    rest = iter(full)
    return all(letter in rest for letter in short)
