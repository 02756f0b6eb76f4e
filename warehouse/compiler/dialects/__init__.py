"""One tree, many engines: everything that SQL engines disagree on is decided here and nowhere else.

The compiler writes the tree that DuckDB understands. `render` turns it into what another engine must be told to give
the same figures, and refuses what it has no proven way to say.
"""

from __future__ import annotations

from sqlglot import exp

from store import settings
from store.errors import InvalidRequest
from warehouse.compiler.dialects import clickhouse, postgres, spark
from warehouse.compiler.dialects.lowering import COMMON, Rules, lower
from warehouse.compiler.dialects.marks import in_byte_order, typed_null

__all__ = ["UNVERIFIED", "VERIFIED", "in_byte_order", "render", "typed_null"]

VERIFIED = ("duckdb", "postgres", "clickhouse", "spark")
"""Dialects on which the whole case list is executed."""

UNVERIFIED = ("snowflake", "bigquery", "trino")
"""Dialects that can be printed but are not executed by any test; off unless `unverified_dialects` is set."""

_RULES: dict[str, Rules] = {"postgres": postgres.RULES, "clickhouse": clickhouse.RULES, "spark": spark.RULES}
_MACROS = {"postgres": postgres.MACROS, "clickhouse": clickhouse.MACROS, "spark": spark.MACROS}


def render(statement: exp.Expr, dialect: str) -> str:
    """The statement as text of `dialect`, indented, every name quoted. The tree is used up by it.

    Raises `InvalidRequest`: `unverified_dialect` for an engine that nobody has proven, `dialect_construct` for what the
    engine cannot be asked for with the same meaning.
    """
    if dialect != "duckdb":
        check_dialect(dialect)
        rules = COMMON | _RULES.get(dialect, {})
        statement = lower(statement, dialect, rules, _MACROS.get(dialect, {}))
    return statement.sql(dialect=dialect, pretty=True, identify=True, copy=False)


def check_dialect(dialect: str) -> None:
    """Raise `InvalidRequest` unless figures of this dialect are proven, or the installation allows unproven ones."""
    if dialect in VERIFIED or (dialect in UNVERIFIED and settings.get("unverified_dialects")):
        return
    raise InvalidRequest(
        f"Figures on “{dialect}” have not been proven.",
        code="unverified_dialect",
        hint=f"Use one of {', '.join(VERIFIED)}.",
        details={"dialect": dialect},
    )
