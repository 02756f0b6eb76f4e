"""What is to be shown: a list of fields, of figures of them, and of numbers of what belongs to each record."""

from __future__ import annotations

from agent.builtin.clauses.grammar import Grammar
from agent.builtin.clauses.things import thing
from agent.builtin.clauses.tree import Wanted
from agent.builtin.clauses.words import AGGREGATES, ENDING, JOINERS, PERSONS, STRANDED, VERBS
from agent.builtin.lexicon import Ref
from agent.builtin.vocabulary import DISTINCT
from warehouse.model.bags import bag

_COUNTS = (("number", "of"), ("how", "many"), ("count", "of"), ("the", "number", "of"), ("the", "count", "of"))
_SKIPPED = DISTINCT | bag("both corresponding respective associated also and what which is are was can you tell me it")
_REACH = 5
Listed = tuple[tuple[Wanted, ...], int]


def outputs(g: Grammar, at: int, home: str, stop: int | None = None) -> Listed | None:
    """The run of things to show from a place on, seen from `home`; it must end at `stop` when one is given."""
    found: list[Wanted] = []
    end = stop if stop is not None else g.length
    n = at
    while n < end:
        one = _shared(g, n, home, end) or _one(g, n, home, end)
        if one is None:
            break
        found += one[0]
        n = one[1]
        joint = g.first(JOINERS, n)
        if not joint or n + joint >= end or not _next(g, n + joint, home, end):
            break
        n += joint
    if not found or (stop is not None and n != stop):
        return None
    owned = _of_one_thing(g, found, n, home)
    return (tuple(dict.fromkeys(owned)), n) if owned is not None else None


def _of_one_thing(g: Grammar, found: list[Wanted], end: int, home: str) -> list[Wanted] | None:
    """`the name and release year of the song`: the name is that of the song too, not of the record."""
    spec = g.resolver.model.tables[home]
    head = g.token(end - 1)
    of = g.low(end - 2) == "of" or (g.low(end - 2) in ("the", "a") and g.low(end - 3) == "of")
    named = Ref("dim", home, spec.name_column or "")
    if head is None or not of or g.names.tables(end - 1) or len(found) < 2 or named not in [w.ref for w in found[:-1]]:
        return found
    told = g.names.by_words([head.stem, "name"], home)
    return [Wanted(told) if w.ref == named else w for w in found] if told is not None else None


def _next(g: Grammar, at: int, home: str, end: int) -> bool:
    return (_shared(g, at, home, end) or _one(g, at, home, end)) is not None


def _one(g: Grammar, at: int, home: str, end: int) -> Listed | None:
    n = g.skip(g.articles(g.skip(g.articles(at), _SKIPPED)), _SKIPPED)
    counted = g.first(_COUNTS, n)
    if counted:
        found = _count(g, n + counted, home, end)
        if found is not None:
            return found
    agg = AGGREGATES.get(g.low(n), "") if g.low(n) not in ("total", "sum") or g.number(n) is None else ""
    if agg:
        named = g.names.field(g.skip(n + 1, bag("of the")), home)
        if named is not None and named[1] <= end:
            return (Wanted(named[0], agg),), named[1]
    ways = (_owned(g, n, home, end), g.names.field(n, home, most=end - n), _qualified(g, n, home, end))
    named = max((w for w in ways if w is not None and w[1] <= end), key=lambda w: w[1], default=None)
    return ((Wanted(named[0]),), named[1]) if named is not None else None


def _count(g: Grammar, at: int, home: str, end: int) -> Listed | None:
    """`number of models`, `how many models it produces`."""
    found = thing(g, at, nested=True)
    if found is None or found[0].table == home or found[1] > end:
        return None
    return (Wanted(thing=found[0]),), min(_of_each(g, found[1], home), end)


def _of_each(g: Grammar, at: int, home: str) -> int:
    """The place after `… in each concert`, `… it has`, `… are there in each one`, which say what is counted for."""
    n = g.skip(at, ENDING | VERBS | STRANDED)
    if g.low(n) not in ("each", "every"):
        return n if g.tail(at) == n else at
    named = next((end for table, end in g.names.tables(n + 1) if table == home), n + 1)
    return g.tail(named + 1 if named == n + 1 and g.low(named) in PERSONS | {"one"} else named)


def _owned(g: Grammar, at: int, home: str, end: int) -> tuple[Ref, int] | None:
    """`the size of their dog`, `the description of the treatment`: a field of another record, told by that record."""
    for k in range(1, _REACH):
        if g.low(at + k) != "of":
            continue
        for table, after in g.names.tables(g.articles(at + k + 1)):
            named = g.names.field(at, table, most=k)
            if table != home and named is not None and named[1] == at + k and after <= end:
                return named[0], after
    return None


def _qualified(g: Grammar, at: int, home: str, end: int) -> tuple[Ref, int] | None:
    """`dog's name`: the record first, then its field."""
    for table, after in g.names.tables(at):
        named = g.names.field(after, table)
        if named is not None and named[0].table == table and named[1] <= end and _near(g, table, home):
            return named
    return None


def _near(g: Grammar, table: str, home: str) -> bool:
    return table in g.resolver.hops(home) or home in g.resolver.hops(table)


def _shared(g: Grammar, at: int, home: str, end: int) -> Listed | None:
    """`first, middle and last names`: fields that share their last word."""
    starts, n = [g.articles(at)], g.articles(at) + 1
    while joint := g.first(JOINERS, n):
        starts.append(n + joint)
        n = starts[-1] + 1
        if g.first(JOINERS, n) == 0:
            break
    if len(starts) < 2 or n >= end:
        return None
    head = g.token(n)
    refs: list[Ref] = []
    for start in starts:
        word = g.token(start)
        if word is None or head is None or word.kind != "word" or head.kind != "word":
            return None
        named = [
            r for r in g.resolver.lexicon.lookup((word.stem, head.stem)) if r.is_column and r.table == home
        ] or _numbered(g, word.low, head.stem, home)  # fmt: skip
        if not named:
            return None
        refs.append(named[0])
    return tuple(Wanted(r) for r in refs), n + 1


def _numbered(g: Grammar, word: str, head: str, home: str) -> list[Ref]:
    """`first and second line`: line_1 and line_2."""
    number = {"first": "1", "second": "2", "third": "3"}.get(word)
    refs = g.resolver.lexicon.lookup((head, number)) if number else []
    return [r for r in refs if r.is_column and r.table == home]
