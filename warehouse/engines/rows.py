"""Results in one shape: engines name and type the same figures differently, and readers must not notice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from warehouse.guard import BoundQuery, Limits
from warehouse.model.schema import ValueType

_PLAIN: dict[ValueType, pa.DataType] = {
    "integer": pa.int64(),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "text": pa.string(),
}
_MOST_DIGITS = 38


def cut(batches: Iterable[pa.RecordBatch], schema: pa.Schema, limits: Limits) -> tuple[pa.Table, bool]:
    """The first rows within the limits, and whether there were more."""
    kept: list[pa.RecordBatch] = []
    taken, size = 0, 0
    for batch in batches:
        part = batch.slice(0, limits.rows - taken)
        while part.num_rows and size + part.nbytes > limits.bytes:
            part = part.slice(0, part.num_rows // 2)
        kept.append(part)
        taken, size = taken + part.num_rows, size + part.nbytes
        if part.num_rows < batch.num_rows:
            return pa.Table.from_batches(kept, schema), True
    return pa.Table.from_batches(kept, schema), False


def conform(table: pa.Table, bound: BoundQuery) -> pa.Table:
    """The table with the names and types that the query was compiled for; of raw SQL only odd types are made plain."""
    wanted: Sequence[tuple[str, ValueType | None]] = bound.columns or [(n, None) for n in table.column_names]
    columns = [_column(table.column(i), kind, bound.dialect) for i, (_, kind) in enumerate(wanted)]
    return pa.table(columns, names=[name for name, _ in wanted])


def _column(values: pa.ChunkedArray, kind: ValueType | None, bound_to: str) -> pa.ChunkedArray:
    values = _plain(values)
    found = values.type
    if kind is None or (pa.types.is_null(found) and kind not in _PLAIN):
        return values
    if kind == "datetime" and pa.types.is_timestamp(found):
        naive = bound_to == "clickhouse"  # where every moment has a zone, a clock without one is kept as UTC
        return values.cast(pa.timestamp("us", tz=None if naive else found.tz))
    target = _PLAIN.get(kind)
    if target is None or found == target:
        return values
    if kind == "integer" and not pa.types.is_integer(found) and not _whole(values):
        return values  # the model calls it whole, the data does not: the data is right
    if kind == "text" and not (pa.types.is_large_string(found) or pa.types.is_null(found)):
        return values
    if kind == "float" and pa.types.is_decimal(found):
        return values.cast(target)
    return values.cast(target, safe=False)


def _whole(values: pa.ChunkedArray) -> bool:
    return pa.types.is_null(values.type) or bool(pc.all(pc.equal(values, pc.floor(values)), min_count=0).as_py())


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Without what only one driver knows: opaque decimals as text, unsigned counts, large strings, dictionaries."""
    found = values.type
    if isinstance(found, pa.OpaqueType):
        stored = pa.chunked_array([c.storage for c in values.chunks], found.storage_type)
        return _decimals(stored) if found.type_name == "numeric" else stored
    if pa.types.is_unsigned_integer(found) or pa.types.is_integer(found):
        return values.cast(pa.int64())
    if pa.types.is_large_string(found) or pa.types.is_string_view(found):
        return values.cast(pa.string())
    if pa.types.is_dictionary(found):
        return _plain(values.cast(found.value_type))
    return values


def _decimals(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Exact decimals of the widest scale that occurs; doubles when more digits than a decimal holds are needed."""
    numbers = [None if t is None else Decimal(t) for t in texts.to_pylist()]
    finite = [n for n in numbers if n is not None and n.is_finite()]
    scale = max((-int(n.as_tuple().exponent) for n in finite), default=0)
    whole = max((n.adjusted() + 1 for n in finite), default=1)
    if len(finite) != sum(n is not None for n in numbers) or max(scale, 0) + whole > _MOST_DIGITS:
        return pa.chunked_array([pa.array([None if n is None else float(n) for n in numbers], pa.float64())])
    return pa.chunked_array([pa.array(numbers, pa.decimal128(_MOST_DIGITS, max(scale, 0)))])
