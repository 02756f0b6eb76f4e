"""Visits as a SQL model over the events: thirty minutes of silence end one, and so does midnight UTC.

Midnight makes the visits of a day depend on the events of that day alone, so a late event costs one day's work.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

from ingestion.profiling import SourceFacts
from warehouse.literals import literal

if TYPE_CHECKING:
    import duckdb

TABLE = "event_sessions"
SILENCE_MINUTES = 30
_COLUMNS = (
    "visit_id VARCHAR, visitor_id VARCHAR, user_id VARCHAR, started_at TIMESTAMPTZ, ended_at TIMESTAMPTZ,"
    " minutes DOUBLE, events BIGINT, page_views BIGINT, bounced BOOLEAN, entry_page VARCHAR, exit_page VARCHAR,"
    " referrer VARCHAR, utm_source VARCHAR, utm_medium VARCHAR, utm_campaign VARCHAR, country VARCHAR,"
    " device VARCHAR, revenue DOUBLE, currency VARCHAR"
)
_FIRST = ("referrer", "utm_source", "utm_medium", "utm_campaign", "country", "device", "currency")


def build(writer: duckdb.DuckDBPyConnection) -> int:
    """Make the visits of all days anew that got events since the last time; how many days."""
    days = [r[0] for r in writer.execute("SELECT DISTINCT day FROM _events.days ORDER BY day").fetchall()]
    for day in days:
        _build_day(writer, day)
    return len(days)


def _build_day(writer: duckdb.DuckDBPyConnection, day: date) -> None:
    writer.execute("BEGIN")
    try:
        _ensure(writer)
        writer.execute(f"DELETE FROM {TABLE} WHERE {_within('started_at', day)}")
        writer.execute(f"INSERT INTO {TABLE} {_select(day)}")
        writer.execute(f"DELETE FROM _events.days WHERE day = CAST({literal(day)} AS DATE)")
        writer.execute("COMMIT")
    except BaseException:
        writer.execute("ROLLBACK")
        raise


def _ensure(writer: duckdb.DuckDBPyConnection) -> None:
    found = writer.execute(
        f"SELECT 1 FROM duckdb_tables() WHERE database_name = 'lake' AND table_name = {literal(TABLE)}"
    ).fetchone()
    if found is None:
        writer.execute(f"CREATE TABLE {TABLE} ({_COLUMNS})")
        facts = SourceFacts(origin=f"Events › {TABLE}", primary_key=["visit_id"])
        writer.execute(f"COMMENT ON TABLE {TABLE} IS {literal(json.dumps(asdict(facts)))}")


def _within(column: str, day: date) -> str:
    start = f"CAST({literal(f'{day.isoformat()} 00:00:00+00')} AS TIMESTAMPTZ)"
    return f"{column} >= {start} AND {column} < {start} + INTERVAL 1 DAY"


def _select(day: date) -> str:
    """One row per visit of a day; its number counts the visits of the visitor on that day."""
    silent = f"time - lag(time) OVER who > INTERVAL {SILENCE_MINUTES} MINUTE"
    firsts = ", ".join(f"arg_min({c}, time) FILTER ({c} IS NOT NULL)" for c in _FIRST[:-1])
    return (
        f"WITH marked AS (SELECT *, CASE WHEN {silent} THEN 1 ELSE 0 END AS fresh FROM events"
        f" WHERE {_within('time', day)} WINDOW who AS (PARTITION BY visitor_id ORDER BY time, event_id)),"
        " numbered AS (SELECT *, sum(fresh) OVER (PARTITION BY visitor_id ORDER BY time, event_id) AS visit"
        " FROM marked)"
        f" SELECT md5(visitor_id || ' {day.isoformat()} ' || visit), visitor_id, max(user_id), min(time), max(time),"
        " date_diff('second', min(time), max(time)) / 60.0, count(*), count(*) FILTER (event_name = 'page_view'),"
        " count(*) = 1, arg_min(page_url, time) FILTER (page_url IS NOT NULL),"
        f" arg_max(page_url, time) FILTER (page_url IS NOT NULL), {firsts},"
        " CASE WHEN count(DISTINCT currency) <= 1 THEN sum(revenue) END,"
        " arg_min(currency, time) FILTER (currency IS NOT NULL)"
        " FROM numbered GROUP BY visitor_id, visit"
    )
