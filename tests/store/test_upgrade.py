"""State that an older version wrote is opened by this one with all that is in it, and goes on where it stopped."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import create_engine, text

from store import dashboards, jobs, runs
from store.database import Database
from store.migrations import HEAD

OLD = Path(__file__).with_name("old_state_0002.sql")


async def test_an_older_state_is_opened_with_all_that_is_in_it(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "state.db")
    old.executescript(OLD.read_text())
    old.close()
    database = Database.open(tmp_path)
    (thread,) = await database.read(lambda c: runs.threads(c, "local"))
    assert (thread["title"], thread["pinned"], thread["turns"]) == ("Revenue", True, 2)
    answered = await database.read(lambda c: runs.by_answer(c, "a-r1"))
    assert answered is not None and answered["answer"] == {"id": "a-r1", "text": "5"}
    page = await database.read(lambda c: dashboards.get(c, "local", "db-1"))
    assert (page["version"], page["cards"][0]["title"]) == (3, "Revenue")
    assert await database.read(jobs.labels) == {"shop": "The shop"}
    (left,) = await database.write(lambda c: runs.claim_orphans(c, "me", {"me"}))
    assert (left["id"], left["stop_asked"], left["holder"]) == ("r2", False, "me")
    database.close()
    engine = create_engine(f"sqlite:///{tmp_path / 'state.db'}")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD
    engine.dispose()
