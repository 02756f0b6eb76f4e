"""The figures an explanation stands on: both periods side by side, whole and by groups, and their past by day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.drivers.arithmetic import Cut, Pair
from tools.drivers.parts import Parts
from tools.drivers.search import Codes, Floats, Leaves, Mask
from tools.registry import ToolContext
from tools.run import fetch
from warehouse.compiled import Compiled
from warehouse.compiler import compile_query
from warehouse.engines.base import QueryResult
from warehouse.query import Compare, Condition, DimRef, MetricQuery, MetricRef, TimeWindow

if TYPE_CHECKING:
    import pyarrow as pa

MOST_GROUPS = 50_000


@dataclass
class Asked:
    """What is to be explained, and a log of the SQL that was run for it."""

    context: ToolContext
    parts: Parts
    period: TimeWindow
    compare: Compare
    filters: tuple[Condition, ...]
    sql: list[str] = field(default_factory=list)
    ms: float = 0.0
    tables: dict[str, None] = field(default_factory=dict)

    def compiled(self, query: MetricQuery) -> Compiled:
        """A query of this explanation, compiled. Raises what the compiler raises."""
        here = self.context
        return compile_query(here.model, query, profile=here.profile, as_of=here.as_of, principal=here.principal)

    def run(self, compiled: Compiled) -> QueryResult:
        """The result of a compiled query; its SQL and cost are kept for the evidence."""
        result = fetch(self.context, compiled)
        self.sql.append(compiled.sql)
        self.ms += result.ms
        self.tables |= dict.fromkeys(compiled.tables)
        return result

    def sums(self) -> tuple[MetricRef, ...]:
        """The sums of the metric, under the names part0 and part1."""
        return tuple(s.model_copy(update={"alias": f"part{i}"}) for i, s in enumerate(self.parts.sums))


@dataclass(frozen=True)
class Figures:
    """One sum in one period: exact per group as Arrow, and as floats for the search."""

    exact: pa.ChunkedArray
    floats: Floats

    def over(self, rows: Mask | None = None) -> Fraction:
        """The exact sum over the chosen groups."""
        import pyarrow as pa
        import pyarrow.compute as pc

        chosen = self.exact if rows is None else self.exact.filter(pa.array(rows))
        total = pc.sum(chosen).as_py()
        return Fraction(0) if total is None else Fraction(total)


@dataclass(frozen=True)
class Grouped:
    """Groups by some dimensions: their members as codes with names, and every sum in both periods."""

    fields: tuple[DimRef, ...]
    codes: tuple[Codes, ...]
    members: tuple[list[Any], ...]
    before: tuple[Figures, ...]
    after: tuple[Figures, ...]
    cut_off: bool = False

    def cut(self, rows: Mask | None = None) -> Cut:
        """The exact figures of the chosen groups together."""
        return Cut(_pair(self.before, rows), _pair(self.after, rows))


def grouped(asked: Asked, fields: tuple[DimRef, ...]) -> Grouped:
    """Both periods by `fields` (none = the whole). Raises what the compiler, the gate and the engine raise."""
    query = MetricQuery(
        metrics=asked.sums(),
        dimensions=fields,
        filters=asked.filters,
        time=asked.period,
        compare=asked.compare.model_copy(update={"show": ("prev",)}),
        limit=MOST_GROUPS,
    )
    compiled = asked.compiled(query)
    result = asked.run(compiled)
    rows, names = result.table, [c.name for c in compiled.columns]
    coded = [_coded(rows.column(i)) for i in range(len(fields))]
    now = [rows.column(names.index(s.column)) for s in asked.sums()]
    then = [rows.column(names.index(f"{s.column}.prev")) for s in asked.sums()]
    return Grouped(
        fields=fields,
        codes=tuple(c for c, _ in coded),
        members=tuple(m for _, m in coded),
        before=_figures(then, averaged=asked.parts.averaged),
        after=_figures(now, averaged=asked.parts.averaged),
        cut_off=result.truncated or rows.num_rows >= MOST_GROUPS,
    )


def leaves_of(groups: Grouped, whole: Cut, *, ratio: bool) -> Leaves:
    """Groups as the search wants them: what each moved the whole by, and how much it weighs in it."""
    counts = tuple(len(m) for m in groups.members)
    nameless = tuple(m.index(None) if None in m else None for m in groups.members)
    before, after = groups.before[0].floats, groups.after[0].floats
    if not ratio:
        return Leaves(counts, groups.codes, after - before, (np.abs(after) + np.abs(before)) / 2, nameless)
    (n0, d0), (n1, d1) = ((float(a), float(b)) for a, b in (whole.before, whole.after))
    then, now = groups.before[1].floats / d0, groups.after[1].floats / d1
    moved = after / _or_one(d1) - before / _or_one(d0) - (now - then) * (n0 / d0 + n1 / d1) / 2
    return Leaves(counts, groups.codes, moved, (np.abs(now) + np.abs(then)) / 2, nameless)


def _or_one(value: float) -> float:
    return value if value else 1.0


@dataclass(frozen=True)
class Days:
    """The sums of each day of the past, as exact fractions."""

    values: dict[date, tuple[Fraction, ...]]
    first: date
    last: date


def by_day(asked: Asked, column: str | None, first: date, end: date) -> Days:
    """Every sum day by day from `first` up to but without `end`; days without data are zero."""
    time = TimeWindow(column=column, grain="day", start=first, end=end, fill=False, timezone=asked.period.timezone)
    compiled = asked.compiled(MetricQuery(metrics=asked.sums(), filters=asked.filters, time=time, limit=MOST_GROUPS))
    rows = asked.run(compiled).table
    names = [c.name for c in compiled.columns]
    when = rows.column(next(i for i, c in enumerate(compiled.columns) if c.role == "time")).to_pylist()
    figures = _figures([rows.column(names.index(s.column)) for s in asked.sums()], averaged=asked.parts.averaged)
    cells = [[_fraction(v) for v in f.exact.to_pylist()] for f in figures]
    days = [d.date() if hasattr(d, "date") else d for d in when]
    values = {d: tuple(c[i] for c in cells) for i, d in enumerate(days) if d is not None}
    return Days(values, min(values, default=first), max(values, default=first))


def _figures(columns: list[pa.ChunkedArray], *, averaged: bool) -> tuple[Figures, ...]:
    """Sums as they came; an average becomes the sum it was made of."""
    import pyarrow as pa

    floats = [
        np.nan_to_num(np.asarray(c.cast("float64").to_numpy(zero_copy_only=False), dtype=np.float64)) for c in columns
    ]
    exact = list(columns)
    if averaged:
        floats[0] = floats[0] * floats[1]
        exact[0] = pa.chunked_array([pa.array(floats[0])])
    return tuple(Figures(e, f) for e, f in zip(exact, floats, strict=True))


def _coded(column: pa.ChunkedArray) -> tuple[Codes, list[Any]]:
    """Each row's member as a number, and the members by that number; rows without one are a member of their own."""
    encoded = column.combine_chunks().dictionary_encode("encode")
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary.to_pylist()


def _pair(figures: tuple[Figures, ...], rows: Mask | None) -> Pair:
    return figures[0].over(rows), figures[1].over(rows) if len(figures) > 1 else Fraction(1)


def _fraction(value: Any) -> Fraction:
    return Fraction(0) if value is None else Fraction(value)
