"""Reads what has or has not happened yet: closed tickets, orders never shipped, what is still open."""

from __future__ import annotations

from decimal import Decimal

from agent.builtin.cursor import Cursor
from agent.builtin.lexicon import Ref
from agent.builtin.meaning import ENDED, is_of_people, later_dates, numbers_of
from agent.builtin.reading import Cond, Noun, Reading
from agent.builtin.vocabulary import COMPARATORS
from warehouse.model.bags import bag

_LEADS = bag("that which who is are was were been being have has had did do does still yet already never not get got")
_NOT = bag("not never")
_OPEN = bag("open unresolved outstanding pending unclosed unfinished")
_BEING = bag("is are was were aged")
_ENDS = bag("in by and or , for among at of with from who that per") | {""}
_LEAST_AGE, _MOST_AGE = 10, 110


def read_happened(c: Cursor, r: Reading) -> bool:
    """`which agent closed the most`, `tickets that were not closed`: the date of the deed is there, or is not."""
    n = negative = 0
    while c.low(n) in _LEADS:
        negative += c.low(n) in _NOT
        n += 1
    columns = later_dates(c.lexicon, c.low(n))
    if not columns or not (r.asks or r.subjects or r.which) or c.time(n + 1) or c.value(n):
        return False
    r.conds.append(Cond("is_null" if negative else "not_null", noun=Noun(columns, c.low(n), c.i + n), text=c.low(n)))
    c.i += n + 1
    return True


def read_still_open(c: Cursor, r: Reading) -> bool:
    """`still open`, `open tickets`: what has a date for its end, and that is not there yet."""
    n = 0
    while c.low(n) in _LEADS - _NOT:
        n += 1
    if c.low(n) not in _OPEN or c.value(n) or c.noun(n) or not (r.asks or r.subjects or r.which or c.noun(n + 1)):
        return False
    columns = next((found for word in ENDED if (found := later_dates(c.lexicon, word))), ())
    if not columns:
        return False
    r.conds.append(Cond("is_null", noun=Noun(columns, c.low(n), c.i + n), text=c.low(n)))
    c.i += n + 1
    return True


def read_plain_age(c: Cursor, r: Reading) -> bool:
    """`players who are over 30`, `forwards under 23`: of people with an age, a bare number is years."""
    lead = 0
    while c.low(lead) in ("who", "that", "which"):
        lead += 1
    n = lead + (1 if c.low(lead) in _BEING else 0)
    op, used = c.phrase_op(COMPARATORS, n)
    number = c.token(n + used)
    if not used or (lead and n == lead) or number is None or number.value is None or c.low(n + used + 1) not in _ENDS:
        return False
    columns = tuple(_ages(c, r))
    if not columns or not _LEAST_AGE <= number.value <= _MOST_AGE:
        return False
    text = f"{c.low(n)} {number.text}"
    r.conds.append(Cond(op, (Decimal(number.value),), noun=Noun(columns, "age", c.i), text=text))
    c.i += n + used + 1
    return True


def _ages(c: Cursor, r: Reading) -> list[Ref]:
    nouns = (*r.subjects, *(a.noun for a in r.asks), *([r.which] if r.which else []))
    spoken = [x.table for noun in nouns for x in noun.refs if x.kind == "table" or x.is_figure]
    for table in dict.fromkeys([*spoken, *(m.table for cond in r.conds for m in cond.matches)]):
        spec = c.lexicon.model.tables.get(table)
        if spec is not None and is_of_people(spec):
            return numbers_of(c.lexicon, table, "age")
    return []


HAPPENED = (read_happened, read_still_open, read_plain_age)
"""In the order in which they are tried."""
