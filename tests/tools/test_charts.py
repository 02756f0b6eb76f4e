"""The picture shows what tells the rows apart, and no more."""

from __future__ import annotations

import pytest

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


def crossed(rows: int, columns: int) -> ResultTable:
    """Stores by departments: every pair has a row."""
    names = [
        Column(name="store", label="Store", type="text", role="dimension"),
        Column(name="department", label="Department", type="text", role="dimension"),
        Column(name="revenue", label="Revenue", type="decimal", role="measure"),
    ]
    cells = [[f"s{i}", f"d{j}", str(i * j)] for i in range(rows) for j in range(columns)]
    keys = [f"r{i}" for i in range(len(cells))]
    return ResultTable(id="t1", title="Revenue", columns=names, rows=cells, row_keys=keys, total_rows=len(cells))


def spec_of(subject: ResultTable) -> dict[str, object]:
    chart = metric_chart(subject, subject.columns[-1], "c1")
    return chart.spec if chart else {}


@pytest.mark.parametrize(("rows", "columns"), [(8, 3), (3, 8)])
def test_few_names_are_colours_whichever_was_asked_first(rows: int, columns: int) -> None:
    encoding = spec_of(crossed(rows, columns))["encoding"]
    assert encoding["color"]["field"] == ("department" if columns == 3 else "store")  # type: ignore[index]
    assert encoding["y"]["field"] != encoding["color"]["field"]  # type: ignore[index]


def test_two_long_lists_are_a_heat_map_until_nobody_could_read_it() -> None:
    spec = spec_of(crossed(20, 9))
    assert spec["mark"] == {"type": "rect"} and spec["encoding"]["y"]["field"] == "store"  # type: ignore[index]
    assert spec_of(crossed(20, 13)) == {}


def test_lines_left_out_are_said() -> None:
    month = Column(name="month", label="Month", type="date", role="time", grain="month")
    store = Column(name="store", label="Store", type="text", role="dimension")
    revenue = Column(name="revenue", label="Revenue", type="decimal", role="measure")
    cells = [[f"2026-0{m}-01", f"s{i}", str(i)] for m in (1, 2) for i in range(8)]
    keys = [f"r{i}" for i in range(len(cells))]
    subject = ResultTable(
        id="t1", title="R", columns=[month, store, revenue], rows=cells, row_keys=keys, total_rows=len(cells)
    )
    encoding = spec_of(subject)["encoding"]
    assert encoding["color"]["title"] == "Store: the 6 largest of 8"  # type: ignore[index]


@pytest.mark.parametrize(
    ("grain", "periods", "ticks"),
    [
        ("month", 10, {"interval": "month", "step": 1}),
        ("month", 24, {"interval": "month", "step": 2}),
        ("quarter", 8, {"interval": "month", "step": 3}),
        ("quarter", 20, {"interval": "month", "step": 6}),
        ("year", 4, {"interval": "year", "step": 1}),
        ("day", 7, {"interval": "day", "step": 1}),
        ("day", 90, None),
        ("week", 10, None),
    ],
)
def test_time_is_labelled_where_the_periods_are(grain: str, periods: int, ticks: object) -> None:
    when = Column(name="when", label="When", type="date", role="time", grain=grain)
    revenue = Column(name="revenue", label="Revenue", type="decimal", role="measure")
    cells = [[f"2026-01-{i:03}", str(i)] for i in range(periods)]
    keys = [f"r{i}" for i in range(periods)]
    subject = ResultTable(id="t1", title="R", columns=[when, revenue], rows=cells, row_keys=keys, total_rows=periods)
    assert spec_of(subject)["encoding"]["x"]["axis"].get("tickCount") == ticks  # type: ignore[index]
