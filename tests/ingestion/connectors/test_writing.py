"""Whoever writes a connector is told what is wrong and where, and gets money and days as they are."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from ingestion.canonical.plain import select
from ingestion.connectors import catalog, shapes
from ingestion.connectors.contract import Contract
from ingestion.connectors.guarded import _retry_after
from ingestion.connectors.manifest import Manifest
from store.errors import ConfigProblem

PARCELS: dict[str, Any] = {
    "source": "parcels", "label": "Parcels", "group": "other", "hosts": ["api.parcels.example"],
    "base_url": {"live": "https://api.parcels.example/"}, "auth": {"kind": "none"}, "money": {"unit": "minor"},
    "resources": [{
        "name": "parcels", "path": "shipments", "selector": "shipments", "key": ["id"], "table": True,
        "columns": {"id": "text", "shipped_on": "date", "charge.amount": "money(charge.currency)",
                    "charge.currency": "text"},
    }],
}  # fmt: skip


def written(folder: Path, text: str) -> Path:
    file = folder / "parcels.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_money_of_a_table_of_its_own_is_in_major_units_and_a_day_is_never_moved():
    manifest = Manifest.model_validate(PARCELS | {"time": {"zone": "America/New_York"}})
    rows = [
        {"id": "1", "shipped_on": "2026-03-01", "charge": {"amount": 1250, "currency": "eur"}},
        {"id": "2", "shipped_on": "20260302", "charge": {"amount": 1250, "currency": "JPY"}},
        {"id": "3", "shipped_on": "2026-03-03T23:30:00Z", "charge": {"amount": "7", "currency": None}},
    ]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE raw (_row VARCHAR)")
        for row in rows:
            connection.execute("INSERT INTO raw VALUES (?)", [json.dumps(row)])
        found = connection.execute(select(manifest, manifest.resource("parcels"), "raw") + " ORDER BY id").fetchall()
    assert [(str(r[1]), r[2]) for r in found] == [
        ("2026-03-01", Decimal("12.5000")), ("2026-03-02", Decimal("1250.0000")), ("2026-03-03", None),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["decmal", "money", "money()", "timestamp"])
def test_a_type_that_there_is_not_is_refused_with_those_that_there_are(tmp_path: Path, kind: str):
    wrong = json.loads(json.dumps(PARCELS))
    wrong["resources"][0]["columns"]["shipped_on"] = kind
    with pytest.raises(ConfigProblem, match=r"'shipped_on' is .*types are text, decimal.*money\(PLACE\)"):
        catalog.read(written(tmp_path, yaml.safe_dump(wrong)))


def test_a_misspelt_key_is_told_with_what_was_probably_meant(tmp_path: Path):
    wrong = json.loads(json.dumps(PARCELS))
    wrong["resources"][0]["selecter"] = wrong["resources"][0].pop("selector")
    with pytest.raises(ConfigProblem, match=r"resources\.0\.selecter: there is no such key here; .*“selector”"):
        catalog.read(written(tmp_path, yaml.safe_dump(wrong)))


def test_text_that_is_no_yaml_is_told_with_its_line(tmp_path: Path):
    with pytest.raises(ConfigProblem, match=r"cannot be read as YAML in line 3, column \d+"):
        catalog.read(written(tmp_path, "source: parcels\nlabel: [Parcels\nhosts: x\n"))


def test_values_that_break_the_promise_of_a_column_are_told_in_words():
    contract = Contract({"charge.amount": "money(charge.currency)", "shipped_on": "date"})
    assert contract.broken_by({"charge": {"amount": 5}, "shipped_on": "2026-03-01"}) is None
    assert "not a number" in str(contract.broken_by({"charge": {"amount": "five"}}))
    assert "not a date" in str(contract.broken_by({"shipped_on": "soon"}))


def test_a_selector_that_finds_nothing_says_what_the_answer_holds():
    resource = Manifest.model_validate(PARCELS).resource("parcels")
    assert shapes.missed(resource, {"shipments": []}) is None and shapes.missed(resource, {}) is None
    assert "it has items, meta" in str(shapes.missed(resource, {"meta": {}, "items": [1]}))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7", "x-ratelimit-reset": "99", "x-ratelimit-remaining": "0"}, 7),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "12"}, 12),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "3"}, 3),
        ({"ratelimit": '"default";r=0;t=30'}, 30),
        ({"ratelimit": "limit=100, remaining=0, reset=50"}, 50),
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": "12"}, None),
        ({"x-ratelimit-reset": "12"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, None),
    ],
)
def test_how_long_to_wait_is_read_from_the_headers_that_services_send(headers: dict[str, str], seconds: float | None):
    assert _retry_after(headers) == seconds


def test_a_reset_since_1970_is_a_wait_from_now():
    for factor in (1, 1000):
        headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int((time.time() + 40) * factor))}
        assert 35 < (_retry_after(headers) or 0) <= 41
