"""Uploaded files on their way to the workspace: streamed to disk, flushed, and only then acknowledged."""

from __future__ import annotations

import asyncio
import os
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from api.errors import TooLarge, WrongMedia
from store.errors import InvalidRequest

MOST_FILES = 50
MOST_NAME_BYTES = 240
"""File systems take 255; the rest is for the number that keeps two names apart."""
_UNSAFE = re.compile(r"[^\w.()+ -]+")
_MULTIPART_OVERHEAD = 64_000


def safe_name(name: str, taken: set[str]) -> str:
    """A file name that can neither leave its folder nor collide; what people recognise of it is kept."""
    plain = unicodedata.normalize("NFKC", name).replace("\\", "/").rpartition("/")[2]
    plain = _UNSAFE.sub("_", plain).strip(" .")[-120:].encode()[-MOST_NAME_BYTES:].decode(errors="ignore")
    stem, dot, suffix = plain.rpartition(".")
    stem, suffix = (stem, dot + suffix) if stem else (plain, "")
    base, number = stem or "file", 2
    candidate = f"{base}{suffix}"
    while candidate.casefold() in taken:
        candidate, number = f"{base}-{number}{suffix}", number + 1
    taken.add(candidate.casefold())
    return candidate


@dataclass
class _Receiver:
    """Callbacks of the multipart parser: each part with a file name becomes a file in `folder`."""

    folder: Path
    limit: int
    names: list[str] = field(default_factory=list)
    complete: bool = False
    _taken: set[str] = field(default_factory=set)
    _header: tuple[bytearray, bytearray] = field(default_factory=lambda: (bytearray(), bytearray()))
    _filename: str | None = None
    _file: IO[bytes] | None = None
    _size: int = 0

    def callbacks(self) -> dict[str, Any]:
        """What the parser calls, by event."""
        return {
            "on_part_begin": self._part_begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._close,
            "on_end": self._finish,
        }

    def _finish(self) -> None:
        self.complete = True

    def abort(self) -> None:
        """Close what is open."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _part_begin(self) -> None:
        self._filename, self._size = None, 0

    def _header_end(self) -> None:
        name, value = (bytes(part) for part in self._header)
        self._header = (bytearray(), bytearray())
        if name.lower() == b"content-disposition":
            _, options = parse_options_header(value)
            if b"filename" in options:
                self._filename = options[b"filename"].decode("utf-8", "replace")

    def _open(self) -> None:
        if self._filename is None:
            return
        if len(self.names) == MOST_FILES:
            raise TooLarge(f"More than {MOST_FILES} files at once.", hint="Upload them in several steps.")
        name = safe_name(self._filename, self._taken)
        self._file = (self.folder / name).open("wb")
        self.names.append(name)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file is None:
            return
        self._size += end - start
        if self._size > self.limit:
            raise TooLarge(
                f"A file is larger than {self.limit:,} bytes.",
                hint="Split it, or load it with `plainsay ingest`.",
                details={"limit": self.limit},
            )
        self._file.write(data[start:end])

    def _close(self) -> None:
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None


async def receive(request: Request, folder: Path, limit: int) -> list[str]:
    """Stream the files of a multipart request into `folder`; returns their names when they are on disk.

    Raises `TooLarge`, `WrongMedia`, and `InvalidRequest` for a broken or empty body.
    """
    kind, options = parse_options_header(request.headers.get("content-type", "").encode("latin-1"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise WrongMedia("Files must be sent as multipart/form-data.")
    receiver = _Receiver(folder, limit)
    most = limit * MOST_FILES + _MULTIPART_OVERHEAD
    try:
        parser = MultipartParser(options[b"boundary"], receiver.callbacks())  # type: ignore[arg-type]
        received = 0
        async for chunk in request.stream():
            received += len(chunk)
            if received > most:
                raise TooLarge("The upload is too large.", details={"limit": most})
            await asyncio.to_thread(parser.write, chunk)
        parser.finalize()
    except (MultipartParseError, ValueError) as error:
        if isinstance(error, InvalidRequest):
            raise
        raise InvalidRequest("The upload is not a valid multipart form.", code="invalid_multipart") from error
    finally:
        receiver.abort()
    if not receiver.complete:
        raise InvalidRequest("The upload broke off before its end.", code="upload_cut", hint="Send it again.")
    if not receiver.names:
        raise InvalidRequest("The upload holds no file.", code="no_file", hint="Send files in the field `files`.")
    await asyncio.to_thread(_sync_folder, folder)
    return receiver.names


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
