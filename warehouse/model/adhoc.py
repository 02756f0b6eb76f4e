"""Aggregations nobody wrote down ("median age"), so that a short model still answers every fair question."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import get_args

from store.errors import InvalidRequest, unknown
from warehouse.literals import quoted
from warehouse.model.schema import (
    Aggregation,
    Dimension,
    Measure,
    NumberColumn,
    SemanticModel,
    Table,
    TimeColumn,
    Unit,
    ValueType,
)
from warehouse.model.spans import span_of
from warehouse.model.words import plural

_NAME = re.compile(rf"({'|'.join(get_args(Aggregation))}):([^.]+)\.(.+)")
_OF_NUMBERS: tuple[Aggregation, ...] = ("sum", "avg", "min", "max", "median", "count", "count_distinct")
_OF_RATES: tuple[Aggregation, ...] = ("avg", "min", "max", "median", "count", "count_distinct")
_OF_ORDERED: tuple[Aggregation, ...] = ("min", "max", "count", "count_distinct")
_OF_OTHERS: tuple[Aggregation, ...] = ("count", "count_distinct")
_PREFIX: dict[Aggregation, str] = {
    "sum": "Total",
    "avg": "Average",
    "min": "Lowest",
    "max": "Highest",
    "median": "Median",
    "count": "Number of",
    "count_distinct": "Different",
}
_TEMPORAL: tuple[ValueType, ...] = ("date", "datetime", "time")


@dataclass(frozen=True)
class NumberField:
    """A column that can be aggregated on request; date columns are listed too, for the earliest and the latest."""

    table: str
    column: str
    label: str
    synonyms: tuple[str, ...]
    unit: Unit | None
    type: ValueType
    aggregations: tuple[Aggregation, ...]


@dataclass(frozen=True)
class _Subject:
    label: str
    expr: str
    type: ValueType
    unit: Unit | None = None
    decimals: int | None = None
    aggregations: tuple[Aggregation, ...] = _OF_OTHERS


def adhoc_name(agg: Aggregation, table: str, column: str) -> str:
    """The metric name that asks for `agg` of `table.column`: `avg:sales.sale_price`."""
    return f"{agg}:{table}.{column}"


def output_name(metric: str) -> str:
    """The result column of a metric name, [A-Za-z0-9_]+: `avg:sales.sale_price` -> `avg_sale_price`."""
    found = _NAME.fullmatch(metric)
    plain = f"{found[1]}_{found[3]}" if found else metric
    return re.sub(r"\W+", "_", plain, flags=re.ASCII).strip("_") or "value"


def humanize(name: str) -> str:
    """A stored name as words: `sale_price` -> `Sale price`."""
    words = re.sub(r"[\W_]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def resolve_measure(model: SemanticModel, name: str) -> tuple[str, Measure] | None:
    """The table and measure meant by `name`: one the model defines, or `<agg>:<table>.<column>` built on the fly.

    None for a name that is neither. Raises `InvalidRequest` with code `non_additive` for a sum of rates or prices and
    `wrong_aggregation` for one that does not fit the column (an average of text).
    """
    owner = model.measure_table(name)
    if owner is not None:
        return owner, model.tables[owner].measures[name]
    asked = _NAME.fullmatch(name)
    table = model.tables.get(asked[2]) if asked else None
    if asked is None or table is None:
        return None
    subject = _subject(table, asked[3]) or _reached(model, asked[3]) or _span(model, asked[3])
    if subject is None:
        return None
    agg: Aggregation = asked[1]  # type: ignore[assignment]  # the pattern lists the aggregations
    _check(agg, subject)
    return asked[2], _measure(agg, subject)


def resolve_field(model: SemanticModel, table: str, name: str) -> Dimension:
    """The dimension, number or time column `name` of `table`, as a dimension to filter, list or group by.

    Raises `UnknownName` with near names.
    """
    found = model.tables.get(table)
    if found is None:
        raise unknown("table", table, model.tables)
    if name in found.dimensions:
        return found.dimensions[name]
    if name in found.numbers:
        return _number_as_dimension(found.numbers[name])
    times = found.time.columns if found.time else {}
    if name in times:
        return _time_as_dimension(times[name])
    span = _span(model, name)
    if span is not None:
        return Dimension(label=span.label, expr=span.expr, type="integer", unit=span.unit, groupable=False, sample=0)
    raise unknown("field", f"{table}.{name}", [f"{table}.{n}" for n in (*found.dimensions, *found.numbers, *times)])


def available_numbers(model: SemanticModel) -> list[NumberField]:
    """Every numeric column that is a quantity and every date column, in model order."""
    return [field for name, table in model.tables.items() for field in _fields(name, table)]


def _fields(name: str, table: Table) -> list[NumberField]:
    times = table.time.columns if table.time else {}
    columns: dict[str, NumberColumn | TimeColumn] = {**table.numbers, **times}
    return [_field(name, table, column, found) for column, found in columns.items()]


def _field(name: str, table: Table, column: str, found: NumberColumn | TimeColumn) -> NumberField:
    subject = _subject(table, column)
    assert subject is not None  # the column comes from this very table
    return NumberField(
        name, column, subject.label, tuple(found.words()), subject.unit, subject.type, subject.aggregations
    )


def _subject(table: Table, column: str) -> _Subject | None:
    if column in table.numbers:
        n = table.numbers[column]
        allowed = _OF_NUMBERS if n.additive == "all" else _OF_RATES
        return _Subject(n.label or humanize(column), n.expr or quoted(column), n.type, n.unit, n.decimals, allowed)
    if column in table.dimensions:
        d = table.dimensions[column]
        ordered = d.type in _TEMPORAL or d.type in ("integer", "decimal", "float")
        allowed = _OF_ORDERED if ordered else _OF_OTHERS
        return _Subject(d.label or humanize(column), d.expr or quoted(column), d.type, d.unit, aggregations=allowed)
    if table.time and column in table.time.columns:
        t = table.time.columns[column]
        kind: ValueType = "date" if t.kind == "date" else "datetime"
        return _Subject(t.label or humanize(column), quoted(column), kind, aggregations=_OF_ORDERED)
    if column in table.measures and table.measures[column].expr:
        return _measure_subject(column, table.measures[column])
    return None


def _reached(model: SemanticModel, name: str) -> _Subject | None:
    """A number of a table that the rows belong to: the price of the product of each sale."""
    owner, dot, column = name.partition(".")
    table = model.tables.get(owner) if dot else None
    number = table.numbers.get(column) if table else None
    if table is None or number is None or number.expr is not None or number.duration is not None:
        return None
    subject = _subject(table, column)
    return replace(subject, expr=f"{quoted(owner)}.{quoted(column)}") if subject else None


def _span(model: SemanticModel, name: str) -> _Subject | None:
    """The time between two dates."""
    span = span_of(model, name)
    if span is None:
        return None
    ends = [humanize(end.rpartition(".")[2]).lower() for end in (span.start, span.end)]
    label = f"{span.unit.capitalize()}s from {ends[0]} to {ends[1]}"
    return _Subject(label, quoted(name), "integer", Unit(name=span.unit), 0, _OF_NUMBERS)


def _measure_subject(name: str, measure: Measure) -> _Subject:
    allowed = _OF_NUMBERS if measure.additive == "all" else _OF_RATES
    return _Subject(
        measure.label or humanize(name),
        measure.expr or quoted(name),
        "decimal",
        measure.unit,
        measure.decimals,
        allowed,
    )


def _check(agg: Aggregation, subject: _Subject) -> None:
    if agg in subject.aggregations:
        return
    if agg == "sum":
        raise InvalidRequest(
            f"Adding up “{subject.label}” would give a number without meaning.",
            code="non_additive",
            hint="Ask for its average, median, lowest or highest value instead.",
            details={"field": subject.label, "allowed": list(subject.aggregations)},
        )
    raise InvalidRequest(
        f"“{subject.label}” has no {_PREFIX[agg].lower()} value.",
        code="wrong_aggregation",
        hint="It can be counted" + (", or asked for its first and last." if "min" in subject.aggregations else "."),
        details={"field": subject.label, "allowed": list(subject.aggregations)},
    )


def _measure(agg: Aggregation, subject: _Subject) -> Measure:
    counted = agg in ("count", "count_distinct")
    one = Unit(name=_named(agg, subject)) if agg == "count_distinct" else None
    return Measure(
        label=_label(agg, subject),
        agg=agg,
        expr=subject.expr,
        unit=one if counted else subject.unit,
        additive="all" if agg in ("sum", "count") else "none",
        decimals=_decimals(agg, subject),
    )


def _label(agg: Aggregation, subject: _Subject) -> str:
    *first, last = _named(agg, subject).split(" ")
    counted = plural(last) if agg in ("count", "count_distinct") else last
    prefix = _prefix(agg, subject)
    said = [prefix.lower()] == first[:1]
    return " ".join([prefix, *(first[1:] if said else first), counted])


def _named(agg: Aggregation, subject: _Subject) -> str:
    """What is counted or measured: different customer ids are different customers."""
    name = _lower_first(subject.label)
    return name.removesuffix(" ID") if agg == "count_distinct" else name


def _prefix(agg: Aggregation, subject: _Subject) -> str:
    if subject.type in _TEMPORAL and agg in ("min", "max"):
        return "Earliest" if agg == "min" else "Latest"
    return _PREFIX[agg]


def _decimals(agg: Aggregation, subject: _Subject) -> int | None:
    if agg in ("count", "count_distinct"):
        return 0
    if agg in ("avg", "median") and subject.decimals is not None:
        return max(subject.decimals, 2)
    return subject.decimals


def _lower_first(label: str) -> str:
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _number_as_dimension(number: NumberColumn) -> Dimension:
    shared = number.model_dump(include={"label", "description", "synonyms", "confidence", "expr", "unit"})
    return Dimension(**shared, type=number.type, groupable=False, sample=0)


def _time_as_dimension(column: TimeColumn) -> Dimension:
    shared = column.model_dump(include={"label", "description", "synonyms", "confidence"})
    return Dimension(**shared, type="date" if column.kind == "date" else "datetime", sample=0)
