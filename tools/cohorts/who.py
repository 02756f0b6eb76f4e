"""Whose comings and goings the data can follow: an id, a date, and what counts as being active."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from store.errors import NotEnough, unknown
from tools.registry import ToolContext
from warehouse.journeys import Activity
from warehouse.model.adhoc import resolve_measure
from warehouse.model.schema import Measure, SemanticModel, Table
from warehouse.model.words import plural
from warehouse.profile import DataProfile
from warehouse.query import Condition, DimRef, Filter

PEOPLE = (
    "customer", "client", "member", "subscriber", "user", "patient", "guest", "account", "buyer", "shopper", "visitor",
    "student", "donor", "passenger", "player", "household", "policyholder", "tenant", "borrower",
)  # fmt: skip
_SPLIT = re.compile(r"[\W_]+|(?<=[a-z0-9])(?=[A-Z])")
_ID_WORDS = ("id", "no", "number", "key", "code", "hash")
_DEEDS = ("order", "purchase", "transaction", "visit", "appointment", "booking", "session", "payment", "trip", "rental")


@dataclass(frozen=True)
class Who:
    """Followed entities: `activity` is what they do, `one` and `many` what they are called, `deed` the verb's object.

    `first` and `last` are the days between which the data can know of an activity. `surely_new` says that only those
    are followed whose own record began after `first`, so that nobody from before passes for a newcomer.
    """

    activity: Activity
    one: str
    many: str
    deed: str
    first: date
    last: date
    surely_new: bool = False


def find(
    context: ToolContext, entity: str | None = None, deed: str | None = None, filters: tuple[Condition, ...] = ()
) -> Who:
    """Whom to follow: by `entity` (`table.column`, a table, or a word such as “patients”), else the usual one.

    `deed` is the measure that counts as being active. Raises `NotEnough` with the code `no_entity` or `no_time`.
    """
    found = candidates(context.model, context.profile)
    if entity is not None:
        found = [w for w in found if _means(context.model, w, entity)] or _named(context, entity)
    if deed is not None:
        home = resolve_measure(context.model, deed)
        if home is None:
            raise unknown("measure", deed, [m for t in context.model.tables.values() for m in t.measures])
        found = [replace(w, measure=deed) for w in found if w.table == home[0]]
    if not found:
        raise NotEnough(
            f"I see no column that says which {_said_one(entity)} did what and when, so I cannot follow them.",
            code="no_entity",
            hint="It takes a table with an id and a date, such as orders with a customer number.",
        )
    return _dated(context, found[0], filters)


def _said_one(entity: str | None) -> str:
    return entity if entity is not None and entity.isalpha() else "customer (or member, patient …)"


@dataclass(frozen=True)
class Candidate:
    """A dated table that says whom its rows are about."""

    table: str
    entity: str
    one: str
    measure: str | None
    rows: int


def candidates(model: SemanticModel, profile: DataProfile) -> list[Candidate]:
    """Dated tables that know whom a row is about: the most usual word first, then those with most rows."""
    found: list[Candidate] = []
    for name, table in model.tables.items():
        if table.time is None:
            continue
        rows = _rows(profile, table)
        found += [Candidate(name, field, one, _deed(table), rows) for field, one in _entities(model, name, table)]
    return sorted(found, key=lambda w: (PEOPLE.index(w.one) if w.one in PEOPLE else len(PEOPLE), -w.rows, w.table))


def _rows(profile: DataProfile, table: Table) -> int:
    stored = profile.tables.get(table.source)
    return stored.rows if stored else 0


def _entities(model: SemanticModel, name: str, table: Table) -> list[tuple[str, str]]:
    """Fields that name a person-like entity: the key of a table joined to, or an id of the table's own."""
    pairs: list[tuple[str, str]] = []
    for join in table.joins:
        target = model.tables.get(join.to)
        word = person(f"{join.to} {target.record or ''}") if target else None
        if target is not None and word and len(target.key) == 1 and target.key[0] in target.dimensions:
            pairs.append((f"{join.to}.{target.key[0]}", target.record or word))
    for field in table.dimensions:
        word = person(field)
        is_id = word is not None and (
            len(words(field)) > 1 and words(field)[-1] in ("id", "no", "number", "key", "code", "hash")
        )
        if word and is_id and (field,) != table.key and not any(one == word for _, one in pairs):
            pairs.append((f"{name}.{field}", word))
    return pairs


def person(text: str) -> str | None:
    """The word for people in a name: `customer_id` -> customer."""
    known = {w.removesuffix("s") for w in words(text)}
    return next((p for p in PEOPLE if p in known), None)


def words(text: str) -> list[str]:
    """A name as small words: `customer_id`, `CustomerId` -> customer, id."""
    return [w.casefold() for w in _SPLIT.split(text) if w]


def _deed(table: Table) -> str | None:
    """The count that tells activities from what was cancelled, tested or sent back; None when none is better."""
    counts = {n: m for n, m in table.measures.items() if m.agg in ("count", "count_distinct") and m.good != "down"}
    named = [n for n, m in counts.items() if any(d in _said(n, m) for d in _DEEDS)]
    ordered = sorted(named, key=lambda n: (counts[n].where is None, list(counts).index(n)))
    return next(iter(ordered or counts), None)


def _said(name: str, measure: Measure) -> str:
    return f"{name} {measure.label or ''} {' '.join(measure.words())}".casefold()


def _means(model: SemanticModel, found: Candidate, entity: str) -> bool:
    table = found.entity.split(".", 1)[0]
    spec = model.tables.get(table)
    word = entity.casefold()
    names = {found.entity.casefold(), table.casefold(), found.one, plural(found.one)}
    return word in names or (spec is not None and word in {spec.record, spec.records, (spec.label or "").casefold()})


def _named(context: ToolContext, entity: str) -> list[Candidate]:
    """Any column that a person names, on the dated table it is in or that leads to it."""
    table, _, column = entity.rpartition(".")
    spec = context.model.tables.get(table)
    if spec is None or column not in spec.dimensions:
        return []
    one = spec.record or column.removesuffix("_id").replace("_", " ")
    homes = [
        n for n, t in context.model.tables.items() if t.time and (n == table or any(j.to == table for j in t.joins))
    ]
    homes.sort(
        key=lambda n: -(stored.rows if (stored := context.profile.tables.get(context.model.tables[n].source)) else 0)
    )
    return [Candidate(n, entity, one, _deed(context.model.tables[n]), 0) for n in homes]


def _dated(context: ToolContext, found: Candidate, filters: tuple[Condition, ...]) -> Who:
    table = context.model.tables[found.table]
    assert table.time is not None  # only dated tables are candidates
    first, last = context.profile.bounds(table.source, table.time.default)
    if first is None or last is None:
        raise NotEnough(f"I know no dates of {found.table.replace('_', ' ')}.", code="no_time")
    since = _known_since(context, found, first, last)
    activity = Activity(
        table=found.table, entity=found.entity, measure=found.measure, filters=(*filters, *([since] if since else []))
    )
    measure = table.measures.get(found.measure or "")
    deed = next((d for d in _DEEDS if measure and d in _said(found.measure or "", measure)), table.record or "activity")
    return Who(
        activity, found.one, plural(found.one), deed, first, min(last, context.as_of.date() - timedelta(days=1)),
        surely_new=since is not None,
    )  # fmt: skip


def _known_since(context: ToolContext, found: Candidate, first: date, last: date) -> Filter | None:
    """Only those whose own record began with the data or later, where such a date is known and leaves enough time."""
    owner = context.model.tables.get(found.entity.split(".", 1)[0])
    if owner is None or owner.time is None or found.entity.split(".", 1)[0] == found.table:
        return None
    began, latest = context.profile.bounds(owner.source, owner.time.default)
    if began is None or latest is None or began >= first or (latest - first).days < (last - first).days / 2:
        return None
    field = DimRef(field=f"{found.entity.split('.', 1)[0]}.{owner.time.default}")
    return Filter(field=field, op=">=", values=(first,))
