"""Rows of events as Arrow batches inside a frame, because reading JSON again would cost more than the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from ingestion.events.log import Frame
from ingestion.events.shape import COLUMNS

_TIMES = ("time", "received_at")


@lru_cache(maxsize=1)
def schema() -> Any:
    """The Arrow schema of a batch."""
    import pyarrow as pa

    kinds = {**dict.fromkeys(_TIMES, pa.timestamp("us", tz="UTC")), "revenue": pa.float64()}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])


def warm() -> None:
    """Load what making arrays needs, which takes seconds the first time: not while somebody waits for an answer."""
    import pyarrow as pa
    import pyarrow.compute as pc

    pc.unique(pa.array(["a"], schema().types[0]))


def packed(columns: Sequence[Any], keys: Mapping[str, str]) -> Frame:
    """Columns in the order of `COLUMNS` as a frame, which says how many rows and which properties are new in it."""
    import pyarrow as pa

    arrays = [_array(values, kind) for values, kind in zip(columns, schema().types, strict=True)]
    batch = pa.record_batch(arrays, schema=schema())
    return Frame(orjson.dumps({"rows": batch.num_rows, "keys": keys}), batch.serialize().to_pybytes())


def _array(values: Any, kind: Any) -> Any:
    """An Arrow array; a column that says nothing, as most are, is not looked at value by value."""
    import pyarrow as pa

    if isinstance(values, pa.Array):
        return values
    silent = values[0] is None and values.count(None) == len(values)
    return pa.nulls(len(values), kind) if silent else pa.array(values, kind)


def unpacked(found: Iterable[Frame]) -> tuple[Any, dict[str, str]]:
    """An Arrow table of the rows in order, and the kinds of new properties."""
    import pyarrow as pa

    keys: dict[str, str] = {}
    batches = []
    for frame in found:
        for name, kind in orjson.loads(frame.head)["keys"].items():
            keys.setdefault(name, kind)
        batches.append(pa.ipc.read_record_batch(pa.py_buffer(frame.body), schema()))
    return pa.Table.from_batches(batches, schema()), keys
