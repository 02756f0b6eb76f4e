"""Finds for each entity its table and for each canonical column its stored one, with how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from knowledge.packs.schema import Pack
from tools.binding import candidates, names
from tools.binding.candidates import Stored, Wanted
from tools.binding.result import ColumnMatch, TableMatch
from warehouse.model import words
from warehouse.model.schema import SemanticModel

_LEAST_COLUMN, _LEAST_TABLE = 0.55, 0.42
_CLOSE = 0.04
Scores = dict[tuple[str, str], float]  # (canonical column, stored column) -> 0-1


@dataclass
class Fit:
    """How well a table fits an entity: the name, the columns, and which column is which."""

    entity: str
    table: str
    name: float
    columns: dict[str, ColumnMatch] = field(default_factory=dict)
    rivals: dict[str, tuple[str, ...]] = field(default_factory=dict)
    share: float = 0.0

    @property
    def sure(self) -> int:
        """How many columns are found with confidence."""
        return sum(c.confidence >= 0.85 for c in self.columns.values())

    @property
    def score(self) -> float:
        return 0.4 * self.name + 0.5 * self.share + 0.025 * min(self.sure, 4)


Decisions = Mapping[str, str | None]
"""What people decided: `entity` -> table, `entity.column` -> stored column; None for “none of them”."""


def fits_of(pack: Pack, model: SemanticModel, stored: Mapping[str, list[Stored]], decided: Decisions) -> list[Fit]:
    """Every entity with every table that could be it, the best first."""
    found = []
    for name, entity in pack.entities.items():
        wanted = candidates.wanted_columns(name, entity)
        said = candidates.entity_words(name, entity)
        weights = _weights(pack, name)
        for table, columns in stored.items():
            if name in decided and decided[name] != table:
                continue
            called = table_words(model, table)
            around = frozenset(w for spelled, _ in said for w in spelled) | frozenset(w for c in called for w in c)
            fit = Fit(name, table, names.best(called, said, frozenset()))
            _match_columns(fit, wanted, columns, around, decided)
            fit.share = _share(fit, wanted, weights)
            if name in decided or fit.score >= _LEAST_TABLE:
                found.append(fit)
    return sorted(found, key=lambda f: (-f.score, f.entity, f.table))


def table_words(model: SemanticModel, table: str) -> list[names.Tokens]:
    """What a table of the model is called."""
    told = model.tables[table]
    spelled = [" ".join(words.record_words(table)), " ".join(words.record_words(told.source)), table]
    spelled += [told.record or ""] + ([told.label or ""] if told.confidence == 1 else [])
    return list(dict.fromkeys(names.tokens(s) for s in spelled if s))


def _weights(pack: Pack, entity: str) -> dict[str, float]:
    """How much each column of an entity says: what metrics need counts double, the dates and keys too."""
    told = pack.entities[entity]
    needed = " ".join(
        text for m in pack.metrics.values() for w in m.ways if w.entity == entity for text in (w.expr, w.where) if text
    )
    heavy = {*told.key, told.time, *(c for c in told.columns if c in needed)}
    return {column: 2.0 if column in heavy else 1.0 for column in told.columns}


def _share(fit: Fit, wanted: Iterable[Wanted], weights: Mapping[str, float]) -> float:
    whole = sum(weights[w.name] for w in wanted)
    return sum(m.confidence * weights[c] for c, m in fit.columns.items()) / whole if whole else 0.0


def _match_columns(
    fit: Fit, wanted: list[Wanted], columns: list[Stored], around: frozenset[str], decided: Decisions
) -> None:
    """One stored column for each canonical one at most, the surest pairs first; near ties lower the confidence."""
    scores = {(w.name, s.name): score(w, s, around) for w in wanted for s in columns}
    by_name = {s.name: s for s in columns}
    told = {w.name: w for w in wanted}
    taken: set[str] = set()
    for w in wanted:
        if (key := f"{fit.entity}.{w.name}") in decided:
            chosen = decided[key]
            if chosen in by_name:
                fit.columns[w.name] = _column(fit, w, by_name[chosen], 1.0, "chosen by a person")
                taken.add(chosen)
            told.pop(w.name)
    for (column, name), found in sorted(scores.items(), key=lambda kv: (-kv[1], kv[0])):
        if found < _LEAST_COLUMN or column not in told or column in fit.columns or name in taken:
            continue
        rivals = _rivals(scores, column, name, found, taken)
        sure = min(found, 0.65) if rivals else found
        fit.columns[column] = _column(fit, told[column], by_name[name], sure, _why(sure, rivals))
        fit.rivals[column] = rivals
        taken.add(name)


def _rivals(scores: Scores, column: str, name: str, found: float, taken: set[str]) -> tuple[str, ...]:
    """Other stored columns that say the same thing about as well, and are nobody else's better match."""
    near = [
        other
        for (c, other), s in scores.items()
        if c == column and other != name and other not in taken and s >= max(found - _CLOSE, 0.75)
        and not any(s2 > s for (c2, o2), s2 in scores.items() if o2 == other and c2 != column)
    ]  # fmt: skip
    return tuple(sorted(near))


def _why(sure: float, rivals: tuple[str, ...]) -> str:
    if rivals:
        return f"could also be {' or '.join(rivals)}"
    return "called so" if sure >= 0.93 else "called much like it" if sure >= 0.8 else "only somewhat alike"


def _column(fit: Fit, wanted: Wanted, stored: Stored, sure: float, why: str) -> ColumnMatch:
    values = candidates.values_of(wanted.told, stored.profile)
    return ColumnMatch(
        entity=fit.entity, column=wanted.name, table=fit.table, stored=stored.name, confidence=round(min(sure, 1.0), 3),
        why=why, values=values,
    )  # fmt: skip


def score(wanted: Wanted, stored: Stored, around: frozenset[str]) -> float:
    """0-1: whether a stored column is what is wanted, by kind, name, values and shape."""
    if not candidates.fits(wanted, stored):
        return 0.0
    named = names.best(stored.spellings, wanted.spellings, around)
    if not wanted.told.values:
        return named * _shape(wanted, stored)
    mapped = candidates.mapped_values(wanted.told, stored.profile)
    share = candidates.value_share(mapped, stored.profile)
    if not mapped:
        return min(named, 0.5)
    if len(mapped) >= 2 and share >= 0.6:
        return max(0.86, min(1.0, named + 0.05))
    return named if share >= 0.5 else min(named, 0.7)


def _shape(wanted: Wanted, stored: Stored) -> float:
    """How far the values speak for the kind: keys are distinct, categories few, names many."""
    profile = stored.profile
    share = profile.distinct / profile.rows if profile.rows else 0.0
    if wanted.told.kind == "category" and profile.rows > 200 and share > 0.5:
        return 0.8
    if wanted.told.kind == "id" and wanted.told.refers is None and stored.kind == "text" and share < 0.001:
        return 0.9
    return 1.0


def assigned(pack: Pack, model: SemanticModel, fits: list[Fit]) -> dict[str, Fit]:
    """One table per entity and one entity per table, the best fits first, then once more with what the joins say."""
    first = _greedy([(fit, fit.score) for fit in fits])
    weighed = [(fit, fit.score + 0.1 * _linked(pack, model, fit, first)) for fit in fits]
    return _greedy(sorted(weighed, key=lambda pair: (-pair[1], pair[0].entity, pair[0].table)))


def _greedy(weighed: list[tuple[Fit, float]]) -> dict[str, Fit]:
    chosen: dict[str, Fit] = {}
    taken: set[str] = set()
    for fit, _ in weighed:
        if fit.entity not in chosen and fit.table not in taken:
            chosen[fit.entity] = fit
            taken.add(fit.table)
    return chosen


def _linked(pack: Pack, model: SemanticModel, fit: Fit, chosen: Mapping[str, Fit]) -> float:
    """The part of an entity's references that the table's joins confirm."""
    refers = {c.refers for c in pack.entities[fit.entity].columns.values() if c.refers}
    wanted = [chosen[r].table for r in refers if r in chosen]
    joined = {j.to for j in model.tables[fit.table].joins}
    return sum(t in joined for t in wanted) / len(wanted) if wanted else 0.0


def table_match(fit: Fit, rivals: list[Fit]) -> TableMatch:
    """How sure it is that the table holds the entity; a free table that fits as well lowers it."""
    sure = 0.97 if fit.name >= 0.94 else 0.92 if fit.name >= 0.85 else 0.7 + 0.25 * fit.share
    if fit.name < 0.85 and fit.sure < 4:
        sure = min(sure, 0.7)
    if fit.sure < 2:
        sure = min(sure, 0.8 if fit.sure else 0.6)
    why = (
        f"{fit.sure} of its columns are there" if fit.name < 0.85 else f"called so, {fit.sure} of its columns are there"
    )
    near = [r.table for r in rivals if r.score >= fit.score - 0.05]
    if near:
        sure, why = min(sure, 0.7), f"could also be {' or '.join(near)}"
    return TableMatch(entity=fit.entity, table=fit.table, confidence=round(min(sure, 0.99), 3), why=why)
