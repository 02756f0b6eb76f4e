"""The one gate to data: only what authorize() returns can reach an engine."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
from dataclasses import dataclass, field, replace
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from store import settings
from store.errors import QueryRefused, near_names
from store.principal import Principal
from warehouse import foreign, functions, syntax
from warehouse.compiled import Compiled
from warehouse.model.schema import SemanticModel, ValueType
from warehouse.snapshot import Snapshot

# sqlglot warns with the whole statement when it reads a command; the refusal is enough, and people's SQL stays private.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

MOST_BYTES = 32_768
MOST_COMPILED_BYTES = 524_288
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ROOTS = (exp.Select, exp.SetOperation, exp.Subquery)
_NEVER = (
    exp.DDL,
    exp.DML,
    exp.Command,
    exp.Into,
    exp.Lock,
    exp.Placeholder,
    exp.Parameter,
    exp.Describe,
    exp.Summarize,
)
_TABLE_PARTS_NEVER = ("when", "version", "changes", "system_time", "partition", "rows_from")
_HIDDEN_COLUMNS = frozenset(
    {
        "rowid", "filename", "file_row_number", "file_index", "snapshot_id",
        "current_catalog", "current_schema", "current_role",
    }
)  # fmt: skip
_SEAL_KEY = secrets.token_bytes(32)


@dataclass(frozen=True)
class Limits:
    """What one query may cost: seconds of wall clock, megabytes of memory, rows and bytes of output, rows to read.

    `scan_rows` 0 means no ceiling.
    """

    seconds: float = 10.0
    memory_mb: int = 2048
    rows: int = 10_000
    bytes: int = 16_000_000
    scan_rows: int = 0

    @classmethod
    def from_settings(cls) -> Limits:
        """The limits of this installation."""
        return cls(
            settings.get("query_seconds"),
            settings.get("query_memory_mb"),
            settings.get("query_rows"),
            settings.get("query_bytes"),
            settings.get("query_scan_rows"),
        )


@dataclass(frozen=True)
class RawSql:
    """SQL text that a person or a model wrote, in the words of one engine."""

    text: str
    dialect: str = "duckdb"


@dataclass(frozen=True)
class BoundQuery:
    """An authorised statement over the tables of one snapshot; only the gate makes these.

    `cache_key` is empty when the result may differ from run to run; `raw` says that a person or a model wrote the SQL.
    `columns` has the name and type of each output column where the compiler knows them.
    """

    sql: str
    tables: tuple[str, ...]
    principal: Principal
    snapshot: Snapshot
    limits: Limits
    cache_key: str
    raw: bool = False
    dialect: str = "duckdb"
    columns: tuple[tuple[str, ValueType], ...] = ()
    _seal: object = field(repr=False, compare=False, default=None)


def authorize(
    query: Compiled | RawSql,
    principal: Principal,
    *,
    model: SemanticModel,
    snapshot: Snapshot,
    limits: Limits | None = None,
) -> BoundQuery:
    """The bound query, or `QueryRefused` naming the rule. Fails closed.

    Two parsers read the text, sqlglot and DuckDB's own, and both must agree on one SELECT over tables that the model
    and the snapshot hold; functions come from an allow-list.
    """
    raw = isinstance(query, RawSql)
    if raw and not principal.may_write_sql:
        raise QueryRefused(
            "Your role may not write SQL.", code="sql_role", hint="Ask in words, or ask an administrator."
        )
    sql = _clean(query.text, MOST_BYTES) if isinstance(query, RawSql) else _clean(query.sql, MOST_COMPILED_BYTES)
    if model.policies or model.column_policies:
        sql = _under_policies(query, sql, model, snapshot, principal)
    readable = _readable(model, snapshot)
    if query.dialect == "duckdb":
        statement = _read(sql)
        tables = tuple(sorted(_stored(schema, name, readable) for schema, name in statement.tables))
        _check_columns(statement, readable, snapshot)
    else:
        statement, tree = foreign.read(sql, query.dialect)
        tables = tuple(sorted(_stored(schema, name, readable) for schema, name in statement.tables))
        if raw:
            sql = foreign.printed(tree, query.dialect, {t: snapshot.tables[t] for t in tables})
    limits = limits or Limits.from_settings()
    rights = "" if raw else query.policy_digest  # type: ignore[union-attr]
    key = "" if statement.volatile else _cache_key(sql, snapshot, limits, rights)
    columns = () if isinstance(query, RawSql) else tuple((c.name, c.type) for c in query.columns)
    told = _told(model, snapshot, principal)
    bound = BoundQuery(sql, tables, principal, told, limits, key, raw, query.dialect, columns)
    return replace(bound, _seal=_sealed(bound))


def _under_policies(
    query: Compiled | RawSql, sql: str, model: SemanticModel, snapshot: Snapshot, principal: Principal
) -> str:
    """The text with the asker's policies in it. Compiled queries bring theirs, and must bring the asker's."""
    from warehouse import raw_policies

    if isinstance(query, RawSql):
        if query.dialect == "duckdb":
            readable = _readable(model, snapshot)
            # what two parsers read in two ways, and tables of other schemas, are refused before the text is taken apart
            for schema, name in _read(sql).tables:
                _stored(schema, name, readable)
        else:
            foreign.read(sql, query.dialect)
        return raw_policies.bound_text(sql, query.dialect, model, snapshot, principal)
    raw_policies.check_compiled(query.policy_digest, model, principal)
    return sql


def _told(model: SemanticModel, snapshot: Snapshot, principal: Principal) -> Snapshot:
    """The snapshot as an error may describe it to the asker."""
    if not model.column_policies:
        return snapshot
    from warehouse import raw_policies

    return raw_policies.seen_columns(model, snapshot, principal)


def is_authorized(bound: BoundQuery) -> bool:
    """Whether the gate of this process made exactly this object; a changed copy fails."""
    return isinstance(bound._seal, bytes) and hmac.compare_digest(bound._seal, _sealed(bound))


@lru_cache(maxsize=128)
def _read(sql: str) -> syntax.Statement:
    """What both parsers see in the text; follow-ups and re-runs bring the same text again."""
    seen = _tables_by_sqlglot(sql)
    statement = syntax.read(sql)
    if not statement.tables <= seen:
        raise QueryRefused("This SQL can be read in two ways.", code="sql_ambiguous", hint="Write it more plainly.")
    return statement


def _clean(text: str, most: int) -> str:
    if len(text.encode("utf-8", "replace")) > most:
        raise QueryRefused("The SQL is too long.", code="sql_too_long", hint=f"Keep it under {most // 1024} KB.")
    if _CONTROL.search(text) or any("\ud800" <= c <= "\udfff" for c in text):
        raise QueryRefused("The SQL holds control characters.", code="sql_characters", hint="Type it as plain text.")
    return text.strip().rstrip(";").rstrip()


def _tables_by_sqlglot(sql: str) -> set[tuple[str, str]]:
    """(schema, table) of every table node, names of WITH included; refuses what is no single SELECT."""
    try:
        statements = sqlglot.parse(sql, dialect="duckdb")
    except RecursionError as error:
        raise QueryRefused("The SQL is nested too deeply.", code="sql_too_deep", hint="Simplify it.") from error
    except (SqlglotError, ValueError) as error:
        raise syntax.refused_text() from error
    if len(statements) != 1 or not isinstance(statements[0], _ROOTS):
        raise syntax.refused_kind()
    tables: set[tuple[str, str]] = set()
    for node in statements[0].walk():
        if isinstance(node, _NEVER):
            raise syntax.refused_kind()
        if isinstance(node, exp.Table) and (named := _named_table(node)):
            tables.add(named)
    return tables


def _named_table(node: exp.Table) -> tuple[str, str] | None:
    """The table's name, or None for an allowed table function."""
    if any(node.args.get(part) for part in _TABLE_PARTS_NEVER):
        raise syntax.refused_kind()
    if isinstance(node.this, exp.Identifier):
        return node.db.casefold(), node.name.casefold()
    called = node.this.name if isinstance(node.this, exp.Anonymous) else node.this.key
    if called.casefold().replace("generateseries", "generate_series") not in functions.TABLE | {"explode"}:
        raise QueryRefused(
            "This table function may not be used here.",
            code="sql_function",
            hint="range, generate_series and unnest are allowed.",
        )
    return None


def _readable(model: SemanticModel, snapshot: Snapshot) -> dict[str, str]:
    """Folded name -> stored name of the tables that the model describes and the snapshot holds."""
    described = {table.source.casefold() for table in model.tables.values()}
    return {name.casefold(): name for name in snapshot.tables if name.casefold() in described}


def _stored(schema: str, name: str, readable: dict[str, str]) -> str:
    if schema not in ("", "main") or name not in readable:
        near = near_names(name, readable.values())
        raise QueryRefused(
            f"There is no table “{name[:60]}” that you can read.",
            code="sql_table",
            hint=f"Did you mean {' or '.join(near)}?" if near else "Ask which tables there are.",
            retry="adjusted",
        )
    return readable[name]


def _check_columns(statement: syntax.Statement, readable: dict[str, str], snapshot: Snapshot) -> None:
    """Refuse the engine's hidden columns (file paths, row ids), unless the tables meant have real ones of that name."""
    own = {name: {column.casefold() for column in snapshot.tables[stored]} for name, stored in readable.items()}
    every = [own[name] for _, name in statement.tables]
    for qualifier, hidden in statement.columns:
        if hidden not in _HIDDEN_COLUMNS:
            continue
        meant = [own[name] for name in statement.aliases.get(qualifier, ())] if qualifier else every
        if any(hidden not in columns for columns in meant) or not (qualifier or every):
            raise QueryRefused(
                f"There is no column “{hidden}” that you can read.",
                code="sql_column",
                hint="Use the columns of the model; give an alias of your own another name.",
                retry="adjusted",
            )


def _cache_key(sql: str, snapshot: Snapshot, limits: Limits, rights: str) -> str:
    parts = (sql, str(snapshot.catalog), str(snapshot.version), rights, str(limits.rows), str(limits.bytes))
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def _sealed(bound: BoundQuery) -> bytes:
    parts = (
        bound.sql, bound.tables, bound.principal.user_id, bound.principal.role, str(bound.snapshot.catalog),
        bound.snapshot.version, bound.limits, bound.cache_key, bound.raw, bound.dialect, bound.columns,
    )  # fmt: skip
    return hmac.digest(_SEAL_KEY, repr(parts).encode(), "sha256")
