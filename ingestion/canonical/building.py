"""Builds the common tables from raw rows, only what changed, and so that readers see all of it or none."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import duckdb
import structlog

from ingestion.canonical import accounts, rates
from ingestion.canonical.compiling import Compiled, compiled
from ingestion.canonical.tables import DERIVED, GAINS, CommonTable, all_tables, stored_in
from ingestion.connectors import landing
from ingestion.connectors.connections import Connection
from ingestion.connectors.manifest import Mapping, Resource
from ingestion.profiling import SourceFacts
from warehouse.literals import literal, quoted
from warehouse.workspace import Workspace

ORIGIN = "Connected sources"
MARKED = "marked:"
"""Stands before a mark in a raw row whose address is gone; the mark is then what the address would have become."""
_log = structlog.get_logger("plainsay.canonical")
_DAYS = ("day", "created_at", "occurred_at", "opened_at", "initiated_at", "as_of", "ts", "changed_at")


def build(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, connected: Sequence[Connection]
) -> tuple[list[str], list[str]]:
    """Bring the common tables up to date with the raw ones: the tables that were written, connections that were not.

    `connection` is the trusted writer's. Running it again changes nothing; a mapping or a rate that changed is
    computed anew from the raw rows. Rows of one source that cannot be read keep no other source from its tables.
    """
    hashing(connection, workspace)
    reporting = rates.reporting_currency(workspace)
    days = rates.valid_days(workspace)
    mark = rates.prepare(connection, reporting, days)
    written: set[str] = set()
    failed = []
    for conn in connected:
        try:
            with _transaction(connection):
                written |= _of_source(connection, conn, (reporting, mark))
        except duckdb.Error as error:
            failed.append(conn.id)
            _log.error("source_not_built", connection=conn.id, error=str(error)[:500])
    with _transaction(connection):
        written.add(_sources(connection, connected))
        _describe(connection, "connected_sources")
    rates.note_gaps(connection, workspace, stored_in(connection))
    return sorted(written), failed


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _of_source(connection: duckdb.DuckDBPyConnection, conn: Connection, fx: tuple[str | None, str]) -> set[str]:
    """Build all that one connection brings; the tables that were written."""
    written = {
        mapping.table
        for number, mapping in enumerate(conn.manifest.canonical)
        if _built(connection, conn, (number, mapping), fx)
    }
    written |= {
        _plain(connection, conn, r)
        for r in conn.manifest.resources
        if r.table and landing.is_there(connection, conn.schema, r.name)
    }
    if "ad_performance_daily" in written:
        _finest(connection)
    if "social_post_metrics_daily" in written:
        _gains(connection)
    if "social_posts" in written:
        _titled(connection)
    for name in written:
        _describe(connection, name)
    return written


def remove(connection: duckdb.DuckDBPyConnection, connection_id: str) -> None:
    """Take the rows of a connection out of the common tables, and its own tables away."""
    common = stored_in(connection)
    for name in _stored(connection):
        if name in common:
            connection.execute(f"DELETE FROM {quoted(name)} WHERE connection_id = {literal(connection_id)}")
        elif name.startswith(f"{connection_id}_"):
            facts = connection.execute(
                "SELECT comment FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'main'"
                f" AND table_name = {literal(name)}"
            ).fetchone()
            if facts and facts[0] and json.loads(facts[0]).get("origin") == f"{ORIGIN} › {name}":
                connection.execute(f"DROP TABLE {quoted(name)}")


def ensure_table(connection: duckdb.DuckDBPyConnection, table: CommonTable) -> None:
    """Make the stored table when there is none."""
    columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in table.stored.items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS {quoted(table.name)} ({columns})")
    described = connection.execute(f"DESCRIBE {quoted(table.name)}").fetchall()
    for name, kind in table.stored.items():
        if name not in {row[0] for row in described}:  # made by an earlier release
            connection.execute(f"ALTER TABLE {quoted(table.name)} ADD COLUMN {quoted(name)} {kind}")


def drop_empty(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Take common tables without a row away, so that nobody is offered a figure of nothing. Returns their names."""
    gone = set()
    for name in stored_in(connection):
        (rows,) = connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone() or (0,)
        if not rows:
            connection.execute(f"DROP TABLE {quoted(name)}")
            gone.add(name)
    return gone


def _built(
    connection: duckdb.DuckDBPyConnection, conn: Connection, numbered: tuple[int, Mapping], fx: tuple[str | None, str]
) -> bool:
    """Build one mapping of one connection; whether anything changed."""
    number, mapping = numbered
    resource = conn.manifest.resource(mapping.resource)
    if not landing.is_there(connection, conn.schema, resource.name):
        return False
    made = compiled(conn.manifest, mapping, accounts.currency_of(connection, conn))
    text = made.select + (fx[1] if made.table.money else "") + str(conn.options.get("counts_as_revenue", ""))
    mark = hashlib.sha256(text.encode()).hexdigest()[:24]
    name = f"{number}:{mapping.resource}:{mapping.table}"
    through = _through(connection, conn.id, name, mark)
    raw = f"{quoted(conn.schema)}.{quoted(resource.name)}"
    newer = f"WHERE _loaded_at > CAST({literal(through)} AS TIMESTAMPTZ)" if through else ""
    (last, rows) = connection.execute(f"SELECT max(_loaded_at)::VARCHAR, count(*) FROM {raw} {newer}").fetchone() or (
        None,
        0,
    )
    if not rows:
        return False
    ensure_table(connection, made.table)
    _replace(connection, conn, made, (raw, newer, mapping), fx[0])
    connection.execute(
        f"DELETE FROM {landing.STATE}.built WHERE connection_id = {literal(conn.id)} AND mapping = {literal(name)}"
    )
    connection.execute(
        f"INSERT INTO {landing.STATE}.built VALUES ({literal(conn.id)}, {literal(name)}, {literal(mark)},"
        f" CAST({literal(last)} AS TIMESTAMPTZ))"
    )
    return True


def _through(connection: duckdb.DuckDBPyConnection, connection_id: str, mapping: str, mark: str) -> str | None:
    """Up to which raw row a mapping is built; None when it never was or has changed."""
    row = connection.execute(
        f"SELECT mark, through::VARCHAR FROM {landing.STATE}.built WHERE connection_id = {literal(connection_id)}"
        f" AND mapping = {literal(mapping)}"
    ).fetchone()
    return str(row[1]) if row and row[0] == mark else None


def _replace(
    connection: duckdb.DuckDBPyConnection, conn: Connection, made: Compiled, source: tuple[str, str, Mapping],
    reporting: str | None,
) -> None:  # fmt: skip
    """Take out what the changed raw rows made before, put in what they make now; the newest row of a key stays."""
    raw, newer, mapping = source
    table, key = made.table, ["connection_id", *made.table.key]
    columns = [c for c in table.stored if c not in DERIVED.get(table.name, ())]
    own = literal(conn.id)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE staged AS WITH raw AS (SELECT * FROM {raw} {newer}),"
        f" made AS ({made.select}) SELECT {', '.join(_stored_column(c, own, conn, table, reporting) for c in columns)}"
        f" FROM made {_joined(table)}"
        f" QUALIFY row_number() OVER (PARTITION BY {', '.join(f'made.{k}' for k in made.table.key) or '1'}"
        " ORDER BY made.source_updated_at DESC NULLS LAST, made.raw_ref) = 1"
    )
    target = quoted(table.name)
    refs = f"SELECT {literal(mapping.resource)} || ':' || _key FROM {raw} {newer}"
    connection.execute(f"DELETE FROM {target} WHERE connection_id = {own} AND raw_ref IN ({refs})")
    same = " AND ".join(f"t.{k} = s.{k}" for k in key)
    earlier = "(t.source_updated_at > s.source_updated_at)"
    connection.execute(f"DELETE FROM staged AS s USING {target} AS t WHERE {same} AND {earlier}")
    connection.execute(f"DELETE FROM {target} AS t USING staged AS s WHERE {same}")
    names = ", ".join(quoted(c) for c in columns)
    connection.execute(f"INSERT INTO {target} ({names}) SELECT {names} FROM staged")
    connection.execute("DROP TABLE staged")


def _stored_column(name: str, own: str, conn: Connection, table: CommonTable, reporting: str | None) -> str:
    if name == "connection_id":
        return f"{own} AS connection_id"
    if name == "loaded_at":
        return "now() AS loaded_at"
    if name == "counts_as_revenue" and conn.options.get("counts_as_revenue") is False:
        return "false AS counts_as_revenue"
    if name == "is_test" and conn.options.get("sandbox"):
        return "false AS is_test"
    if name.endswith("_reporting") and name.removesuffix("_reporting") in table.columns:
        amount = f"made.{name.removesuffix('_reporting')}"
        if reporting is None or "currency" not in table.columns:
            return f"CAST(NULL AS DECIMAL(18,6)) AS {name}"
        fresh = f"{_day_of(table)} <= fx.until"
        return (
            f"CAST(CASE WHEN made.currency = {literal(reporting)} THEN CAST({amount} AS DECIMAL(24,6))"
            f" WHEN {fresh} THEN round(CAST({amount} AS DECIMAL(28,6)) * CAST(fx.rate AS DECIMAL(18,10)), 6) END"
            f" AS DECIMAL(18,6)) AS {name}"
        )
    return f"made.{quoted(name)}"


def _joined(table: CommonTable) -> str:
    """The rate of the day, or the last one before it."""
    if "currency" not in table.columns or not table.money:
        return ""
    return f"ASOF LEFT JOIN fx_day AS fx ON made.currency = fx.currency AND {_day_of(table)} >= fx.day"


def _day_of(table: CommonTable) -> str:
    column = next((c for c in _DAYS if c in table.columns), None)
    return f"CAST(made.{column} AS DATE)" if column else "CAST(coalesce(made.source_updated_at, now()) AS DATE)"


def _finest(connection: duckdb.DuckDBPyConnection) -> None:
    """Mark the rows of the finest level of each account: levels hold the same money and are never added up."""
    rank = "CASE level WHEN 'ad' THEN 4 WHEN 'adset' THEN 3 WHEN 'campaign' THEN 2 ELSE 1 END"
    connection.execute(
        f"UPDATE ad_performance_daily AS p SET is_finest = ({rank.replace('level', 'p.level')} = b.best) FROM (SELECT"
        f" connection_id, account_id, day, max({rank}) AS best FROM ad_performance_daily GROUP BY ALL) AS b"
        " WHERE p.connection_id = b.connection_id AND p.account_id = b.account_id AND p.day = b.day"
    )


def _gains(connection: duckdb.DuckDBPyConnection) -> None:
    """What each day added: counters that are totals to date are differenced per post; a correction stays negative.

    The first day on which a post was seen holds what it had gathered until then.
    """
    over = "OVER (PARTITION BY connection_id, post_id ORDER BY day)"
    gains = ", ".join(
        f"{g} - CASE WHEN is_cumulative THEN coalesce(lag({g}) {over}, 0) ELSE 0 END AS {g}"
        for g in (*GAINS, "watch_seconds")
    )
    parts = [f"g.{n}" for n in ("likes", "comments", "shares", "saves")]
    known = f"coalesce({', '.join(parts)}) IS NOT NULL"
    engagement = f"CASE WHEN {known} THEN {' + '.join(f'coalesce({p}, 0)' for p in parts)} END"
    sets = ", ".join(f"{g}_gain = g.{g}" for g in (*GAINS, "watch_seconds"))
    connection.execute(
        f"UPDATE social_post_metrics_daily AS p SET {sets}, engagement_gain = {engagement} FROM (SELECT connection_id,"
        f" post_id, day, {gains} FROM social_post_metrics_daily) AS g"
        " WHERE p.connection_id = g.connection_id AND p.post_id = g.post_id AND p.day = g.day"
    )


def _titled(connection: duckdb.DuckDBPyConnection) -> None:
    """What a person would call a post: the start of its text, else its address, else its id."""
    text = "nullif(trim(regexp_replace(text, '\\s+', ' ', 'g')), '')"
    start = f"CASE WHEN length({text}) > 80 THEN left({text}, 79) || '…' ELSE {text} END"
    connection.execute(f"UPDATE social_posts SET post = coalesce({start}, nullif(url, ''), post_id)")


def _sources(connection: duckdb.DuckDBPyConnection, connected: Sequence[Connection]) -> str:
    """One row per connection, so that figures of every table can be split by provider."""
    rows = ", ".join(
        f"({literal(c.id)}, {literal(_provider(c))}, {literal(c.manifest.group)}, {literal(c.label)})"
        for c in connected
    ) or "(NULL, NULL, NULL, NULL)"  # fmt: skip
    connection.execute(
        f"CREATE OR REPLACE TABLE connected_sources AS SELECT * FROM (VALUES {rows})"
        " AS v(connection_id, provider, kind, connection) WHERE connection_id IS NOT NULL"
    )
    return "connected_sources"


def _provider(conn: Connection) -> str:
    return conn.manifest.label + (" (sandbox)" if conn.options.get("sandbox") else "")


def _plain(connection: duckdb.DuckDBPyConnection, conn: Connection, resource: Resource) -> str:
    """A resource as a table of its own: its declared columns, typed."""
    from ingestion.canonical.plain import select

    name = f"{conn.id}_{resource.name}"
    raw = f"{quoted(conn.schema)}.{quoted(resource.name)}"
    connection.execute(f"CREATE OR REPLACE TABLE {quoted(name)} AS {select(conn.manifest, resource, raw)}")
    return name


def _describe(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Write what is known about a table beside it: where it came from, its key, the unit of its amounts."""
    table = all_tables().get(name)
    facts = SourceFacts(origin=f"{ORIGIN} › {name}")
    if table is not None:
        facts.primary_key = ["connection_id", *table.key]
    elif name == "connected_sources":
        facts.primary_key = ["connection_id"]
    connection.execute(f"COMMENT ON TABLE {quoted(name)} IS {literal(json.dumps(asdict(facts)))}")


def _stored(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'main'"
    ).fetchall()
    return [row[0] for row in rows]


def hashing(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """E-mail addresses become marks that compare equal inside one workspace and say nothing outside of it."""
    salt = _salt(workspace.root / "salt")
    known = f"WHEN starts_with(x, {literal(MARKED)}) THEN substr(x, {len(MARKED) + 1})"
    made = f"sha256({literal(salt)} || lower(trim(x)))"
    connection.execute(
        f"CREATE OR REPLACE TEMP MACRO hashed(x) AS CASE WHEN x IS NULL THEN NULL {known} ELSE {made} END"
    )


def _salt(file: Path) -> str:
    if not file.exists():
        draft = file.with_name(f".salt.{secrets.token_hex(4)}")
        draft.write_text(secrets.token_hex(16), encoding="ascii")
        draft.chmod(0o600)
        draft.replace(file)
    return file.read_text(encoding="ascii")
