"""Links between two numbers of the same records, where there are no dates: the older the employee, the higher the pay.

Fact kinds: `goes_with` (name, r, low, high, n) and `unrelated` (tested, n). The correlation is Spearman's, of ranks, so
that one odd record cannot make a link; its range is Fisher's with the variance of Bonett and Wright (2000). Over many
numbers false findings are held at a tenth (Benjamini-Hochberg).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from store.errors import InvalidRequest, NotEnough
from tools.conditions import filter_params
from tools.entities import fetch
from tools.evidence import Evidence, Fact, Quality, ResultTable
from tools.params import params_table
from tools.sheet import count, plain, sheet, text
from warehouse.compiled import Compiled
from warehouse.compiler import compile_records
from warehouse.model.adhoc import resolve_measure
from warehouse.model.schema import SemanticModel, Table
from warehouse.query import Condition, DimRef, RecordQuery

if TYPE_CHECKING:
    from tools.registry import ToolContext

FEWEST = 30
_MOST_ROWS = 50_000
_FALSE = 0.10
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Link:
    """How closely a number goes with another over `n` records: rank correlation, its 95 % range, and chance."""

    column: str
    r: float
    low: float
    high: float
    p: float
    n: int
    holds: bool = False


def column_of(model: SemanticModel, name: str) -> tuple[str, str] | None:
    """The table and stored number that a figure averages or adds up; None where it is made of more than one."""
    metric = model.metrics.get(name)
    found = resolve_measure(model, metric.measure if metric is not None and metric.measure else name)
    if found is None or found[1].agg not in ("sum", "avg", "median", "min", "max"):
        return None
    column = (found[1].expr or "").strip('"')
    return (found[0], column) if column in model.tables[found[0]].numbers else None


def linked(context: ToolContext, metric: str, candidates: tuple[str, ...], filters: tuple[Condition, ...]) -> Evidence:
    """What goes with a number over the records of its table. Raises `NotEnough` and `InvalidRequest`."""
    home = column_of(context.model, metric)
    if home is None:
        raise NotEnough(
            "This figure has no date, and it is no single number of a record, so I cannot see what goes with it.",
            code="no_time", hint="Name a number that each record has, such as an age or a price.",
        )  # fmt: skip
    table_name, column = home
    table = context.model.tables[table_name]
    others = _others(context.model, home, candidates)
    compiled = _compiled(context, table_name, (column, *others), filters)
    result = fetch(context, compiled, rows=_MOST_ROWS)
    target, *values = (_numbers(c.to_pylist()) for c in result.table.columns)
    found = [link for name, v in zip(others, values, strict=True) if (link := measured(name, target, v)) is not None]
    if not found:
        raise NotEnough(
            f"I need {FEWEST} {table.records or 'records'} that have both numbers, and numbers that differ.",
            code="too_few_rows",
        )
    return _evidence(context, (table, column, filters), decided(found), compiled, result.ms)


def _others(model: SemanticModel, home: tuple[str, str], candidates: tuple[str, ...]) -> list[str]:
    table, column = home
    if not candidates:
        others = [n for n in model.tables[table].numbers if n != column]
        if not others:
            raise InvalidRequest("There is no other number in these records to hold it against.", code="no_metric")
        return others
    homes = [column_of(model, name) for name in candidates]
    others = [h[1] for h in homes if h is not None and h[0] == table and h[1] != column]
    if not others:
        raise InvalidRequest(
            "Both must be numbers of the same records to see whether they go together.", code="no_metric",
            hint="Without dates, I can compare two numbers of the same table.",
        )  # fmt: skip
    return others


def _compiled(context: ToolContext, table: str, columns: tuple[str, ...], filters: tuple[Condition, ...]) -> Compiled:
    query = RecordQuery(
        table=table, columns=tuple(DimRef(field=f"{table}.{c}") for c in columns), filters=filters, limit=_MOST_ROWS
    )
    return compile_records(
        context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
    )


def _numbers(values: list[Any]) -> Numbers:
    return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)


def measured(column: str, one: Numbers, other: Numbers) -> Link | None:
    """The rank correlation of what both are known for; None below 30 records, or when one never differs."""
    known = ~(np.isnan(one) | np.isnan(other))
    n = int(known.sum())
    if n < FEWEST:
        return None
    a, b = _ranks(one[known]), _ranks(other[known])
    if a.std() == 0 or b.std() == 0:
        return None
    r = float(np.clip(np.corrcoef(a, b)[0, 1], -1, 1))
    at = math.atanh(max(-0.999999, min(0.999999, r)))
    error = math.sqrt((1 + r * r / 2) / (n - 3))
    p = math.erfc(abs(at) / math.sqrt(1 / (n - 3)) / math.sqrt(2))
    return Link(column, r, math.tanh(at - 1.96 * error), math.tanh(at + 1.96 * error), p, n)


def _ranks(values: Numbers) -> Numbers:
    """Places in order; equal values share the mean of theirs."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Numbers = (last - (counts - 1) / 2)[where].astype(np.float64)
    return ranks


def decided(found: list[Link]) -> list[Link]:
    """The links with whether they hold among so many tested, those that do first, the closest in front."""
    ordered = sorted(found, key=lambda k: (k.p, k.column))
    last = max((i for i, k in enumerate(ordered) if k.p <= _FALSE * (i + 1) / len(ordered)), default=-1)
    limit = _FALSE if len(found) > 1 else 0.05
    held = [Link(**{**vars(k), "holds": i <= last and k.p <= limit}) for i, k in enumerate(ordered)]
    return sorted(held, key=lambda k: (not k.holds, -abs(k.r), k.column))


def _evidence(
    context: ToolContext, asked: tuple[Table, str, tuple[Condition, ...]], links: list[Link], compiled: Compiled,
    ms: float,
) -> Evidence:  # fmt: skip
    table, column, filters = asked
    number = context.evidence_id.removeprefix("e")
    labels = {n: s.label or n.replace("_", " ") for n, s in table.numbers.items()}
    head = [text("figure", "Number"), plain("r", "How closely (−1 to 1)", 2), plain("low", "Low", 2),
            plain("high", "High", 2), plain("p", "Chance without a link", 3), count("n", "Records"),
            text("holds", "Beyond chance")]  # fmt: skip
    rows = [[labels[k.column], round(k.r, 4), round(k.low, 4), round(k.high, 4), k.p, k.n, "yes" if k.holds else "no"]
            for k in links]  # fmt: skip
    main = sheet(f"t{number}", "What goes together", head, rows, "main")
    params = params_table(f"p{number}", {"tested": str(len(links))} | filter_params(filters))
    facts = _facts(main, params, links, labels[column], table.records or "records")
    for one in (main, params):
        one.evidence = context.evidence_id
    quality = Quality(
        trust="medium" if links[0].n >= 100 else "low", n=max(k.n for k in links), period="",
        method="rank correlation (Spearman) over records; Benjamini-Hochberg at 10 %",
        figures={"tested": float(len(links)), "held": float(sum(k.holds for k in links))},
        caveats=["Numbers that go together need not drive one another."],
    )  # fmt: skip
    return Evidence(
        id=context.evidence_id, tool="correlate",
        args={"metric": column, "candidates": [k.column for k in links]}, tables=[main, params], facts=facts,
        charts=[], sql=compiled.sql, engine=context.engine.dialect, snapshot=context.snapshot.id,
        rows=max(k.n for k in links), ms=round(ms, 3), source_tables=list(compiled.tables), quality=quality,
    )  # fmt: skip


def _facts(main: ResultTable, params: ResultTable, links: list[Link], label: str, records: str) -> list[Fact]:
    said = {"records": records}
    facts = []
    for row, link in enumerate(links):
        values = {n: main.ref(row, c) for n, c in (("name", "figure"), *((c, c) for c in ("r", "low", "high", "n")))}
        if link.holds or len(links) == 1:
            close = "closely" if abs(link.r) >= 0.6 else "loosely" if abs(link.r) < 0.3 else "clearly"
            words = said | {"direction": "up" if link.r > 0 else "down", "holds": "yes" if link.holds else "no"}
            words |= {"close": close}
            impact = min(1.0, abs(link.r) + 0.3) if link.holds else 1.0
            facts.append(Fact(kind="goes_with", metric=label, values=values, attributes=words, impact=impact))
    if len(links) > 1:
        cells = {"tested": params.ref(0, "value"), "n": main.ref(0, "n")}
        words = said | {"some": "yes" if facts else "no"}
        facts.append(Fact(kind="unrelated", metric=label, values=cells, attributes=words, impact=0.3 if facts else 1.0))
    return facts
