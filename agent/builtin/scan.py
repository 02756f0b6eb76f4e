"""Reads a question word by word with a list of small rules; what no rule takes is kept as unknown."""

from __future__ import annotations

from collections.abc import Callable

from agent.builtin.cursor import Cursor
from agent.builtin.dates import Today
from agent.builtin.finishing import finish
from agent.builtin.lexicon import Lexicon
from agent.builtin.opening import open_sentence
from agent.builtin.reading import Ask, Noun, Reading
from agent.builtin.rules_bands import read_band
from agent.builtin.rules_compare import read_compare
from agent.builtin.rules_conditions import (
    read_comparison,
    read_flag,
    read_missing,
    read_negated,
    read_relation,
    read_text_pattern,
    read_value,
)
from agent.builtin.rules_deeds import DEEDS, SILENT_DEEDS, read_shared_head
from agent.builtin.rules_events import read_figure_condition, read_having, read_passive
from agent.builtin.rules_figures import (
    read_aggregate,
    read_count,
    read_top,
    value_cond,
)
from agent.builtin.rules_flags import read_flag_rate, read_flag_verb, read_flag_word, read_flagged_people, read_owning
from agent.builtin.rules_happened import HAPPENED
from agent.builtin.rules_lists import LISTS, SILENT_LISTS
from agent.builtin.rules_measured import MEASURED
from agent.builtin.rules_order import read_order
from agent.builtin.rules_parts import busiest, read_part
from agent.builtin.rules_plain import PLAIN, QUIET, fronted, read_waiting_verb
from agent.builtin.rules_rank import read_growth, read_verdict
from agent.builtin.rules_rows import read_amount, read_best, read_extreme, read_number_of
from agent.builtin.rules_shape import (
    direction_at,
    read_grain,
    read_group,
    read_share,
    read_time,
)
from agent.builtin.rules_sides import (
    read_average_per,
    read_named_part,
    read_portion,
    read_rate_within,
    read_running,
    read_sides,
    read_term,
    read_times,
)
from agent.builtin.rules_states import read_state_rate
from agent.builtin.rules_superlative import read_superlative
from agent.builtin.spelled import phrases
from agent.builtin.text import Token, split_sentences
from agent.builtin.verbs import EARNING, OWNING
from agent.builtin.vocabulary import (
    DISTINCT,
    OUTPUT_LEADS,
    STOP_PHRASES,
    STOP_WORDS,
    UNSUPPORTED,
)
from warehouse.model.bags import bag
from warehouse.model.values import ValueMatch, ValuesIndex

Rule = Callable[[Cursor, Reading], bool]
_SEPARATORS = frozenset(",():-'\"&…")
_HINT = phrases("by doing a | by doing | based on | using a | using | via")
_DOING = bag("make made place placed have had get got generate generated receive received do done")
_JOINS = bag("join joining joined")
_JOIN_WORDS = bag("left inner right outer full join joining joined from the and to , table tables with on a of")


def scan(tokens: list[Token], lexicon: Lexicon, values: ValuesIndex, today: Today) -> Reading:
    """Everything the question says; never raises for any text."""
    reading = Reading()
    shared: dict[str, tuple[ValueMatch, ...]] = {}
    for number, sentence in enumerate(split_sentences(tokens)):
        before = (len(reading.asks), (len(reading.conds), len(reading.whens)))
        cursor = Cursor(sentence, lexicon, values, today, found_values=shared)
        if moved := fronted(cursor):
            cursor.tokens = [*sentence[moved:], *sentence[:moved]]
        reading.listing, reading.group_end = False, -1
        open_sentence(cursor, reading, number)
        while not cursor.done:
            _step(cursor, reading)
        for ask in reading.asks[before[0] :]:
            ask.sentence = number
        if number and before[0] and len(reading.asks) > before[0]:
            reading.apart = reading.apart or _says_more(reading, before[1])
    finish(reading, today, lexicon)
    return reading


def _says_more(r: Reading, before: tuple[int, int]) -> bool:
    """Whether a later sentence brings a condition or a period that was not said before."""
    known = [(c.op, c.values, c.matches) for c in r.conds[: before[0]]]
    return len(r.whens) > before[1] or any((c.op, c.values, c.matches) not in known for c in r.conds[before[0] :])


def _step(c: Cursor, r: Reading) -> None:
    for rule in RULES:
        before, start = _noted(r), c.i
        if rule(c, r):
            if rule not in SILENT and _noted(r) == before:
                r.unknown += [t.text for t in c.tokens[start : c.i] if t.kind != "punct"]
            return
    token = c.token()
    if token is not None and token.kind != "punct":
        r.unknown.append(token.text)
    c.i += 1


def _noted(r: Reading) -> tuple[object, ...]:
    """A cheap print of a reading: a rule that takes words must leave a mark in it."""
    top = (id(r.top.by), id(r.top.noun)) if r.top is not None else ()
    return (top, *(len(v) if isinstance(v, list) else v for v in vars(r).values()))


def _punctuation(c: Cursor, _r: Reading) -> bool:
    token = c.token()
    if token is None or token.kind != "punct" or token.low not in _SEPARATORS:
        return False
    c.i += 1
    return True


def _join_advice(c: Cursor, _r: Reading) -> bool:
    """`by doing a left join from cars to sales`: how to do it is ours to know."""
    lead = c.first(_HINT) or (1 if c.low() in _JOINS else 0)
    n = lead
    if not lead or (not any(c.low(lead + k) in _JOINS for k in range(3)) and c.low() not in _JOINS):
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
    if not n and read_shared_head(c, r):
        return True
    found = c.noun(n)
    if found is None:
        return False
    noun, length = found
    if noun.figures and r.asks and c.low(-1) in ("and", ",", "&", "plus") and _just_asked(c, r) and not n:
        _ask(r, noun, c.i)
        c.i += length
        return True
    before = c.low(-2) if c.low(-1) in ("the", "our", "all") else c.low(-1)
    about = c.low(-1) == "all" or before in ("for", "from", "among")
    if noun.tables and r.asks and not r.listing and before in ("and", ",", "&", "plus"):
        r.columns.append(noun)  # named beside something, so it must show; a subject need not
    elif noun.tables and not (noun.figures and not r.listing and not r.asks and not about):
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


def _narrowed_records(c: Cursor, r: Reading) -> bool:
    """`revenue of cancelled orders`: after a figure, a name such as “cancelled orders” says of which records."""
    named, value = c.noun(), c.value() if r.asks and c.low(-1) in ("of", "for", "from", "on", "in") else None
    rest = c.noun(value[2]) if value and named and named[0].figures else None
    if value is None or rest is None or not rest[0].tables or named is None or value[2] + rest[1] != named[1]:
        return False
    r.conds.append(value_cond(value[0], value[1]))
    r.subjects.append(rest[0])
    c.i += named[1]
    return True


def _just_asked(c: Cursor, r: Reading) -> bool:
    """`revenue and orders`: whether the words before the joint were a figure too."""
    last = r.asks[-1]
    words = last.noun.text.casefold().split()
    back = [t.low for t in c.tokens[max(0, c.i - 3 - len(words)) : c.i] if t.kind == "word" and t.low != "and"]
    return back[-len(words) :] == words


def _ask(r: Reading, noun: Noun, at: int) -> None:
    r.asks.append(Ask(None, noun, at))


def _basis(c: Cursor, r: Reading) -> bool:
    """`revenue (based on sale price)`: the column that a figure is added up from."""
    lead = 2 if c.low() in ("based", "measured", "calculated") and c.low(1) in ("on", "by", "from") else 0
    found = c.noun(lead) if lead else None
    asks = [*([r.top.by] if r.top and r.top.by else []), *r.asks]
    if found is None or not found[0].of_kind("number") or not asks:
        return False
    last = asks[-1].noun.text
    for ask in asks:
        if ask.noun.text == last and ask.agg in (None, "sum"):
            ask.noun, ask.agg = Noun(tuple(found[0].of_kind("number")), found[0].text, c.i), "sum"
    c.i += lead + found[1]
    return True


def _group_verb(c: Cursor, r: Reading) -> bool:
    """`did each salesperson make`, `how much revenue did Germany bring`: the verb adds nothing."""
    asked = c.i == r.group_end or any(c.low(-back) in ("did", "does", "do") for back in range(1, 6))
    if c.low() not in (*_DOING, *EARNING) or not asked or not r.asks or c.noun(1) or c.low(-1) in ("by", "per", "and"):
        return False
    c.i += 1
    return True


def _sorted_by(c: Cursor, r: Reading) -> bool:
    """`sort the names by age`: the field after `by` sorts what was listed."""
    found = c.noun(c.skip_determiners(1)) if c.sorting and c.low() == "by" and r.order is None else None
    if found is None:
        return False
    c.i += c.skip_determiners(1) + found[1]
    direction, words = direction_at(c, 1 if c.low() in ("in", "from") else 0)
    r.order = (found[0], bool(direction))
    if direction is not None:
        c.i += words + (1 if c.low() in ("in", "from") else 0)
        c.i += 1 if c.low() == "order" else 0
    return True


def _output_verb(c: Cursor, r: Reading) -> bool:
    if c.low() not in OUTPUT_LEADS or c.noun():
        return False
    r.listing = True
    c.i += 1
    return True


def _belonging(c: Cursor, r: Reading) -> bool:
    """`models produced by each maker`, `students enrolled in programs`: how records belong together is in the data."""
    if c.low() not in OWNING or c.noun() or not (r.asks or r.subjects or r.columns or r.groups or r.having):
        return False
    if c.time(1):
        return False
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
    _join_advice,
    _basis,
    _narrowed_records,
    _group_verb,
    _sorted_by,
    read_order,
    read_running,
    read_flag_rate,
    read_state_rate,
    read_owning,
    read_flag_verb,
    read_flag_word,
    read_named_part,
    read_rate_within,
    read_portion,
    read_share,
    read_sides,
    read_band,
    read_part,
    busiest,
    *PLAIN,
    *LISTS,
    *DEEDS,
    *MEASURED,
    *HAPPENED,
    read_passive,
    read_waiting_verb,
    read_times,
    read_having,
    read_figure_condition,
    read_count,
    read_growth,
    read_verdict,
    read_top,
    read_extreme,
    read_best,
    read_superlative,
    read_average_per,
    read_aggregate,
    read_compare,
    read_text_pattern,
    read_flag,
    read_comparison,
    read_number_of,
    read_amount,
    read_grain,
    read_time,
    read_missing,
    read_relation,
    read_negated,
    read_shared_head,
    read_group,
    read_flagged_people,
    read_value,
    read_term,
    _noun,
    _unsupported,
    _output_verb,
    _belonging,
    _stop,
    _distinct,
    _punctuation,
)
SILENT: frozenset[Rule] = frozenset(
    (_belonging, read_grain, read_order, _join_advice, _basis, _group_verb, read_passive, read_aggregate, read_count,
     read_compare, _unsupported, _output_verb, _stop, _distinct, _punctuation, read_top, *QUIET, *SILENT_DEEDS,
     *SILENT_LISTS)
)  # fmt: skip
"""Rules that may take words without a mark: they change what is there already, or the words say nothing."""
