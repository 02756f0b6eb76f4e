"""Ways from one table to another along many-to-one joins, found or refused, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from store.errors import InvalidRequest, unknown
from warehouse.model.adhoc import humanize
from warehouse.model.schema import Join, SemanticModel, Table

MOST_HOPS = 6
_MOST_SHOWN = 4


@dataclass(frozen=True)
class Hop:
    """One many-to-one join: the table it leaves, which of that table's joins it is, and where it arrives."""

    source: str
    index: int
    to: str
    role: str | None = None

    def join(self, model: SemanticModel) -> Join:
        return model.tables[self.source].joins[self.index]


Path = tuple[Hop, ...]


@dataclass(frozen=True)
class Route:
    """A path, and the role that was taken because the model calls it the default."""

    path: Path
    assumed_role: str | None = None


class _Ways:
    """What was found out about the joins of one model, as every query asks for the same few ways again."""

    def __init__(self, tables: dict[str, Table]) -> None:
        self.tables = tables
        self.shortest: dict[tuple[str, str, str | None], list[tuple[str, ...]]] = {}
        self.near: dict[tuple[str, str], list[tuple[str, Path]]] = {}
        self.parents = {
            name: list(dict.fromkeys(j.to for j in table.joins if j.to in tables)) for name, table in tables.items()
        }

    def leading_to(self, target: str) -> list[str]:
        """The tables that many-to-one joins lead from to `target`."""
        found, size = {target}, 0
        while size != len(found):
            size = len(found)
            found |= {name for name, parents in self.parents.items() if not found.isdisjoint(parents)}
        return [name for name in self.tables if name in found and name != target]


_MOST_KEPT = 16
_RECENT: list[_Ways] = []


def _ways(model: SemanticModel) -> _Ways:
    """What is known about this very model; a few are kept, each with its tables, so that none is mixed up."""
    found = next((w for w in list(_RECENT) if w.tables is model.tables), None)
    if found is None:
        found = _Ways(model.tables)
        _RECENT.insert(0, found)
        del _RECENT[_MOST_KEPT:]
    return found


def words(model: SemanticModel, table: str) -> str:
    """What people call the rows of a table: "order lines"."""
    found = model.tables[table]
    return found.records or (found.label or humanize(table)).lower()


def route(model: SemanticModel, root: str, target: str, role: str | None = None) -> Route | None:
    """The one shortest way from `root` to `target`; None when many-to-one joins do not lead there.

    Raises `InvalidRequest` with code `ambiguous_path` or `ambiguous_role`, and `UnknownName` for a role not on the way.
    """
    if root == target and role is None:
        return Route(())
    found = _shortest(model, root, target, role)
    if not found:
        if role is not None and _shortest(model, root, target, None):
            raise unknown("role", role, sorted({j.role for t in model.tables.values() for j in t.joins if j.role}))
        return None
    if len(found) > 1:
        raise _ambiguous(model, root, target, found)
    return _with_roles(model, found[0], role)


def children(model: SemanticModel, root: str, target: str) -> tuple[str, Path] | None:
    """For a `target` on the many side of `root`: the table that leads to both, and its path to `root`.

    Raises `InvalidRequest` with code `ambiguous_path` when several tables are equally near.
    """
    ways = _ways(model)
    if (root, target) not in ways.near:
        ways.near[root, target] = _nearest(model, root, target, ways.leading_to(root))
    best = ways.near[root, target]
    if len(best) > 1:
        raise _ambiguous(model, root, target, [(root, child, target) for child, _ in best])
    return best[0] if best else None


def _nearest(model: SemanticModel, root: str, target: str, below: list[str]) -> list[tuple[str, Path]]:
    near: list[tuple[int, str, Path]] = []
    for child in below:
        up, across = route_or_none(model, child, root), route_or_none(model, child, target)
        if up is not None and across is not None:
            near.append((len(up.path) + len(across.path), child, up.path))
    least = min((n for n, _, _ in near), default=0)
    return [(child, path) for n, child, path in near if n == least]


def route_or_none(model: SemanticModel, root: str, target: str) -> Route | None:
    """Like `route`, but an ambiguous way counts as none: used where another way may be meant."""
    try:
        return route(model, root, target)
    except InvalidRequest:
        return None


def _shortest(model: SemanticModel, root: str, target: str, role: str | None) -> list[tuple[str, ...]]:
    ways, asked = _ways(model), (root, target, role)
    if asked not in ways.shortest:
        ways.shortest[asked] = _search(model, ways, asked)
    return ways.shortest[asked]


def _search(model: SemanticModel, ways: _Ways, asked: tuple[str, str, str | None]) -> list[tuple[str, ...]]:
    root, target, role = asked
    seen = {root} if root != target else set()
    frontier: list[tuple[str, ...]] = [(root,)]
    for _ in range(MOST_HOPS):
        longer = [(*way, to) for way in frontier for to in ways.parents[way[-1]] if to not in seen]
        arrived = [way for way in longer if way[-1] == target and _has_role(model, way, role)]
        if arrived:
            return arrived
        seen.update(way[-1] for way in longer if role is None)
        frontier = [way for way in longer if len(set(way)) == len(way)][:500]
        if not frontier:
            return []
    return []


def _has_role(model: SemanticModel, way: tuple[str, ...], role: str | None) -> bool:
    if role is None:
        return True
    pairs = pairwise(way)
    return any(j.to == b and j.role == role for a, b in pairs for j in model.tables[a].joins)


def _with_roles(model: SemanticModel, way: tuple[str, ...], role: str | None) -> Route:
    hops: list[Hop] = []
    assumed: str | None = None
    for source, to in pairwise(way):
        joins = [(i, j) for i, j in enumerate(model.tables[source].joins) if j.to == to]
        chosen = next(((i, j) for i, j in joins if role is not None and j.role == role), None)
        if chosen is None and len(joins) == 1:
            chosen = joins[0]
        if chosen is None:
            chosen = next(((i, j) for i, j in joins if j.default), None)
            assumed = chosen[1].role if chosen else None
        if chosen is None:
            raise _which_role(model, source, to, [j.role or "" for _, j in joins])
        hops.append(Hop(source, chosen[0], to, chosen[1].role))
    return Route(tuple(hops), assumed)


def _ambiguous(model: SemanticModel, root: str, target: str, found: list[tuple[str, ...]]) -> InvalidRequest:
    ways = [" → ".join(way) for way in found[:_MOST_SHOWN]]
    return InvalidRequest(
        f"There are several ways from {words(model, root)} to {words(model, target)}.",
        code="ambiguous_path",
        hint="Ask through one of: " + "; ".join(ways) + ".",
        details={"paths": ways},
    )


def _which_role(model: SemanticModel, source: str, to: str, roles: list[str]) -> InvalidRequest:
    return InvalidRequest(
        f"{words(model, source).capitalize()} relate to {words(model, to)} in several ways: {', '.join(roles)}.",
        code="ambiguous_role",
        hint="Say which one is meant.",
        details={"roles": roles},
    )


def no_path(model: SemanticModel, root: str, target: str) -> InvalidRequest:
    """The refusal for a table that rows of `root` cannot be grouped by: unrelated, or on the many side."""
    if children(model, root, target) is not None:
        return fans_out(model, root, target)
    one, many = words(model, root), words(model, target)
    return InvalidRequest(
        f"Nothing connects {one} with {many}.",
        code="no_path",
        hint="Ask about them one at a time, or add a join to the model.",
        details={"from": root, "to": target},
    )


def fans_out(model: SemanticModel, root: str, target: str) -> InvalidRequest:
    """The refusal for groups in which one row of `root` would count several times."""
    one, many = words(model, root), words(model, target)
    return InvalidRequest(
        f"{one.capitalize()} can have several {many} each, so grouping by them would count figures more than once.",
        code="fan_out",
        hint=f"Filter by {many} instead, or ask for a figure of the more detailed table.",
        details={"from": root, "to": target},
    )
