"""Reads a question word by word with a list of small rules; what no rule takes is kept as unknown."""

from __future__ import annotations

from collections.abc import Callable

from agent.builtin.cursor import Cursor
from agent.builtin.dates import Today
from agent.builtin.lexicon import Lexicon
from agent.builtin.reading import Noun, Reading
from agent.builtin.rules_conditions import (
    read_comparison,
    read_missing,
    read_negated,
    read_relation,
    read_text_pattern,
    read_value,
)
from agent.builtin.rules_figures import (
    read_aggregate,
    read_count,
    read_having,
    read_passive,
    read_superlative,
    read_top,
)
from agent.builtin.rules_shape import read_compare, read_grain, read_group, read_order, read_share, read_time
from agent.builtin.text import Token, split_sentences
from agent.builtin.vocabulary import DISTINCT, LIST_VERBS, OUTPUT_LEADS, STOP_PHRASES, STOP_WORDS, UNSUPPORTED
from warehouse.model.values import ValuesIndex

Rule = Callable[[Cursor, Reading], bool]
_WHICH = frozenset("which what who".split())
_HINT = (("by", "doing", "a"), ("by", "doing"), ("based", "on"), ("using", "a"), ("using",), ("via",))
_JOINS = frozenset("join joining joined".split())
_JOIN_WORDS = frozenset("left inner right outer full join joining joined from the and to , table tables with on a of".split())


def scan(tokens: list[Token], lexicon: Lexicon, values: ValuesIndex, today: Today) -> Reading:
    """Everything the question says; never raises for any text."""
    reading = Reading()
    shared: dict[str, tuple] = {}  # type: ignore[type-arg]
    for number, sentence in enumerate(split_sentences(tokens)):
        cursor = Cursor(sentence, lexicon, values, today, found_values=shared)
        if number:
            reading.listing = False
        _open(cursor, reading, number)
        while not cursor.done:
            _step(cursor, reading)
    return reading


def _open(c: Cursor, r: Reading, number: int) -> None:
    """The verb or question word a sentence starts with decides whether bare fields are output columns."""
    while (used := c.first(STOP_PHRASES)) or c.low() in ("and", "then", "please", ","):
        if c.low() in ("what", "who", "which"):
            r.which = r.which or _which_noun(c, used)
            r.listing = True
        if c.low() in ("show", "give"):
            r.listing = True
        c.i += used or 1
    if c.low() in LIST_VERBS or c.low() in OUTPUT_LEADS:
        r.listing = True
    elif c.low() in _WHICH:
        n = c.skip_determiners(1)
        while c.low(n) in DISTINCT or (c.low(n).isdigit() and c.low(n + 1) not in ("most",)):
            n += 1
        found = c.noun(n)
        r.listing = True
        if found and (found[0].tables or found[0].of_kind("dim")) and number == 0 and not c.low(1).isdigit():
            r.which = found[0]
            r.subjects.append(found[0])
            c.i += n + found[1]
    if number and r.asks:
        r.listing = True


def _which_noun(_c: Cursor, _used: int) -> Noun | None:
    return None


def _step(c: Cursor, r: Reading) -> None:
    for rule in RULES:
        if rule(c, r):
            return
    token = c.token()
    if token is not None and token.kind != "punct":
        r.unknown.append(token.text)
    c.i += 1


def _punctuation(c: Cursor, _r: Reading) -> bool:
    token = c.token()
    if token is None or token.kind != "punct" or token.low in "<>=!":
        return False
    c.i += 1
    return True


def _join_advice(c: Cursor, _r: Reading) -> bool:
    """`by doing a left join from cars to sales`: how to do it is ours to know."""
    lead = c.first(_HINT) or (1 if c.low() in _JOINS else 0)
    n = lead
    if not lead or not any(c.low(lead + k) in _JOINS for k in range(3)) and c.low() not in _JOINS:
        return False
    while token := c.token(n):
        noun = c.noun(n)
        if noun and noun[0].tables:
            n += noun[1]
        elif token.low in _JOIN_WORDS:
            n += 1
        else:
            break
    c.i += n
    return n > lead


def _unsupported(c: Cursor, r: Reading) -> bool:
    token = c.token()
    if token is None or token.kind != "word" or c.noun():
        return False
    reason = UNSUPPORTED.get(token.stem) or UNSUPPORTED.get(token.low)
    if reason:
        r.unsupported = r.unsupported or reason
        c.i += 1
    return bool(reason)


def _noun(c: Cursor, r: Reading) -> bool:
    """A bare name: an output column in a list, else the subject or a figure."""
    n = 0
    distinct = False
    while c.low(n) in DISTINCT:
        n, distinct = n + 1, True
    if distinct and c.low(n) in ("list", "lists") and c.low(n + 1) == "of":
        n += 2
    found = c.noun(n)
    if found is None:
        return False
    noun, length = found
    if noun.tables and not (noun.figures and not r.listing and not r.asks and c.low(-1) not in ("all", "for", "from")):
        r.subjects.append(noun)
    elif noun.figures and not noun.columns:
        _ask(r, noun, c.i)
    elif r.listing or distinct or noun.columns:
        r.columns.append(noun)
    else:
        _ask(r, noun, c.i)
    r.distinct = r.distinct or distinct
    c.i += n + length
    return True


def _ask(r: Reading, noun: Noun, at: int) -> None:
    from agent.builtin.reading import Ask  # noqa: PLC0415

    r.asks.append(Ask(None, noun, at))


def _output_verb(c: Cursor, r: Reading) -> bool:
    if c.low() not in OUTPUT_LEADS or c.noun():
        return False
    r.listing = True
    c.i += 1
    return True


def _stop(c: Cursor, _r: Reading) -> bool:
    used = c.first(STOP_PHRASES)
    if not used:
        used = 1 if c.low() in STOP_WORDS else 0
    c.i += used
    return bool(used)


def _distinct(c: Cursor, r: Reading) -> bool:
    if c.low() not in DISTINCT:
        return False
    r.distinct = True
    c.i += 1
    return True


RULES: tuple[Rule, ...] = (
    _join_advice, read_order, read_share, read_passive, read_having, read_count, read_top, read_superlative, read_aggregate, read_compare,
    read_text_pattern, read_comparison, read_grain, read_time, read_missing, read_relation, read_negated, read_group, read_value, _noun,
    _unsupported, _output_verb, _stop, _distinct, _punctuation,
)  # fmt: skip
