"""Reads verbs that only say whose a figure is: what agents have sold, what a customer has paid."""

from __future__ import annotations

from agent.builtin.cursor import Cursor
from agent.builtin.lexicon import Ref
from agent.builtin.reading import Noun, Reading
from agent.builtin.verbs import EARNING, OWNING, TRADING
from agent.builtin.vocabulary import EVENT_VERBS, GROUP_LEADS, TIME_VERBS
from warehouse.model.bags import bag

_HELPERS = bag("has have had did do does")
_THAT = bag("that which who")
_ONE = bag("a an each every")
_THEM = bag("them it those these")
_PAID = bag("paid received earned charged collected incurred billed invoiced taken")


def _deed(word: str) -> bool:
    return word in EVENT_VERBS or word in OWNING or word in TRADING or word in EARNING or word in TIME_VERBS


def read_whose(c: Cursor, r: Reading) -> bool:
    """`premiums that a customer has paid`: for each customer; `policies have agents sold`: those of agents."""
    that = c.low() in _THAT and c.low(1) in _ONE
    helped = c.low() in _HELPERS and bool(r.asks)
    n = 2 if that else 1
    found = c.noun(n) if (that or helped) and r.asks else None
    if found is None or not found[0].tables:
        return False
    n += found[1]
    n += 1 if that and c.low(n) in _HELPERS else 0
    if not _deed(c.low(n)) or c.low(n + 1) in ("a", "an", "any", "more", "at", "no", "than") or c.noun(n + 1):
        return False
    (r.groups if that else r.subjects).append(found[0])
    c.i += n + 1
    return True


def read_of_them(c: Cursor, r: Reading) -> bool:
    """`the policies and the agents that sold them`: how the two belong together is in the data."""
    named = len(r.subjects) + len(r.columns) > 1
    if c.low() not in _THAT or not _deed(c.low(1)) or c.low(2) not in _THEM or not named:
        return False
    c.i += 3
    return True


def read_paid(c: Cursor, r: Reading) -> bool:
    """`premiums paid by region`: an amount of money is what was paid; by whom or what follows as a split."""
    figure = r.asks[-1].noun if r.asks else None
    money = figure is not None and any(_is_sum(c, x) for x in figure.figures)
    lead = c.first(GROUP_LEADS, 1)
    field, value = c.noun(1 + lead), c.value(1 + lead)
    if c.low() not in _PAID or not money or not lead or not field or (value and value[2] >= field[1]):
        return False
    c.i += 1
    return True


def _is_sum(c: Cursor, ref: Ref) -> bool:
    table = c.lexicon.model.tables.get(ref.table)
    measure = table.measures.get(ref.name) if table else None
    return measure is not None and measure.agg == "sum"


def read_shared_head(c: Cursor, r: Reading) -> bool:
    """`by order and customer number`, `first and last name`: two fields that share their last word."""
    n = 1 if c.low() == "by" else 0
    first, second, head = c.token(n), c.token(n + 2), c.token(n + 3)
    if first is None or second is None or head is None or c.low(n + 1) not in ("and", "or", "&") or not r.listing:
        return False
    fields = [[x for x in c.lexicon.lookup((w.stem, head.stem)) if x.is_column] for w in (first, second)]
    if not all(fields):
        return False
    r.columns += [Noun(tuple(f), f"{w.text} {head.text}", c.i) for f, w in zip(fields, (first, second), strict=True)]
    c.i += n + 4
    return True


DEEDS = (read_whose, read_of_them, read_paid)
"""In the order in which they are tried."""
SILENT_DEEDS = (read_of_them, read_paid)
"""Those that take words without a mark."""
