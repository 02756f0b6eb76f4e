"""EXISTS inside an aggregate, said as membership in a list, for engines that cannot look outside from there."""

from __future__ import annotations

from sqlglot import exp

from warehouse.compiler.dialects.lowering import Lower, refusal


def membership(node: exp.Expr, work: Lower) -> exp.Expr:
    """`EXISTS (… WHERE inner = outer AND rest)` as `outer IN (SELECT inner … WHERE rest)`, false where outer is empty.

    An EXISTS that stands outside of aggregates is left as it is. Raises `InvalidRequest` when more than equal columns
    ties the two together.
    """
    if not isinstance(node.find_ancestor(exp.AggFunc, exp.Select), exp.AggFunc):
        return node
    query = node.this
    own = {source.alias_or_name for source in query.find_all(exp.Table)}
    links: list[tuple[exp.Column, exp.Column]] = []
    rest: list[exp.Expr] = []
    where = query.args["where"].this
    for test in where.flatten() if isinstance(where, exp.And) else [where]:
        link = _link(test, own)
        if link is not None:
            links.append(link)
        elif any(c.table not in own for c in test.find_all(exp.Column)):
            raise refusal("a condition between two records", work.dialect)
        else:
            rest.append(test.copy())
    if not links:
        return node
    listed = query.copy()
    listed.set("expressions", [inner.copy() for _, inner in links])
    listed.set("where", exp.Where(this=exp.and_(*rest)) if rest else None)
    outer = [column.copy() for column, _ in links]
    subject = outer[0] if len(outer) == 1 else exp.Tuple(expressions=outer)
    found = exp.In(this=subject, query=exp.Subquery(this=listed))
    return exp.Coalesce(this=exp.Paren(this=found), expressions=[exp.false()])


def _link(test: exp.Expr, own: set[str]) -> tuple[exp.Column, exp.Column] | None:
    """(outer, inner) of an equality between a column of the outer query and one of the inner."""
    bare = test.unnest()
    if not isinstance(bare, exp.EQ):
        return None
    left, right = bare.this, bare.expression
    if not (isinstance(left, exp.Column) and isinstance(right, exp.Column)):
        return None
    if (left.table in own) == (right.table in own):
        return None
    return (right, left) if left.table in own else (left, right)
