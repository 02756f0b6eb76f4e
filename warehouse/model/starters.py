"""Opening questions about this very data, so that nobody faces an empty box."""

from __future__ import annotations

from collections.abc import Iterator

from warehouse.model import lexicon
from warehouse.model.bags import bag
from warehouse.model.schema import Dimension, Measure, SemanticModel, Table
from warehouse.model.words import plural
from warehouse.profile import DataProfile

_MOST = 6
_MOST_GROUPS = 60
_BUSINESS = bag(
    "country region city state category type product status channel segment method brand make model department "
    "genre store location industry plan source priority gender team exchange color method"
)


def starters(model: SemanticModel, profile: DataProfile) -> list[str]:
    """Up to six plain-English questions a simple planner can answer: total, breakdown, top, trend, average, count."""
    ranked = sorted(model.tables.items(), key=lambda pair: -_interest(pair[0], pair[1], profile))
    asked = [question for name, table in ranked[:3] for question in _questions(model, profile, name, table)]
    return list(dict.fromkeys(asked))[:_MOST]


def _interest(name: str, table: Table, profile: DataProfile) -> float:
    """Facts first: tables with dates, sums, joins and many rows."""
    rows = profile.tables[name].rows if name in profile.tables else 0
    sums = sum(m.agg == "sum" for m in table.measures.values())
    size = len(str(rows)) / 2
    linking = 4.0 * (len(table.joins) > 1 and not table.numbers and not table.time)
    return -linking + 2.0 * bool(table.time) + min(sums, 2) + 1.5 * len(table.joins) + bool(_figure(table)) + size


def _questions(model: SemanticModel, profile: DataProfile, name: str, table: Table) -> Iterator[str]:
    records, figure = table.records or name, _figure(table)
    spoken = _lower(figure.label) if figure else f"number of {records}"
    groups = _groups(model, profile, name, table)
    yield f"What is the {spoken}?" if figure else f"How many {records} are there?"
    if groups:
        yield f"What is the {spoken} by {groups[0]}?"
    if table.time:
        yield f"Show the {spoken} by month"
    if groups[1:]:
        yield f"Top 5 {_plural_label(groups[1])} by {spoken}"
    yield f"How many {records} are there?"
    if groups[2:] and groups[2] not in (table.record, table.label):
        yield f"How many {records} are there per {groups[2]}?"


def _figure(table: Table) -> Measure | None:
    """The figure people care about most: money before other sums, then averages."""
    others = [m for m in table.measures.values() if m.agg != "count" and m.label]

    def worth(measure: Measure) -> tuple[bool, bool, bool, bool]:
        named = (measure.label or "").lower().split()
        main = bool({"amount", "revenue", "sales", "price", "value"}.intersection(named))
        return measure.agg == "sum", main, lexicon.has(named, lexicon.MONEY), measure.good == "up"

    return max(others, key=worth) if others else None


def _groups(model: SemanticModel, profile: DataProfile, name: str, table: Table) -> list[str]:
    """Words for what to group by: familiar business words first, own columns before those of joined tables."""
    near = [(name, table), *((join.to, model.tables[join.to]) for join in table.joins if join.to in model.tables)]
    found = [group for at, target in near for group in _good_groups(profile, at, target)]
    return sorted(dict.fromkeys(found), key=lambda group: group.split()[-1].lower() not in _BUSINESS)


def _good_groups(profile: DataProfile, name: str, table: Table) -> Iterator[str]:
    seen = profile.tables.get(name)
    for column, dimension in table.dimensions.items():
        counted = seen.columns.get(column) if seen else None
        if counted and 2 <= counted.distinct <= _MOST_GROUPS and _worth_grouping(dimension):
            named = column == table.name_column and table.record
            if named or counted.distinct < counted.rows:
                yield table.record or name if named else _lower(dimension.label)


def _worth_grouping(dimension: Dimension) -> bool:
    """Words rather than codes: text with a readable label."""
    label = (dimension.label or "").lower()
    coded = label.endswith((" id", " code", " number", " key", " year", "first name", "last name"))
    return dimension.type == "text" and dimension.groupable and not dimension.pii and not coded and len(label) > 3


def _lower(label: str | None) -> str:
    text = label or ""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _plural_label(label: str) -> str:
    *first, last = label.split()
    return " ".join([*first, plural(last)])
