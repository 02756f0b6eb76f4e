"""Turns every shape in which sources hand over rows into plain objects, one a row."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from ingestion.connectors.manifest import Resource
from ingestion.connectors.places import every, one, steps
from store.errors import LimitReached, SourceProblem

MOST_UNPACKED = 2_000_000_000
_BINARY = ("ndjson", "gz_ndjson", "zip_of_gz_ndjson")
Row = dict[str, Any]


def parsed(resource: Resource, body: bytes) -> Any:
    """The body as JSON; None for shapes that are none. Raises `SourceProblem`."""
    if resource.shape in _BINARY and resource.via != "async_export":
        return None
    try:
        return json.loads(body) if body.strip() else {}
    except ValueError as error:
        raise SourceProblem(
            "The source answered with something that is not JSON.",
            code="not_json",
            hint="Check the address; a login page or a proxy may have answered.",
        ) from error


def rows(resource: Resource, data: Any, body: bytes) -> list[Row]:
    """The rows of one answer, with what `carry` takes from around them."""
    if resource.shape in _BINARY and resource.via != "async_export":
        return list(lines(resource.shape, body))
    found = list(_BY_SHAPE[resource.shape](resource, data))
    if resource.carry:
        carried = {name: one(data, place) for name, place in resource.carry.items()}
        found = [row | carried for row in found]
    return found


def missed(resource: Resource, data: Any) -> str | None:
    """Of an answer without rows: that it has nothing at the place where rows should be, and what it has instead."""
    name = next((value for kind, value in steps(resource.selector) if kind == "name"), None)
    if name is None or not isinstance(data, dict) or not data or name in data:
        return None
    return f"it has nothing at “{name}”, where rows of {resource.name} should be; it has {', '.join(sorted(data)[:8])}"


def lines(shape: str, body: bytes) -> Iterator[Row]:
    """Rows of NDJSON text, also gzipped, also as gzipped members of an archive."""
    for text in _unpacked(shape, body):
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield _object(line, number)


def _object(line: bytes, number: int) -> Row:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise SourceProblem(f"Line {number} of an export is not JSON.", code="not_json") from error
    return row if isinstance(row, dict) else {"value": row}


def _unpacked(shape: str, body: bytes) -> Iterator[bytes]:
    if shape != "zip_of_gz_ndjson":
        yield _gunzipped(body)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if sum(m.file_size for m in archive.infolist()) > MOST_UNPACKED:
                raise LimitReached("An export of the source is too large.")
            for name in sorted(n for n in archive.namelist() if not n.endswith("/")):
                yield _gunzipped(archive.read(name))
    except zipfile.BadZipFile as error:
        raise SourceProblem("An export of the source is not the archive it should be.", code="bad_export") from error


def _gunzipped(body: bytes) -> bytes:
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        with gzip.open(io.BytesIO(body)) as packed:
            text = packed.read(MOST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceProblem("An export of the source is cut off.", code="bad_export") from error
    if len(text) > MOST_UNPACKED:
        raise LimitReached("An export of the source is too large.")
    return text


def _objects(resource: Resource, data: Any) -> Iterator[Row]:
    for row in every(data, resource.selector):
        if isinstance(row, dict):
            yield row
        elif row is not None:
            yield {"value": row}


def _zipped(resource: Resource, data: Any) -> Iterator[Row]:
    """Header arrays and row arrays, as analytics reports have them."""
    heads = [str(name) for place in resource.heads for name in every(data, place)]
    for row in every(data, resource.selector):
        cells = [cell for place in resource.cells for cell in (row if place == "$" else every(row, place))]
        if len(cells) != len(heads):
            raise SourceProblem(
                f"A row has {len(cells)} values for {len(heads)} columns.", code="shape_changed",
                hint="The source changed the shape of its answer; the connector must be brought up to date.",
            )  # fmt: skip
        yield dict(zip(heads, cells, strict=True))


def _keyed(resource: Resource, data: Any) -> Iterator[Row]:
    """An object whose keys are values: dates, segments."""
    yield from _unfold(one(data, resource.selector), resource.keyed_as, {})


def _unfold(data: Any, names: tuple[str, ...], above: Row) -> Iterator[Row]:
    if not names:
        for each in data if isinstance(data, list) else [data]:
            yield above | (each if isinstance(each, dict) else {"value": each})
        return
    for key, value in (data or {}).items():
        yield from _unfold(value, names[1:], above | {names[0]: key})


def _values(resource: Resource, data: Any) -> Iterator[Row]:
    """Parallel arrays under one object: {"xValues": […], "series": […]} as rows by position."""
    arrays = {name: every(data, place) for name, place in zip(resource.heads, resource.cells, strict=True)}
    if len({len(a) for a in arrays.values()}) > 1:
        raise SourceProblem("The columns of an answer have different lengths.", code="shape_changed")
    for cells in zip(*arrays.values(), strict=True):
        yield dict(zip(arrays, cells, strict=True))


_BY_SHAPE = {"objects": _objects, "zip": _zipped, "keyed": _keyed, "values": _values}
