"""Who is behind an event: a visitor that signs in stays the same visitor, and what they told of themselves is kept."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson

from ingestion.profiling import SourceFacts
from warehouse.literals import literal

if TYPE_CHECKING:
    import duckdb

TABLE = "event_users"


def learn(writer: duckdb.DuckDBPyConnection, state: str) -> None:
    """The first visitor that a user was seen as stands for the user from then on; inside a transaction.

    What a visitor did before signing in is theirs from the start; a second device joins when its user signs in there.
    """
    writer.execute(
        f"INSERT INTO {state}.identities SELECT user_id, arg_min(anonymous_id, seq) FROM arrived"
        " WHERE user_id IS NOT NULL AND anonymous_id IS NOT NULL"
        f" AND user_id NOT IN (SELECT user_id FROM {state}.identities) GROUP BY user_id"
    )


def merge(writer: duckdb.DuckDBPyConnection) -> None:
    """Keep what users told of themselves, the newest of each trait; inside a transaction."""
    told = writer.execute(
        "SELECT user_id, time, properties FROM arrived WHERE kind = 'identify'"
        " AND seq IN (SELECT seq FROM hashed) ORDER BY time, seq"
    ).fetchall()
    if not told:
        return
    _ensure(writer)
    writer.register("told", _folded(told))
    try:
        writer.execute(
            f"MERGE INTO {TABLE} AS t USING told AS s ON t.user_id = s.user_id"
            " WHEN MATCHED THEN UPDATE SET first_seen = least(t.first_seen, s.first_seen),"
            " last_seen = greatest(t.last_seen, s.last_seen), traits = CASE WHEN s.last_seen >= t.last_seen"
            " THEN json_merge_patch(t.traits, s.traits) ELSE json_merge_patch(s.traits, t.traits) END"
            " WHEN NOT MATCHED THEN INSERT (user_id, first_seen, last_seen, traits)"
            " VALUES (s.user_id, s.first_seen, s.last_seen, s.traits)"
        )
    finally:
        writer.unregister("told")


def _folded(told: list[tuple[Any, ...]]) -> Any:
    """One row per user of what was told in the order of time."""
    import pyarrow as pa

    users: dict[str, tuple[Any, Any, dict[str, Any]]] = {}
    for user, time, traits in told:
        first, _, known = users.get(user, (time, time, {}))
        users[user] = (first, time, {**known, **(orjson.loads(traits) if traits else {})})
    moment = pa.timestamp("us", tz="UTC")
    return pa.table(
        {
            "user_id": pa.array(list(users), pa.string()),
            "first_seen": pa.array([first for first, _, _ in users.values()], moment),
            "last_seen": pa.array([last for _, last, _ in users.values()], moment),
            "traits": pa.array([orjson.dumps(t).decode() for _, _, t in users.values()], pa.string()),
        }
    )


def _ensure(writer: duckdb.DuckDBPyConnection) -> None:
    found = writer.execute(
        f"SELECT 1 FROM duckdb_tables() WHERE database_name = 'lake' AND table_name = {literal(TABLE)}"
    ).fetchone()
    if found is None:
        writer.execute(
            f"CREATE TABLE {TABLE} (user_id VARCHAR, first_seen TIMESTAMPTZ, last_seen TIMESTAMPTZ, traits VARCHAR)"
        )
        facts = SourceFacts(origin=f"Events › {TABLE}", primary_key=["user_id"])
        writer.execute(f"COMMENT ON TABLE {TABLE} IS {literal(json.dumps(asdict(facts)))}")
