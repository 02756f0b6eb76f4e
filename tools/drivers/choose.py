"""Which dimensions are combined: those whose members moved least alike, as many as fit into one table of leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from store import settings
from tools.drivers.arithmetic import Cut
from tools.drivers.ask import MOST_GROUPS, Grouped, leaves_of
from tools.drivers.search import Floats, Leaves
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile
from warehouse.query import DimRef

MOST_TOGETHER = 6
_MANY = 20
_ALIKE = 0.8
_ROOMY = 1.5  # not every combination that could be is there
_ONE_SIDED = 0.5


@dataclass(frozen=True)
class Ranked:
    """A dimension on its own, with how unlike its members moved (0 = as alike as noise makes them)."""

    groups: Grouped
    unlike: float

    @property
    def field(self) -> DimRef:
        return self.groups.fields[0]


def ranked(singles: Sequence[Grouped], whole: Cut, *, ratio: bool) -> list[Ranked]:
    """Dimensions by how unlike their members moved, the most telling first."""
    leaves = [leaves_of(s, whole, ratio=ratio) for s in singles]
    noise = _noise(leaves)
    found = [Ranked(s, _unlike(each, noise)) for s, each in zip(singles, leaves, strict=True)]
    return sorted(found, key=lambda r: -r.unlike)


def together(order: Sequence[Ranked], model: SemanticModel, profile: DataProfile, rows: int) -> tuple[DimRef, ...]:
    """The dimensions that fit into one table of leaves: the most telling of each table first, then the next of each."""
    most = min(MOST_GROUPS, settings.get("query_rows"))
    chosen: list[Ranked] = []
    for each in _by_turns(order):
        if len(chosen) < MOST_TOGETHER and _leaves([*chosen, each], model, profile, rows) <= _ROOMY * most:
            chosen.append(each)
    return tuple(c.field for c in chosen) or tuple(r.field for r in order[:1])


def _by_turns(order: Sequence[Ranked]) -> list[Ranked]:
    seen: dict[str, int] = {}
    turns: list[tuple[int, int, Ranked]] = []
    for place, each in enumerate(order):
        table = each.field.field.rpartition(".")[0]
        turns.append((seen.setdefault(table, 0), place, each))
        seen[table] += 1
    return [each for _, _, each in sorted(turns, key=lambda t: t[:2])]


def twins(groups: Sequence[Grouped]) -> dict[DimRef, DimRef]:
    """Dimensions that hold the same values as one before them, by the one they repeat: “store country”, “country”."""
    found: dict[DimRef, DimRef] = {}
    sets = [(g.fields[0], {m for m in g.members[0] if m is not None}) for g in groups]
    for place, (field, members) in enumerate(sets):
        for earlier, others in sets[:place]:
            if earlier not in found and len(members & others) >= _ALIKE * max(len(members | others), 1):
                found.setdefault(field, earlier)
    return found


def comes_and_goes(groups: Grouped) -> bool:
    """Whether most named members were there in one period only, as campaigns are: then time itself made the groups."""
    named = [m is not None for m in groups.members[0]]
    before, after = groups.before[0].floats, groups.after[0].floats
    size = [abs(float(b)) + abs(float(a)) for b, a in zip(before, after, strict=True)]
    there = [named[int(c)] for c in groups.codes[0]]
    whole = sum(s for s, n in zip(size, there, strict=True) if n)
    lone = sum(s for s, n, b, a in zip(size, there, before, after, strict=True) if n and (not b or not a))
    return whole > 0 and lone > _ONE_SIDED * whole


def _leaves(fields: Sequence[Ranked], model: SemanticModel, profile: DataProfile, rows: int) -> float:
    by_table: dict[str, float] = {}
    for each in fields:
        table = each.field.field.rpartition(".")[0]
        by_table[table] = by_table.get(table, 1.0) * len(each.groups.members[0])
    most = 1.0
    for table, product in by_table.items():
        stored = profile.tables.get(model.tables[table].source) if table in model.tables else None
        most *= min(product, stored.rows + 1) if stored else product
    return min(most, rows)


def _noise(leaves: Sequence[Leaves]) -> float:
    """The variance of a move per unit of size, from the dimension with most members; few members say too little."""
    widest = max(leaves, key=lambda x: len(x.moved), default=None)
    if widest is None:
        return 1.0
    if len(widest.moved) >= _MANY:
        there = widest.size > 0
        return max(float(np.median(widest.spread[there] / widest.size[there])), 1e-300)
    scaled = np.concatenate([_excess(x) ** 2 / np.maximum(x.size, 1e-300) for x in leaves])
    return max(float(np.median(scaled)), 1e-300)


def _unlike(leaves: Leaves, noise: float) -> float:
    sized = leaves.size > 0
    gains = _excess(leaves)[sized] ** 2 / (noise * leaves.size[sized])
    return max(float(gains.max(initial=0.0)) - 2 * log(max(len(gains), 2)), 0.0)


def _excess(leaves: Leaves) -> Floats:
    """What each member moved beyond its fair share of the whole move."""
    size = float(leaves.size.sum())
    drift = float(leaves.moved.sum()) / size if size else 0.0
    excess: Floats = leaves.moved - drift * leaves.size
    return excess
