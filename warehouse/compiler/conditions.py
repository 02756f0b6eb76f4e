"""Filters as SQL conditions; what lies on a many side becomes EXISTS or IN, so that a filter never multiplies rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from store.errors import InvalidRequest, unknown
from warehouse.compiler.belonging import having_among, held_against, marker, values_among
from warehouse.compiler.expressions import parse
from warehouse.compiler.paths import Path, children, no_path, route
from warehouse.compiler.predicates import predicate
from warehouse.compiler.scope import Scope, column
from warehouse.query import AnyOf, Condition, Filter, Has


@dataclass(frozen=True)
class _Far:
    """A filter on the many side: the table that leads to it and that table's way to the root."""

    filter: Filter
    child: str
    up: Path


def conditions(scope: Scope, wanted: Sequence[Condition]) -> list[exp.Expr]:
    """All conditions, to be joined by AND. Filters that one child table leads to bind to the same child row."""
    found: list[exp.Expr] = []
    far: list[_Far] = []
    for condition in wanted:
        if isinstance(condition, AnyOf):
            found.append(_any_of(scope, condition))
            continue
        if isinstance(condition, Has):
            found.append(_has(scope, condition))
            continue
        distant = _far(scope, condition)
        if distant is None:
            found.append(_near(scope, condition))
        else:
            far.append(distant)
    return found + _exists_each(scope, far)


def _any_of(scope: Scope, condition: AnyOf) -> exp.Expr:
    parts = [exp.and_(*conditions(scope, [f])) for f in condition.any_of]
    return exp.Paren(this=exp.or_(*parts)) if len(parts) > 1 else parts[0]


def _has(scope: Scope, wanted: Has) -> exp.Expr:
    """Rows by what belongs to them: whether there is some, or a figure of it."""
    if wanted.has not in scope.model.tables:
        raise unknown("table", wanted.has, scope.model.tables)
    found = children(scope.model, scope.root, wanted.has) if wanted.has != scope.root else None
    if found is None:
        raise no_path(scope.model, scope.root, wanted.has)

    def inner(sub: Scope) -> list[exp.Expr]:
        if sub.root != wanted.has:
            there = column(sub.reach(wanted.has), marker(scope.model, wanted.has))
            return [exp.Not(this=exp.Is(this=there, expression=exp.Null())), *conditions(sub, wanted.filters)]
        return conditions(sub, wanted.filters)

    if wanted.op is not None:
        return having_among(scope, *found, wanted, inner)
    some = exists(scope, *found, inner)
    return some if wanted.exists else exp.Not(this=some)


def exists(scope: Scope, child: str, up: Path, inner: Callable[[Scope], list[exp.Expr]]) -> exp.Exists:
    """EXISTS over rows of `child` that lead up to the scope's row and meet the `inner` conditions."""
    sub = scope.child(child)
    link = sub.link(up[-1], sub.join(up[:-1]), scope.alias)
    where = exp.and_(link, *inner(sub))
    query = exp.select(exp.Literal.number(1)).from_(sub.source())
    for join in sub.joins:
        query = query.join(join, copy=False)
    return exp.Exists(this=query.where(where, copy=False))


def _exists_each(scope: Scope, far: list[_Far]) -> list[exp.Expr]:
    groups: dict[str, list[_Far]] = {}
    for one in sorted((f for f in far if f.filter.many == "any"), key=lambda f: -len(f.up)):
        passing = next((c for c, g in groups.items() if any(h.to == one.child for h in g[0].up)), one.child)
        groups.setdefault(passing, []).append(one)
    found: list[exp.Expr] = [
        exists(scope, child, group[0].up, lambda sub, g=group: conditions(sub, [f.filter for f in g]))  # type: ignore[misc]
        for child, group in groups.items()
    ]
    return found + [_quantified(scope, f) for f in far if f.filter.many != "any"]


def _quantified(scope: Scope, far: _Far) -> exp.Expr:
    """None: no row that matches. All: some row matches, and there is no row that does not."""

    def matching(sub: Scope) -> list[exp.Expr]:
        return conditions(sub, [far.filter])

    def failing(sub: Scope) -> list[exp.Expr]:
        met = exp.and_(*matching(sub))
        return [exp.Not(this=exp.Coalesce(this=exp.paren(met), expressions=[exp.false()]))]

    some = exists(scope, far.child, far.up, matching)
    if far.filter.many == "none":
        return exp.Not(this=some)
    return exp.paren(exp.and_(some, exp.Not(this=exists(scope, far.child, far.up, failing))))


def is_far(scope: Scope, condition: Filter | Has) -> bool:
    """Whether a condition lies on the many side of the scope's rows."""
    return isinstance(condition, Has) or _far(scope, condition) is not None


def _far(scope: Scope, condition: Filter) -> _Far | None:
    """Where a filter lies on the many side; None when many-to-one joins lead to all it reads."""
    model = scope.model
    for table, role in _tables(scope, condition):
        if route(model, scope.root, table, role) is not None:
            continue
        found = children(model, scope.root, table)
        if found is None:
            raise no_path(model, scope.root, table)
        return _Far(condition, *found)
    return None


def _tables(scope: Scope, condition: Filter) -> list[tuple[str, str | None]]:
    if condition.field is not None:
        field = scope.catalog.field(condition.field, scope.root)
        return [(field.table, field.role)]
    tree = parse(term_text(scope, condition), scope.model.expr_dialect)
    named = [(c.table, None) for c in tree.find_all(exp.Column) if c.table]
    for table, _ in named:
        if table not in scope.model.tables:
            raise unknown("table", table, scope.model.tables)
    return list(dict.fromkeys(named))


def _near(scope: Scope, condition: Filter) -> exp.Expr:
    if condition.field is None:
        made = scope.expression(term_text(scope, condition), scope.alias)
        scope.record.filters.update(dict.fromkeys(scope.reads(made)))
        return exp.Paren(this=made) if isinstance(made, exp.Connector) else made
    if condition.than is not None:
        made = held_against(scope, condition, conditions)
    elif condition.among is not None:
        made = values_among(scope, condition, conditions)
    else:
        made = predicate(scope, condition)
    scope.record.filters.update(dict.fromkeys(scope.reads(made)))
    return made


def term_text(scope: Scope, condition: Filter) -> str:
    """The expression behind a filter or term of the model. Raises `UnknownName` with near names."""
    name = condition.term or ""
    if name in scope.model.filters:
        return scope.model.filters[name].where
    if name in scope.model.terms:
        return scope.model.terms[name]
    raise unknown("filter", name, [*scope.model.filters, *scope.model.terms])


def where_text(scope: Scope, text: str, alias: str) -> exp.Expr:
    """A `where` of a measure or metric, whose tables must be the row's own or what it belongs to."""
    made = scope.expression(text, alias)
    if not isinstance(made, (exp.Predicate, exp.Connector, exp.Not, exp.Paren, exp.Boolean, exp.Column)):
        raise InvalidRequest(f"The model's condition “{text[:80]}” is neither true nor false.", code="expr_not_allowed")
    scope.record.filters.update(dict.fromkeys(scope.reads(made)))
    return made
