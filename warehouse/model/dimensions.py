"""Decides what people may group and filter by, what names a row to them, and what is too personal to sample."""

from __future__ import annotations

from warehouse.model import called, flags, lexicon, number_columns, personal
from warehouse.model.keys import bare_id, id_like
from warehouse.model.reading import ReadColumn, ReadTable
from warehouse.model.schema import Dimension, NumberColumn, ValueType

_TYPES: dict[str, ValueType] = {
    "boolean": "boolean",
    "time": "time",
    "integer": "integer",
    "decimal": "decimal",
    "float": "float",
}
_LONG_TEXT = 60
_TITLES = (
    ("name",), ("title",), ("label",), ("full", "name"), ("display", "name"), ("long", "title"), ("short", "title"),
    ("symbol",),
)  # fmt: skip


def find(
    table: ReadTable, found: dict[str, NumberColumn], name_column: str | None, linked: frozenset[str] = frozenset()
) -> dict[str, Dimension]:
    """Every column that is neither a date nor a mere quantity; quantities with few whole values are both.

    `linked` columns refer to other tables and stay as they are stored.
    """
    return {
        c.name: _dimension(table, c, c.name == name_column, c.name in linked)
        for c in table.columns.values()
        if not c.temporal and (c.name not in found or number_columns.groupable(c))
    }


def name_column(table: ReadTable) -> str | None:
    """The text column that names a row to a person (`name`, `title`, `city name`); None when it takes two."""
    texts = [c for c in table.columns.values() if c.kind == "text"]
    if any(c.words == ("last", "name") for c in texts):
        return None
    ranked = [(rank, c) for c in texts if (rank := _naming(table, c)) is not None]
    return min(ranked, key=lambda pair: pair[0])[1].name if ranked else None


def free_text(column: ReadColumn) -> bool:
    """Whether values are prose, so that grouping by them makes no sense."""
    p = column.profile
    if column.kind != "text" or not p.rows:
        return False
    length, varied = p.avg_length or 0, p.distinct > 0.5 * max(p.rows - p.nulls, 1)
    prose = lexicon.has(column.words, lexicon.FREE_TEXT) and length > 30
    return varied and (length > _LONG_TEXT or prose)


def _naming(table: ReadTable, column: ReadColumn) -> int | None:
    if column.words in _TITLES:
        return _TITLES.index(column.words) * 2
    for name in table.names:
        if column.words in ((*name, "name"), (*name, "title"), (name[-1], "name")):
            return 1
        if column.words == name:
            return 5
    if column.words[-1:] == ("description",) and column.words[:-1] in (*table.names, ()) and table.rows <= 1000:
        return 20
    if column.words[-1] == "name" and column.words[0] == table.record[0] and len(column.words) > 2:
        return 12
    if column.words[-1] == "name" and table.columns and next(iter(table.columns)) == column.name:
        return 15
    return None


def _dimension(table: ReadTable, column: ReadColumn, naming: bool, linked: bool) -> Dimension:
    flag = None if linked else flags.find(column, column.stored)
    if flag is not None:
        return Dimension(
            label=table.label(column), description=column.profile.comment, type="boolean", expr=flag.expr,
            values=flag.values, confidence=0.8,
        )  # fmt: skip
    about, prose = personal.kind_of(column, table), free_text(column)
    pii = about is not None and about != "name"  # whose figure it is may be asked; how to reach them may not
    code = id_like(column) and (bare_id(column) or column.looks_unique) and not naming
    hidden = pii or prose or (code and column.kind != "text")
    return Dimension(
        label=table.label(column),
        description=column.profile.comment,
        expr=column.expression if column.as_text and not linked else None,
        type="text" if column.as_text and linked else _TYPES.get(column.kind, "text"),
        values=called.genders(column) or called.ranked(column) if column.kind == "text" else {},
        pii=pii,
        personal=about,
        groupable=not prose,
        sample=0 if hidden else 20,
        confidence=0.8,
    )
