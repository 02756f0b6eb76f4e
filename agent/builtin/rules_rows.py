"""Reads which records come first: the latest 10 orders, cheapest products, the stadium with the highest capacity."""

from __future__ import annotations

from decimal import Decimal

from agent.builtin.cursor import Cursor
from agent.builtin.lexicon import Ref
from agent.builtin.meaning import sense
from agent.builtin.reading import Best, Cond, Noun, Reading
from agent.builtin.rules_figures import figure_noun
from agent.builtin.rules_rank import how_many, plural_noun
from agent.builtin.rules_superlative import people_asked
from agent.builtin.vocabulary import COMPARATORS, GROUP_LEADS, HIGH, LOW, UNIT_WORDS
from warehouse.model.bags import bag

_MANY = 10
_BEING = bag("is are was were being that which who")
_WITH = bag("with has have had having whose")
_PAID = bag("paid earning")
_CERTAIN = bag("most least")
_AFTER = bag("in by and ,") | {""}
_BEFORE_AMOUNT = bag("with that which who are is were was worth of a value costing")
_CURRENCIES = bag("dollars usd euros eur pounds gbp")
Found = tuple[str, tuple[Decimal, ...], int, bool]
"""A comparison: operator, numbers, the offset after it, whether they are money."""


def read_best(c: Cursor, r: Reading) -> bool:
    """latest 10 orders; most expensive products; 5 cheapest products; the youngest singer."""
    if r.best is not None or r.top is not None:
        return False
    n = 1 if c.low() in ("the", "our") else 0
    wanted, n = _number(c, n)
    word, low, used = _adjective(c, n)
    if not word:
        return False
    if not wanted:
        wanted, used = _number(c, used)
    if _is_time(c, used):
        return False
    found = figure_noun(c, used)
    if found is None or found.distinct:
        return _said_of(c, r, word, low, used, wanted)
    noun = found.noun if found.noun.tables else _counted(c, found.noun)
    if noun is None or (found.noun.figures and word in HIGH | LOW and c.first(GROUP_LEADS, used + found.length)):
        return False  # `highest turnover by state`, where a table is called turnover too
    r.subjects.append(Noun(noun.refs, noun.text, c.i))
    r.conds.extend(found.conds)
    many = plural_noun(noun)
    r.best = Best(word, low, wanted or (_MANY if many else 1), not wanted)
    c.i += used + found.length
    return True


def _counted(c: Cursor, noun: Noun) -> Noun | None:
    """The records that a noun counts: `employees` may be known only as the number of staff."""
    tables = c.lexicon.model.tables
    counts = [
        x.table
        for x in noun.refs
        if x.kind == "measure"
        and (m := tables[x.table].measures.get(x.name))
        and m.agg == "count"
        and not m.where
        and not m.expr
    ]
    return Noun((Ref("table", counts[0], counts[0]),), noun.text) if len(set(counts)) == 1 == len(noun.refs) else None


def _said_of(c: Cursor, r: Reading, word: str, low: bool, used: int, wanted: int) -> bool:
    """`which product is the cheapest`, `… is most expensive`."""
    subject = r.which or (r.subjects[-1] if r.subjects else people_asked(c, r, c.lexicon.model.tables))
    if (
        subject is None
        or not subject.tables
        or c.low(-1) not in _BEING
        or wanted
        or c.low(used) not in ("", ",", "in", "by", "and")
    ):
        return False
    if r.which is None and not r.subjects:
        r.which = subject
    n, implied = how_many(r)
    r.best = Best(word, low, n, implied)
    c.i += used
    return True


def _is_time(c: Cursor, n: int) -> bool:
    token = c.token(n)
    return token is not None and token.stem in UNIT_WORDS and not c.noun(n)


def _number(c: Cursor, n: int) -> tuple[int, int]:
    token = c.token(n)
    if token is None or token.value is None or token.kind == "quoted" or token.value != int(token.value):
        return 0, n
    return (int(token.value), n + 1) if 1 <= token.value <= 1000 else (0, n)


def _adjective(c: Cursor, n: int) -> tuple[str, bool, int]:
    """The adjective of a superlative, whether it wants the low end, and the offset after it."""
    if c.low(n) in HIGH | LOW and c.low(n + 1) in _PAID:
        return "best-paid", c.low(n) in LOW, n + 2
    less = c.low(n) in ("least", "less")
    at = n + (1 if c.low(n) in _CERTAIN else 0)
    word = c.low(at)
    found = sense(word)
    if found is None or (at == n and not word.endswith("st")) or (at > n and word.endswith("st")):
        return "", False, n
    return word, less or not found[1], at + 1


def read_extreme(c: Cursor, r: Reading) -> bool:
    """the stadium with the highest capacity: records by a column of their own."""
    if r.best is not None or r.top is not None:
        return False
    bare = r.asks[-1] if r.asks and r.asks[-1].agg is None and r.asks[-1].noun.tables else None
    subject = r.which or (r.subjects[-1] if r.subjects else bare.noun if bare else None)
    if subject is None or not subject.tables:
        return False
    n = 0
    while c.low(n) in _WITH or c.low(n) in ("that", "which", "who", "the", "a", "an", "its", "their"):
        n += 1
    if not n or not any(c.low(k) in _WITH for k in range(-1, n)):
        return False
    word = c.low(n)
    if word not in HIGH | LOW:
        return False
    least = c.first((("amount", "of"), ("value", "of")), n + 1)
    found = c.noun(n + 1 + least)
    columns = [x for x in found[0].columns if x.kind in ("number", "time", "dim")] if found else []
    own = [x for x in columns if x.table in subject.tables and (x.kind != "dim" or _numeric(c, x.table, x.name))]
    if not own or found is None or found[0].tables:
        return False
    if bare is not None and subject is bare.noun:
        r.asks.remove(bare)
        r.subjects.append(subject)
    wanted, implied = how_many(r)
    r.best = Best(word, word in LOW, wanted, implied, Noun(tuple(own), found[0].text, c.i))
    c.i += n + 1 + least + found[1]
    return True


def _numeric(c: Cursor, table: str, name: str) -> bool:
    return c.lexicon.model.tables[table].dimensions[name].type in ("integer", "decimal", "float", "date", "datetime")


def read_amount(c: Cursor, r: Reading) -> bool:
    """orders over $500, returns between $100 and $200, younger than 30: a number whose column is not named."""
    subject = r.subjects[-1] if r.subjects else r.which or next((a.noun for a in r.asks if a.noun.tables), None)
    n = 0
    while c.low(n) in (
        "with",
        "that",
        "which",
        "who",
        "are",
        "is",
        "were",
        "was",
        "worth",
        "of",
        "a",
        "value",
        "costing",
    ):
        n += 1
    adjective = c.low(n) if c.low(n + 1) == "than" and sense(c.low(n)) else ""
    found = _between(c, n) or _compared(c, n, adjective)
    if found is None or subject is None:
        return False
    op, values, used, money = found
    after = c.noun(used)
    if after is not None and (after[0].columns or after[0].tables or after[0].figures) and not money:
        return _named_after(c, r, found, after)
    if c.token(used) is not None and c.tokens[c.i + used].stem in UNIT_WORDS:
        return False
    text = " ".join(t.text for t in c.tokens[c.i : c.i + used])
    r.amounts.append(Cond(op, values, noun=Noun(subject.refs, adjective or ("$" if money else "")), text=text))
    c.i += used
    return True


def _compared(c: Cursor, n: int, adjective: str) -> Found | None:
    if adjective:
        found = sense(adjective)
        op, used = (">" if found and found[1] else "<"), 2
    else:
        op, used = c.phrase_op(COMPARATORS, n)
    number = c.token(n + used)
    if not used or number is None or number.value is None or number.kind == "quoted":
        return None
    return op, (number.value,), n + used + 1 + _unit(c, n + used + 1), _money(c, n + used)


def _between(c: Cursor, n: int) -> Found | None:
    low, high = c.token(n + 1), c.token(n + 3)
    if c.low(n) != "between" or c.low(n + 2) not in ("and", "to") or low is None or high is None:
        return None
    if low.value is None or high.value is None:
        return None
    return "between", (low.value, high.value), n + 4 + _unit(c, n + 4), _money(c, n + 1) or _money(c, n + 3)


def _money(c: Cursor, n: int) -> bool:
    return (bool(c.low(n)) and c.low(n)[0] in "$€£") or c.low(n + 1) in _CURRENCIES


def _unit(c: Cursor, n: int) -> int:
    return 1 if c.low(n) in _CURRENCIES else 0


def _named_after(c: Cursor, r: Reading, found: Found, after: tuple[Noun, int]) -> bool:
    """`more than 4 cylinders`, `over 30 years of age`: the column stands after its number."""
    (op, values, used, _money_said), (noun, length) = found, after
    numbers = [x for x in noun.columns if x.kind == "number" or (x.kind == "dim" and _numeric(c, x.table, x.name))]
    if noun.tables or not numbers:
        return False
    r.conds.append(Cond(op, values, noun=Noun(tuple(numbers), noun.text, c.i), text=noun.text))
    c.i += used + length
    return True


def read_number_of(c: Cursor, r: Reading) -> bool:
    """under age 30, with 4 cylinders: a column and its number in the order people say them."""
    op, used = c.phrase_op(COMPARATORS)
    found = c.noun(used) if used else None
    number = c.token(used + found[1]) if found else None
    if found and number is not None and number.value is not None and found[0].columns and not found[0].tables:
        r.conds.append(Cond(op, (number.value,), noun=found[0], text=found[0].text))
        c.i += used + found[1] + 1
        return True
    n = 1 if c.low() in _WITH else 0
    number = c.token(n)
    after = c.noun(n + 1)
    if not n or number is None or number.value is None or after is None or number.kind == "quoted":
        return False
    numbers = [x for x in after[0].columns if x.kind == "number" or (x.kind == "dim" and _numeric(c, x.table, x.name))]
    if after[0].tables or not numbers:
        return False
    r.conds.append(Cond("=", (number.value,), noun=Noun(tuple(numbers), after[0].text, c.i), text=after[0].text))
    c.i += n + 1 + after[1]
    return True
