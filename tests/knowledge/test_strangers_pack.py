"""A pack made by following docs/write-a-pack.md alone is sound, and binds to a hotel's tables."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from ingestion import profiling
from knowledge.packs import load
from knowledge.packs.check import check
from knowledge.packs.skeleton import write
from tools.binding.bind import bind
from warehouse.model.infer import infer
from warehouse.model.probe import DuckDBProbe

HOTELS = Path(__file__).parent / "hotels"


def test_it_is_sound_and_says_what_it_holds() -> None:
    assert check(load.load(HOTELS)) == []


def test_it_binds_to_a_hotel_s_own_tables() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE bookings AS SELECT i AS booking_no, i % 4 + 1 AS property_id, i % 5 + 1 AS los,"
            " DATE '2026-01-01' + (i % 300)::INT AS check_in, DATE '2026-01-03' + (i % 300)::INT AS check_out,"
            " 80.5 + i % 90 AS room_rev,"
            " ['checked out', 'canceled', 'noshow'][1 + (i % 11 = 0)::INT + (i % 33 = 0)::INT] AS booking_status"
            " FROM range(1, 900) r(i)"
        )
        connection.execute(
            "CREATE TABLE properties AS SELECT i AS property_id, 'House ' || i AS name FROM range(1, 5) r(i)"
        )
        profile = profiling.profile(connection)
        found = bind(load.load(HOTELS), infer(profile, DuckDBProbe(connection), name="hotels").model, profile)
    assert {m for m in found.metrics if found.used(m)} == {
        "room_revenue", "room_nights", "adr", "cancelled_stays", "length_of_stay",
    }  # fmt: skip
    assert found.columns["stay.status"].values["stayed"] == ("checked out",)
    assert found.metrics["revpar"].missing == ("a table of room inventory records",)


def test_the_examples_of_the_page_make_a_sound_pack(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "write-a-pack.md").read_text(encoding="utf-8")
    parts = re.findall(r"```yaml\n(.*?)```", page, re.S)
    (tmp_path / "knowledge").mkdir()
    for number, part in enumerate(parts):
        (tmp_path / ("pack.yaml" if number == 0 else f"part{number:02}.yaml")).write_text(part, encoding="utf-8")
    prose = re.findall(r"```markdown\n(.*?)```", page, re.S)
    (tmp_path / "knowledge" / "rates.md").write_text("\n".join(prose), encoding="utf-8")
    found = load.load(tmp_path)
    assert check(found) == []
    assert found.privacy is not None and found.benchmarks and found.playbooks and found.digests


def test_a_new_pack_starts_sound(tmp_path: Path) -> None:
    assert check(load.load(write("bakeries", tmp_path / "bakeries"))) == []
