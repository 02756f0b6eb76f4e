"""Names and texts as SQL, in the few places that write SQL by hand. Bound parameters are avoided: DuckDB imports pandas
for the first one, which costs half a second of every cold start."""

from __future__ import annotations


def quoted(name: str) -> str:
    """`name` as a quoted SQL identifier, whatever characters it holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """`value` as a SQL string literal; DuckDB knows no escapes in one but the doubled quote."""
    return "'" + str(value).replace("'", "''") + "'"
