"""One FROM clause in the making: a root table, and the many-to-one joins that what is asked for turns out to need."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from store.errors import Defect, InvalidRequest, unknown
from warehouse.compiled import Note
from warehouse.compiler.coercion import coerced
from warehouse.compiler.expressions import as_term, parse, substitute, value_type
from warehouse.compiler.paths import Hop, Path, no_path, route, words
from warehouse.compiler.policies import Guard
from warehouse.compiler.resolve import Catalog, Field
from warehouse.compiler.time_sql import literal, local
from warehouse.model.policies import Policy
from warehouse.model.schema import Duration, SemanticModel, TimeColumn, ValueType
from warehouse.model.spans import span_of


class Record:
    """What a compilation reads and must say, collected from all its scopes in the order it was met."""

    def __init__(self) -> None:
        self.tables: dict[str, None] = {}
        self.joined: dict[str, None] = {}
        self.filters: dict[str, None] = {}
        self.notes: dict[str, Note] = {}
        self.policies: dict[str, None] = {}

    def guard(self, policy: str) -> None:
        """Remember that a policy took rows away, and say so."""
        self.policies[policy] = None
        text = "Only rows that you may see are counted."
        self.note(Note(code="policy_filtered", text=text))

    def note(self, note: Note) -> None:
        """Keep a note once."""
        self.notes.setdefault(note.code + note.text, note)


class Scope:
    """A root table with aliases for what is joined to it; scopes of one statement share `aliases` (alias -> table)."""

    def __init__(self, catalog: Catalog, record: Record, root: str, aliases: dict[str, str] | None = None) -> None:
        self.catalog = catalog
        self.model = catalog.model
        self.record = record
        self.root = root
        self.aliases = {} if aliases is None else aliases
        self.alias = self._new_alias(root, root)
        self._paths: dict[Path, str] = {(): self.alias}
        self.joins: list[exp.Join] = []
        record.tables[root] = None
        if catalog.rights is not None:
            catalog.rights.check_reach(root)

    def child(self, root: str) -> Scope:
        """A scope for a subquery whose aliases do not clash with this one's."""
        return Scope(self.catalog, self.record, root, self.aliases)

    def source(self) -> exp.Expr:
        """The root table for FROM."""
        return self._table(self.root, self.alias)

    def reach(self, table: str, role: str | None = None) -> str:
        """The alias of `table`, joined when it is not yet. Raises `InvalidRequest` (`no_path`, `fan_out`, …)."""
        found = route(self.model, self.root, table, role)
        if found is None:
            raise no_path(self.model, self.root, table)
        if found.assumed_role is not None:
            role_words = found.assumed_role.replace("_", " ")
            self.record.note(
                Note(
                    code="assumed_role",
                    text=f"{words(self.model, table).capitalize()} are taken as {role_words}.",
                    details={"table": table, "role": found.assumed_role},
                )
            )
        return self.join(found.path)

    def join(self, path: Path) -> str:
        """The alias at the end of `path`, with every hop on the way joined once."""
        if path in self._paths:
            return self._paths[path]
        left = self.join(path[:-1])
        hop = path[-1]
        alias = self._new_alias(hop.role or hop.to, hop.to)
        self._paths[path] = alias
        self.record.tables[hop.to] = None
        self.record.joined[hop.to] = None
        joined = self._table(hop.to, alias, path)
        self.joins.append(exp.Join(this=joined, side="LEFT", on=self.link(hop, left, alias)))
        return alias

    def link(self, hop: Hop, left: str, right: str) -> exp.Expr:
        """The condition of a join between two aliases."""
        pairs = hop.join(self.model).on.items()
        return exp.and_(*(exp.EQ(this=column(left, own), expression=column(right, other)) for own, other in pairs))

    def expression(self, text: str, alias: str) -> exp.Expr:
        """A model expression whose bare names are columns of `alias`; `table.column` reaches other tables."""
        return substitute(parse(text, self.model.expr_dialect), self._column_finder(alias))

    def _column_finder(self, alias: str) -> Callable[[exp.Column], exp.Expr]:
        home = self.aliases[alias]

        def find(node: exp.Column) -> exp.Expr:
            table = node.table or home
            if table not in self.model.tables:
                raise unknown("table", table, self.model.tables)
            at = alias if table == home else self.reach(table)
            return self.stored_or_defined(table, node.name, at)

        return find

    def stored_or_defined(self, table: str, name: str, alias: str) -> exp.Expr:
        """A stored column, or a dimension of the model that is defined by an expression."""
        profile = self.catalog.table_profile(table)
        if profile is not None and name in profile.columns:
            return column(alias, name)
        number = self.model.tables[table].numbers.get(name)
        span = number.duration if number is not None else span_of(self.model, name)
        if span is not None:
            return self._duration(table, span, alias)
        found = self.model.tables[table].dimensions.get(name) or number
        if found is not None and found.expr is not None:
            tree = parse(found.expr, self.model.expr_dialect)
            return substitute(tree, lambda node: column(alias, node.name))
        return column(alias, name)

    def _duration(self, table: str, duration: Duration, alias: str) -> exp.Expr:
        """Days are the calendar's, on the business clock; hours and minutes are the time that passed."""

        def moment(text: str) -> exp.Expr:
            owner, dot, name = text.rpartition(".")
            field = self.catalog.field_of(owner if dot else table, name)
            at = alias if field.table == table else self.reach(field.table)
            rules = self.model.calendar
            rules = rules if duration.unit == "day" else rules.model_copy(update={"timezone": "UTC"})
            value = local(self.stored_or_defined(field.table, field.name, at), time_kind(field), rules)
            return exp.cast(value, "date" if duration.unit == "day" else "timestamp")

        unit = "DAY" if duration.unit == "day" else "MINUTE"
        found = exp.DateDiff(this=moment(duration.end), expression=moment(duration.start), unit=exp.var(unit))
        if duration.unit != "hour":
            return found
        return exp.paren(exp.Div(this=exp.cast(found, "double"), expression=exp.Literal.number(60)))

    def value(self, field: Field) -> exp.Expr:
        """The field's value for each row of the root table."""
        return as_term(self.expression(field.expr, self.reach(field.table, field.role)))

    def type_of(self, tree: exp.Expr) -> ValueType:
        """The value type of an expression made in this scope."""
        return value_type(tree, lambda node: self.catalog.column_type(self.aliases[node.table], node.name))

    def reads(self, tree: exp.Expr) -> tuple[str, ...]:
        """The `table.column` names an expression made in this scope reads."""
        names = (f"{self.aliases[c.table]}.{c.name}" for c in tree.find_all(exp.Column) if c.table in self.aliases)
        return tuple(dict.fromkeys(names))

    def default_time(self) -> Field:
        """The root's own time column, else the one of the nearest table it belongs to.

        Raises `InvalidRequest` with code `no_time` when there is none and `ambiguous_time` when several are as near.
        """
        level = [self.root]
        seen = {self.root}
        while level:
            dated = [t for t in level if self.model.tables[t].time is not None]
            if len(dated) == 1:
                return self._time_field(dated[0])
            if len(dated) > 1:
                raise InvalidRequest(
                    f"Several dates could say when: {', '.join(dated)}.",
                    code="ambiguous_time",
                    hint="Name the date that is meant.",
                    details={"tables": dated},
                )
            following = [j.to for t in level for j in self.model.tables[t].joins if j.to not in seen]
            level = [t for t in dict.fromkeys(following) if t in self.model.tables]
            seen.update(level)
        raise InvalidRequest(
            f"{words(self.model, self.root).capitalize()} have no date, so they cannot be looked at over time.",
            code="no_time",
            hint="Ask without a period.",
            details={"table": self.root},
        )

    def _time_field(self, table: str) -> Field:
        spec = self.model.tables[table].time
        assert spec is not None  # the caller looked
        return self.catalog.field_of(table, spec.default)

    def _table(self, name: str, alias: str, path: Path = ()) -> exp.Expr:
        """A table for FROM, cut down to the rows that the asker may see. `path` leads there from the root."""
        inner = "__seen"
        tests = [*self._records(name, inner), *(self._guarded(guard, inner) for guard in self._guards(name, path))]
        if not tests:
            return stored(self.model, name, alias)
        query = exp.select("*").from_(stored(self.model, name, inner)).where(*tests)
        return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))

    def _records(self, name: str, alias: str) -> list[exp.Expr]:
        """Which stored rows are records of a table, where one stored table holds several kinds."""
        rows = self.model.tables[name].where
        if rows is None:
            return []
        tree = parse(rows, self.model.expr_dialect)
        return [as_term(substitute(tree, lambda node: column(alias, node.name)))]

    def _guards(self, name: str, path: Path) -> list[Guard]:
        """The policies that bind a table, but those that the root's own rows have met by the same way."""
        rights = self.catalog.rights
        if rights is None:
            raise Defect("A query was made for nobody.", code="no_rights")
        met = {(g.policy.name, g.path) for g in rights.guards(self.root)} if path else set()
        return [g for g in rights.guards(name) if (g.policy.name, path + g.path) not in met]

    def _guarded(self, guard: Guard, alias: str) -> exp.Expr:
        """The policy as a condition on the rows of `alias`: their owner is there, and meets it."""
        self.record.guard(guard.policy.name)
        for hop in guard.path:
            self.record.tables[hop.to] = None
        if not guard.path:
            return self._policy(guard.policy, alias)
        names = [alias, *(f"__owner{n}" for n in range(len(guard.path)))]
        links = [self.link(hop, names[n], names[n + 1]) for n, hop in enumerate(guard.path)]
        query = exp.select(exp.Literal.number(1)).from_(stored(self.model, guard.path[0].to, names[1]))
        for n, hop in enumerate(guard.path[1:], start=1):
            query.join(exp.Join(this=stored(self.model, hop.to, names[n + 1]), kind="INNER", on=links[n]), copy=False)
        kinds = [e for hop, own in zip(guard.path, names[1:], strict=True) for e in self._records(hop.to, own)]
        return exp.Exists(this=query.where(links[0], *kinds, self._policy(guard.policy, names[-1]), copy=False))

    def _policy(self, policy: Policy, alias: str) -> exp.Expr:
        assert self.catalog.rights is not None  # guards come from rights
        return self.catalog.rights.predicate(
            policy,
            lambda name: self.stored_or_defined(policy.table, name, alias),
            lambda value, kind: literal(coerced(value, kind)),
            self.catalog.column_type,
        )

    def _new_alias(self, wanted: str, table: str) -> str:
        alias, number = wanted, 1
        while alias in self.aliases:
            number += 1
            alias = f"{wanted}_{number}"
        self.aliases[alias] = table
        return alias


def stored(model: SemanticModel, name: str, alias: str) -> exp.Table:
    """A stored table under an alias, with all its rows: only for what a policy is checked with."""
    parts = [exp.to_identifier(p, quoted=True) for p in model.tables[name].source.split(".")]
    named = dict(zip(("this", "db", "catalog"), reversed(parts), strict=False))
    return exp.Table(**named, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))


def column(alias: str | None, name: str) -> exp.Column:
    """A quoted column reference."""
    return exp.column(name, table=alias, quoted=True)


def time_kind(field: Field) -> TimeColumn:
    """How a field says when. Raises `InvalidRequest` with code `not_a_date`."""
    if field.time is None:
        raise InvalidRequest(
            f"“{field.label}” is not a date.",
            code="not_a_date",
            hint="Use a date to ask about time.",
            details={"field": field.qualified},
        )
    return field.time


def aliased(value: exp.Expr, name: str) -> exp.Alias:
    """The value under a quoted name; the tree itself, not a copy of it."""
    return exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True))
