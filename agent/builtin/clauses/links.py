"""Clauses about other records: who have done more than two treatments, of the youngest dog, without any order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from agent.builtin.clauses.grammar import Grammar
from agent.builtin.clauses.tree import Counted, Extreme, Most, Thing, denied, highest, none_of, with_conditions
from agent.builtin.clauses.words import EXTREMES, INVERSE, PERSONS
from agent.builtin.lexicon import Ref
from agent.builtin.text import split_name
from agent.builtin.vocabulary import COMPARATORS
from warehouse.compiler.belonging import marker
from warehouse.model.bags import bag
from warehouse.query import Among, Condition, DimRef, Filter, Has

Found = tuple[Thing, int]
Reader = Callable[..., Found | None]
_COUNTING = (("number", "of"), ("amount", "of"), ("total", "number", "of"), ("different",), ("distinct",))
_MONEY = (("amount", "of", "money"), ("money",), ("amount",), ("sum",), ("sum", "of", "money"))
_PAID = bag("cost price amount total fee charge spent paid payment revenue sales expense")
_OR = {"more": ">=", "fewer": "<=", "less": "<="}


@dataclass(frozen=True)
class _Quantity:
    """How many of the other records there must be; without `op` some."""

    op: str | None
    value: int
    end: int
    most: str = ""


def related(g: Grammar, at: int, made: Thing, deny: bool, read: Reader) -> Found | None:
    """The other records that a clause names, as conditions on `made`."""
    if g.low(at) == "both" and (pair := _both(g, at + 1, made, deny, read)) is not None:
        return pair
    quantity = _quantity(g, at)
    found = read(g, quantity.end, nested=True) or person(g, quantity.end, made.table, read)
    if found is None:
        return None
    other, end = found
    if other.most is not None:
        other = _ranked(other, other.most)
    if other.column is not None:
        return None
    if quantity.most:
        if deny or other.extreme is not None or other.both:
            return None
        return Thing(made.table, most=Most(other, quantity.most == "min")), end
    part = _part(g, made, other, quantity, deny)
    return (part, end) if part is not None else None


def _ranked(other: Thing, most: Most) -> Thing:
    """Of the records that a clause names only those to which most (or fewest) of another kind belong."""
    ranked = Has(
        has=most.thing.table,
        filters=(*most.thing.settled(), *(c for c in other.conditions if isinstance(c, Filter))),
        agg="sum" if most.total is not None else "count",
        of=DimRef(field=most.total.field) if most.total is not None else None,
        op="fewest" if most.low else "most",
    )
    return replace(other, most=None, conditions=(*other.conditions, ranked))


def _both(g: Grammar, at: int, made: Thing, deny: bool, read: Reader) -> Found | None:
    """`both owners and professionals`: some of the one kind, and some of the other."""
    one = read(g, at, nested=True)
    other = read(g, one[1] + 1, nested=True) if one is not None and g.low(one[1]) == "and" else None
    if one is None or other is None or deny:
        return None
    some = _Quantity(None, 0, at)
    parts = [_part(g, made, x, some, False) or _shared(g, made, x) for x in (one[0], other[0]) if not x.most]
    if len(parts) != 2 or parts[0] is None or parts[1] is None:
        return None
    counted = (*parts[0].counted, *parts[1].counted)
    return replace(with_conditions(parts[0], parts[1].conditions), counted=counted), other[1]


def most_in_all(g: Grammar, at: int, made: Thing, deny: bool, read: Reader) -> Found | None:
    """`spent the most money on treatments`, `paid the largest amount in total for their dogs`: by a sum of money."""
    n = g.articles(at)
    most = EXTREMES.get(g.low(n))
    if most is None or deny:
        return None
    n += 1
    money = g.first(_MONEY, n)
    n = _in_total(g, n + money)
    found = read(g, g.articles(n + 1), nested=True) if g.low(n) in ("on", "for", "in", "of", "from") else None
    end = _in_total(g, found[1]) if found is not None else n
    if found is None and not (money and n > at + 2):
        return None
    below = [t for t in g.resolver.model.tables if t == (found[0].table if found else t) or found]
    paid = [(t, ref) for t in below if _under(g, t, made.table, found) and (ref := _paid(g, t)) is not None]
    if len(paid) != 1 or (found is not None and found[0].settled()):
        return None
    return Thing(made.table, most=Most(Thing(paid[0][0]), most == "min", paid[0][1])), end


def _in_total(g: Grammar, at: int) -> int:
    return at + g.first((("in", "total"), ("in", "all"), ("altogether",), ("overall",)), at)


def _under(g: Grammar, table: str, home: str, found: Found | None) -> bool:
    """Whether rows of a table belong to the record, by way of what was named."""
    hops = g.resolver.hops(table)
    return home in hops and (found is None or found[0].table in hops)


def _paid(g: Grammar, table: str) -> Ref | None:
    """The one amount of money of a table that may be added up."""
    numbers = {n: d for n, d in g.resolver.model.tables[table].numbers.items() if d.additive == "all"}
    named = [n for n, d in numbers.items() if (d.unit and d.unit.currency) or _PAID & set(split_name(n))]
    return Ref("number", table, named[0]) if len(named) == 1 else None


def person(g: Grammar, at: int, home: str, read: Reader) -> Found | None:
    """`someone who lives in Virginia`: the one kind of record beside `home` that what is said of them fits."""
    if g.low(at) not in PERSONS:
        return None
    near = [
        t for t in g.resolver.model.tables if t != home and (t in g.resolver.hops(home) or home in g.resolver.hops(t))
    ]
    found = [f for t in near if _personal(g, t) and (f := read(g, at + 1, nested=True, known=t)) and f[0].conditions]
    furthest = [f for f in found if f[1] == max(end for _, end in found)]
    return furthest[0] if len(furthest) == 1 else None


def _personal(g: Grammar, table: str) -> bool:
    names = g.resolver.model.tables[table].dimensions
    return any("name" in n.casefold() for n in names)


def best_of_others(g: Grammar, at: int, made: Thing, deny: bool) -> Found | None:
    """`received the highest bonus`: the record to which the one with the highest of a field belongs."""
    low = EXTREMES.get(g.low(at))
    if low is None or deny or g.low(at) in ("most", "least", "fewest"):
        return None
    below = [t for t in g.resolver.model.tables if t != made.table and made.table in g.resolver.hops(t)]
    named = [(t, f) for t in below if (f := g.field_number(at + 1, t)) is not None and f[0].table == t]
    if len(named) != 1:
        return None
    table, (ref, end) = named[0]
    best = highest(Extreme(ref, low == "min"), table, ())
    return with_conditions(Thing(made.table), (Has(has=table, filters=(best,)),)), end


def _quantity(g: Grammar, at: int) -> _Quantity:
    n = g.articles(at)
    op, used = g.cursor.phrase_op(COMPARATORS, n)
    number = g.number(n + used)
    if used and number is not None and number.value is not None:
        return _counted(op, number.value, n + used + 1, g)
    if number is not None and number.value is not None and not used and number.value == int(number.value):
        if g.low(n + 1) == "or" and g.low(n + 2) in _OR:
            return _counted(_OR[g.low(n + 2)], number.value, n + 3, g)
        return _Quantity(None, 0, n) if number.value == 1 else _counted("=", number.value, n + 1, g)
    most = EXTREMES.get(g.low(n), "")
    counting = g.first(_COUNTING, n + 1)
    if g.low(n) in ("most", "fewest", "least") or (most and counting):
        return _Quantity(None, 0, n + 1 + counting, most)
    if g.at(n, "multiple") or g.at(n, "several"):
        return _Quantity(">", 1, n + 1)
    return _Quantity(None, 0, n)


def _counted(op: str, value: Decimal, end: int, g: Grammar) -> _Quantity:
    end += g.first(_COUNTING, end)
    if op == ">=" and value == 1:
        return _Quantity(None, 0, end)
    return _Quantity(op, int(value), end)


def _part(g: Grammar, made: Thing, other: Thing, quantity: _Quantity, deny: bool) -> Thing | None:
    blank = Thing(made.table)
    if other.table == made.table:
        return _same(made, other, quantity, deny)
    if made.column is not None:
        return _shared(g, made, other, deny=True) if deny and quantity.op is None and made.conditions else None
    if other.table in g.resolver.hops(made.table):
        one = None if quantity.op or other.both else _owner(g, other, deny)
        return with_conditions(blank, one) if one is not None else None
    return with_conditions(blank, found) if (found := _belonging(other, quantity, deny)) is not None else None


def _shared(g: Grammar, made: Thing, other: Thing, *, deny: bool = False) -> Thing | None:
    """Values that records of another kind have too, or never have, in a field of the same name."""
    same = _namesake(g, made.column, other.table) if made.column is not None else None
    if made.column is None or same is None or other.both:
        return None
    among = Among(field=DimRef(field=same.field), filters=other.settled())
    one = Filter(field=DimRef(field=made.column.field), op="not_in" if deny else "in", among=among)
    return with_conditions(Thing(made.table), (one,))


def _namesake(g: Grammar, column: Ref, table: str) -> Ref | None:
    """The field of another table that holds the same kind of value: the state of owners and of professionals."""
    pointing = any(column.name in j.on for t in (column.table, table) for j in g.resolver.model.tables[t].joins)
    dimensions = g.resolver.model.tables[table].dimensions
    return Ref("dim", table, column.name) if column.name in dimensions and not pointing else None


def _same(made: Thing, other: Thing, quantity: _Quantity, deny: bool) -> Thing | None:
    """Rows of the table whose values are meant: all of them narrowed, or so many for each value."""
    if made.column is None or other.extreme is not None or other.both:
        return None
    if quantity.op is None and not deny:
        return Thing(made.table, counted=(Counted("", 0, other.conditions),))
    if quantity.op is None:
        return Thing(made.table, counted=(Counted("=", 0, other.conditions),))
    op = INVERSE[quantity.op] if deny else quantity.op
    return Thing(made.table, counted=(Counted(op, quantity.value, other.conditions),))


def _owner(g: Grammar, other: Thing, deny: bool) -> tuple[Condition, ...] | None:
    """Conditions on a record that `made` belongs to."""
    key = DimRef(field=f"{other.table}.{marker(g.resolver.model, other.table)}")
    wanted = other.settled()
    if not wanted:
        return (Filter(field=key, op="is_null" if deny else "not_null"),)
    if all(isinstance(c, Filter) for c in wanted) and (not deny or len(wanted) == 1):
        one = none_of(wanted) if deny else None
        if deny and one is None:
            return None
        return (one,) if one is not None else wanted
    return (Filter(field=key, op="not_in" if deny else "in", among=Among(field=key, filters=wanted)),)


def _belonging(other: Thing, quantity: _Quantity, deny: bool) -> tuple[Condition, ...] | None:
    """Conditions by the records that belong to `made`; two that no single one meets ask for one of each."""
    if other.both:
        if quantity.op is not None or deny or other.extreme is not None:
            return None
        return tuple(Has(has=other.table, filters=(*other.conditions, c)) for c in other.both)
    op = quantity.op
    has = Has(has=other.table, filters=other.settled(), op=op, value=Decimal(quantity.value))
    one = denied(has) if deny else has
    return (one,) if one is not None else None
