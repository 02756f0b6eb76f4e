"""Reads what lists are ranked and shown by: the top 3 with the highest rating, lengths in meters."""

from __future__ import annotations

from agent.builtin.cursor import Cursor
from agent.builtin.reading import Ask, Noun, Reading
from agent.builtin.rules_figures import figure_noun
from agent.builtin.rules_superlative import extreme_of
from agent.builtin.verbs import OWNING
from agent.builtin.vocabulary import COUNT_LEADS, HIGH, LOW, OUTPUT_LEADS
from warehouse.model.bags import bag

_BEFORE = bag("with having has have had that which whose by the and")
_UNITS = bag(
    "meter metre kilometer kilometre km mile foot inch cm centimeter mm hectare acre liter litre gallon kg kilogram "
    "gram pound ton tonne people person inhabitant hour minute second degree celsius fahrenheit knot mph"
)
_UNIT_WORDS = bag("square cubic per of")
_ENDS = bag("and or ordered sorted ranked order sort from for by") | {"", ","}
_THEM = bag("them it those these")
_LINKS = bag("with to by in at")
_MODAL = bag("should must may")
_THEY = bag("they it these those results")


def read_top_figure(c: Cursor, r: Reading) -> bool:
    """`the top 3 books with the highest number of pages`: the figure that ranks stands behind its own superlative."""
    top = r.top
    if top is None or c.low(-1) not in _BEFORE or (top.by is not None and top.by.agg != "popular"):
        return False
    n = 1 if c.low() == "the" else 0
    word = c.low(n)
    lead = c.first(COUNT_LEADS, n + 1)
    found = figure_noun(c, n + 1 + lead) if word in HIGH | LOW else None
    if found is None or found.noun is top.noun:
        return False
    numbers = tuple(found.noun.of_kind("number"))
    noun = Noun(numbers, found.noun.text, found.noun.at) if numbers else found.noun
    counted = not numbers and (lead > 0 or not noun.figures)
    agg = "count" if counted else extreme_of(c, noun, low=word in LOW) if numbers else None
    top.by, top.low = Ask(agg, noun, c.i, found.conds), word in LOW
    c.i += n + 1 + lead + found.length
    return True


def read_unit(c: Cursor, r: Reading) -> bool:
    """`the longest rivers in meters`: a unit behind a number says how it is stored, and is not converted."""
    if c.low() != "in" or not _has_number(r):
        return False
    n = 1
    units = 0
    while (token := c.token(n)) is not None and (token.stem in _UNITS or c.low(n) in _UNIT_WORDS) and not c.noun(n):
        units += token.stem in _UNITS
        n += 1
    if not units or c.low(n) not in _ENDS:
        return False
    c.i += n
    return True


def _has_number(r: Reading) -> bool:
    ranked = [r.top.by.noun] if r.top is not None and r.top.by is not None else []
    nouns = [*r.columns, *ranked, *(a.noun for a in r.asks), *(cond.noun for cond in r.conds if cond.noun)]
    return r.best is not None or any(n.of_kind("number") for n in nouns)


def read_both(c: Cursor, r: Reading) -> bool:
    """`give both the name and the price`: two columns, and no condition."""
    if c.low() != "both" or not r.listing or c.low(-1) not in OUTPUT_LEADS:
        return False
    c.i += 1
    return True


def read_linked(c: Cursor, r: Reading) -> bool:
    """`authors associated with them`, `they should be in …`: words that only point back at what was named."""
    if c.low() in OWNING and c.low(1) in _LINKS and c.low(2) in _THEM:
        c.i += 3
        return True
    known = r.subjects or r.columns or r.asks or r.which
    if c.low() in _THEY and c.low(1) in _MODAL and c.low(2) in ("be", "have") and known:
        c.i += 3
        return True
    return False


LISTS = (read_top_figure, read_unit, read_both, read_linked)
"""In the order in which they are tried."""
SILENT_LISTS = (read_unit, read_both, read_linked)
"""Those that take words without a mark."""
