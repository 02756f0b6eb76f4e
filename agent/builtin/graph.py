"""Which tables can be reached from which, so that a reading is joinable before anyone compiles it."""

from __future__ import annotations

from collections import deque

from warehouse.model.schema import Join, SemanticModel


def reachable(model: SemanticModel, table: str) -> dict[str, int]:
    """Tables that `table` reaches along many-to-one joins, with the number of hops; itself at 0."""
    hops = {table: 0}
    queue = deque([table])
    while queue:
        here = queue.popleft()
        for join in model.tables[here].joins if here in model.tables else ():
            if join.to not in hops and join.to in model.tables:
                hops[join.to] = hops[here] + 1
                queue.append(join.to)
    return hops


def joins_to(model: SemanticModel, source: str, target: str) -> list[Join]:
    """The direct many-to-one joins from `source` to `target`."""
    return [j for j in model.tables[source].joins if j.to == target] if source in model.tables else []


def children(model: SemanticModel, table: str) -> list[str]:
    """Tables with a direct many-to-one join to `table`, in model order."""
    return [name for name in model.tables if name != table and joins_to(model, name, table)]


def foreign_key(model: SemanticModel, source: str, target: str) -> str | None:
    """The one column of `source` that points at `target`; None without a single unambiguous one."""
    found = joins_to(model, source, target)
    if len(found) != 1 or len(found[0].on) != 1:
        return None
    return next(iter(found[0].on))


def common_fact(model: SemanticModel, needed: set[str]) -> list[str]:
    """Tables that reach all of `needed`, nearest first; ties keep model order."""
    scored = []
    for name in model.tables:
        hops = reachable(model, name)
        if needed <= hops.keys():
            scored.append((sum(hops[t] for t in needed), name))
    least = min((s for s, _ in scored), default=0)
    return [name for score, name in scored if score == least]
