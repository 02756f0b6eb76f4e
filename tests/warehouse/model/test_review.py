"""What a person decides about an assumption holds at once and after every later load."""

import duckdb
import pytest

from store.errors import InvalidRequest, UnknownName
from warehouse.model import store
from warehouse.model.refresh import decide, load_review, refresh
from warehouse.workspace import Workspace

DATA = """
    CREATE TABLE makers AS SELECT i + 1 AS id, 'm' || i AS name FROM range(20) r(i);
    CREATE TABLE models AS SELECT i + 1 AS id, CASE WHEN i = 3 THEN 99 ELSE i % 20 + 1 END AS maker_id,
      DATE '2025-01-01' + CAST(i AS INT) AS announced, DATE '2025-02-01' + CAST(i AS INT) AS listed FROM range(60) r(i);
    CREATE TABLE visits AS SELECT i % 6 AS shop_id, i // 6 AS guest_id, 'x' || i % 3 AS mood FROM range(36) r(i);
"""


@pytest.fixture
def workspace(tmp_path):
    return Workspace("demo", tmp_path)


@pytest.fixture
def load(workspace, profiled):
    def run(script=DATA):
        with duckdb.connect() as connection:
            connection.execute(script)
            return refresh(workspace, profiled(connection), connection)

    return run


def item(workspace, kind, table):
    return next(i for i in load_review(workspace) if (i.kind, i.table) == (kind, table))


def test_items_say_what_why_and_what_for(workspace, load):
    load()
    found = load_review(workspace)
    assert {(i.kind, i.table) for i in found} >= {("join", "models"), ("time", "models"), ("key", "visits")}
    assert all(i.finding and i.evidence and i.effect for i in found)
    assert [i.confidence for i in found] == sorted(i.confidence for i in found)


def test_a_rejected_join_stays_away(workspace, load):
    assert load().tables["models"].joins
    decide(workspace, item(workspace, "join", "models").id, "rejected", by="ana")
    assert store.load(workspace.model_file).tables["models"].joins == ()
    assert load(DATA + "ALTER TABLE models ADD COLUMN price DOUBLE DEFAULT 2.5").tables["models"].joins == ()
    assert all(i.kind != "join" for i in load_review(workspace))


def test_an_accepted_join_is_authored(workspace, load):
    load()
    decide(workspace, item(workspace, "join", "models").id, "accepted")
    assert [j.confidence for j in load().tables["models"].joins] == [1.0]


def test_a_rejected_key_stays_away(workspace, load):
    load()
    decide(workspace, item(workspace, "key", "visits").id, "rejected")
    assert load().tables["visits"].key == ()


def test_an_edited_date_holds(workspace, load):
    before = load().tables["models"].time.default
    other = {"announced": "listed", "listed": "announced"}[before]
    decide(workspace, item(workspace, "time", "models").id, "edited", value=other)
    assert store.load(workspace.model_file).tables["models"].time.default == other
    assert load().tables["models"].time.default == other


@pytest.mark.parametrize(
    ("kind", "table", "value"),
    [("time", "models", "nonsense"), ("key", "visits", ["nope"]), ("key", "visits", "shop_id"),
     ("join", "models", {"to": "nowhere", "on": {"maker_id": "id"}}), ("join", "models", None)],
)  # fmt: skip
def test_an_edit_must_fit(workspace, load, kind, table, value):
    load()
    with pytest.raises(InvalidRequest):
        decide(workspace, item(workspace, kind, table).id, "edited", value=value)
    assert item(workspace, kind, table)


def test_an_unknown_item_is_told(workspace, load):
    load()
    with pytest.raises(UnknownName):
        decide(workspace, "0000", "accepted")
