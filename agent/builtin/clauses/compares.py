"""Clauses that hold a field against something: a number, a text, a value, the average, the highest."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from agent.builtin.clauses.grammar import Grammar
from agent.builtin.clauses.tree import Extreme
from agent.builtin.clauses.words import AGGREGATES, BEING, EXTREMES, INVERSE, UNITS, VERBS
from agent.builtin.lexicon import Ref
from agent.builtin.meaning import columns_for, sense
from agent.builtin.vocabulary import COMPARATORS, TEXT_OPS
from warehouse.model.bags import bag
from warehouse.query import DimRef, Filter, Scalar, Yardstick

_LINKS = BEING | bag("of that which has have had a an the value values measured equal to")
_OF = (("amount", "of"), ("value", "of"), ("number", "of"))
_HOLDING = ("has", "have", "having", "with", "contains", "containing", "contain")
_PIECES = ("word", "substring", "letters", "text", "string")
_TEXT_OPS = (*TEXT_OPS, *((f"{verb} the {piece}", "contains") for verb in _HOLDING for piece in _PIECES))
_AVERAGES = bag("average mean avg")
_WHOLE = bag("overall total general")
Made = tuple[Filter, int]


@dataclass(frozen=True)
class _Against:
    """The other side of a comparison: a number, or a yardstick."""

    number: Decimal | None
    yardstick: Yardstick | None
    end: int


def compared(g: Grammar, at: int, home: str, deny: bool) -> Made | None:
    """A comparison with a number, an average or an extreme."""
    start = g.articles(at)
    for rule in (_between, _field_first, _operator_first, _adjective, _number_first):
        found = rule(g, start, home)
        if found is not None:
            made, end = found
            g.last = _ref(g, made, home)
            if not deny:
                return made, end
            return (made.model_copy(update={"op": INVERSE[made.op]}), end) if made.op in INVERSE else None
    return None


def _ref(g: Grammar, made: Filter, home: str) -> Ref | None:
    if made.field is None:
        return g.last
    table, name = made.field.field.split(".", 1)
    return Ref("dim", table, name)


def _operator(g: Grammar, at: int) -> tuple[str, int]:
    op, used = g.cursor.phrase_op(COMPARATORS, at)
    return op, at + used


def _field_first(g: Grammar, at: int, home: str) -> Made | None:
    """`age is over 30`, `weight below the average weight`, `level of 4`."""
    found = g.field_number(at, home)
    if found is None:
        return None
    ref, end = found
    n = g.skip(end, _LINKS)
    deny = g.low(n) == "not"
    op, after = _operator(g, n + deny)
    if after == n + deny:
        number = g.number(n)
        if number is None or deny or (n == end and not g.is_number(ref)) or g.low(n + 1) in ("or", "and", "/"):
            return None  # several values of one field are read together
        return _plain(g, ref, "=", number.value, n + 1)
    against = _against(g, after, ref, home)
    if against is None:
        return None
    made = _made(ref, INVERSE[op] if deny else op, against)
    return made, g.skip(against.end, UNITS)


def _operator_first(g: Grammar, at: int, home: str) -> Made | None:
    """`more than 4 cylinders`, `under age 30`, `above the average age`, `… and less than 4000`."""
    op, n = _operator(g, at)
    if n == at:
        return None
    found = g.field_number(g.articles(n), home)
    if found is not None and (against := _against(g, found[1], found[0], home)):
        return _made(found[0], op, against), against.end
    agg = AGGREGATES.get(g.low(g.articles(n)), "")
    if agg in ("avg", "min", "max"):
        named = g.field_number(g.articles(n) + 1, home)
        ref = named[0] if named else g.last
        if ref is None or ref.table not in g.resolver.hops(home):
            return None
        end = named[1] if named else g.articles(n) + 1
        return Filter(field=DimRef(field=ref.field), op=op, than=Yardstick(agg=agg)), end
    number = g.number(n)
    if number is None:
        return None
    named = g.field_number(g.skip(n + 1, UNITS), home)
    if named is not None:
        return _plain(g, named[0], op, number.value, named[1])
    end = g.skip(n + 1, UNITS)
    if g.last is not None and g.last.table in g.resolver.hops(home) and _closes(g, end):
        return _plain(g, g.last, op, number.value, end)
    return None


def _closes(g: Grammar, at: int) -> bool:
    """Whether nothing follows that a bare number could count."""
    return g.low(at) in (
        "",
        ",",
        "and",
        "are",
        "is",
        "were",
        "come",
        "live",
        "or",
        "but",
        "in",
        "from",
        "who",
        "that",
    ) and not g.names.tables(at)


def _adjective(g: Grammar, at: int, home: str) -> Made | None:
    """`older than 30`, `lighter than the average`: the field is the one that the adjective is about."""
    lead = 1 if g.low(at) in ("more", "less") else 0
    word = g.low(at + lead)
    found = sense(word) if g.low(at + lead + 1) == "than" else None
    if found is None:
        return None
    columns = columns_for(g.resolver.lexicon, home, word) or _reached(g, home, word)
    if len({ref.field for ref, _ in columns}) != 1:
        return None
    ref, high = columns[0]
    against = _against(g, at + lead + 2, ref, home)
    if against is None or not g.is_number(ref):
        return None
    return _made(ref, ">" if high == (g.low(at) != "less") else "<", against), g.skip(against.end, UNITS | {"old"})


def _reached(g: Grammar, home: str, word: str) -> list[tuple[Ref, bool]]:
    """The adjective's field in the one nearest table that has one."""
    hops = g.resolver.hops(home)
    near = [(hops[t], columns_for(g.resolver.lexicon, t, word)) for t in hops if hops[t] > 0]
    least = min((n for n, found in near if found), default=0)
    found = [f for n, f in near if f and n == least]
    return found[0] if len(found) == 1 else []


def _number_first(g: Grammar, at: int, home: str) -> Made | None:
    """`8 cylinders`, `4 cylinder`."""
    number = g.number(at)
    named = g.field_number(at + 1, home) if number is not None else None
    if number is None or named is None or named[0].kind == "time" or g.low(at + 1) in ("or",):
        return None
    return _plain(g, named[0], "=", number.value, named[1])


def _between(g: Grammar, at: int, home: str) -> Made | None:
    found = g.field_number(at, home)
    n = g.skip(found[1], _LINKS) if found else at
    ref = found[0] if found else g.last
    low, high = g.number(n + 1), g.number(n + 3)
    if ref is None or g.low(n) not in ("between", "from") or low is None or high is None:
        return None
    if g.low(n + 2) not in ("and", "to") or not g.is_number(ref) or low.value is None or high.value is None:
        return None
    return Filter(field=DimRef(field=ref.field), op="between", values=(low.value, high.value)), g.skip(n + 4, UNITS)


def _against(g: Grammar, at: int, ref: Ref, home: str) -> _Against | None:
    """A number, `the average`, `the average age of all singers`, `the minimum`."""
    number = g.number(at)
    if number is not None:
        return _Against(number.value, None, at + 1) if g.is_number(ref) else None
    n = g.skip(g.articles(at), _WHOLE)
    agg = AGGREGATES.get(g.low(n), "")
    if agg not in ("avg", "min", "max"):
        return None
    n += 1
    again = g.names.field(g.articles(n), home)
    if again is not None:
        if again[0].field != ref.field:
            return None
        n = again[1]
    n = _of_all(g, n, ref)
    return _Against(None, Yardstick(agg=agg), n)


def _of_all(g: Grammar, at: int, ref: Ref) -> int:
    """`… of all singers`: the rows that an average is taken over anyway."""
    if g.low(at) not in ("of", "for", "among", "across") or g.low(at + 1) not in ("all", "the", "every"):
        return at
    n = g.articles(at + 1)
    named = [end for table, end in g.names.tables(n) if table == ref.table]
    return named[0] if named and "all" in (g.low(at + 1), g.low(at + 2)) else at


def _made(ref: Ref, op: str, against: _Against) -> Filter:
    field = DimRef(field=ref.field)
    if against.yardstick is not None:
        return Filter(field=field, op=op, than=against.yardstick)
    assert against.number is not None  # a comparison has one of the two
    return Filter(field=field, op=op, values=(against.number,))


def _plain(g: Grammar, ref: Ref, op: str, number: Decimal | None, end: int) -> Made | None:
    if number is None or not g.is_number(ref):
        return None
    value: Scalar = number
    return Filter(field=DimRef(field=ref.field), op=op, values=(value,)), g.skip(end, UNITS)


def extreme(g: Grammar, at: int, home: str) -> tuple[Extreme, int] | None:
    """`the highest capacity`, `the least horsepower`, `the earliest year`."""
    n = g.articles(at)
    end = EXTREMES.get(g.low(n))
    if end is None:
        return None
    n += 1
    n += g.first(_OF, n) if g.field_number(n, home) is None else 0
    found = g.field_number(n, home)
    if found is None or not (g.articles(at) > at or g.low(at - 1) not in VERBS or end):
        return None
    return Extreme(found[0], end == "min"), found[1]


def pattern(g: Grammar, at: int, home: str) -> Made | None:
    """`name contains West`, `with Hey in its name`, `whose name has the word computer`."""
    return _pattern_after(g, g.articles(at), home) or _pattern_before(g, g.articles(at), home)


def _pattern_after(g: Grammar, at: int, home: str) -> Made | None:
    found = g.names.field(at, home, ("dim",))
    if found is None or g.type_of(found[0]) != "text":
        return None
    n = g.skip(found[1], bag("that which whose is are its name names"))
    op, used = g.cursor.phrase_op(_TEXT_OPS, n)
    if not used:
        return None
    n += used
    n += 1 if g.low(n) in ("the", "a") and (g.token(n + 1) is not None) else 0
    token = g.token(n)
    if token is None or token.kind == "punct":
        return None
    return Filter(field=DimRef(field=found[0].field), op=op, values=(token.text,)), n + 1


def _pattern_before(g: Grammar, at: int, home: str) -> Made | None:
    n = g.skip(at, bag("word substring text letters with the"))
    token = g.token(n)
    if token is None or token.kind != "quoted" or g.low(n + 1) != "in":
        return None
    found = g.names.field(g.articles(n + 2), home, ("dim",))
    if found is None or g.type_of(found[0]) != "text":
        return None
    return Filter(field=DimRef(field=found[0].field), op="contains", values=(token.text,)), found[1]
