"""Figures of one kind of record read from rows that point at it: the cost of the cars of all sales."""

from __future__ import annotations

import re

from agent.builtin.reading import Noun, Reading
from agent.builtin.resolve import Figure, Resolver
from warehouse.model.adhoc import adhoc_name

_ADHOC = re.compile(r"(sum|avg|min|max|median):([^.]+)\.([^.]+)")
_LESS = 0.3


def reached(resolver: Resolver, r: Reading, figure: Figure, base: str) -> Figure | None:
    """The figure over rows of `base`, which point at its records; None where that would count records twice unasked."""
    found = _number(resolver, figure)
    if found is None or found[1] == base or found[1] not in resolver.hops(base):
        return None
    agg, table, column = found
    if not (_said(r, base, table) or _is_link(resolver, r, base, table)):
        return None
    metric = adhoc_name(agg, base, f"{table}.{column}")  # type: ignore[arg-type]  # the pattern lists them
    return Figure(metric, base, figure.weight - _LESS, figure.label)


def _number(resolver: Resolver, figure: Figure) -> tuple[str, str, str] | None:
    """Aggregation, table and number of a plain figure."""
    spelled = _ADHOC.fullmatch(figure.metric)
    if spelled:
        agg, table, column = spelled.groups()
    else:
        table = figure.table or ""
        measure = resolver.model.tables[table].measures.get(figure.metric) if table else None
        if measure is None or measure.where or not measure.expr:
            return None
        agg, column = measure.agg, measure.expr.strip('"')
    numbers = resolver.model.tables[table].numbers
    plain = column in numbers and numbers[column].expr is None and numbers[column].duration is None
    return (agg, table, column) if plain else None


def _said(r: Reading, base: str, table: str) -> bool:
    """`the total cost of all rentals`: the rows that count were named, and no others."""
    named = [n for n in r.subjects if n.lead != "relation"]
    return any(base in n.tables for n in named) and not any(table in n.tables for n in [*named, *r.groups])


def _is_link(resolver: Resolver, r: Reading, base: str, table: str) -> bool:
    """Whether `base` only says which records belong together, and the groups are those of its other side."""
    spec = resolver.model.tables[base]
    sides = {j.to for j in spec.joins}
    own = {c for j in spec.joins for c in j.on}
    if len(spec.joins) != 2 or table not in sides or spec.numbers or not set(spec.key) <= own or len(spec.key) < 2:
        return False
    other = next(iter(sides - {table}), None)
    return other is not None and bool(r.groups) and all(_names(resolver, n, other) for n in r.groups)


def _names(resolver: Resolver, noun: Noun, table: str) -> bool:
    """Whether a group is a kind of record itself, or its key or name."""
    spec = resolver.model.tables[table]
    identity = {*spec.key, spec.name_column}
    return table in noun.tables or any(x.table == table and x.name in identity for x in noun.columns)
