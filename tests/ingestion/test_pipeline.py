"""A whole load: good files land together, bad ones are told, and a killed load leaves the old state or the new."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from ingestion import pipeline
from ingestion.pipeline import ingest, resume
from warehouse.lake import Lake
from warehouse.profile import DataProfile
from warehouse.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace("test", tmp_path / "workspaces" / "test")


@pytest.fixture
def shop(tmp_path):
    folder = tmp_path / "shop"
    (folder / "deep").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / "Orders.csv").write_text("Order ID,Customer,Amount\n1,7,$1.50\n2,8,$2.00\n")
    (folder / "deep" / "customers.csv").write_text("id,name\n7,Ann\n8,Bob\n")
    (folder / ".hidden" / "secret.csv").write_text("a,b\n1,2\n")
    (folder / "broken.parquet").write_text("PAR1 no")
    (folder / "README.md").write_text("not data")
    return folder


def profile_of(workspace):
    return DataProfile.model_validate_json(workspace.profile_file.read_bytes())


def counts(workspace):
    lake = Lake.open(workspace.lake)
    with lake.writer() as connection:
        return {t: connection.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0] for t in lake.current().tables}


@pytest.mark.parametrize("name", [b"\xff\xfe.csv", b"red\x1b[31m\n.csv"])
def test_names_that_are_no_text_do_not_spoil_the_workspace(workspace, tmp_path, name):
    folder = tmp_path / "odd"
    folder.mkdir()
    with Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).open("w") as file:
        file.write("a,b\n1,2\n3,4\n")
    for _ in range(2):  # the second load reads what the first one noted
        (table,) = ingest(workspace, [folder]).tables
    assert table.rows == 2 and table.origin.isprintable()


def test_good_files_load_and_bad_ones_are_told(workspace, shop):
    told = []
    report = ingest(workspace, [shop], progress=lambda text, share: told.append((text, share)))
    assert {t.name: (t.rows, t.columns, t.origin) for t in report.tables} == {
        "orders": (2, 3, "shop/Orders.csv"),
        "customers": (2, 2, "shop/deep/customers.csv"),
    }
    assert [(p.file, p.reason) for p in report.problems] == [
        ("shop/broken.parquet", "The Parquet file is damaged or cut off.")
    ]
    assert report.skipped == ["shop/README.md"]
    assert report.snapshot == Lake.open(workspace.lake).current().version == profile_of(workspace).snapshot
    assert told[-1] == ("Ready", 1.0)
    assert workspace.model_file.exists()
    assert not list(workspace.root.glob(".load*"))


def test_the_profile_says_what_the_source_said(workspace, shop):
    ingest(workspace, [shop])
    orders = profile_of(workspace).tables["orders"]
    amount = orders.columns["amount"]
    assert (amount.unit, amount.comment, amount.min, amount.max, amount.distinct) == (
        "USD",
        "Amount (USD)",
        "1.50",
        "2.00",
        2,
    )
    assert orders.columns["order_id"].comment == "Order ID"
    assert (orders.origin, orders.rows) == ("shop/Orders.csv", 2)


def test_the_same_file_replaces_its_table_and_another_does_not(workspace, shop, tmp_path):
    ingest(workspace, [shop])
    (shop / "Orders.csv").write_text("Order ID,Customer,Amount\n1,7,$1.50\n")
    other = tmp_path / "orders.json"
    other.write_text('[{"id": 1}]')
    report = ingest(workspace, [shop, other])
    assert [t.name for t in report.tables] == ["orders", "customers", "orders_2"]
    assert counts(workspace) == {"customers": 2, "orders": 1, "orders_2": 1}
    assert [t.warnings for t in report.tables] == [
        ["This replaced the table loaded before from “shop/Orders.csv” (2 rows)."],
        ["This replaced the table loaded before from “shop/deep/customers.csv” (2 rows)."],
        ["The name “orders” was taken by another table, so this one is called “orders_2”."],
    ]


def test_a_first_load_replaces_nothing(workspace, shop):
    assert not any("replaced" in note for table in ingest(workspace, [shop]).tables for note in table.warnings)


def test_facts_survive_the_load_of_another_file(workspace, shop, tmp_path):
    ingest(workspace, [shop])
    (tmp_path / "more.csv").write_text("x,y\n1,2\n")
    ingest(workspace, [tmp_path / "more.csv"])
    assert profile_of(workspace).tables["orders"].columns["amount"].unit == "USD"


def test_nothing_good_leaves_nothing_behind(workspace, tmp_path):
    report = ingest(workspace, [tmp_path / "gone.csv"])
    assert (report.tables, report.snapshot) == ([], None)
    assert [(p.file, p.reason) for p in report.problems] == [("gone.csv", "There is no such file.")]
    assert not workspace.root.exists()


def test_nothing_to_resume(workspace, shop):
    assert resume(workspace) is False
    ingest(workspace, [shop])
    assert resume(workspace) is False


STEPS = ("write_table", "stored_facts", "profiling.profile", "profiling.save", "complete", "unfinished")


def _killed_at(step, workspace, paths):
    owner = pipeline.profiling if step.startswith("profiling.") else pipeline
    name = step.removeprefix("profiling.")
    vars(owner)[name] = lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL)
    ingest(workspace, paths)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_leaves_the_old_state_or_the_new(workspace, shop, step):
    ingest(workspace, [shop])
    (shop / "Orders.csv").write_text("Order ID,Customer,Amount\n1,7,$1\n2,7,$1\n3,7,$1\n")
    child = multiprocessing.get_context("fork").Process(target=_killed_at, args=(step, workspace, [shop]))
    child.start()
    child.join(30)
    assert child.exitcode == -signal.SIGKILL
    committed = step in ("profiling.profile", "profiling.save", "complete")
    assert counts(workspace) == {"customers": 2, "orders": 3 if committed else 2}
    resume(workspace)
    rows = 3 if committed else 2
    assert counts(workspace)["orders"] == rows == profile_of(workspace).tables["orders"].rows
    assert Lake.open(workspace.lake).current().version == profile_of(workspace).snapshot
    assert {t.name for t in ingest(workspace, [shop]).tables} == {"orders", "customers"}


def test_old_work_folders_are_swept(workspace, shop):
    workspace.root.mkdir(parents=True)
    old, young = workspace.root / ".loading-old", workspace.root / ".loading-young"
    old.mkdir()
    young.mkdir()
    os.utime(old, (time.time() - 100_000,) * 2)
    ingest(workspace, [shop])
    assert (old.exists(), young.exists()) == (False, True)
