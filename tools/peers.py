"""The figures a comparison of peers stands on: by member and mix cell, and by member and month, now and "
"a year before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.series import step
from warehouse.query import DimRef, MetricQuery, MetricRef, TimeWindow

if TYPE_CHECKING:
    from tools.benchmark import BenchmarkArgs
    from tools.insights.panel import Reader

Floats = NDArray[np.float64]
_LIMIT = 10_000


@dataclass(frozen=True)
class Sheet:
    """Figures by member and column (mix cell or month) for both periods, two layers each."""

    members: list[Any]
    now: Floats
    then: Floats

    def pick(self, members: list[Any]) -> tuple[Floats, Floats]:
        """The rows of `members` in their order; one without rows has zeros."""
        at = {m: i for i, m in enumerate(self.members)}
        rows = [at.get(m) for m in members]
        empty = np.zeros(self.now.shape[1:])
        now, then = (np.stack([each[r] if r is not None else empty for r in rows]) for each in (self.now, self.then))
        return now, then


def by_cell(
    reader: Reader, args: BenchmarkArgs, sums: tuple[MetricRef, ...], spans: tuple[date, date], mix: DimRef | None
) -> Sheet:
    """Members by mix cell (one cell without a mix)."""
    fields = (args.by, mix) if mix else (args.by,)
    found = [_rows(reader, args, sums, window, fields) for window in (spans, _year_before(spans))]
    keys = [[(r[0], r[1] if mix else None) for r in rows] for rows in found]
    return _sheet(found, keys, len(fields), len(sums))


def by_month(reader: Reader, args: BenchmarkArgs, sums: tuple[MetricRef, ...], spans: tuple[date, date]) -> Sheet:
    """Members by month of the period, the same months a year before beside them."""
    found, keys = [], []
    for back, window in enumerate((spans, _year_before(spans))):
        rows = _rows(reader, args, sums, window, (args.by,), grain="month")
        found.append(rows)
        keys.append([(r[1], step(_day(r[0]), "month", 12 * back)) for r in rows])
    months = [
        step(spans[0], "month", k)
        for k in range((spans[1].year - spans[0].year) * 12 + spans[1].month - spans[0].month)
    ]
    return _sheet(found, keys, 2, len(sums), months)


def _rows(
    reader: Reader, args: BenchmarkArgs, sums: tuple[MetricRef, ...], window: tuple[date, date], fields: tuple[DimRef,
    ...],
    grain: Any = None,
) -> list[list[Any]]:  # fmt: skip
    time = TimeWindow(
        column=args.time_column, grain=grain, calendar="civil", start=window[0], end=window[1], fill=False
    )
    named = tuple(s.model_copy(update={"alias": f"part{i}"}) for i, s in enumerate(sums))
    query = MetricQuery(metrics=named, dimensions=fields, filters=args.filters, time=time, limit=_LIMIT)
    table = reader.run(query)
    return [list(r) for r in zip(*(c.to_pylist() for c in table.columns), strict=True)]


def _sheet(
    found: list[list[list[Any]]], keys: list[list[tuple[Any, Any]]], before: int, layers: int,
    columns: list[Any] | None = None,
) -> Sheet:  # fmt: skip
    members = sorted({k[0] for each in keys for k in each}, key=lambda m: (m is None, str(m)))
    across = columns or sorted({k[1] for each in keys for k in each}, key=lambda m: (m is None, str(m)))
    row, column = ({m: i for i, m in enumerate(names)} for names in (members, across))
    filled = []
    for rows, named in zip(found, keys, strict=True):
        values = np.zeros((len(members), len(across), 2))
        values[:, :, 1] = 1.0 if layers == 1 else 0.0
        for cells, (member, cell) in zip(rows, named, strict=True):
            if cell in column:
                values[row[member], column[cell], :layers] = [float(v or 0) for v in cells[before : before + layers]]
        filled.append(values)
    return Sheet(members, filled[0], filled[1])


def _year_before(spans: tuple[date, date]) -> tuple[date, date]:
    return step(spans[0], "month", -12), step(spans[1], "month", -12)


def _day(value: Any) -> date:
    return date.fromisoformat(str(value)[:10])
