"""Reads superlatives of figures: the most orders, the highest revenue, the best satisfaction."""

from __future__ import annotations

from collections.abc import Iterable

from agent.builtin.cursor import Cursor
from agent.builtin.lexicon import Ref
from agent.builtin.meaning import is_of_people
from agent.builtin.reading import Ask, Noun, Reading, Top
from agent.builtin.rules_figures import Figure, figure_noun, value_cond
from agent.builtin.text import split_name
from agent.builtin.vocabulary import AGGREGATES, COUNT_LEADS, GROUP_LEADS, HIGH, LOW
from warehouse.model.bags import bag

_RATINGS = bag(
    "satisfaction rating score stress quality nps csat grade gpa rate ratio percent pct mood wellbeing happiness"
)
_WITH = bag("with has have had having made makes make placed received generated of got whose did does do by")


def extreme_of(c: Cursor, noun: Noun, *, low: bool, many: bool = False) -> str:
    """How the highest or lowest of a number is read for a group: amounts by their total, marks by their average.

    `many` says that the groups are stretches of time, which are compared by their averages too.
    """
    numbers = noun.of_kind("number")
    if numbers and all(many or _RATINGS & set(split_name(x.name)) for x in numbers):
        spec = [c.lexicon.model.tables[x.table].numbers[x.name] for x in numbers]
        if all(n.additive == "none" for n in spec):
            return "avg"
    if numbers and all(c.lexicon.model.tables[x.table].numbers[x.name].additive == "all" for x in numbers):
        return "least in all" if low else "most in all"
    return "min" if low else "max"


def _those(c: Cursor, n: int) -> Figure | None:
    """`the most forwards`: with one kind of records, those that hold the value are counted."""
    value = c.value(n)
    tables = {m.table for m in value[0]} if value else set()
    if value is None or len(tables) != 1 or len(c.lexicon.model.tables) != 1:
        return None
    table = tables.pop()
    noun = Noun((Ref("table", table, table),), value[1], c.i + n)
    return Figure(noun, value[2], [value_cond(value[0], value[1])])


def people_asked(c: Cursor, r: Reading, tables: Iterable[str]) -> Noun | None:
    """The only people among these tables, for a `who` that names nobody: `who has the highest bonus`."""
    if c.tokens[0].low != "who" or r.which is not None or r.subjects or r.asks:
        return None
    people = [t for t in tables if is_of_people(c.lexicon.model.tables[t])]
    return Noun((Ref("table", people[0], people[0]),), "who", 0) if len(people) == 1 else None


def read_superlative(c: Cursor, r: Reading) -> bool:
    """the most orders, the highest revenue: ranks what was named before it, else asks for the extreme value."""
    start = 1 if c.low() == "the" else 0
    word = c.low(start)
    if word not in HIGH | LOW:
        return False
    used = start + 1
    agg = None
    if c.low(used) in AGGREGATES:
        agg, used = AGGREGATES[c.low(used)], used + 1
    lead = c.first(COUNT_LEADS, used)
    found = figure_noun(c, used + lead) or (
        _those(c, used) if word in ("most", "fewest", "least") and not lead else None
    )
    if found is None:
        return False
    low = word in LOW
    owners = {x.table for x in found.noun.of_kind("number")}
    r.which = r.which or (people_asked(c, r, owners) if len(owners) == 1 else None)
    named = r.which is not None or bool(r.subjects)
    ranks = named and r.top is None and (c.low(-1) in _WITH or word in ("most", "least", "fewest"))
    if lead and not agg:
        agg = "count_distinct" if found.distinct else "count"
    if ranks:
        groups = r.which is not None and not r.which.tables
        single = extreme_of(c, found.noun, low=low) if found.noun.of_kind("number") else None
        single = single if groups or single != "avg" else "min" if low else "max"
        counted = word in ("most", "fewest", "least") and not found.noun.figures and not found.noun.of_kind("number")
        ask = Ask(agg or ("count" if counted else single), found.noun, c.i, found.conds)
        r.top = Top(r.n or 1, low, by=ask, noun=r.which or r.subjects[-1], implied=r.n is None, word=word)
    elif word in ("most", "least", "fewest", "top", "best", "worst", "bottom") or agg:
        return False
    else:
        if r.grain:
            r.asks.append(Ask(extreme_of(c, found.noun, low=low, many=True), found.noun, c.i, found.conds))
            c.i += used + lead + found.length
            return True
        grouped = c.first(GROUP_LEADS, used + lead + found.length) and not r.groups
        agg = extreme_of(c, found.noun, low=low) if grouped else "min" if low else "max"
        r.asks.append(Ask(agg, found.noun, c.i, found.conds))
    c.i += used + lead + found.length
    return True
