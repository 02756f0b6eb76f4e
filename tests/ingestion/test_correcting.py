"""Correcting what a column is: what would be lost is told first, what is kept is right, and a later load remembers."""

from __future__ import annotations

import pytest

from ingestion.correcting import Correction, correct, remove
from ingestion.pipeline import ingest
from store.errors import InvalidRequest, UnknownName
from warehouse.lake import Lake
from warehouse.profile import DataProfile
from warehouse.workspace import Workspace

ROWS = (
    "No,Shipped,Price,Code,Paid\n"
    '1,13.02.2026 10:15,"1.234,50",A1,yes\n'
    '2,24.12.2025 09:00,"7,25",B2,no\n'
    "3,soon,gratis,17,yes\n"
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    home = tmp_path_factory.mktemp("correcting")
    file = home / "parcels.csv"
    file.write_text(ROWS)
    workspace = Workspace("test", home / "workspaces" / "test")
    ingest(workspace, [file])
    return workspace, file


def column(workspace, name):
    lake = Lake.open(workspace.lake)
    with lake.writer() as connection:
        return [row[0] for row in connection.execute(f'SELECT "{name}"::VARCHAR FROM parcels ORDER BY no').fetchall()]


def kind(workspace, name):
    return DataProfile.model_validate_json(workspace.profile_file.read_bytes()).tables["parcels"].columns[name]


def test_what_would_be_lost_is_told_and_nothing_is_changed(loaded):
    workspace, _ = loaded
    was = kind(workspace, "shipped").duckdb_type
    found = correct(workspace, "parcels", "shipped", Correction("date", "dmy"), apply=False)
    assert (found.rows, found.filled, found.kept, found.lost) == (3, 3, 2, ("soon",))
    assert found.changed == (("13.02.2026 10:15", "2026-02-13"), ("24.12.2025 09:00", "2025-12-24"))
    assert kind(workspace, "shipped").duckdb_type == was == "VARCHAR"


@pytest.mark.parametrize(
    ("name", "wanted", "kept"),
    [
        ("shipped", Correction("datetime", "dmy"), ["2026-02-13 10:15:00", "2025-12-24 09:00:00", None]),
        ("shipped", Correction("date", "mdy"), [None, None, None]),
        ("price", Correction("number", "comma"), ["1234.5", "7.25", None]),
        ("price", Correction("whole", "comma"), [None, None, None]),
        ("code", Correction("whole", "point"), [None, None, "17"]),
        ("paid", Correction("text"), ["true", "false", "true"]),
        ("paid", Correction("whole", "point"), ["1", "0", "1"]),
        ("no", Correction("date", "excel"), ["1899-12-31", "1900-01-01", "1900-01-02"]),
        ("no", Correction("yesno"), ["true", None, None]),
    ],
)
def test_values_become_what_they_are_or_count_as_lost(loaded, name, wanted, kept):
    workspace, _ = loaded
    found = correct(workspace, "parcels", name, wanted, apply=False)
    assert found.kept == sum(one is not None for one in kept)
    assert {after for _, after in found.changed} == {one for one in kept if one is not None}


def test_days_and_months_change_places(tmp_path):
    file, workspace = tmp_path / "parcels.csv", Workspace("swap", tmp_path / "workspaces" / "swap")
    file.write_text("no,day\n" + "".join(f"{n},2026-{n:02}-05\n" for n in range(1, 13)) + "13,2026-01-25\n")
    ingest(workspace, [file])
    found = correct(workspace, "parcels", "day", Correction("date", "swap"), apply=True)
    assert found.filled - found.kept == 1
    assert found.lost == ("2026-01-25",)
    assert column(workspace, "day")[:3] == ["2026-05-01", "2026-05-02", "2026-05-03"]


def test_a_correction_holds_and_is_done_again_at_the_next_load(tmp_path):
    file, workspace = tmp_path / "parcels.csv", Workspace("again", tmp_path / "workspaces" / "again")
    file.write_text(ROWS)
    ingest(workspace, [file])
    correct(workspace, "parcels", "shipped", Correction("date", "dmy"), apply=True)
    correct(workspace, "parcels", "price", Correction("number", "comma", "EUR"), apply=True)
    assert column(workspace, "shipped") == ["2026-02-13", "2025-12-24", None]
    file.write_text(ROWS + '4,31.01.2026 08:00,"9,75",C3,no\n')
    (table,) = ingest(workspace, [file]).tables
    assert column(workspace, "shipped") == ["2026-02-13", "2025-12-24", None, "2026-01-31"]
    assert column(workspace, "price") == ["1234.5", "7.25", None, "9.75"]
    assert kind(workspace, "price").unit == "EUR"
    assert any("1 values of “shipped” could not be read so" in note for note in table.warnings)


def test_a_sheet_that_is_no_data_is_taken_out(tmp_path):
    workspace = Workspace("out", tmp_path / "workspaces" / "out")
    for name in ("orders", "notes"):
        (tmp_path / f"{name}.csv").write_text("id,amount\n1,5\n2,6\n")
    ingest(workspace, [tmp_path / "orders.csv", tmp_path / "notes.csv"])
    remove(workspace, "notes")
    assert set(Lake.open(workspace.lake).current().tables) == {"orders"}
    with pytest.raises(UnknownName):
        remove(workspace, "notes")


@pytest.mark.parametrize("wanted", [Correction("number", "dmy"), Correction("date", "comma")])
def test_ways_of_writing_that_make_no_sense_are_refused(loaded, wanted):
    with pytest.raises(InvalidRequest):
        correct(loaded[0], "parcels", "price", wanted, apply=False)


def test_what_is_not_there_is_said(loaded):
    with pytest.raises(UnknownName):
        correct(loaded[0], "parcels", 'price" FROM x --', Correction("text"), apply=False)
    with pytest.raises(UnknownName):
        correct(loaded[0], "nowhere", "price", Correction("text"), apply=False)
