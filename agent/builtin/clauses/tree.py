"""What a question with clauses says, as types: which records, under which conditions, and what is wanted of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.builtin.clauses.words import INVERSE
from agent.builtin.lexicon import Ref
from warehouse.query import AnyOf, Condition, DimRef, Filter, Has, Yardstick


@dataclass(frozen=True)
class Extreme:
    """Of the records only those with the highest or lowest of a field; `n` of them when there are to be several."""

    ref: Ref
    low: bool
    n: int = 1


@dataclass(frozen=True)
class Most:
    """The record to which most (or fewest) of another kind belong, or the highest total of a field of theirs."""

    thing: Thing
    low: bool
    total: Ref | None = None


@dataclass(frozen=True)
class Counted:
    """So many rows of the record's own table, of those that share a value: cities with more than one employee."""

    op: str
    value: int
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Thing:
    """Records of one table under conditions. `column` is set when values of a field are meant and not records.

    `both` are two conditions that no one record meets: they must hold for two records that belong together.
    """

    table: str
    conditions: tuple[Condition, ...] = ()
    extreme: Extreme | None = None
    most: Most | None = None
    column: Ref | None = None
    counted: tuple[Counted, ...] = ()
    both: tuple[Condition, ...] = ()
    distinct: bool = False

    def settled(self) -> tuple[Condition, ...]:
        """All conditions with the extreme among them, taken over the records that meet the others."""
        if self.extreme is None:
            return self.conditions
        return (*self.conditions, highest(self.extreme, self.table, self.conditions))


@dataclass(frozen=True)
class Wanted:
    """One thing to show: a field, an aggregation of it, or the number of things that belong to each record."""

    ref: Ref | None = None
    agg: str | None = None
    thing: Thing | None = None


@dataclass(frozen=True)
class Question:
    """`list` shows records, `count` counts them, `figures` aggregates their fields."""

    kind: str
    thing: Thing
    wanted: tuple[Wanted, ...] = ()
    order: tuple[Ref, bool] | None = None
    each: Ref | None = None


def highest(extreme: Extreme, table: str, among: tuple[Condition, ...]) -> Filter:
    """The condition that a field has its highest or lowest value among the records that meet conditions."""
    yardstick = Yardstick(agg="min" if extreme.low else "max", table=table, filters=among)
    return Filter(field=DimRef(field=extreme.ref.field), op="=", than=yardstick)


def denied(condition: Condition) -> Condition | None:
    """The opposite of a condition; None when it has none."""
    if isinstance(condition, Has):
        if condition.op is None:
            return condition.model_copy(update={"exists": not condition.exists})
        turned = INVERSE.get(condition.op)
        return condition.model_copy(update={"op": turned}) if turned else None
    if isinstance(condition, AnyOf) or condition.op not in INVERSE:
        return None
    return condition.model_copy(update={"op": INVERSE[condition.op]})


def none_of(conditions: tuple[Condition, ...]) -> Condition | None:
    """Not all of the conditions: one of them fails."""
    opposites = [denied(c) for c in conditions]
    plain = [o for o in opposites if isinstance(o, (Filter, Has))]
    if len(plain) != len(conditions) or not plain:
        return None
    return plain[0] if len(plain) == 1 else AnyOf(any_of=tuple(plain))


def with_conditions(thing: Thing, more: tuple[Condition, ...]) -> Thing:
    """The same records under further conditions."""
    return replace(thing, conditions=(*thing.conditions, *more))
