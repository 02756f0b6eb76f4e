"""Expressions of the model, parsed once against an allow-list, so that no text of a model ever reaches the engine."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from store.errors import InvalidRequest
from warehouse.model.schema import ValueType

_OPERATORS = (
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.Paren, exp.DPipe,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ,
    exp.And, exp.Or, exp.Not, exp.In, exp.Between, exp.Like, exp.ILike, exp.Escape, exp.Is,
)  # fmt: skip
_VALUES = (exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean, exp.Var, exp.Interval)
_TYPES = (exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam)
_CHOICES = (exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least)
_NUMBERS = (exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Sign)
_TEXT = (
    exp.Lower, exp.Upper, exp.Trim, exp.Substring, exp.Length, exp.Concat, exp.Left, exp.Right,
    exp.Replace, exp.SplitPart, exp.Contains, exp.StartsWith, exp.EndsWith,
)  # fmt: skip
_DATES = (
    exp.Extract, exp.Year, exp.Quarter, exp.Month, exp.Week, exp.Day, exp.Hour, exp.Minute, exp.DayOfWeek,
    exp.DayOfWeekIso, exp.DayOfYear, exp.DateDiff, exp.DateTrunc, exp.TimestampTrunc, exp.TimeToStr,
)  # fmt: skip
_ALLOWED = frozenset((*_OPERATORS, *_VALUES, *_TYPES, *_CHOICES, *_NUMBERS, *_TEXT, *_DATES))
_FORMULA = frozenset(
    (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Paren, exp.Column, exp.Identifier, exp.Literal, exp.Coalesce)
)
_WHOLE = (
    exp.Length, exp.Year, exp.Quarter, exp.Month, exp.Week, exp.Day, exp.Hour, exp.Minute, exp.DayOfWeek,
    exp.DayOfWeekIso, exp.DayOfYear, exp.DateDiff, exp.Extract,
)  # fmt: skip
_RANK: dict[ValueType, int] = {"integer": 0, "decimal": 1, "float": 2}
_SAFE_ALONE = (exp.Column, exp.Literal, exp.Func, exp.Paren, exp.Case, exp.Cast)


def parse(text: str, dialect: str) -> exp.Expr:
    """The expression as a fresh tree. Raises `InvalidRequest` with code `expr_not_allowed`."""
    return _parse(text, dialect).copy()


_OF_USER = re.compile(r"'?\{\s*user\.([a-z][a-z0-9_]*)\s*\}'?")


def parse_policy(text: str, dialect: str) -> exp.Expr:
    """A policy's condition, in which `{user.name}` or `:name` stands for an attribute, as a fresh tree.

    Raises like `parse`.
    """
    return _parse(_OF_USER.sub(r":\1", text), dialect, _ALLOWED | {exp.Placeholder}).copy()


def parse_formula(text: str, dialect: str) -> exp.Expr:
    """Arithmetic over metric names, as a fresh tree. Raises `InvalidRequest` with code `expr_not_allowed`."""
    tree = _parse(text, dialect)
    _refuse_outside(tree, _FORMULA, text)
    return tree.copy()


@lru_cache(maxsize=8192)
def _parse(text: str, dialect: str, allowed: frozenset[type[exp.Expr]] = _ALLOWED) -> exp.Expr:
    try:
        statements = sqlglot.parse(text, dialect=dialect)
    except (SqlglotError, RecursionError) as error:
        raise _refusal(text, "it cannot be read") from error
    if len(statements) != 1 or statements[0] is None:
        raise _refusal(text, "it must be one expression")
    tree: exp.Expr = statements[0]
    _refuse_outside(tree, allowed, text)
    return tree


def _refuse_outside(tree: exp.Expr, allowed: frozenset[type[exp.Expr]], text: str) -> None:
    for node in tree.walk():
        if type(node) not in allowed:
            raise _refusal(text, f"{_node_name(node)} is not allowed there")
        if isinstance(node, exp.In) and (node.args.get("query") or node.args.get("unnest") or node.args.get("field")):
            raise _refusal(text, "a list is needed after IN")


def _node_name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return f"the function {node.name}"
    return type(node).__name__.lower()


def _refusal(text: str, reason: str) -> InvalidRequest:
    return InvalidRequest(
        f"The model's expression “{text[:80]}” cannot be used: {reason}.",
        code="expr_not_allowed",
        hint="Use columns, numbers, text, arithmetic, comparisons, CASE and plain functions only.",
        details={"expression": text},
    )


def substitute(tree: exp.Expr, column: Callable[[exp.Column], exp.Expr]) -> exp.Expr:
    """`tree` with every column replaced; what is not a single term gets parentheses."""

    def visit(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        found = column(node)
        return found if node is tree else as_term(found)

    replaced: exp.Expr = tree.transform(visit, copy=False)
    return replaced


def as_term(tree: exp.Expr) -> exp.Expr:
    """The expression, in parentheses unless it can stand beside any operator."""
    alone = isinstance(tree, _SAFE_ALONE) and not isinstance(tree, exp.Binary)  # sqlglot calls AND a function
    return tree if alone else exp.Paren(this=tree)


def value_type(tree: exp.Expr, column_type: Callable[[exp.Column], ValueType]) -> ValueType:
    """The type of an expression: integer, decimal or float for arithmetic, else what its parts say."""
    if isinstance(tree, exp.Column):
        return column_type(tree)
    if isinstance(tree, exp.Literal):
        return "text" if tree.is_string else "integer" if tree.is_int else "decimal"
    if isinstance(tree, (exp.Cast, exp.TryCast)):
        return stored_type(tree.to.sql(dialect="duckdb"))
    if isinstance(tree, exp.Div):
        return "float"
    if isinstance(tree, _WHOLE):
        return "integer"
    if isinstance(tree, exp.Predicate):
        return "boolean"
    parts = [value_type(p, column_type) for p in _parts(tree)]
    numeric = [p for p in parts if p in _RANK]
    if numeric and len(numeric) == len(parts):
        return max(numeric, key=_RANK.__getitem__)
    return parts[0] if parts else "text"


def _parts(tree: exp.Expr) -> list[exp.Expr]:
    if isinstance(tree, exp.Case):
        chosen = [branch.args["true"] for branch in tree.args["ifs"]] + [tree.args.get("default")]
    elif isinstance(tree, exp.If):
        chosen = [tree.args.get("true"), tree.args.get("false")]
    elif isinstance(tree, (exp.Round, exp.Nullif)):
        chosen = [tree.this]
    else:
        chosen = list(tree.iter_expressions())
    return [p for p in chosen if p is not None and not isinstance(p, (exp.Null, exp.Identifier))]


def stored_type(duckdb_type: str) -> ValueType:
    """The value type of a DuckDB type name."""
    name = duckdb_type.upper()
    if "INT" in name and not name.startswith("INTERVAL"):
        return "integer"
    for prefix, found in _STORED:
        if name.startswith(prefix):
            return found
    return "text"


_STORED: tuple[tuple[str, ValueType], ...] = (
    ("DECIMAL", "decimal"),
    ("NUMERIC", "decimal"),
    ("DOUBLE", "float"),
    ("FLOAT", "float"),
    ("REAL", "float"),
    ("BOOL", "boolean"),
    ("DATE", "date"),
    ("TIMESTAMP", "datetime"),
    ("DATETIME", "datetime"),
    ("TIME", "time"),
)
