"""Finds many-to-one joins by name and proves them on the rows, because a wrong join is a silent wrong number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from warehouse.model import twins, words
from warehouse.model.bags import bag
from warehouse.model.keys import ID_WORDS, bare_id, id_like, owns
from warehouse.model.probe import Probe
from warehouse.model.reading import GENERIC, ReadColumn, ReadTable
from warehouse.model.review import ReviewItem
from warehouse.model.schema import Join

LEAST_CONTAINED = 0.99
LEAST_WITH_NAME = 0.9
_SELF = bag("manager parent supervisor boss mentor referrer referred reports lead predecessor")
_FIRST_ROLES = ("current", "primary", "main", "billing", "origin", "from", "start", "departure", "home")


@dataclass(frozen=True)
class Candidate:
    """A possible join with its evidence: name support (2-4) and the share of rows that find a partner."""

    table: str
    column: str
    to: str
    to_column: str
    support: float
    contained: float
    role: str | None = None
    declared: bool = False

    @property
    def confidence(self) -> float:
        if self.declared:
            return 0.99
        if not self.contained:
            return 0.6
        if self.contained < LEAST_CONTAINED:
            return 0.7
        return 0.95 if self.support >= 4 else 0.9


@dataclass(frozen=True)
class Joins:
    """The joins of every table, and what a person should look at."""

    by_table: dict[str, tuple[Join, ...]]
    review: tuple[ReviewItem, ...]


def find(tables: dict[str, ReadTable], keys: dict[str, tuple[str, ...]], probe: Probe) -> Joins:
    """All joins worth using: at most one target a column, the best named one; ties go to review."""
    review: list[ReviewItem] = []
    chosen: dict[str, list[Candidate]] = {t: list(_declared(table, tables)) for t, table in tables.items()}
    for name, table in tables.items():
        taken = {c.column for c in chosen[name]}
        for column in table.columns.values():
            if column.name in taken or column.kind not in ("text", "integer"):
                continue
            best = _best(_candidates(table, column, tables, keys, probe), review)
            if best:
                chosen[name].append(best)
    linked = {name: _as_joins(found, review) for name, found in chosen.items()}
    for name, join in twins.find(tables, keys, linked, probe):
        linked[name] = (*linked[name], join)
        review.append(twins.review_of(name, join))
    return Joins(linked, tuple(review))


def _declared(table: ReadTable, tables: dict[str, ReadTable]) -> Iterator[Candidate]:
    for fk in table.profile.foreign_keys:
        columns, to, targets = fk.get("columns", []), fk.get("to"), fk.get("to_columns", [])
        if to in tables and len(columns) == len(targets) == 1 and columns[0] in table.columns:
            role = _role(table.columns[columns[0]], tables[to])
            yield Candidate(table.name, columns[0], to, targets[0], 4, 1.0, role, declared=True)


def _candidates(
    table: ReadTable, column: ReadColumn, tables: dict[str, ReadTable], keys: dict[str, tuple[str, ...]], probe: Probe
) -> list[Candidate]:
    found = []
    for target in tables.values():
        for key in _unique_columns(target, keys[target.name]):
            support = _support(table, column, target, key)
            if support < 2 or not _compatible(column, key):
                continue
            contained = probe.contained(table.name, column.name, target.name, key.name)
            empty = table.rows == 0 or target.rows == 0
            needed = LEAST_WITH_NAME if support >= 2.5 and _same_kind(column, key) else LEAST_CONTAINED
            if contained >= needed or empty:
                role = _role(column, target)
                found.append(Candidate(table.name, column.name, target.name, key.name, support, contained, role))
    return found


def _unique_columns(table: ReadTable, key: tuple[str, ...]) -> list[ReadColumn]:
    """Columns that may be joined to: the single-column key, and other unique columns that name the table's rows."""
    owned = [c for c in table.columns.values() if owns(table, c) >= 2]
    unique = [c.name for c in owned if c.looks_unique and c.profile.distinct_exact]
    names = dict.fromkeys([*(key if len(key) == 1 else ()), *unique])
    return [table.columns[n] for n in names]


def _support(table: ReadTable, column: ReadColumn, target: ReadTable, key: ReadColumn) -> float:
    """How strongly the names say `column` refers to `key` of `target`: 4 exactly, 0 not at all."""
    if table.name == target.name:
        return _self_support(column, target, key)
    if bare_id(column) or owns(table, column) >= max(owns(target, key), 1):
        return 0.0
    twin = target.columns.get(column.name)
    if twin and column.name != key.name and twin.kind == column.kind:
        return 0.0
    by_record = _record_support(column, target)
    if by_record and owns(target, key):
        return by_record + (0.5 if column.name.lower() == key.name.lower() else 0)
    same = column.name.lower() == key.name.lower() and column.words[-1] not in GENERIC - ID_WORDS - {"name"}
    if same and not _generic(column):
        return 2.0 + owns(target, key) / 2
    return 2.0 if owns(target, key) >= 2 and _told_by_comment(column, target) else 0.0


def _told_by_comment(column: ReadColumn, target: ReadTable) -> bool:
    told = words.split(column.profile.comment or "")
    return "_".join(target.record) in "_".join(told) and not {"id", "identifier", "key"}.isdisjoint(told)


def _generic(column: ReadColumn) -> bool:
    return len(column.words) == 1 and column.words[0] in GENERIC


def _self_support(column: ReadColumn, target: ReadTable, key: ReadColumn) -> float:
    if column.name == key.name or not owns(target, key):
        return 0.0
    base = _base(column)
    led = len(base) > len(target.record) and base[-len(target.record) :] == target.record
    return 3.0 if led or (base and base[0] in _SELF and id_like(column)) else 0.0


def _record_support(column: ReadColumn, target: ReadTable) -> float:
    return max(_names_record(column, record) for record in target.names)


def _names_record(column: ReadColumn, record: tuple[str, ...]) -> float:
    base = _base(column)
    marked = len(base) < len(column.words)
    if _same(base, record):
        return 4.0 if marked else 3.0
    if marked and len(base) > len(record) and _same(base[-len(record) :], record):
        return 3.5
    if len(base) == 1 and len(record) > 1 and _same(base, record[-1:]):
        return 3.0 if marked else 2.5
    short = len(base) == len(record) == 1 and 3 <= len(base[0]) < len(record[0]) and record[0].startswith(base[0])
    return 2.0 if marked and short else 0.0


def _base(column: ReadColumn) -> tuple[str, ...]:
    """The words without their identifier mark: customer, id -> customer."""
    marked = column.words[-1] in ID_WORDS or (column.words[-1] == "name" and column.kind == "text")
    base = column.words[:-1] if marked and len(column.words) > 1 else column.words
    return tuple(words.singular(w) for w in base)


def _same(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    return "".join(left) == "".join(words.singular(w) for w in right)


def _compatible(column: ReadColumn, key: ReadColumn) -> bool:
    return {column.kind, key.kind} <= {"text", "integer"}


def _same_kind(column: ReadColumn, key: ReadColumn) -> bool:
    return column.kind == key.kind


def _role(column: ReadColumn, target: ReadTable) -> str | None:
    base = _base(column)
    record = tuple(words.singular(w) for w in target.record)
    if len(base) > len(record) and base[-len(record) :] == record:
        return "_".join(base[: -len(record)])
    return None


def _best(found: list[Candidate], review: list[ReviewItem]) -> Candidate | None:
    if not found:
        return None
    ranked = sorted(found, key=lambda c: (-c.support, -c.contained, c.to, c.to_column))
    first = ranked[0]
    rivals = [c for c in ranked[1:] if c.support == first.support and c.to != first.to]
    if not rivals:
        return first
    options = " or ".join(f"{c.to}.{c.to_column}" for c in (first, *rivals))
    review.append(
        ReviewItem(
            kind="join", table=first.table, name=first.column, confidence=0.5, suggested=True,
            proposal={"to": first.to, "on": {first.column: first.to_column}},
            evidence=f"All rows find a partner in {first.to} and in {', '.join(c.to for c in rivals)}.",
            finding=f"{first.table}.{first.column} may refer to {options}; none is used.",
            effect="Questions that need this link cannot be answered until one is chosen.",
        )
    )  # fmt: skip
    return None


def _as_joins(found: list[Candidate], review: list[ReviewItem]) -> tuple[Join, ...]:
    targets: dict[str, list[Candidate]] = {}
    for candidate in found:
        targets.setdefault(candidate.to, []).append(candidate)
    joins = []
    for same in targets.values():
        default = _default_role(same)
        for c in same:
            if 0 < c.contained < LEAST_CONTAINED:
                review.append(_loose(c))
            role = c.role or (_own_role(c) if len(same) > 1 or c.to == c.table else None)
            joins.append(
                Join(to=c.to, on={c.column: c.to_column}, role=role, default=len(same) > 1 and c is default,
                     confidence=c.confidence)
            )  # fmt: skip
        if len(same) > 1 and default.role:
            review.append(
                ReviewItem(
                    kind="role", table=default.table, name=default.column, confidence=0.6,
                    finding=f"{default.table} refers to {default.to} in {len(same)} roles; {default.role} is assumed.",
                    effect="A question that names no role is answered for this one.",
                )
            )  # fmt: skip
    return tuple(joins)


def _loose(c: Candidate) -> ReviewItem:
    return ReviewItem(
        kind="join", table=c.table, name=c.column, confidence=c.confidence,
        proposal={"to": c.to, "on": {c.column: c.to_column}},
        evidence=f"The name says so, but {1 - c.contained:.1%} of the values are missing there.",
        finding=f"{c.contained:.0%} of {c.table}.{c.column} are found in {c.to}.{c.to_column}.",
        effect="The others appear without a partner.",
    )  # fmt: skip


def _own_role(candidate: Candidate) -> str:
    parts = [p for p in words.expand(words.split(candidate.column)) if p not in ID_WORDS]
    return "_".join(parts) or candidate.column


def _default_role(same: list[Candidate]) -> Candidate:
    def order(c: Candidate) -> tuple[int, int]:
        first = next((i for i, role in enumerate(_FIRST_ROLES) if c.role and role in c.role), len(_FIRST_ROLES))
        return (1 if c.role else 0, first)

    return min(same, key=order)
