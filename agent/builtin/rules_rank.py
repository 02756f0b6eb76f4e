"""Reads who comes first by what they do: bring the most revenue, sold best, grew fastest, is the strongest."""

from __future__ import annotations

from agent.builtin.cursor import Cursor
from agent.builtin.defaults import default_noun, money_noun, product_noun
from agent.builtin.reading import Ask, Noun, Reading, Top
from agent.builtin.rules_figures import figure_noun
from agent.builtin.rules_superlative import extreme_of
from agent.builtin.text import split_name, stem
from agent.builtin.verbs import EARNING, FASTEST, GROWING, SLOW, TRADING
from agent.builtin.vocabulary import COUNT_LEADS, HIGH, LOW
from warehouse.model.bags import bag
from warehouse.model.lexicon import EXTENTS

_HELPERS = bag("did do does has have had is are was were been we our that who which")
_AFTER_VERB = bag("in for to us in the our on up")
_TO = bag("to of in on for from with")
_BEING = bag("is are was were been be")
_MONEY_WORDS = bag("money cash income")
_ENDS = bag("in on during for last this since between by of at from to over and within per across ,") | {""}
_ONE = bag("is was has does")
_MANY = 10


def plural_noun(noun: Noun) -> bool:
    """Whether the noun was said in the plural."""
    last = noun.text.split()[-1].casefold()
    return stem(last) != last


def how_many(r: Reading) -> tuple[int, bool]:
    """How many of the ranking are wanted and whether that was only implied: one, or ten for a plural."""
    if r.n is not None:
        return r.n, False
    noun = r.which or (r.subjects[-1] if r.subjects else None)
    return (_MANY if noun is not None and r.which is noun and plural_noun(noun) else 1), True


def read_verdict(c: Cursor, r: Reading) -> bool:
    """bring the most revenue; sold best; is the strongest; the figure may be left out."""
    if r.top is not None:
        return False
    n, verb = _verb(c)
    bare = n == 0 and c.low(-1) in ("with", "having") and bool(r.grain or r.split) and not (r.which or r.subjects)
    being = bare or (c.low(n - 1) in _BEING if n else c.low(-1) in _BEING)
    while c.low(n) in _AFTER_VERB and verb:
        n += 1
    n += 1 if c.low(n) == "the" else 0
    word = c.low(n)
    if word not in HIGH | LOW or not (verb or being):
        return False
    if not (r.which or r.subjects or r.split or r.grain) and not _what_sold(c, r, verb):
        return False
    ask, used = _figure(c, n + 1, word, verb)
    if ask is None:
        return False
    wanted, implied = how_many(r)
    one = implied and (_is_one(verb) or c.low(n - 1) in _ONE or c.low(-1) in _ONE)
    r.top = Top(
        1 if one else wanted,
        word in LOW,
        by=ask,
        noun=r.which or (r.subjects[-1] if r.subjects else None),
        implied=implied,
        word=word,
    )
    c.i += n + 1 + used
    return True


def _verb(c: Cursor) -> tuple[int, str]:
    """The tokens up to and including the verb, and the verb; no verb gives an empty one."""
    n = 0
    while c.low(n) in _HELPERS and (c.low(n) not in EARNING or c.low(n + 1) in EARNING | TRADING.keys() | _HELPERS):
        n += 1
    word = c.low(n)
    if word in EARNING or word in TRADING:
        return n + 1, word
    return n, ""


def _figure(c: Cursor, n: int, word: str, verb: str) -> tuple[Ask | None, int]:
    """The figure after a superlative, or the usual one of the verb; None when what follows is something else."""
    if c.low(n) in _MONEY_WORDS:
        money = money_noun(c.lexicon)
        return (Ask(None, money, c.i), 1) if money else (None, 0)
    lead = 1 if c.low(n) in _TO and c.noun(n + 1) and not c.time(n) else 0
    count = c.first(COUNT_LEADS, n + lead)
    found = figure_noun(c, n + lead + count)
    if found is not None and (found.noun.figures or (not lead and found.noun.of_kind("number", "table"))):
        agg = "count" if count else _aggregation(c, found.noun, word)
        return Ask(agg, found.noun, c.i, found.conds), lead + count + found.length
    if c.low(n) not in _ENDS and not c.time(n) and not c.value(n):
        return None, 0
    spent = TRADING.get(verb) == "spend"
    noun = money_noun(c.lexicon) if spent else default_noun(c.lexicon, f"{verb} {word}".strip())
    return (Ask(None, noun, c.i), 0) if noun else (None, 0)


def _aggregation(c: Cursor, noun: Noun, word: str) -> str | None:
    """How a superlative adds up what it names: the most orders are counted, the highest price is one price."""
    if noun.tables:
        return "count" if word in ("most", "least", "fewest") or not noun.figures else None
    spans = [set(split_name(x.name)) & EXTENTS for x in noun.of_kind("number")]
    if spans and all(spans) and word in ("best", "worst"):
        return "avg"  # the worst wait of a doctor is no sum of waits
    if noun.figures and (not noun.of_kind("number") or word in ("most", "least", "fewest", "best", "worst")):
        return None
    if word in ("most", "least", "fewest"):
        return "sum"
    return extreme_of(c, noun, low=word in LOW)


def _is_one(verb: str) -> bool:
    """`which of the countries has`: the verb tells one from many."""
    return verb in _ONE or (verb.endswith("s") and verb not in ("gross",))


def _what_sold(c: Cursor, r: Reading, verb: str) -> bool:
    """`what sold best`: products."""
    noun = product_noun(c.lexicon) if TRADING.get(verb) in ("sell", "buy") else None
    if noun is None:
        return False
    r.which = noun
    r.subjects.append(noun)
    return True


def read_growth(c: Cursor, r: Reading) -> bool:
    """grew fastest, dropped the most, how much did revenue change: a comparison with the period before."""
    n = 0
    while c.low(n) in ("has", "have", "had", "did", "does", "do", "is", "are", "was", "were"):
        n += 1
    direction = GROWING.get(c.low(n))
    if direction is None or c.noun(n):
        return False
    the = 1 if c.low(n + 1) == "the" else 0
    ranked = FASTEST.get(c.low(n + 1 + the))
    if ranked and (r.which or r.subjects):
        wanted, implied = how_many(r)
        low = (direction == "down") != (c.low(n + 1 + the) in SLOW)
        r.growth = ranked
        r.compare = r.compare or "previous_period"
        noun = r.which or r.subjects[-1]
        ask, used = _grown(c, r, n + 2 + the)
        if ask is None:
            return False
        r.top = Top(wanted, low, by=ask, noun=noun, implied=implied, word=c.low(n + 1 + the))
        c.i += n + 2 + the + used
        return True
    if not r.asks or ranked:
        return False
    r.compare = r.compare or "previous_period"
    r.growth = r.growth or "change"
    c.i += n + 1
    return True


def _grown(c: Cursor, r: Reading, n: int) -> tuple[Ask | None, int]:
    """`grew fastest in revenue`: the figure that grew, the usual one when none is named."""
    if r.asks:
        return r.asks[-1], 0
    lead = 1 if c.low(n) in ("in", "by") else 0
    found = figure_noun(c, n + lead)
    if found is not None and found.noun.figures:
        return Ask(None, found.noun, c.i, found.conds), lead + found.length
    noun = default_noun(c.lexicon, "growth")
    return (Ask(None, noun, c.i), 0) if noun else (None, 0)
