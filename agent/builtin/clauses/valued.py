"""Clauses that name a stored value, a year or a yes-or-no field: from France, in 2014 or 2015, abandoned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from agent.builtin.clauses.grammar import Grammar
from agent.builtin.clauses.names import akin
from agent.builtin.clauses.words import BEING
from agent.builtin.lexicon import Ref
from agent.builtin.text import split_name, stem
from warehouse.model.bags import bag
from warehouse.query import Condition, DimRef, Filter, Scalar

_LINKS = BEING | bag("of named called titled = : equal equals to the")
_NAMING = bag("named called titled name")
_SIDES = {"before": "<", "after": ">", "since": ">=", "until": "<=", "by": "<="}
_YEARS = (Decimal(1000), Decimal(2999))
_FLAG_WORDS = bag("yn flag is has was ind indicator yes no")


@dataclass(frozen=True)
class Held:
    """Values of one field, and whether each of them must hold for some record (`both`)."""

    ref: Ref
    values: tuple[Scalar, ...]
    end: int
    both: bool = False

    def condition(self, deny: bool) -> Filter:
        """The field has one of the values, or none of them."""
        field = DimRef(field=self.ref.field)
        if len(self.values) == 1:
            return Filter(field=field, op="!=" if deny else "=", values=self.values)
        return Filter(field=field, op="not_in" if deny else "in", values=self.values)

    def each(self) -> tuple[Condition, ...]:
        """One condition for every value."""
        return tuple(Filter(field=DimRef(field=self.ref.field), values=(v,)) for v in self.values)


def valued(g: Grammar, at: int, home: str) -> Held | None:
    """`France`, `country is France`, `either Hawaii or Wisconsin`, `both 2014 and 2015`."""
    years = g.skip(at, bag("the year years of"))
    at = years if g.low(years) in ("both", "either") else at
    both = g.low(at) == "both"
    start = at + 1 if g.low(at) in ("both", "either") else at
    first = _one(g, start, home, None)
    if first is None:
        return None
    held = _more(g, first, home)
    if both and (len(held.values) != 2 or g.low(held.end - 1) == "or"):
        return None
    joint = any(g.low(k) == "and" for k in range(first.end, held.end))
    if joint and not both:
        return first
    return Held(held.ref, held.values, held.end, both)


def _more(g: Grammar, first: Held, home: str) -> Held:
    """Further values of the same field: `or the state of Wisconsin`, `, Italy or Spain`."""
    values, end = list(first.values), first.end
    while True:
        n = end
        while g.low(n) in (",", "or", "and", "/"):
            n += 1
        other = _one(g, n, home, first.ref) if n > end else None
        if other is None or other.ref.field != first.ref.field:
            return Held(first.ref, tuple(dict.fromkeys(values)), end)
        values += other.values
        end = other.end


def _one(g: Grammar, at: int, home: str, wanted: Ref | None) -> Held | None:
    n = g.articles(at)
    named = g.names.field(n, home)
    if named is not None:
        found = _of_field(g, g.skip(named[1], _LINKS), named[0])
        if found is not None:
            return found
    n = n + 1 if g.low(n) in _NAMING else n
    if wanted is not None and (found := _of_field(g, n, wanted)):
        return found
    return _bare(g, n, home)


def _of_field(g: Grammar, at: int, ref: Ref) -> Held | None:
    """A value of a field that was named: stored, quoted, or a number where the field holds numbers."""
    number, token = g.number(at), g.token(at)
    if g.is_number(ref):
        return Held(ref, (number.value,), at + 1) if number is not None and number.value is not None else None
    if g.type_of(ref) != "text" or token is None:
        return None
    found = g.values(at)
    matches = [m for m in found[0] if f"{m.table}.{m.dimension}" == ref.field] if found else []
    if matches and found:
        return Held(ref, tuple(dict.fromkeys(m.value for m in matches)), found[1])
    if token.kind == "quoted" or (number is not None and token.kind == "number"):
        return Held(ref, (token.text,), at + 1)
    return _squeezed(g, at, ref)


def _squeezed(g: Grammar, at: int, ref: Ref) -> Held | None:
    """A value that is stored with other blanks: North Carolina for NorthCarolina."""
    stored = {re.sub(r"\W", "", v).casefold(): v for v in g.cursor.values.values_of(ref.table, ref.name)}
    for length in (3, 2):
        words = [g.token(at + k) for k in range(length)]
        text = "".join(t.low for t in words if t is not None and t.kind == "word")
        if all(words) and text in stored:
            return Held(ref, (stored[text],), at + length)
    return None


def _bare(g: Grammar, at: int, home: str) -> Held | None:
    """A value whose field is not named: the one field nearest to the records that holds it."""
    year = _year(g, at, home)
    if year is not None:
        return year
    found = g.values(at)
    if found is None:
        return None
    hops = g.resolver.hops(home)
    near = [m for m in found[0] if m.table in hops]
    least = min((hops[m.table] for m in near), default=0)
    best = [m for m in near if hops[m.table] == least]
    fields = {(m.table, m.dimension) for m in best}
    if len(fields) != 1:
        return None
    table, name = fields.pop()
    return Held(Ref("dim", table, name), tuple(dict.fromkeys(m.value for m in best)), found[1])


def year_column(g: Grammar, home: str) -> Ref | None:
    """The one field of the record itself, or of the nearest one it belongs to, that holds years."""
    hops = g.resolver.hops(home)
    for distance in sorted(set(hops.values())):
        found = [
            Ref("dim", t, n)
            for t in hops if hops[t] == distance
            for n, d in g.resolver.model.tables[t].dimensions.items()
            if d.type == "integer" and "year" in split_name(n)
        ]  # fmt: skip
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _year_number(g: Grammar, at: int) -> Decimal | None:
    token = g.number(at)
    value = token.value if token is not None and token.kind == "number" else None
    return value if value is not None and _YEARS[0] <= value <= _YEARS[1] and value == int(value) else None


def _year(g: Grammar, at: int, home: str) -> Held | None:
    n = at
    while g.low(n) in ("year", "years", "of", "the"):
        n += 1
    value = _year_number(g, n)
    before = g.low(at - 1)
    if value is None or not (n > at or before in ("in", "of", "from", "during", "for", "or", "and", "both", "either")):
        return None
    column = year_column(g, home)
    return Held(column, (value,), n + 1) if column is not None else None


def sided(g: Grammar, at: int, home: str) -> tuple[Filter, int] | None:
    """`before 1980`, `after the year 2000`, on records that know a year and no date."""
    op = _SIDES.get(g.low(at))
    n = at + 1
    while g.low(n) in ("the", "year", "of"):
        n += 1
    value, column = _year_number(g, n), year_column(g, home)
    if op is None or value is None or column is None:
        return None
    return Filter(field=DimRef(field=column.field), op=op, values=(value,)), n + 1


def flagged(g: Grammar, at: int, home: str) -> tuple[Ref, int] | None:
    """`abandoned`, `full time`: the one yes-or-no field with these words."""
    for name in g.flags(home):
        words = [stem(w) for w in split_name(name) if w not in _FLAG_WORDS]
        said = [t for k in range(len(words)) if (t := g.token(at + k)) is not None and t.kind == "word"]
        if words and len(said) == len(words) and all(akin(t.stem, w) for t, w in zip(said, words, strict=True)):
            return Ref("dim", home, name), at + len(words)
    return None
