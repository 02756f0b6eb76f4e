"""DuckDB's own reading of a statement, walked node by node: what its parser does not see cannot run."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

import duckdb

from store.errors import QueryRefused
from warehouse import functions
from warehouse.literals import literal

_QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_SOURCES = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST", "PIVOT"})
_CLAUSES = frozenset(
    {
        "ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER",
        "ORDER_DEFAULT", "ASCENDING", "DESCENDING",
    }
)  # fmt: skip
_EXPRESSIONS = frozenset(
    {
        "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION",
        "LAMBDA", "LAMBDA_REF", "OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "TYPE", "WINDOW",
    }
)  # fmt: skip
_Scope = frozenset[str]


@dataclass
class Statement:
    """What one SELECT names, all in lower case, and whether its result differs from run to run.

    `tables` holds (schema, table) of stored tables, `aliases` what each is called here, `columns` (qualifier, name).
    """

    tables: set[tuple[str, str]] = field(default_factory=set)
    aliases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    columns: set[tuple[str, str]] = field(default_factory=set)
    volatile: bool = False


def read(sql: str) -> Statement:
    """The names in exactly one SELECT.

    Raises `QueryRefused` for anything else: other statements, unknown constructs, functions outside the allow-list.
    """
    with _database().cursor() as parser:
        row = parser.execute(f"SELECT json_serialize_sql({literal(sql)})").fetchone()
    tree: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    if tree["error"]:
        raise refused_kind() if tree.get("error_type") == "not implemented" else refused_text()
    if len(tree["statements"]) != 1:
        raise QueryRefused("Only one statement may run at a time.", code="sql_one_statement", hint="Remove the others.")
    statement = Statement()
    _walk(tree["statements"][0]["node"], frozenset(), statement)
    return statement


def refused_kind() -> QueryRefused:
    """The refusal of whatever is not one plain SELECT."""
    return QueryRefused(
        "This is not a SELECT statement that can be understood.",
        code="sql_not_select",
        hint="Write one SELECT over the tables of this workspace; nothing else may run here.",
    )


def refused_text() -> QueryRefused:
    """The refusal of text that a parser cannot read."""
    return QueryRefused(
        "The SQL cannot be read.",
        code="sql_unreadable",
        hint="Check brackets, quotes and commas; strings take single quotes, odd names and keywords double ones.",
        retry="adjusted",
    )


@lru_cache
def _database() -> duckdb.DuckDBPyConnection:
    """A locked, empty database, used for its parser alone; take a cursor of it."""
    return duckdb.connect(
        config={
            "threads": 1,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "enable_external_access": False,
            "python_enable_replacements": False,
            "lock_configuration": True,
        }
    )


def _walk(node: Any, scope: _Scope, into: Statement) -> None:
    if isinstance(node, list):
        for each in node:
            _walk(each, scope, into)
    elif isinstance(node, dict):
        _walk_mapping(node, scope, into)


def _walk_mapping(node: dict[str, Any], scope: _Scope, into: Statement) -> None:
    kind, type_ = node.get("class"), node.get("type")
    if kind is not None:
        if kind not in _EXPRESSIONS:
            raise _refused_construct(kind)
        if kind == "CONSTANT":
            return
        _check_expression(kind, node, into)
    elif isinstance(type_, dict):
        return  # a typed literal value, such as an entry of a PIVOT list
    elif type_ in _QUERIES:
        into.volatile |= node.get("sample") is not None
        scope = _walk_named_queries(node, scope, into)
        node = {k: v for k, v in node.items() if k != "cte_map"}
    elif type_ in _SOURCES:
        _check_source(type_, node, scope, into)
    elif type_ is not None and type_ not in _CLAUSES and not str(type_).endswith("_TYPE_INFO"):
        raise _refused_construct(str(type_))
    for value in node.values():
        if isinstance(value, (dict, list)):
            _walk(value, scope, into)


def _walk_named_queries(node: Mapping[str, Any], scope: _Scope, into: Statement) -> _Scope:
    """Names of WITH are seen by later ones and by the body; a recursive one also by itself."""
    if node["type"] == "RECURSIVE_CTE_NODE":
        scope |= {node["cte_name"].casefold()}
    for named in node["cte_map"]["map"]:
        _walk(named["value"], scope, into)
        scope |= {named["key"].casefold()}
    return scope


def _check_expression(kind: str, node: Mapping[str, Any], into: Statement) -> None:
    if kind == "COLUMN_REF":
        names = [name.casefold() for name in node["column_names"]]
        into.columns.update(pairwise(["", *names]))
        into.volatile |= len(names) == 1 and names[0] in functions.VOLATILE
    elif kind in ("FUNCTION", "WINDOW"):
        _check_function(node, functions.SCALAR | functions.TABLE, into)


def _check_function(node: Mapping[str, Any], allowed: frozenset[str], into: Statement) -> None:
    name = node["function_name"].casefold()
    if name not in allowed or node["schema"] not in ("", "main") or node["catalog"]:
        raise QueryRefused(
            f"The function “{node['function_name'][:60]}” may not be used here.",
            code="sql_function",
            hint="Use the ordinary aggregate, window, text, date, list and maths functions.",
            details={"function": name[:60]},
        )
    into.volatile |= name in functions.VOLATILE


def _check_source(kind: str, node: Mapping[str, Any], scope: _Scope, into: Statement) -> None:
    into.volatile |= node["sample"] is not None
    if kind == "TABLE_FUNCTION":
        _check_function(node["function"], functions.TABLE, into)
    elif kind == "BASE_TABLE":
        schema, table = node["schema_name"].casefold(), node["table_name"].casefold()
        if node["at_clause"] or node["catalog_name"]:
            raise QueryRefused(
                "Other databases and earlier versions of a table may not be named.",
                code="sql_qualified_table",
                hint="Use the bare name of a table.",
            )
        if schema or table not in scope:
            into.tables.add((schema, table))
            into.aliases[(node["alias"] or node["table_name"]).casefold()].add(table)
    elif kind == "JOIN":
        into.columns.update(("", name.casefold()) for name in node["using_columns"])
    elif kind == "PIVOT":
        into.columns.update(("", name.casefold()) for name in node["groups"])
        if any(pivot["pivot_enum"] for pivot in node["pivots"]):
            raise _refused_construct("PIVOT")


def _refused_construct(name: str) -> QueryRefused:
    return QueryRefused(
        "The SQL uses something that is not allowed here.",
        code="sql_construct",
        hint="Write a plain SELECT with values in place of parameters; no SHOW, DESCRIBE or SUMMARIZE.",
        details={"construct": name.lower()},
    )
