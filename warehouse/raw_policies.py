"""Row and column policies in SQL that a person or a model wrote: every scan is replaced by what the person may see."""

from __future__ import annotations

from dataclasses import replace

import sqlglot
from sqlglot import exp

from store.errors import QueryRefused
from store.principal import Principal
from warehouse.compiler.policies import Rights, catalog_for
from warehouse.compiler.scope import Record, Scope
from warehouse.compiler.visible import MASK
from warehouse.foreign import is_named_query
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile
from warehouse.snapshot import Snapshot


def bound_text(sql: str, dialect: str, model: SemanticModel, snapshot: Snapshot, principal: Principal) -> str:
    """The statement over what `principal` may see. Raises `QueryRefused` where that cannot be told."""
    rights = Rights(model, principal)
    if not rights.digest:
        return sql
    tree = sqlglot.parse_one(sql, dialect=dialect)
    for node in list(tree.find_all(exp.Table)):
        if isinstance(node.this, exp.Identifier) and not is_named_query(node):
            made = _visible(node, model, snapshot, principal)
            if node is tree:
                return made.sql(dialect=dialect)
            node.replace(made)
    return tree.sql(dialect=dialect)


def seen_columns(model: SemanticModel, snapshot: Snapshot, principal: Principal) -> Snapshot:
    """The snapshot without the names of hidden columns, for what a bound query may say when it fails."""
    gone = {
        (model.tables[t].source.casefold(), c.casefold())
        for (t, c), action in Rights(model, principal).hidden.items()
        if action == "hide"
    }
    if not gone:
        return snapshot
    kept = {t: tuple(c for c in cs if (t.casefold(), c.casefold()) not in gone) for t, cs in snapshot.tables.items()}
    return replace(snapshot, tables=kept)


def check_compiled(digest: str, model: SemanticModel, principal: Principal) -> None:
    """Refuse a query that was compiled with the rights of somebody else, or before they changed."""
    if digest != Rights(model, principal).digest:
        raise QueryRefused(
            "This query was made with other rights than yours.", code="policy_missing", hint="Ask the question again."
        )


def _visible(node: exp.Table, model: SemanticModel, snapshot: Snapshot, principal: Principal) -> exp.Expr:
    """The rows and columns of one table that a person may see, under the name that the statement gives the table."""
    wanted = node.name.casefold()
    described = [name for name, table in model.tables.items() if table.source.casefold() == wanted]
    stored = next((name for name in snapshot.tables if name.casefold() == wanted), None)
    if not described or stored is None:
        return node  # the gate says that there is no such table
    if len(described) > 1 or node.args.get("joins") or node.args.get("pivots"):
        raise _unclear()
    catalog = catalog_for(model, DataProfile(), principal)
    assert catalog.rights is not None  # catalog_for sets them
    scope = Scope(catalog, Record(), described[0])
    hidden = {c.casefold(): a for (t, c), a in catalog.rights.hidden.items() if t == described[0]}
    items: list[exp.Expr] = []
    for column in snapshot.tables[stored]:
        action = hidden.get(column.casefold())
        if action == "mask":
            items.append(exp.alias_(exp.Literal.string(MASK), column, quoted=True))
        elif action is None:
            items.append(exp.column(column, table=scope.alias, quoted=True))
    rows = exp.select(*items).from_(scope.source())
    alias = exp.TableAlias(this=exp.to_identifier(node.alias or node.name, quoted=True))
    return exp.Subquery(this=rows, alias=alias)


def _unclear() -> QueryRefused:
    return QueryRefused(
        "What you may see of this table cannot be told inside this SQL.",
        code="policy_unclear",
        hint="Ask in words, or name each table once, without PIVOT.",
    )
