"""The pipeline from figures to rows as a list of named subqueries, with what every output column is called."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from store.errors import unknown
from warehouse.compiler.build import Build, Key
from warehouse.compiler.combine import Parts, table
from warehouse.compiler.dialects import in_byte_order
from warehouse.compiler.metrics import Figure
from warehouse.compiler.scope import aliased, column
from warehouse.query import Transform


@dataclass(frozen=True)
class Shown:
    """An output column: its name, its internal name, and what it shows (a key, a figure, or something derived)."""

    name: str
    internal: str
    key: Key | None = None
    figure: Figure | None = None
    kind: str | None = None
    transform: Transform | None = None


@dataclass
class Stage:
    """Where the pipeline stands: the subqueries so far, and an expression over the last one for every column."""

    build: Build
    parts: Parts
    shown: list[Shown]
    values: dict[str, exp.Expr]
    aliases: dict[str, str]

    def settle(self, name: str) -> None:
        """Make the present expressions the columns of a subquery, so that later steps may filter by them."""
        items = (aliased(v, n) for n, v in self.values.items())
        self.parts.add(name, exp.select(*items).from_(table(self.parts.last)))
        self.values = {n: column(None, n) for n in self.values}

    def named(self, wanted: str) -> Shown:
        """The output column that a request calls `wanted`. Raises `UnknownName` with near names."""
        internal = self.aliases.get(wanted)
        found = next((s for s in self.shown if s.internal == internal), None)
        if found is None:
            raise unknown("column of this result", wanted, [s.name for s in self.shown])
        return found

    def attach(self, other: str, value: str, as_name: str, keys: list[str]) -> None:
        """Add column `value` of subquery `other`, whose rows are told apart by `keys`, as `as_name`."""
        last = self.parts.last
        items = [aliased(column(last, n), n) for n in self.values]
        query = exp.select(*items, aliased(column(other, value), as_name)).from_(table(last))
        same = [exp.NullSafeEQ(this=column(last, n), expression=column(other, n)) for n in keys]
        query = query.join(exp.Join(this=table(other), side="LEFT", on=exp.and_(*same)))
        self.parts.add("__beside", query)
        self.values = {n: column(None, n) for n in (*self.values, as_name)}


def sorted_key(build: Build, key: Key) -> exp.Column:
    """A key to sort by; text goes by its bytes, so that a tie is broken alike on every engine."""
    found = column(None, key.internal)
    return in_byte_order(found) if is_text(build, key) else found


def is_text(build: Build, key: Key) -> bool:
    """Whether a key is certain to hold text."""
    return key.type == "text" and build.catalog.surely_text(key.field)


def ordered(value: exp.Expr, *, desc: bool) -> exp.Ordered:
    """A term of ORDER BY; what has no value comes last either way."""
    return exp.Ordered(this=value.copy(), desc=desc, nulls_first=False)


def order(items: list[exp.Ordered]) -> exp.Order:
    """ORDER BY inside a window."""
    return exp.Order(expressions=items)
