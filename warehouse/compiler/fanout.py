"""Dimensions on a many side: each fact row is counted once per value, over a list of distinct values per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from store.errors import InvalidRequest
from warehouse.compiler.bands import banded
from warehouse.compiler.build import Key
from warehouse.compiler.conditions import conditions, is_far
from warehouse.compiler.paths import Path, children, fans_out, no_path, route, words
from warehouse.compiler.scope import Scope, aliased, column, time_kind
from warehouse.compiler.time_sql import bucket, part
from warehouse.query import AnyOf, Condition, Filter, Has, MetricQuery


@dataclass
class Spread:
    """Joins that spread fact rows over values, the value of each such key, and how much of a row each value has."""

    joins: list[exp.Join] = field(default_factory=list)
    values: dict[str, exp.Expr] = field(default_factory=dict)
    weight: exp.Expr | None = None
    float_weight: bool = False


@dataclass
class _Chain:
    """The tables from the one next to the fact down to the one that leads to the keys."""

    child: str
    up: Path
    keys: list[Key] = field(default_factory=list)

    @property
    def tables(self) -> list[str]:
        return [hop.source for hop in self.up]


def spread(scope: Scope, keys: Sequence[Key], query: MetricQuery) -> Spread:
    """What grouping rows of `scope` by keys on their many side takes. Raises `InvalidRequest` with code `no_key`,
    `no_path`, and `fan_out` where the query refuses such groups.
    """
    found = Spread()
    chains = _chains(scope, keys)
    if not chains:
        return found
    if query.fan_out == "refuse":
        raise fans_out(scope.model, scope.root, chains[0].keys[0].field.table)
    if not scope.model.tables[scope.root].key:
        raise InvalidRequest(
            f"{words(scope.model, scope.root).capitalize()} have no key, so none can be counted once in each group.",
            code="no_key",
            hint="Name the key of the table in the model.",
            details={"table": scope.root},
        )
    for number, chain in enumerate(chains):
        _add_bridge(scope, chain, query.filters, f"__bridge{number}", found)
    if len(chains) > 1:
        found.weight = None
    return found


def _chains(scope: Scope, keys: Sequence[Key]) -> list[_Chain]:
    """Keys by the child table that leads to them; a table on another's way down is part of that way."""
    far: list[_Chain] = []
    for key in keys:
        if key.ref is None:
            continue
        target = scope.catalog.field(key.ref, scope.root)
        if route(scope.model, scope.root, target.table, target.role) is not None:
            continue
        found = children(scope.model, scope.root, target.table)
        if found is None:
            raise no_path(scope.model, scope.root, target.table)
        far.append(_Chain(*found, [key]))
    merged: list[_Chain] = []
    for chain in sorted(far, key=lambda c: -len(c.up)):
        holder = next((m for m in merged if chain.child in m.tables), None)
        if holder is None:
            merged.append(chain)
        else:
            holder.keys += chain.keys
    return merged


def _add_bridge(scope: Scope, chain: _Chain, filters: Sequence[Condition], alias: str, found: Spread) -> None:
    """Distinct (fact key, values) along the chain; filters on the same way hold inside it."""
    levels = _descend(scope, chain)
    base = levels[0]
    link = chain.up[-1].join(scope.model).on
    linked = {f"__k{n}": column(base.alias, own) for n, own in enumerate(link)}
    values = {k.internal: _value(levels, k) for k in chain.keys}
    tests = [t for c in filters for t in _inside(scope, levels, c)]
    bridge = scope.model.tables[base.root].bridge if len(levels) == 1 else None
    weight = bridge.weight if bridge else None
    items = linked | values
    inner = exp.select(*(aliased(v, n) for n, v in items.items()))
    if weight is not None:
        share = base.expression(weight, base.alias)
        found.float_weight = base.type_of(share) == "float"
        inner = inner.select(aliased(exp.Sum(this=share), "__weight"), copy=False)
        inner = inner.group_by(*(v.copy() for v in items.values()), copy=False)
    else:
        inner = inner.distinct(copy=False)
    inner = inner.from_(base.source(), copy=False)
    for join in base.joins:
        inner.join(join, copy=False)
    inner.where(*tests, copy=False)
    same = (
        exp.EQ(this=column(scope.alias, other), expression=column(alias, f"__k{n}"))
        for n, other in enumerate(link.values())
    )
    sub = exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    found.joins.append(exp.Join(this=sub, side="LEFT", on=exp.and_(*same)))
    found.values |= {name: column(alias, name) for name in values}
    if weight is not None:
        whole = exp.Literal.number(1)
        found.weight = exp.Coalesce(this=column(alias, "__weight"), expressions=[whole])


def _descend(scope: Scope, chain: _Chain) -> list[Scope]:
    """A scope for each table of the chain, from the fact's own child down; rows without a child stay."""
    hops = list(reversed(chain.up))
    levels = [scope.child(hops[0].source)]
    for hop in hops[1:]:
        above, below = levels[-1], scope.child(hop.source)
        link = below.link(hop, below.alias, above.alias)
        above.joins.append(exp.Join(this=below.source(), side="LEFT", on=link))
        below.joins = above.joins
        levels.append(below)
    return levels


def _value(levels: list[Scope], key: Key) -> exp.Expr:
    """A key's value, seen from the nearest table of the chain that leads to it."""
    assert key.ref is not None  # the query's own grain is never on a many side
    for level in levels:
        target = level.catalog.field(key.ref, level.root)
        if route(level.model, level.root, target.table, target.role) is None:
            continue
        value = level.value(target)
        if key.grain is not None:
            return bucket(value, key.grain, time_kind(target), level.model.calendar)
        if key.band is not None:
            return banded(value, key.band, target.dimension.type)
        return part(value, key.part, time_kind(target), level.model.calendar) if key.part else value
    raise no_path(levels[0].model, levels[0].root, key.field.table)


def _inside(scope: Scope, levels: list[Scope], condition: Condition) -> list[exp.Expr]:
    """A filter that lies on the way down, as a condition on its rows; other filters have no say there."""
    parts: Sequence[Filter | Has] = condition.any_of if isinstance(condition, AnyOf) else (condition,)
    if any(isinstance(p, Has) or p.many != "any" for p in parts) or not any(is_far(scope, p) for p in parts):
        return []
    level = next((s for s in levels if not any(is_far(s, p) for p in parts)), None)
    return conditions(level, [condition]) if level is not None else []
