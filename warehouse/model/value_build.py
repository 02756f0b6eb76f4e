"""Collects the values worth naming from the stored tables, with the other names the world has for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from warehouse.literals import quoted
from warehouse.model.postings import Near, Postings
from warehouse.model.schema import Dimension, SemanticModel, Table
from warehouse.model.values import SEPARATOR, IndexedColumn, IndexParts, ValuesIndex, fold

if TYPE_CHECKING:
    import duckdb

PER_COLUMN = 20_000
IN_ALL = 200_000
_LONGEST_VALUE = 120
_COUNTRIES = (
    ("United States", "United States of America", "USA", "US", "U.S.", "U.S.A.", "America", "American"),
    ("United Kingdom", "UK", "GB", "GBR", "Great Britain", "Britain", "British"),
    ("Germany", "DE", "DEU", "German", "Deutschland"), ("France", "FR", "FRA", "French"),
    ("Spain", "ES", "ESP", "Spanish"), ("Italy", "IT", "ITA", "Italian"), ("Netherlands", "NL", "NLD", "Holland"),
    ("Switzerland", "CH", "CHE", "Swiss"), ("Austria", "AT", "AUT", "Austrian"), ("Canada", "CA", "CAN", "Canadian"),
    ("Mexico", "MX", "MEX", "Mexican"), ("Brazil", "BR", "BRA", "Brazilian"), ("Japan", "JP", "JPN", "Japanese"),
    ("China", "CN", "CHN", "Chinese"), ("India", "IN", "IND", "Indian"), ("Australia", "AU", "AUS", "Australian"),
    ("South Korea", "Korea", "KR", "KOR", "Republic of Korea"), ("Russia", "RU", "RUS", "Russian Federation"),
    ("Sweden", "SE", "SWE", "Swedish"), ("Norway", "NO", "NOR", "Norwegian"), ("Denmark", "DK", "DNK", "Danish"),
    ("Poland", "PL", "POL", "Polish"), ("Ireland", "IE", "IRL", "Irish"), ("Portugal", "PT", "PRT", "Portuguese"),
    ("Belgium", "BE", "BEL", "Belgian"), ("United Arab Emirates", "UAE", "AE", "ARE"),
)  # fmt: skip
_STATES = (
    "Alabama AL,Alaska AK,Arizona AZ,Arkansas AR,California CA,Colorado CO,Connecticut CT,Delaware DE,Florida FL,"
    "Georgia GA,Hawaii HI,Idaho ID,Illinois IL,Indiana IN,Iowa IA,Kansas KS,Kentucky KY,Louisiana LA,Maine ME,"
    "Maryland MD,Massachusetts MA,Michigan MI,Minnesota MN,Mississippi MS,Missouri MO,Montana MT,Nebraska NE,"
    "Nevada NV,New Hampshire NH,New Jersey NJ,New Mexico NM,New York NY,North Carolina NC,North Dakota ND,Ohio OH,"
    "Oklahoma OK,Oregon OR,Pennsylvania PA,Rhode Island RI,South Carolina SC,South Dakota SD,Tennessee TN,Texas TX,"
    "Utah UT,Vermont VT,Virginia VA,Washington WA,West Virginia WV,Wisconsin WI,Wyoming WY"
)


def build(model: SemanticModel, connection: duckdb.DuckDBPyConnection) -> ValuesIndex:
    """The index of all text dimensions that are sampled, not personal, and groupable or the name of a row, and of
    yes-or-no dimensions that have words for either.

    At most 20,000 values a column (most common first) and 200,000 in all; a column that was cut is not `complete`.
    """
    columns: list[IndexedColumn] = []
    firsts: list[int] = []
    values: list[str] = []
    synonyms: dict[str, list[int]] = {}
    for table_name, table in model.tables.items():
        for name, dimension in table.dimensions.items():
            if not _indexed(table, name, dimension):
                continue
            room = min(PER_COLUMN, IN_ALL - len(values))
            yes_or_no = dimension.type == "boolean"
            found = list(dimension.values) if yes_or_no else _distinct(connection, table, name, dimension, room + 1)
            columns.append(IndexedColumn(table_name, name, len(found) <= room))
            firsts.append(len(values))
            _add_synonyms(synonyms, dimension, found[:room], len(values))
            values.extend(found[:room])
    return assemble(columns, firsts, values, synonyms)


def narrowed(index: ValuesIndex, model: SemanticModel, seen: Callable[[str, str], set[str] | None]) -> ValuesIndex:
    """The index with those values of each (table, dimension) that `seen` gives; None keeps all of them."""
    columns: list[IndexedColumn] = []
    firsts: list[int] = []
    values: list[str] = []
    synonyms: dict[str, list[int]] = {}
    for column in index.columns():
        allowed = seen(column.table, column.dimension)
        held = index.values_of(column.table, column.dimension)
        kept = held if allowed is None else [v for v in held if v in allowed]
        if not kept:
            continue
        columns.append(column)
        firsts.append(len(values))
        _add_synonyms(synonyms, model.tables[column.table].dimensions[column.dimension], kept, len(values))
        values.extend(kept)
    return assemble(columns, firsts, values, synonyms)


def reworded(index: ValuesIndex, model: SemanticModel) -> ValuesIndex:
    """The index with the words that the model has for its values now, without what it may not hold any more."""

    def seen(table: str, dimension: str) -> set[str] | None:
        found = model.tables[table].dimensions.get(dimension) if table in model.tables else None
        return None if found is not None and _indexed(model.tables[table], dimension, found) else set()

    return narrowed(index, model, seen)


def assemble(
    columns: list[IndexedColumn], firsts: list[int], values: list[str], synonyms: Mapping[str, list[int]]
) -> ValuesIndex:
    """The index over given values: runs of `values` begin at `firsts`, `synonyms` map text to value positions."""
    forms: dict[str, list[int]] = {}
    words: dict[str, list[int]] = {}
    for i, value in enumerate(values):
        form = fold(value)
        forms.setdefault(form, []).append(i)
        for word in dict.fromkeys(form.split(" ")):
            words.setdefault(word, []).append(i)
    folded: dict[str, list[int]] = {}
    for text, at in synonyms.items():
        folded.setdefault(fold(text), []).extend(at)
    longest = max((form.count(" ") + 1 for form in (*forms, *folded)), default=0)
    kept = Postings.of(forms)
    parts = IndexParts(
        columns, firsts, values, kept, Postings.of(folded), Postings.of(words), Near.backwards(kept), longest
    )
    return ValuesIndex(parts)


def _indexed(table: Table, name: str, dimension: Dimension) -> bool:
    if dimension.type == "boolean":
        return bool(dimension.values)
    nameable = dimension.groupable or name == table.name_column
    plain = dimension.expr is None or dimension.expr == name
    return dimension.type == "text" and nameable and plain and not dimension.pii and dimension.sample > 0


def _distinct(
    connection: duckdb.DuckDBPyConnection, table: Table, name: str, dimension: Dimension, limit: int
) -> list[str]:
    column = quoted(name)
    source = ".".join(quoted(part) for part in table.source.split("."))
    rows = connection.execute(
        f"SELECT v FROM (SELECT CAST({column} AS VARCHAR) AS v, count(*) AS n FROM {source} "
        f"WHERE {column} IS NOT NULL GROUP BY 1) WHERE length(v) BETWEEN 1 AND {_LONGEST_VALUE} "
        f"ORDER BY n DESC, v LIMIT {max(int(limit), 1)}"
    ).fetchall()
    return [value for (value,) in rows if SEPARATOR not in value]


def _add_synonyms(synonyms: dict[str, list[int]], dimension: Dimension, values: list[str], first: int) -> None:
    at = {value: first + i for i, value in enumerate(values)}
    for value, others in dimension.values.items():
        for other in others if value in at else ():
            synonyms.setdefault(other, []).append(at[value])
    for value, other in _aliases(values):
        synonyms.setdefault(other, []).append(at[value])


def _aliases(values: Iterable[str]) -> list[tuple[str, str]]:
    """Other names of the countries and US states among the values, where no value has that name itself."""
    held = {fold(value): value for value in values}
    groups = [*_COUNTRIES, *(tuple(pair.rsplit(" ", 1)) for pair in _STATES.split(","))]
    found: list[tuple[str, str]] = []
    for group in groups:
        for name in group:
            value = held.get(fold(name))
            if value is not None:
                found.extend((value, other) for other in group if fold(other) not in held)
    return found
