"""Reads how a sentence opens: the verb or question word that says what bare names will be, and what is meant first."""

from __future__ import annotations

from agent.builtin.cursor import Cursor
from agent.builtin.reading import Reading
from agent.builtin.rules_bands import which_band
from agent.builtin.rules_parts import which_period
from agent.builtin.vocabulary import DISTINCT, HIGH, LIST_VERBS, LOW, OUTPUT_LEADS, STOP_PHRASES, UNIT_WORDS
from warehouse.model.bags import bag

_WHICH = bag("which what who")
_LEADING = bag("with that which who has have had made makes make the a brought brings bring got")


def open_sentence(c: Cursor, r: Reading, number: int) -> None:
    """The verb or question word a sentence starts with decides whether bare fields are output columns."""
    while (used := c.first(STOP_PHRASES)) or c.low() in ("and", "then", "please", ","):
        if c.low() in ("what", "who", "which"):
            r.listing = True
        if c.low() in ("show", "give"):
            r.listing = True
        c.i += used or 1
    c.i += 1 if c.low() in ("in", "on", "during", "for", "at") and c.low(1) in _WHICH else 0
    c.i += 1 if c.low() == "rank" and (c.at("the", offset=1) or c.low(1) in HIGH | LOW) and not c.noun(2) else 0
    if c.low() in ("sort", "order", "rank") and c.noun(c.skip_determiners(1)) and c.low(1) != "by":
        c.i += 1
        r.listing = c.sorting = True
    elif (c.low() in LIST_VERBS or c.low() in OUTPUT_LEADS) and not ((named := c.noun()) and named[1] > 1):
        r.listing = True
    elif c.low() in _WHICH:
        n = c.skip_determiners(1)
        while c.low(n) in DISTINCT:
            n += 1
        n += _counted(c, r, n)
        if number == 0 and (used := which_band(c, r, n) or which_period(c, r, n)):
            c.i += n + used
            return
        found = c.noun(n)
        r.listing = True
        if found and (found[0].tables or found[0].of_kind("dim")) and number == 0:
            r.which = found[0]
            r.subjects.append(found[0])
            c.i += n + found[1]
    elif number == 0:
        _open_plain(c, r)
    if number and r.asks:
        r.listing = True


def _open_plain(c: Cursor, r: Reading) -> None:
    """`the 5 brands that …`, `month with the most orders`: what comes first is meant."""
    the = 1 if c.low() == "the" else 0
    n = the + _counted(c, r, the)
    if (
        (found := c.noun(n))
        and (n > the or _superlative_follows(c, n + found[1]))
        and (found[0].tables or found[0].columns)
    ):
        r.which = found[0]
        r.subjects.append(found[0])
        c.i += n + found[1]
    elif c.low(the) in UNIT_WORDS and _superlative_follows(c, the + 1) and (used := which_period(c, r, the)):
        c.i += the + used


def _superlative_follows(c: Cursor, n: int) -> bool:
    """`… with the most`, `… that had the highest`."""
    start = n
    while c.low(n) in _LEADING:
        n += 1
    return n > start and c.low(n) in HIGH | LOW


def _counted(c: Cursor, r: Reading, n: int) -> int:
    """`5 brands` with a superlative to come: how many of them are wanted; 1 when a number was read."""
    token, found = c.token(n), c.noun(n + 1)
    if token is None or token.value is None or token.kind == "quoted" or found is None or not 1 <= token.value <= 1000:
        return 0
    if token.value != int(token.value) or not (found[0].tables or found[0].of_kind("dim")):
        return 0
    if not any(t.low in HIGH | LOW for t in c.tokens[c.i + n + 1 + found[1] :]):
        return 0
    r.n = int(token.value)
    return 1
