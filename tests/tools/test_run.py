"""Rows from the engine become cells, whatever moments the data holds."""

from __future__ import annotations

import duckdb
import pytest

from tools.run import to_table
from warehouse.compiled import Compiled, OutputColumn
from warehouse.engines.base import QueryResult
from warehouse.model.schema import ValueType


def table_of(value: str, kind: ValueType) -> list[object]:
    rows = duckdb.sql(f"SELECT * FROM (VALUES (DATE '2025-01-31'::{value.split('::')[1]}), ({value})) t(moment)")
    compiled = Compiled(
        sql="",
        dialect="duckdb",
        columns=(OutputColumn(name="moment", label="Moment", type=kind, role="dimension"),),
        tables=(),
    )
    result = QueryResult(rows.to_arrow_table(), 0.0)
    return [row[0] for row in to_table(compiled, result, table_id="t1", title="", limit=10).rows]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("DATE '0044-03-15 (BC)'::DATE", "date"),
        ("'infinity'::DATE", "date"),
        ("'12000-01-01'::DATE", "date"),
        ("'infinity'::TIMESTAMP", "datetime"),
        ("TIMESTAMP '0044-03-15 (BC) 10:00:00'::TIMESTAMP", "datetime"),
    ],
)
def test_moments_beyond_the_calendar_are_shown_as_text(value: str, kind: ValueType) -> None:
    ordinary, odd = table_of(value, kind)
    assert str(ordinary).startswith("2025-01-31")
    assert isinstance(odd, str) and odd
