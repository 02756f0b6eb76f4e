"""Every file of the torture corpora loads sensibly or is refused with a sentence: no crash, no hang, no empty."""

from __future__ import annotations

import json

import duckdb
import pytest

from evals.ingestion_corpora import corpus_files, read_all
from ingestion.reader import Reader
from store import settings

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def data():
    folder = settings.get("data")
    if not (folder / "corpora").is_dir():
        pytest.skip(f"needs the outside test data in {folder}")
    return folder


@pytest.fixture(scope="module")
def outcome(data, tmp_path_factory):
    files = corpus_files(data)
    with Reader(seconds=30) as reader:
        readings = list(read_all(files, tmp_path_factory.mktemp("corpora"), reader))
        return readings, reader.max_rss_mb


@pytest.mark.slow
def test_every_file_loads_or_is_refused_in_time(outcome):
    readings, rss = outcome
    assert len(readings) == 887
    assert [p.name for p, r in readings if r.log or not (r.tables or r.faults)] == []
    assert [p.name for p, r in readings for f in r.faults if not (f.reason and f.hint)] == []
    assert [(p.name, r.seconds) for p, r in readings if r.seconds > 5] == []
    assert rss < 1_000


@pytest.mark.slow
def test_no_table_is_silently_empty_and_columns_are_named(outcome):
    readings, _ = outcome
    tables = [table for _, reading in readings for table in reading.tables]
    assert all(table.rows > 0 for table in tables)
    assert all(column.name.isascii() and column.name.isidentifier() for t in tables for column in t.columns)
    assert len(tables) > 620


@pytest.mark.slow
def test_what_duckdb_reads_we_read_too(outcome):
    """Of the ordinary files that DuckDB's defaults accept with rows, ours lose none but those that are named."""
    lost = []
    for path, reading in outcome[0]:
        if path.suffix != ".csv" or "afl" in path.parts or "fuzzing" in path.parts or reading.tables:
            continue
        if any("no rows" in f.reason or "empty" in f.reason for f in reading.faults):
            continue
        try:
            with duckdb.connect() as connection:
                (rows,) = connection.execute("SELECT count(*) FROM read_csv(?)", [str(path)]).fetchone()
        except duckdb.Error:
            continue
        if rows:
            lost.append(path.name)
    assert lost == []


def test_csv_spectrum_is_read_exactly(data, tmp_path, reader, rows_of):
    folder = data / "corpora" / "csv-spectrum"
    names = sorted(p.stem for p in (folder / "csvs").glob("*.csv"))
    assert len(names) == 11
    for name in names:
        text = (folder / "json" / f"{name}.json").read_text(encoding="utf-8")
        if b"\r" not in (folder / "csvs" / f"{name}.csv").read_bytes():
            text = text.replace("\\r\\n", "\\n")  # the corpus lost the carriage returns of newlines_crlf.csv
        expected = json.loads(text)
        table = reader.read(folder / "csvs" / f"{name}.csv", f"{name}.csv", tmp_path / name).tables[0]
        headers = [column.comment or column.name for column in table.columns]
        found = [{h: "" if v is None else str(v) for h, v in zip(headers, row, strict=True)} for row in rows_of(table)]
        assert found == expected, name
