"""Which rows a person may see: the one place that turns policies into conditions, for compiled queries and the gate.

Fails closed: an attribute that is missing, a list that is empty, a fact that no policy can reach give nothing away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import InvalidOperation

from sqlglot import exp

from store.errors import InvalidRequest, QueryRefused
from store.principal import Principal
from warehouse.compiler.expressions import as_term, parse_policy, substitute
from warehouse.compiler.paths import MOST_HOPS, Hop, Path, words
from warehouse.compiler.resolve import Catalog
from warehouse.compiler.visible import binds, hidden_columns, visible_model
from warehouse.model.policies import Policy
from warehouse.model.schema import SemanticModel, ValueType
from warehouse.profile import DataProfile

NOBODY = Principal(user_id="", name="nobody", role="viewer")
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike)
ColumnType = Callable[[str, str], ValueType]
Coerce = Callable[[str, ValueType], exp.Expr]


@dataclass(frozen=True)
class Guard:
    """A policy that binds a table, by the many-to-one way that leads to the policy's own table."""

    policy: Policy
    path: Path


class Rights:
    """What one person may see of a model. `model` is without hidden columns; `digest` tells rights apart in caches."""

    def __init__(self, model: SemanticModel, principal: Principal | None) -> None:
        self.principal = principal or NOBODY
        self.policies = tuple(p for p in model.policies if binds(p, self.principal))
        self.hidden = hidden_columns(model, self.principal)
        self.model = visible_model(model, self.hidden) if self.hidden else model
        self._guards: dict[str, tuple[Guard, ...]] = {}

    @property
    def digest(self) -> str:
        """Empty when no policy binds the person, else a hash of the policies with the person's attributes."""
        if not self.policies and not self.hidden:
            return ""
        values = self.principal.attributes
        rows = [[p.model_dump(mode="json"), {a: values.get(a) for a in attributes(p)}] for p in self.policies]
        columns = sorted([*place, action] for place, action in self.hidden.items())
        return hashlib.sha256(json.dumps([rows, columns]).encode()).hexdigest()

    def guards(self, table: str) -> tuple[Guard, ...]:
        """Every policy that binds the rows of `table`, once for each way to it."""
        if table not in self._guards:
            found = ((p, way) for p in self.policies for way in self._ways(table, p))
            self._guards[table] = tuple(Guard(p, way) for p, way in found)
        return self._guards[table]

    def check_reach(self, table: str) -> None:
        """Refuse (`policy_no_path`) a fact table that some policy cannot reach, unless it is listed as public."""
        if table in self.model.public_facts or not self.model.tables[table].measures:
            return
        bound = {g.policy.name for g in self.guards(table)}
        missing = [p.name for p in self.policies if p.name not in bound]
        if missing:
            raise QueryRefused(
                f"What you may see of {words(self.model, table)} cannot be told from your rights.",
                code="policy_no_path",
                hint="Ask an administrator to connect them with what the policy is about, or to open them to all.",
                details={"table": table, "policies": missing},
            )

    def _ways(self, table: str, policy: Policy) -> Iterator[Path]:
        if table == policy.table:
            yield ()
            return
        leading = self._leading_to(policy.table)
        stack: list[tuple[Path, tuple[str, ...]]] = [((), (table,))]
        while stack:
            path, seen = stack.pop()
            for index, join in enumerate(self.model.tables[seen[-1]].joins):
                if join.to not in leading or join.to in seen:
                    continue
                longer = (*path, Hop(seen[-1], index, join.to, join.role))
                if join.to != policy.table and len(longer) < MOST_HOPS:
                    stack.append((longer, (*seen, join.to)))
                elif join.to == policy.table and _binds(policy, join.role):
                    yield longer

    def _leading_to(self, target: str) -> set[str]:
        found, size = {target}, 0
        while size != len(found):
            size = len(found)
            found |= {n for n, t in self.model.tables.items() if any(j.to in found for j in t.joins)}
        return found

    def predicate(
        self, policy: Policy, column: Callable[[str], exp.Expr], coerce: Coerce, kind: ColumnType
    ) -> exp.Expr:
        """The policy's condition on one row of its table, with this person's attributes as typed literals.

        Raises `QueryRefused` with code `policy_attribute` when the person lacks an attribute or it does not fit.
        """
        tree = parse_policy(policy.where, self.model.expr_dialect)
        values = {name: self._attribute(name) for name in attributes(policy)}
        if not all(values.values()):
            return exp.false()

        def typed(name: str, beside: exp.Expr | None) -> list[exp.Expr]:
            found = beside.find(exp.Column) if beside is not None else None
            wanted = kind(policy.table, found.name) if found is not None else "text"
            try:
                return [coerce(v, wanted) for v in values[name]]
            except (ValueError, InvalidOperation, InvalidRequest) as error:
                raise _no_attribute(name) from error

        filled = _filled(tree, typed)
        return as_term(substitute(filled, lambda node: column(node.name)))

    def _attribute(self, name: str) -> tuple[str, ...]:
        found = self.principal.attributes.get(name)
        if found is None:
            raise _no_attribute(name)
        return found


def catalog_for(model: SemanticModel, profile: DataProfile, principal: Principal | None) -> Catalog:
    """The model and data as `principal` sees them."""
    rights = Rights(model, principal)
    return Catalog(rights.model, profile, rights)


def attributes(policy: Policy) -> list[str]:
    """The names of the person's attributes that a policy reads."""
    tree = parse_policy(policy.where, "duckdb")
    return sorted({p.name for p in tree.find_all(exp.Placeholder)})


def _binds(policy: Policy, role: str | None) -> bool:
    return role is None or policy.roles == "all" or role in policy.roles


def _filled(tree: exp.Expr, typed: Callable[[str, exp.Expr | None], list[exp.Expr]]) -> exp.Expr:
    """`tree` with literals for its placeholders; `= :x` of several values is IN."""

    def visit(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.In):
            listed = [typed(e.name, node.this) if isinstance(e, exp.Placeholder) else [e] for e in node.expressions]
            return exp.In(this=node.this, expressions=[e for part in listed for e in part])
        if isinstance(node, _COMPARED):
            return _compared(node, typed)
        if isinstance(node, exp.Placeholder) and not isinstance(node.parent, (exp.In, *_COMPARED)):
            return _single(node.name, typed(node.name, None))
        return node

    made: exp.Expr = tree.transform(visit)
    return made


def _compared(node: exp.Expr, typed: Callable[[str, exp.Expr | None], list[exp.Expr]]) -> exp.Expr:
    for side, other in (("expression", node.this), ("this", node.args["expression"])):
        place = node.args[side]
        if not isinstance(place, exp.Placeholder):
            continue
        values = typed(place.name, other)
        if len(values) > 1 and isinstance(node, (exp.EQ, exp.NEQ)):
            listed = exp.In(this=other, expressions=values)
            return exp.Not(this=listed) if isinstance(node, exp.NEQ) else listed
        node.set(side, _single(place.name, values))
    return node


def _single(name: str, values: list[exp.Expr]) -> exp.Expr:
    if len(values) != 1:
        raise _no_attribute(name)
    return values[0]


def _no_attribute(name: str) -> QueryRefused:
    return QueryRefused(
        "Your rights depend on something that is not known about you.",
        code="policy_attribute",
        hint=f"Ask an administrator to set “{name}” for you.",
        details={"attribute": name},
    )
