"""Decides what a file is by its first bytes before its name, so that a wrong ending neither helps nor hurts."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Literal

from ingestion.extract import MAX_EXPANDED, Unreadable

Kind = Literal["delimited", "json", "ndjson", "parquet", "sheet", "duckdb", "sqlite", "packed", "zip"]

_BY_ENDING: dict[str, Kind] = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt", ".psv", ".dat"), "delimited"),
    **dict.fromkeys((".json", ".geojson"), "json"),
    **dict.fromkeys((".ndjson", ".jsonl"), "ndjson"),
    **dict.fromkeys((".parquet", ".parq", ".pq"), "parquet"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), "sheet"),
    **dict.fromkeys((".duckdb", ".ddb"), "duckdb"),
    **dict.fromkeys((".sqlite", ".sqlite3", ".db", ".db3"), "sqlite"),
    **dict.fromkeys((".gz", ".bz2", ".xz"), "packed"),
    ".zip": "zip",
}
_MAGIC: tuple[tuple[int, bytes, Kind], ...] = (
    (0, b"PAR1", "parquet"),
    (0, b"SQLite format 3\x00", "sqlite"),
    (8, b"DUCK", "duckdb"),
    (0, b"\xd0\xcf\x11\xe0", "sheet"),
    (0, b"\x1f\x8b", "packed"),
    (0, b"BZh", "packed"),
    (0, b"\xfd7zXZ\x00", "packed"),
)
TEXT_KINDS: tuple[Kind, ...] = ("delimited", "json", "ndjson")
SUPPORTED = "CSV, TSV, JSON, NDJSON, Parquet, Excel (xlsx, xls, ods), DuckDB and SQLite files, also as .gz or .zip"

BOMB_BYTES = 20_000_000
BOMB_RATIO = 100
MAX_MEMBERS = 5_000
_END_OF_ZIP = b"PK\x05\x06"


def supported(path: Path) -> bool:
    """True when the file's name ends like a kind of file that can be read."""
    return path.suffix.lower() in _BY_ENDING


def inner_name(name: str) -> str:
    """`sales.csv` for `sales.csv.gz`; other names unchanged."""
    path = Path(name)
    return path.stem if _BY_ENDING.get(path.suffix.lower()) == "packed" else name


def kind_of(path: Path, name: str) -> Kind:
    """The kind of the file at `path`, called `name` by people. Raises `Unreadable` for other kinds and empty files."""
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise Unreadable("The file is empty.", "Export it again; the file holds no bytes at all.")
    for offset, magic, kind in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return kind
    if head[:4] in (b"PK\x03\x04", _END_OF_ZIP):
        return _zipped_kind(path)
    ending = _BY_ENDING.get(Path(name).suffix.lower())
    if ending in ("parquet", "sheet", "duckdb", "sqlite", "packed", "zip"):
        raise Unreadable(
            f"The name ends in {Path(name).suffix}, but the content is something else or damaged.",
            "Export the file again, or give it the ending that fits its content.",
        )
    if ending is None:
        raise Unreadable("This kind of file cannot be read.", f"Plainsay reads {SUPPORTED}.")
    return ending


def _zipped_kind(path: Path) -> Kind:
    """A workbook or a plain archive; the directory is checked for bombs before anything is expanded."""
    members = directory(path)
    names = {m.filename for m in members}
    if "[Content_Types].xml" in names and any(n.startswith("xl/") for n in names):
        return "sheet"
    return "sheet" if "mimetype" in names and "content.xml" in names else "zip"


def directory(path: Path) -> list[zipfile.ZipInfo]:
    """The members of a zip that is safe to expand. Raises `Unreadable` for damaged, huge or bomb-like archives."""
    _check_member_count(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable("The archive is damaged or cut off.", "Copy or export the file again.") from error
    expanded, packed = sum(m.file_size for m in members), path.stat().st_size
    check_expansion(expanded, packed)
    for member in members:
        check_expansion(member.file_size, member.compress_size)
    return members


def check_expansion(expanded: int, packed: int) -> None:
    """Refuse what grows beyond the size cap, or beyond 100 times its packed size (from 20 MB on)."""
    if expanded > MAX_EXPANDED or (expanded > BOMB_BYTES and expanded > BOMB_RATIO * max(packed, 1)):
        raise Unreadable(
            f"The file would unpack to {expanded // 1_000_000:,} MB or more, out of proportion to its size.",
            "Unpack it yourself and load the files inside, if you trust where it comes from.",
        )


def _check_member_count(path: Path) -> None:
    """Read the count from the last record: listing a million members would already take seconds."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(_END_OF_ZIP)
    if at < 0 or len(tail) < at + 22:
        raise Unreadable("The archive is damaged or cut off.", "Copy or export the file again.")
    count = int.from_bytes(tail[at + 10 : at + 12], "little")
    listing = int.from_bytes(tail[at + 12 : at + 16], "little")
    if count > MAX_MEMBERS or listing > 400 * MAX_MEMBERS:
        raise Unreadable(
            f"The archive holds more than {MAX_MEMBERS:,} files.", "Split it into smaller archives, or load a folder."
        )
