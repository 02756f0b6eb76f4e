"""Copies a SQLite catalog in a process of its own: two SQLite libraries in one process destroy each other's files.

DuckDB's extension brings its own SQLite. POSIX locks do not hold within a process, so Python's SQLite would take a
catalog that DuckDB has open for one that nobody uses, and cut its shared memory short
(sqlite.org/howtocorrupt.html, 2.2.1). Run as `python freezing.py CATALOG COPY`; prints the last snapshot number.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing


def main(catalog: str, copy: str) -> None:
    """SQLite's backup call starts again when a commit lands meanwhile, so the copy is consistent."""
    with closing(sqlite3.connect(catalog)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        row = target.execute("SELECT max(snapshot_id) FROM ducklake_snapshot").fetchone()
    sys.stdout.write(str(int(row[0])))


if __name__ == "__main__":
    main(*sys.argv[1:])
