"""The order that a list is wanted in, where it is said after everything else."""

from __future__ import annotations

from agent.builtin.clauses.grammar import Grammar
from agent.builtin.clauses.tree import Question, Thing
from agent.builtin.lexicon import Ref
from agent.builtin.rules_shape import direction_at
from warehouse.model.bags import bag

_SORTING = bag("sort sorted order ordered rank ranked list listed")
_SORTED = bag("results result them it list output by in from the of order and , alphabetical names")
_WAYS = (("old", "to", "young"), ("young", "to", "old"), ("new", "to", "old"), ("old", "to", "new"))


def order_of(g: Grammar, at: int, q: Question) -> tuple[tuple[Ref, bool] | None, int]:
    """`ordered by age from old to young`, `in alphabetical order of name`."""
    n = at
    while g.low(n) in (",", "and"):
        n += 1
    if g.low(n) in _SORTING:
        n += 1
    elif g.low(n) not in ("in", "from", "by"):
        return None, at
    return _sorted(g, n, at, q)


def _sorted(g: Grammar, n: int, at: int, q: Question) -> tuple[tuple[Ref, bool] | None, int]:
    ref: Ref | None = None
    desc: bool | None = None
    while n < g.length:
        way, words = direction_at(g.cursor, n)
        named = g.names.field(n, q.thing.table) if ref is None and not words else None
        if words:
            desc, n = way, n + words
        elif turned := g.first(_WAYS, n):
            desc, n = (g.low(n), g.low(n + 2)) in (("old", "young"), ("new", "old")), n + turned
        elif named is not None and g.low(n) not in ("list",):
            ref, n = named
        elif g.low(n) in _SORTED or (ref is not None and g.low(n) in ("their", "its")) or g.low(n) == "their":
            n += 1
        else:
            break
    if ref is None and desc is not None:
        ref = q.wanted[0].ref if q.wanted else _shown_name(g, q.thing)
    return ((ref, bool(desc)), n) if ref is not None else (None, at)


def _shown_name(g: Grammar, made: Thing) -> Ref | None:
    name = g.resolver.model.tables[made.table].name_column
    return Ref("dim", made.table, name) if name else None
