"""What the expressions of a pack name: columns, values, metrics; parsed as a tree, so nothing is ever pasted."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from store.errors import InvalidRequest

_SLOT = re.compile(r"\{([^{}]*)\}")


def parse(text: str) -> exp.Expr:
    """The expression as a tree. Raises `InvalidRequest` when it is none, or holds a query."""
    try:
        trees = sqlglot.parse(text, dialect="duckdb")
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise InvalidRequest(f"“{text}” cannot be read as an expression.") from error
    tree = trees[0] if len(trees) == 1 else None
    if tree is None or tree.find(exp.Query, exp.Star, exp.Command, exp.AggFunc, exp.Window, exp.Anonymous) is not None:
        raise InvalidRequest(f"“{text}” is no plain expression over columns.")
    return tree


def columns(text: str) -> list[str]:
    """The columns that an expression names, each once, in their order. Raises `InvalidRequest`."""
    return list(dict.fromkeys(c.name for c in parse(text).find_all(exp.Column)))


def compared(text: str) -> Iterator[tuple[str, str]]:
    """(column, text value) of every comparison of a column with a quoted value."""
    for node in parse(text).find_all(exp.EQ, exp.NEQ, exp.In):
        column = next(iter(node.find_all(exp.Column)), None)
        for literal in node.find_all(exp.Literal):
            if column is not None and literal.is_string:
                yield column.name, literal.this


def slots(template: str) -> list[str]:
    """The names in braces of a question template."""
    return [s.strip() for s in _SLOT.findall(template)]


def filled(template: str, words: dict[str, str]) -> str:
    """A question template with its names in braces replaced."""
    return _SLOT.sub(lambda found: words[found[1].strip()], template)
