"""Large plain files: the quick way gives exactly what the careful way gives, or steps aside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion import regular
from ingestion.reading import FileReader

ROWS = 1_300
PLAIN = "id,day,customer,region,amount,items,paid,seen,at\n" + "".join(
    f"{i},2024-{1 + i % 12:02d}-{1 + i % 28:02d},customer {i % 90},{('north', 'NULL', '')[i % 3]},{i % 97 / 4},{i % 5},"
    f"{'true' if i % 2 else 'false'},2024-01-02 10:{i % 60:02d}:00,{1 + i % 28:02d}.{1 + i % 12:02d}.2024\n"
    for i in range(ROWS)
)
Rows = list[tuple[Any, ...]]


def _read(path: Path, out: Path) -> tuple[list[tuple[str, str]], Rows, list[str]]:
    out.mkdir()
    reading = FileReader(path, path.name, out).read()
    assert not reading.faults
    (table,) = reading.tables
    with duckdb.connect() as connection:
        found = connection.execute("SELECT * FROM read_parquet(?)", [table.parquet])
        columns = [(c[0], str(c[1])) for c in found.description or ()]
        rows = found.fetchall()
    assert len(rows) == table.rows
    return columns, rows, table.warnings


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], tuple[Any, Any, int]]:
    """What the quick and the careful way make of a file, and how often the quick one was good enough."""

    def read(content: bytes) -> tuple[Any, Any, int]:
        path = tmp_path / "sales.csv"
        path.write_bytes(content)
        taken: list[object] = []
        real = regular._read

        def noted(*given: Any) -> Any:
            done = real(*given)
            taken.extend([done] * (done is not None))
            return done

        monkeypatch.setattr(regular, "_read", noted)
        monkeypatch.setattr(regular, "SMALLEST", 1)
        quick = _read(path, tmp_path / "quick")
        monkeypatch.setattr(regular, "SMALLEST", 1 << 60)
        return quick, _read(path, tmp_path / "careful"), len(taken)

    return read


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace("customer 7,", '"Seven, ""the"" best",').encode(),
        PLAIN.replace("customer 7,", "Zoë Çelik,").encode(),
        PLAIN.replace("\n5,", "\n,").encode(),
    ],
    ids=["plain", "windows", "mark", "semicolons", "quotes", "accents", "gap"],
)
def test_what_keeps_to_its_form_is_read_in_one_pass(
    both: Callable[[bytes], tuple[Any, Any, int]], content: bytes
) -> None:
    quick, careful, taken = both(content)
    assert taken == 1
    assert quick == careful
    assert len(quick[1]) == ROWS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n1100,", "\n01100,"),
        ("\n1100,", "\n1100.5,"),
        ("\n1100,", "\n1e3,"),
        ("\n1100,", "\nmany,"),
        ("\n1100,", "\n 1100,"),
        (",customer 3,", ", customer 3,"),
        (",customer 3,", ",Total,"),
        (",customer 3,", ",cust\x00omer 3,"),
        (",23.25,", ",23.257,"),
        (",23.25,", ",1 023.25,"),
        ("\n1100,2024-09-09,", "\n1100,2024-02-31,"),
        ("\n1100,", "\n,,,,,,,,\n1100,"),
        ("\n1100,", "\n1100,7,"),
        ("\n1100,", "\n\n1100,"),
        (",28.12.2024\n", ",12/28/2024\n"),
        (",customer 3,", ',"two\nlines",'),
    ],
)
def test_one_line_that_differs_sends_the_file_the_careful_way(
    both: Callable[[bytes], tuple[Any, Any, int]], old: str, new: str
) -> None:
    assert old in PLAIN
    quick, careful, taken = both(PLAIN.replace(old, new, 1).encode())
    assert quick == careful
    assert taken == 0 or len(quick[1]) == ROWS


def test_bytes_that_are_no_utf_8_go_the_careful_way(both: Callable[[bytes], tuple[Any, Any, int]]) -> None:
    quick, careful, taken = both(PLAIN.replace("customer 3", "Zoë").encode("cp1252"))
    assert taken == 0
    assert quick == careful
    assert "cp1252" in quick[2][0]
