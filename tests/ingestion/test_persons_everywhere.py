"""A person is gone from events, from the log that they wait in, from documents, and does not come back with a copy."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing

import pytest

from api import sources
from ingestion import persons, pipeline
from ingestion.connectors import landing
from ingestion.connectors.contract import Contract
from ingestion.connectors.manifest import Resource
from ingestion.events.intake import Intake
from store.errors import Unavailable
from warehouse.lake import Lake
from warehouse.workspace import named

ADA = "ada@example.org"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAINSAY_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(pipeline, "complete", lambda _workspace, lake, _writer: lake.publish().version)
    return named("shop", tmp_path / "home")


def fetch(place, sql: str):
    with Lake.open(place.lake).writer() as writer:
        return writer.execute(sql).fetchall()


def spoken_of(place, text: str) -> list[str]:
    """Files of the workspace that hold a text, inside Parquet too."""
    import duckdb

    found = []
    for path in (p for p in place.root.rglob("*") if p.is_file()):
        data = path.read_bytes()
        if path.suffix == ".parquet":
            with duckdb.connect() as reader:
                data += json.dumps(reader.execute(f"FROM '{path}'").fetchall(), default=str).encode()
        if text.encode() in data:
            found.append(path.name)
    return found


@pytest.mark.slow
def test_events_that_wait_and_events_that_are_rows_lose_the_person(place):
    place.lake.mkdir(parents=True)
    intake = Intake(place)
    sent = [
        {"type": "identify", "id": "i1", "user_id": "u7", "anonymous_id": "dev-ada-1", "traits": {"email": ADA}},
        {"id": "p1", "event": "page", "anonymous_id": "dev-ada-1"},
        {"id": "p2", "event": "page", "user_id": "u7"},
        {"id": "p3", "event": "page", "user_id": "u8", "properties": {"note": "somebody else"}},
        {"id": "p4", "event": "invited", "user_id": "u8", "properties": {"friend": ADA}},
    ]
    with closing(intake):
        asyncio.run(intake.take(sent, {}))
    assert spoken_of(place, ADA), "it waits in the log"
    held = {h.table: len(h.rows) for h in persons.held(place, ADA)}
    assert held["events"] >= 3
    done = persons.erase(place, ADA)
    assert done.removed >= 3 and persons.held(place, ADA) == [] and persons.held(place, "dev-ada-1") == []
    assert fetch(place, "SELECT user_id FROM events") == [("u8",)]
    assert spoken_of(place, ADA) == [] and spoken_of(place, "dev-ada-1") == []


@pytest.mark.slow
def test_events_that_cannot_be_seen_yet_are_waited_for_and_said(place, monkeypatch):
    place.lake.mkdir(parents=True)
    monkeypatch.setattr(persons, "_EVENTS_SECONDS", 0.3)
    with closing(Intake(place)) as intake:
        asyncio.run(intake.take([{"id": "p", "event": "page", "user_id": "u7"}], {}))
        with pytest.raises(Unavailable, match="still being written"):
            persons.erase(place, "u777")


@pytest.mark.slow
def test_a_copied_database_and_documents_do_not_bring_the_person_back(place, tmp_path):
    shop = tmp_path / "shop.db"
    with closing(sqlite3.connect(shop)) as source:
        source.executescript("CREATE TABLE people (id INTEGER PRIMARY KEY, mail TEXT, more TEXT);"
                             f"INSERT INTO people VALUES (1, 'bob@example.org', NULL), (2, ' {ADA.upper()}', NULL),"
                             f" (3, NULL, '{{\"mail\":\"{ADA}\"}}')")  # fmt: skip
    wanted = sources.Wanted("sqlite", {"address": f"sqlite:///{shop}"}, trusted=True)
    made, _ = sources.connect(place, wanted)
    sources.refresh(place, made.id, lambda _t, _s: None)
    with Lake.create(place.lake).writer() as writer:
        landing.prepare(writer, made.schema, ["notes"])
        kept = [{"_id": "1", "who": {"mail": ADA}}, {"_id": "2", "who": {"mail": "bob@example.org"}}]
        where = (made.id, made.schema, Resource(name="notes", key=("_id",)))
        landing.commit(writer, where, kept, None, "test", Contract({}))
    assert {h.table: len(h.rows) for h in persons.held(place, ADA)} == {"people": 2, f"{made.id}.notes": 1}
    persons.erase(place, ADA)
    assert fetch(place, "SELECT id FROM people") == [(1,)]
    assert fetch(place, f"SELECT _row FROM {made.schema}.notes") == [('{"_id":"2","who":{"mail":"bob@example.org"}}',)]
    sources.refresh(place, made.id, lambda _t, _s: None)
    assert fetch(place, "SELECT id FROM people") == [(1,)], "the copy was made anew, without the person"
