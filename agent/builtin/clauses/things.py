"""Noun phrases: a kind of record, what stands before it, and the clauses that follow it, each inside the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.builtin.clauses.beside import beside_one, happened, least_total
from agent.builtin.clauses.compares import compared, extreme, pattern
from agent.builtin.clauses.grammar import Grammar
from agent.builtin.clauses.links import best_of_others, most_in_all, related
from agent.builtin.clauses.tree import Extreme, Most, Thing, denied, highest, with_conditions
from agent.builtin.clauses.valued import flagged, sided, valued
from agent.builtin.clauses.words import ENDING, EXCEPT, VERBS
from agent.builtin.lexicon import Ref
from agent.builtin.meaning import columns_for, sense
from agent.builtin.vocabulary import DISTINCT
from warehouse.model.bags import bag
from warehouse.query import AnyOf, Condition, DimRef, Filter, Has

Found = tuple[Thing, int]
_JOINTS = (
    ("and",),
    ("or",),
    ("but",),
    (",", "and"),
    (",", "but"),
    (",", "or"),
    (",",),
    ("and", "also"),
    ("but", "also"),
)

_RARE = bag("rarest commonest")
_RARE_PAIRS = {(a, b) for a in ("most", "least") for b in ("common", "popular", "frequent")}


@dataclass(frozen=True)
class _Before:
    """What stands before a noun: the youngest, French, 4 cylinder; read once the noun is known."""

    adjective: str = ""
    n: int = 1
    values: int = -1
    both: int = -1
    rare: str = ""
    number: int = -1
    distinct: bool = False
    end: int = 0


def thing(g: Grammar, at: int, *, nested: bool = False, known: str = "") -> Found | None:
    """The records named at a place (or `known` from before it) with all that is said about them."""
    if not g.deeper():
        return None
    g.depth += 1
    try:
        if known:
            return clauses(g, at, Thing(known), nested=nested)
        for before in _befores(g, g.articles(at)):
            for table, end in g.names.tables(before.end, whole=before.distinct):
                made = _with_before(g, before, table)
                if made is not None:
                    return clauses(g, end, made, nested=nested)
        return None
    finally:
        g.depth -= 1


def _befores(g: Grammar, at: int) -> list[_Before]:
    """Ways to read what stands before the noun, the plainest first."""
    n, distinct = at, False
    while g.low(n) in DISTINCT or g.low(n) in ("different", "such"):
        n, distinct = n + 1, True
    ways = [_Before(distinct=distinct, end=n)] if g.names.tables(n) else []
    number = g.number(n)
    count, m = (int(number.value), n + 1) if number is not None and number.value and number.value < 1000 else (1, n)
    rare = 1 if g.low(m) in _RARE else 2 if (g.low(m), g.low(m + 1)) in _RARE_PAIRS else 0
    if rare and g.within:
        low = g.low(m) in ("rarest", "least")
        ways.append(_Before(rare="fewest" if low else "most", distinct=distinct, end=m + rare))
    most = 1 if g.low(m) in ("most", "least") and sense(g.low(m + 1).replace("recently", "recent")) else 0
    word = g.low(m + most).replace("recently", "recent")
    spoken = m + most + 1
    spoken += 1 if g.low(spoken) in VERBS and (word == "recent" or not g.names.tables(spoken)) else 0
    if sense(word) and (most or word.endswith("st")):
        low = g.low(m) == "least"
        ways.append(_Before(("-" if low else "") + word, count, distinct=distinct, end=g.articles(spoken)))
    found = g.values(n)
    if found is not None:
        ways.append(_Before(values=n, distinct=distinct, end=found[1]))
    if g.low(n) == "both" and (one := g.values(n + 1)) and g.low(one[1]) == "and" and (two := g.values(one[1] + 1)):
        ways.append(_Before(both=n, end=two[1]))
    if number is not None:
        ways += [_Before(number=n, distinct=distinct, end=n + k) for k in (2, 3) if g.names.tables(n + k)]
    return ways


def _with_before(g: Grammar, before: _Before, table: str) -> Thing | None:
    made = Thing(table, distinct=before.distinct)
    if before.adjective:
        columns = columns_for(g.resolver.lexicon, table, before.adjective.lstrip("-"))
        if len({ref.field for ref, _ in columns}) != 1:
            return None
        ref, high = columns[0]
        return replace(made, extreme=Extreme(ref, high == before.adjective.startswith("-"), before.n))
    if before.values >= 0:
        held = valued(g, before.values, table)
        fits = held is not None and held.end == before.end and not held.both
        return with_conditions(made, (held.condition(False),)) if fits and held is not None else None
    if before.rare:
        return replace(made, most=Most(Thing(g.within[-1]), before.rare == "fewest")) if g.within[-1] != table else None
    if before.both >= 0:
        held = valued(g, before.both, table)
        return replace(made, both=held.each()) if held is not None and held.both and held.end == before.end else None
    if before.number >= 0:
        number = compared(g, before.number, table, False)
        return with_conditions(made, (number[0],)) if number is not None and number[1] == before.end else None
    return made


def clauses(g: Grammar, at: int, made: Thing, *, nested: bool = False) -> Found:
    """The thing with every clause that follows it; joined clauses belong to the outermost thing."""
    parts: list[Thing] = []
    g.within.append(made.table)
    while True:
        joint = g.first(_JOINTS, at)
        word = g.low(at + joint - 1) if joint else ""
        if joint and (nested or (word == "or" and not parts)):
            break
        found = clause(g, at + joint, made) if joint or not _about_others(parts) else None
        another = joint and word != "or" and parts and parts[-1].counted
        if found is None and made.column is not None and (another or (not joint and not parts)):
            found = related(g, at + joint, made, False, thing)
        if found is None and not joint and not parts:
            found = _called(g, at, made)
        if found is None:
            break
        part, end = found
        merged = _either(parts, part) if word == "or" else [*parts, part]
        if merged is None:
            break
        parts, at = merged, end
    g.within.pop()
    for part in parts:
        made = _added(made, part)
    return made, at


def _about_others(parts: list[Thing]) -> bool:
    """Whether the last clause was about other records: what follows without a joint would be said of those."""
    last = parts[-1] if parts else None
    if last is None:
        return False
    every = [x for c in last.conditions for x in (c.any_of if isinstance(c, AnyOf) else (c,))]
    return last.most is not None or any(isinstance(c, Has) for c in every)


def _either(parts: list[Thing], part: Thing) -> list[Thing] | None:
    """The last clause or this one; with more clauses before it is not clear what `or` parts."""
    last = parts[-1]
    plain = all(len(p.conditions) == 1 and p == Thing(p.table, p.conditions) for p in (last, part))
    if not plain or len(parts) > 1:
        return None
    options: list[Filter | Has] = []
    for one in (last.conditions[0], part.conditions[0]):
        options += one.any_of if isinstance(one, AnyOf) else [one]
    return [replace(last, conditions=(AnyOf(any_of=tuple(options)),))]


def _added(made: Thing, part: Thing) -> Thing:
    return replace(
        made,
        conditions=(*made.conditions, *part.conditions),
        extreme=part.extreme or made.extreme,
        most=part.most or made.most,
        counted=(*made.counted, *part.counted),
        both=(*made.both, *part.both),
    )


def clause(g: Grammar, at: int, made: Thing) -> Found | None:
    """One clause about `made`, as a thing of the same table that holds nothing else."""
    excepted = g.first(EXCEPT, at)
    if excepted:
        return _excepted(g, at + excepted, made)
    start, deny = g.lead(at)
    if g.low(start) in ("each", "every"):
        return None  # `the number of singers in each concert` is counted for each of them
    found = (
        _said(g, start, made, deny, led=start > at)
        or beside_one(g, start, made, deny, thing)
        or least_total(g, start, made, deny)
    )
    if found is None:
        verb = start
        while g.is_verb(verb):
            verb += 1
        further, denied_later = g.lead(verb)
        if verb > start:
            found = _said(g, further, made, deny or denied_later, led=True)
        if found is None and further > at:
            denied_now = deny or denied_later
            found = (
                related(g, further, made, denied_now, thing)
                or most_in_all(g, further, made, denied_now, thing)
                or best_of_others(g, further, made, denied_now)
                or happened(g, verb - 1, made, denied_now)
            )
    if found is None:
        return None
    part, end = found
    end = g.skip(end, ENDING | (VERBS if not g.names.field(end, made.table) else frozenset()))
    return part, g.tail(end)


def _said(g: Grammar, at: int, made: Thing, deny: bool, *, led: bool) -> Found | None:
    """What is said of a record's own fields and of those it belongs to."""
    home, blank = made.table, Thing(made.table)
    for rule in (pattern, sided):
        found = rule(g, at, home)
        if found is not None and (led or rule is not sided):
            one = denied(found[0]) if deny else found[0]
            return (with_conditions(blank, (one,)), found[1]) if one is not None else None
    number = compared(g, at, home, deny)
    if number is not None:
        return with_conditions(blank, (number[0],)), number[1]
    if not led:
        return None
    best = extreme(g, at, home)
    if best is not None:
        return _extreme(made, best, deny), best[1]
    held = valued(g, at, home)
    if held is not None:
        if held.both:
            return (replace(blank, both=held.each()), held.end) if not deny else None
        return with_conditions(blank, (held.condition(deny),)), held.end
    flag = flagged(g, at, home)
    if flag is not None:
        return with_conditions(blank, (_flag(flag[0], deny),)), flag[1]
    return None


def _called(g: Grammar, at: int, made: Thing) -> Found | None:
    """`the section h`, `the car maker American Motor Company`: the record's own name right after its kind."""
    held = valued(g, at, made.table)
    name = g.resolver.model.tables[made.table].name_column
    if held is None or held.both or held.ref.table != made.table or (name and held.ref.name != name):
        return None
    return with_conditions(Thing(made.table), (held.condition(False),)), held.end


def _extreme(made: Thing, best: tuple[Extreme, int], deny: bool) -> Thing:
    found = best[0]
    if not deny:
        return Thing(made.table, extreme=found)
    one = highest(found, made.table, made.conditions).model_copy(update={"op": "!="})
    return Thing(made.table, (one,))


def _flag(ref: Ref, deny: bool) -> Condition:
    return Filter(field=DimRef(field=ref.field), op="=", values=(not deny,))


def _excepted(g: Grammar, at: int, made: Thing) -> Found | None:
    """`except for stadiums with a concert in 2014`, `except those from France`: all of it turned around."""
    n = g.articles(at)
    named = next((end for table, end in g.names.tables(n) if table == made.table), n)
    inner, end = clauses(g, named, Thing(made.table), nested=True)
    opposite = denied(inner.conditions[0]) if inner == Thing(made.table, inner.conditions[:1]) else None
    return (Thing(made.table, (opposite,)), end) if opposite is not None and end > named else None
