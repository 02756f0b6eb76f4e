"""Every load adds files and versions; without this a lake that is loaded daily would never lose any of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import structlog

MOST_SMALL_FILES = 8
SMALL_BYTES = 16_000_000
GRACE = timedelta(hours=1)
"""How long a version nobody publishes any more is kept for questions that began on it."""

_COPY = re.compile(r"catalog-(\d+)-")
_log = structlog.get_logger(__name__)


def tidy(connection: duckdb.DuckDBPyConnection, published: Path, now: datetime | None = None) -> None:
    """Merge small files, forget versions that no published copy names, delete the files that only those had.

    For a trusted writer that has the lake in USE and no transaction open. A lake that cannot be tidied stays as it is.
    """
    try:
        _merge(connection)
        if _expire(connection, _named(published), (now or datetime.now(UTC)) - GRACE):
            connection.execute("CALL ducklake_cleanup_old_files('lake', cleanup_all => true)")
    except duckdb.Error:
        _log.exception("lake_not_tidied")


def _merge(connection: duckdb.DuckDBPyConnection) -> None:
    (many,) = connection.execute(
        "SELECT count(*) FROM ducklake_table_info('lake')"
        f" WHERE file_count > {MOST_SMALL_FILES} AND file_size_bytes < file_count * {SMALL_BYTES}"
    ).fetchone() or (0,)
    if many:
        connection.execute(f"CALL ducklake_merge_adjacent_files('lake', max_file_size => {SMALL_BYTES})")


def _named(published: Path) -> set[int]:
    """Versions of the catalog copies that questions may be reading."""
    found = (_COPY.match(path.name) for path in published.glob("catalog-*.duckdb"))
    return {int(match[1]) for match in found if match}


def _expire(connection: duckdb.DuckDBPyConnection, kept: Iterable[int], before: datetime) -> bool:
    """Whether any version was forgotten; the last one never is."""
    known = connection.execute("SELECT snapshot_id, snapshot_time FROM ducklake_snapshots('lake')").fetchall()
    last = max((version for version, _ in known), default=0)
    old = [version for version, time in known if version not in {*kept, last} and time < before]
    if old:
        versions = ", ".join(str(version) for version in old)
        connection.execute(f"CALL ducklake_expire_snapshots('lake', versions => [{versions}])")
    return bool(old)
