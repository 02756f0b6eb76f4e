"""One wide query a split: every sum of every member in every period, as an array the tests can read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store import settings
from tools.insights.frame import Frame, alike
from tools.insights.scope import Subject
from tools.registry import ToolContext
from tools.run import fetch
from warehouse.compiled import Compiled
from warehouse.compiler import compile_query
from warehouse.query import Condition, DimRef, MetricQuery, TimeWindow, TopN

Floats = NDArray[np.float64]
MOST_MEMBERS = 400


@dataclass(frozen=True)
class Panel:
    """`sums` by member, period and sum; `split` is None when there is one member, the whole."""

    split: DimRef | None
    label: str
    members: list[Any]
    sums: Floats

    def of(self, top: int, bottom: int | None) -> tuple[Floats, Floats]:
        """A figure's numerator and denominator by member and period; sums have a denominator of ones."""
        first = self.sums[:, :, top]
        return first, self.sums[:, :, bottom] if bottom is not None else np.ones_like(first)

    @property
    def rows(self) -> Floats:
        """Stored rows by member and period."""
        counted: Floats = self.sums[:, :, -1]
        return counted


@dataclass
class Reader:
    """Asks the engine for panels and keeps the SQL and its cost."""

    context: ToolContext
    filters: tuple[Condition, ...]
    sql: list[str] = field(default_factory=list)
    ms: float = 0.0
    compiled: Compiled | None = None
    tables: dict[str, None] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)

    def panel(self, subject: Subject, frame: Frame, split: tuple[DimRef, str] | None) -> Panel:
        """The figures by member and period. Raises what the compiler, the gate and the engine raise."""
        most = min(MOST_MEMBERS, (int(settings.get("query_rows")) - 1) // len(frame.starts) - 1)
        query = MetricQuery(
            metrics=subject.sums, dimensions=(split[0],) if split else (),
            filters=(*self.filters, *frame.condition(subject.time)),
            time=TimeWindow(
                column=subject.time, grain=frame.grain, calendar=alike(self.context.model.calendar).default,
                start=frame.starts[0], end=frame.end, fill=False,
            ),
            top=TopN(n=most, by=_column(subject)) if split else None, limit=10_000,
        )  # fmt: skip
        return self._read(query, subject, frame, split)

    def note(self, other: Reader) -> None:
        """Add what another reader ran."""
        self.sql += other.sql
        self.ms += other.ms
        self.tables |= other.tables
        self.cut += other.cut
        self.compiled = self.compiled or other.compiled

    def days(self, subject: Subject, start: date, end: date) -> tuple[list[date], Floats]:
        """Every sum by day, absent days as zero."""
        time = TimeWindow(column=subject.time, grain="day", start=start, end=end)
        table = self.run(MetricQuery(metrics=subject.sums, filters=self.filters, time=time, limit=5_000))
        days = [_plain(v) for v in table.column(0).to_pylist()]
        sums = np.stack([_floats(c) for c in table.columns[1:]], axis=1) if days else np.zeros((0, len(subject.sums)))
        return days, sums

    def run(self, query: MetricQuery) -> Any:
        """The rows of a query as Arrow; its SQL and cost are kept."""
        here = self.context
        compiled = compile_query(
            here.model, query, profile=here.profile, as_of=here.as_of, principal=here.principal
        )  # fmt: skip
        result = fetch(here, compiled)
        self.sql.append(compiled.sql)
        self.ms += result.ms
        self.tables |= dict.fromkeys(compiled.tables)
        self.compiled = self.compiled or compiled
        return result.table

    def _read(self, query: MetricQuery, subject: Subject, frame: Frame, split: tuple[DimRef, str] | None) -> Panel:
        table = self.run(query)
        when = [_plain(v) for v in table.column(0).to_pylist()]
        places = {s: i for i, s in enumerate(frame.starts)}
        who = table.column(1).to_pylist() if split else [None] * table.num_rows
        members = sorted(set(who), key=lambda m: (m is None, str(m)))
        at = {m: i for i, m in enumerate(members)}
        sums = np.zeros((len(members), len(frame.starts), len(subject.sums)))
        kept = [k for k, w in enumerate(when) if w in places]
        rows = [at[who[k]] for k in kept]
        columns = [places[when[k]] for k in kept]
        first = 2 if split else 1
        for number in range(len(subject.sums)):
            sums[rows, columns, number] = _floats(table.column(first + number))[kept]
        if split and query.top and len(members) >= query.top.n:
            self.cut.append(split[1])
        return Panel(split[0] if split else None, split[1] if split else "", members, sums)


def _column(subject: Subject) -> str:
    from warehouse.model.adhoc import output_name

    name = subject.sums[0].column
    return output_name(name) if ":" in name else name


def _floats(column: Any) -> Floats:
    values = np.asarray(column.cast("float64").to_numpy(zero_copy_only=False), dtype=np.float64)
    return np.nan_to_num(values)


def _plain(value: Any) -> Any:
    return value.date() if hasattr(value, "hour") else value
