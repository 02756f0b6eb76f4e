"""A lake that is loaded again and again keeps what is read, and little else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from warehouse import compaction, publishing
from warehouse.lake import Lake
from warehouse.publishing import KEPT_COPIES

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "lake")


def load(lake: Lake, times: int, now: datetime | None = None) -> None:
    """Loads as people do them: one table is replaced, another grows."""
    for number in range(times):
        with lake.writer() as connection:
            connection.execute("CREATE OR REPLACE TABLE replaced AS SELECT range AS i FROM range(1000)")
            connection.execute("CREATE TABLE IF NOT EXISTS growing (i INT)")
            connection.execute(f"INSERT INTO growing SELECT {number} FROM range(10)")
            compaction.tidy(connection, lake.published, now)
        lake.publish()


def stored(lake: Lake) -> set[str]:
    return {str(path) for path in lake.data_path.rglob("*.parquet")}


def test_many_loads_do_not_leave_many_files(lake: Lake) -> None:
    load(lake, 10, LATER)
    files = stored(lake)
    assert len(files) < KEPT_COPIES + compaction.MOST_SMALL_FILES + 2  # and 20 without
    named = {path for files_of in lake.current().files.values() for path in files_of}
    assert named <= files
    with lake.writer() as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT i) FROM growing").fetchone() == (100, 10)
        assert connection.execute("SELECT count(*) FROM replaced").fetchone() == (1000,)


def test_what_a_published_copy_names_stays(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "KEPT_SECONDS", 0)
    seen = []
    for _ in range(KEPT_COPIES + 2):
        load(lake, 1, LATER)
        seen.append(lake.current())
        for snapshot in seen[-KEPT_COPIES + 1 :]:
            assert snapshot.catalog.exists()
            missing = [p for files in snapshot.files.values() for p in files if not Path(p).exists()]
            assert missing == []
    assert any(not Path(p).exists() for files in seen[0].files.values() for p in files)


def test_a_version_just_replaced_is_kept_for_questions_under_way(lake: Lake) -> None:
    load(lake, 1)
    before = lake.current()
    load(lake, KEPT_COPIES)
    assert all(Path(p).exists() for files in before.files.values() for p in files)
    with lake.writer() as connection:
        then = connection.execute(f"SELECT count(*) FROM growing AT (VERSION => {before.version})").fetchone()
    assert then == (10,)


def test_a_lake_that_cannot_be_tidied_is_loaded_all_the_same(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_connection: object) -> None:
        raise duckdb.IOException("no")

    monkeypatch.setattr(compaction, "_merge", fails)
    load(lake, 2)
    assert "growing" in lake.current().tables
