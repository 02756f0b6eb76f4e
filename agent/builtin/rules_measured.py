"""Reads what people say a record's own number with: who earns over 100,000, aged 30 to 40, which costs the most."""

from __future__ import annotations

from decimal import Decimal

from agent.builtin.cursor import Cursor
from agent.builtin.lexicon import Ref
from agent.builtin.meaning import MEASURES, numbers_of, sense
from agent.builtin.reading import Ask, Best, Cond, Noun, Reading, Top
from agent.builtin.rules_rank import how_many
from agent.builtin.text import split_name, stem
from agent.builtin.vocabulary import COMPARATORS, HIGH, LOW
from warehouse.model.bags import bag

_RELATIVE = bag("who that which are is was were being get gets got")
_ENDS = bag("in by and , for among at of with") | {""}
_YEARS = bag("year years yr yrs")
_OLD = bag("old older")
_TENS = {"twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80}
_TO = bag("to and -")
_MEAN = (("on", "average"), ("in", "general"), ("typically",), ("usually",))
_UNITS = bag("dollars usd euros eur pounds gbp kg kilos kilograms grams lbs minutes hours days years year")
_LARGE = bag("most highest longest best")
_SMALL = bag("least lowest shortest worst fewest")
_AMOUNTS = bag("duration hour minute time distance amount length day")
_LEAST = 4
"""Letters of the shortest verb that may be looked for in the names of fields."""
_UNSAID = 1900
"""A bare number from here on may be a year and is left to the rules of time."""


def read_measured(c: Cursor, r: Reading) -> bool:
    """who earn over 100000; costing between 5 and 10; aged 30 to 40; which job pays the most on average."""
    n = _after(c, 0, _RELATIVE)
    said = _range(c, n + 1) or _superlative(c, n + 1)
    kind = MEASURES.get(c.low(n))
    if kind is None and said:
        columns = _named_by_verb(c, n)
    elif kind is None or (c.noun(n) and not said):
        return False  # a word that names a field too is a verb only where a range or a superlative follows
    else:
        columns = _columns(c, r, kind)
    return bool(columns) and (_with_range(c, r, n + 1, kind, columns) or _ranked(c, r, n + 1, columns))


def _named_by_verb(c: Cursor, n: int) -> list[Ref]:
    """`sleeps the longest`: the one number column whose name says how much of that is done (sleep duration)."""
    token = c.token(n)
    if token is None or token.kind != "word" or len(token.stem) < _LEAST:
        return []
    found = []
    for table, spec in c.lexicon.model.tables.items():
        for name in spec.numbers:
            words = {stem(w) for w in split_name(name)}
            found += [Ref("number", table, name)] if token.stem in words and words & _AMOUNTS else []
    return found if len(found) == 1 else []


def _with_range(c: Cursor, r: Reading, n: int, kind: str | None, columns: list[Ref]) -> bool:
    found = _range(c, n, bare=kind == "age")
    if found is None or not columns:
        return False
    op, values, used = found
    after = c.noun(used)
    if after is not None and kind != "age" and c.low(used) not in _UNITS:
        return False  # `makes more than 4 models`: the number is of something else
    _condition(c, r, columns, (op, values), used)
    return True


def read_years_old(c: Cursor, r: Reading) -> bool:
    """over 50 years old; between 30 and 40 years old; 25 years old; 65 or older; in their thirties."""
    columns = _columns(c, r, "age")
    n = _after(c, 0, _RELATIVE | bag("have has with"))
    found = _in_their_tens(c, n) or _or_older(c, n)
    if found is None:
        found = _range(c, n, bare=True)
        if found is None or c.low(found[2]) not in _YEARS or c.low(found[2] + 1) not in _OLD | {"of"}:
            return False
        tail = 3 if c.low(found[2] + 1) == "of" and c.low(found[2] + 2) == "age" else 2
        found = (found[0], found[1], found[2] + tail)
    if not columns:
        return False
    _condition(c, r, columns, found[:2], found[2])
    return True


def _in_their_tens(c: Cursor, n: int) -> tuple[str, tuple[Decimal, ...], int] | None:
    if c.low(n) != "in" or c.low(n + 1) not in ("their", "his", "her", "the"):
        return None
    said = c.low(n + 2)
    tens = _TENS.get(said) or (int(said[:-1]) if said[:-1].isdigit() and said.endswith("s") else 0)
    if not 10 <= tens <= 100 or tens % 10:
        return None
    return "between", (Decimal(tens), Decimal(tens + 9)), n + 3


def _or_older(c: Cursor, n: int) -> tuple[str, tuple[Decimal, ...], int] | None:
    number = _number(c, n)
    at = n + 1 + (1 if c.low(n + 1) in _YEARS else 0)
    at += 1 if c.low(at) == "old" else 0
    if number is None or c.low(at) not in ("or", "and") or c.low(at + 1) not in ("older", "younger", "over", "under"):
        return None
    older = c.low(at + 1) in ("older", "over")
    return ">=" if older else "<=", (number,), at + 2


def read_of_value(c: Cursor, r: Reading) -> bool:
    """the youngest director: an adjective of a record before one of its values, where no kind of record is named."""
    n = 1 if c.low() == "the" else 0
    found = sense(c.low(n))
    if found is None or c.low(n) in HIGH | LOW or not c.low(n).endswith("st") or r.best or r.top or r.asks:
        return False
    value = c.value(n + 1)
    tables = {m.table for m in value[0]} if value and c.noun(n + 1) is None else set()
    if value is None or len(tables) != 1:
        return False
    table = tables.pop()
    if not numbers_of(c.lexicon, table, found[0]) if found[0] != "date" else False:
        return False
    r.subjects.append(Noun((Ref("table", table, table),), value[1], c.i))
    r.conds.append(Cond("=", (value[0][0].value,), matches=value[0], text=value[1]))
    r.best = Best(c.low(n), not found[1], *how_many(r))
    c.i += n + 1 + value[2]
    return True


def _ranked(c: Cursor, r: Reading, n: int, columns: list[Ref]) -> bool:
    """`who earns the most`, `which job pays the least on average`."""
    said = _superlative(c, n)
    if said is None or r.best is not None or r.top is not None:
        return False
    word, low, used = said
    mean = next((len(p) for p in _MEAN if c.at(*p, offset=used)), 0)
    if c.low(used + mean) not in _ENDS:
        return False
    noun = Noun(tuple(columns), c.low(n - 1), c.i)
    group = r.which if r.which is not None and not r.which.tables else None
    wanted, implied = how_many(r)
    if group is not None:
        r.top = Top(wanted, low, by=Ask("avg", noun, c.i), noun=group, implied=implied, word=word)
    elif mean:
        return False  # a mean of single records says nothing
    else:
        _subject(r, columns)
        r.best = Best(word, low, wanted, implied, noun)
    c.i += used + mean
    return True


def _superlative(c: Cursor, n: int) -> tuple[str, bool, int] | None:
    n += 1 if c.low(n) == "the" else 0
    word = c.low(n)
    return (word, word in _SMALL, n + 1) if word in _SMALL | _LARGE else None


def _condition(c: Cursor, r: Reading, columns: list[Ref], said: tuple[str, tuple[Decimal, ...]], used: int) -> None:
    text = " ".join(t.text for t in c.tokens[c.i : c.i + used])
    _subject(r, columns)
    r.conds.append(Cond(said[0], said[1], noun=Noun(tuple(columns), text, c.i), text=text))
    c.i += used + (1 if c.low(used) in _UNITS else 0)


def _subject(r: Reading, columns: list[Ref]) -> None:
    """Without any noun the records that hold the number are meant: `who earns over 100,000`."""
    if not (r.subjects or r.asks or r.columns or r.groups):
        table = columns[0].table
        r.subjects.append(Noun((Ref("table", table, table),), "who"))


def _columns(c: Cursor, r: Reading, kind: str) -> list[Ref]:
    """The number column of the records that are spoken of, or of the only kind of record that has one."""
    named = [t for noun in (*r.subjects, *(a.noun for a in r.asks)) for t in noun.tables]
    named += [x.table for noun in (*r.columns, *([r.which] if r.which else [])) for x in noun.columns]
    for tables in (dict.fromkeys(named), c.lexicon.model.tables):
        found = [x for t in tables for x in numbers_of(c.lexicon, t, kind)]
        if found:
            return found if len({x.table for x in found}) == 1 else []
    return []


def _range(c: Cursor, n: int, *, bare: bool = False) -> tuple[str, tuple[Decimal, ...], int] | None:
    """Operator, numbers and the offset after `between 5 and 10`, `over 100`, and (`bare`) `30 to 40`, `30-40`, `30`."""
    led = c.low(n) in ("between", "from")
    low, high = _number(c, n + led), _number(c, n + led + 2)
    if (led or bare) and low is not None and high is not None and c.low(n + led + 1) in _TO:
        return "between", (low, high), n + led + 3
    op, used = c.phrase_op(COMPARATORS, n)
    number = _number(c, n + used)
    if number is not None and used:
        return op, (number,), n + used + 1
    if bare and low is not None and not led and low < _UNSAID:
        return "=", (low,), n + 1
    return None


def _number(c: Cursor, n: int) -> Decimal | None:
    token = c.token(n)
    return token.value if token is not None and token.kind != "quoted" else None


def _after(c: Cursor, n: int, words: frozenset[str]) -> int:
    while c.low(n) in words:
        n += 1
    return n


MEASURED = (read_years_old, read_measured, read_of_value)
"""In the order in which they are tried."""
