"""Packs are read strictly, and a check finds what a careful reader would."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.packs import load
from knowledge.packs.check import check
from knowledge.packs.schema import Pack, json_schema
from knowledge.packs.shelving import shelved
from store.errors import InvalidRequest, UnknownName

MANIFEST = """\
pack: tiny
version: 1.0.0
label: Tiny
description: A pack for tests.
licence: Apache-2.0
author: Test
updated: 2026-01-01
"""
BODY = """\
entities:
  stay:
    label: Stay
    means: One booking.
    kind: event
    time: arrived
    columns:
      arrived: {kind: date}
      nights: {kind: number}
      status: {kind: category, values: {stayed: [done], cancelled: [canceled]}}
metrics:
  nights: {label: Nights, means: Nights sold., unit: night, agg: sum, entity: stay, expr: nights}
  stays: {label: Stays, means: Bookings., unit: stay, agg: count, entity: stay, where: "status = 'stayed'"}
  length: {label: Length, means: Nights a stay., unit: night, ratio: [nights, stays]}
"""


def _pack(folder: Path, body: str = BODY, **more: str) -> Pack:
    (folder / "pack.yaml").write_text(MANIFEST + body, encoding="utf-8")
    for name, text in more.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.with_suffix(".md").write_text(text, encoding="utf-8")
    return load.load(folder)


@pytest.mark.parametrize("name", sorted(load.available(Path("/nowhere"))))
def test_shipped_packs_hold(name: str) -> None:
    found = check(load.load(load.find(name, Path("/nowhere"))))
    assert [f"{f.where}: {f.message}" for f in found if f.severity == "error"] == []


def test_a_sound_pack_has_no_findings(tmp_path: Path) -> None:
    assert check(_pack(tmp_path)) == []


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("ratio: [nights, stays]", "ratio: [nights, stay]", "no metric “stay”"),
        ("ratio: [nights, stays]", "formula: length + nights", "made of itself"),
        ("unit: night, ratio", "unit: percent, ratio", "told as 0 to 1"),
        ("expr: nights", "expr: nigths", "no column of stay “nigths”"),
        ("expr: nights", "expr: sum(nights)", "no plain expression"),
        ("expr: nights", "expr: (select 1)", "no plain expression"),
        ("status = 'stayed'", "status = 'gone'", "no value of stay.status “gone”"),
        ("label: Stays,", "label: Nights,", "already means"),
        ("time: arrived", "time: nights", "is no date"),
    ],
)
def test_a_wrong_name_is_found(tmp_path: Path, was: str, now: str, said: str) -> None:
    assert was in BODY
    found = check(_pack(tmp_path, BODY.replace(was, now)))
    assert any(f.severity == "error" and said in f.message for f in found), found


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        (BODY.replace("means: One booking.", "meens: One booking."), 11, "“meens” is not a key"),
        (BODY + "metrix: {}\n", 22, "no section"),
        (BODY + "entities: {}\n", 22, "given twice"),
        (BODY.replace("agg: sum", "agg: total"), 19, "metrics.nights"),
        (BODY + "digests: {a: {label: x\n", 23, "not valid YAML"),
        (BODY + "terms: &a {}\nsegments: *a\n", 22, "Anchors"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(tmp_path: Path, body: str, line: int, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said) as caught:
        _pack(tmp_path, body)
    assert caught.value.details["line"] == line


BENCHMARK = """\
benchmarks:
  usual:
    metric: length
    value: 2.4
    unit: night
    population: hotels in one city
    year: 2024
    source: {title: A report, publisher: A body, year: 2025, address: "https://example.org/r"}
    passage: rates#length
"""


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("In 2024 guests stayed 2.4 nights.", True),
        ("In 2024 guests stayed 2.4 days.", False),
        ("In 2024 guests stayed 12.4 nights.", False),
        ("In 2024 guests stayed 3 nights.", False),
        ("2.4 % of nights in 2024.", False),
    ],
)
def test_a_benchmark_needs_its_passage(tmp_path: Path, text: str, holds: bool) -> None:
    pack = _pack(tmp_path, BODY + BENCHMARK, knowledge__rates=f"# Rates\n\n## Length\n\n{text}\n")
    assert (check(pack) == []) is holds


def test_overrides_replace_and_remove(tmp_path: Path) -> None:
    _pack(tmp_path)
    pack = load.load(tmp_path, {"metrics": {"length": None, "nights": {"label": "Bed nights"}}})
    assert set(pack.metrics) == {"nights", "stays"}
    assert pack.metrics["nights"].label == "Bed nights"


def test_a_company_pack_takes_the_place_of_ours(tmp_path: Path) -> None:
    own = tmp_path / "packs" / "retail"
    own.mkdir(parents=True)
    _pack(own)
    assert load.load(load.find("retail", tmp_path)).manifest.author == "Test"
    with pytest.raises(UnknownName, match="retail"):
        load.find("retial", tmp_path)


def test_the_schema_of_editors_takes_what_the_loader_takes() -> None:
    properties = json_schema()["properties"]
    assert {"pack", "version", "metrics", "playbooks"} <= set(properties)
    assert "agg" in json_schema()["$defs"]["Metric"]["properties"]


def test_a_passage_has_other_words_and_what_the_pack_says_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    (folder / "knowledge").mkdir(parents=True)
    (folder / "pack.yaml").write_text(MANIFEST, encoding="utf-8")
    book = "playbooks:\n  few: {label: Few nights, when: {metric: nights, is: falling, against: last_period},"
    book += ' checks: [{ask: "What was {length} last month?", why: It tells.}], see: "stays#nights"}\n'
    (folder / "body.yaml").write_text(BODY + book, encoding="utf-8")
    text = "# Stays\n\n## Nights\n<!-- also: room nights, RN -->\n\nWhat is sold.\n\n## Guests\n\nWho comes.\n"
    (folder / "knowledge" / "stays.md").write_text(text, encoding="utf-8")
    nights, guests = shelved(load.load(folder))
    assert nights.text == "What is sold."
    assert nights.also == ("room nights", "RN", "Few nights")
    assert nights.told == ("Nights: Nights sold.", "What was length last month? It tells.")
    assert guests.also == guests.told == ()
