"""Brings any text file into UTF-8 on disk, so that the readers behind it meet one encoding and no packed bytes."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import re
import zlib
from pathlib import Path
from typing import IO, cast

from ingestion.extract import Unreadable
from ingestion.formats import check_expansion

_CHUNK = 1 << 20
_SAMPLE = 1 << 18
_HIGH_RUNS = re.compile(rb"[\x80-\xff]+")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def unpack(path: Path, target: Path) -> None:
    """Expand a .gz, .bz2 or .xz file into `target`, watching the growth as it happens."""
    packed, written = path.stat().st_size, 0
    try:
        with _opened(path) as source, target.open("wb") as out:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                check_expansion(written, packed)
                out.write(chunk)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise Unreadable("The packed file is damaged or cut off.", "Copy or export the file again.") from error


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        head = file.read(6)
    if head[:2] == b"\x1f\x8b":
        return cast(IO[bytes], gzip.open(path))
    return bz2.open(path) if head[:3] == b"BZh" else lzma.open(path)


def as_utf8(path: Path, target: Path) -> list[str]:
    """Make `target` a UTF-8 copy (a link when nothing needs to change) of `path`; returns warnings.

    Raises `Unreadable` when the bytes are no text at all.
    """
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    encoding = _by_mark(head)
    if encoding is None:
        clean = _is_utf8(path)
        if clean == "clean":
            target.symlink_to(path.absolute())
            return []
        encoding = "utf-8" if clean == "nul" else None
        _refuse_binary(head, 0.3 if encoding else 0.02)
    guessed = encoding is None
    encoding = encoding or _guess(head)
    dropped = _transcode(path, target, encoding)
    return _notes(encoding, guessed, dropped)


def _notes(encoding: str, guessed: bool, dropped: int) -> list[str]:
    notes = [f"The text is not UTF-8; it was read as {encoding}, so check accented letters."] if guessed else []
    if dropped:
        notes.append(f"{dropped:,} NUL characters were dropped.")
    return notes


def _by_mark(head: bytes) -> str | None:
    """The encoding by its byte order mark, or UTF-16 without one when every other byte of Latin text is zero."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    sample = head[:4_000]
    if len(sample) >= 8:
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        most = 0.4 * len(sample) / 2
        if odd > most and even < most / 8:
            return "utf-16-le"
        if even > most and odd < most / 8:
            return "utf-16-be"
    return None


def _is_utf8(path: Path) -> str:
    """`clean`, `nul` (UTF-8 with NUL characters) or `no`."""
    decoder, nul = codecs.getincrementaldecoder("utf-8")(), False
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
                nul = nul or b"\0" in chunk
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "no"
    return "nul" if nul else "clean"


def _refuse_binary(head: bytes, share: float) -> None:
    control = sum(head.count(bytes([code])) for code in (*range(9), *range(14, 32), 127))
    if control > share * len(head):
        raise Unreadable("The content is not text.", "Export the data as CSV, Excel or Parquet and load that.")


def _guess(head: bytes) -> str:
    """Western European when accented letters stand alone between plain ones, else charset-normalizer's best guess."""
    from charset_normalizer import from_bytes

    runs = [len(run) for run in _HIGH_RUNS.findall(head)]
    if sum(runs) < 2 * len(runs):
        return "cp1252"
    best = from_bytes(head[:65_536]).best()
    return "cp1252" if best is None or best.encoding in ("ascii", "latin_1", "utf_8") else best.encoding


def _transcode(path: Path, target: Path, encoding: str) -> int:
    """Write `path` as UTF-8 without NULs; bytes that fit no character become the replacement sign."""
    dropped = 0
    with (
        path.open("r", encoding=encoding, errors="replace", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        while chunk := source.read(_CHUNK):
            dropped += chunk.count("\0")
            out.write(chunk.replace("\0", ""))
    return dropped
