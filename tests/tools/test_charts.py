"""The picture shows what tells the rows apart, and no more."""

from __future__ import annotations

from tools.charts import metric_chart
from tools.evidence import Column, ResultTable


def table(rows: list[list[object]]) -> ResultTable:
    columns = [
        Column(name="id", label="ID", type="integer", role="dimension"),
        Column(name="product", label="Product", type="text", role="dimension"),
        Column(name="revenue", label="Revenue", type="decimal", role="measure"),
    ]
    keys = [f"r{i}" for i in range(len(rows))]
    return ResultTable(id="t1", title="Revenue", columns=columns, rows=rows, row_keys=keys, total_rows=len(rows))


def drawn(rows: list[list[object]]) -> str:
    subject = table(rows)
    chart = metric_chart(subject, subject.columns[-1], "c1")
    return str(chart.spec["encoding"]) if chart else ""


def test_an_id_beside_a_telling_name_is_not_drawn() -> None:
    encoding = drawn([[3, "Chair", "10"], [4, "Table", "8"], [9, "Lamp", "2"]])
    assert "'product'" in encoding and "'id'" not in encoding


def test_two_that_share_a_name_need_the_id() -> None:
    assert "'id'" in drawn([[3, "Chair", "10"], [4, "Chair", "8"], [9, "Lamp", "2"]])
