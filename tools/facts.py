"""From a metric table to typed facts: what a reader would be told first, each value bound to its cell.

The facts of an explained change are made in `tools.drivers.found`. Their kinds, with the values each may hold:

- `explained_change` (before, after, change, growth): the change itself; attributes direction (up, down, flat), usual
  (inside, outside, unknown), spread (yes: no group stands out), tone (good, bad, neutral)
- `driver` (name, before, after, contribution, share): a group that moved; attributes status (there, new, gone) and way
  (with the change, against it). Drivers do not overlap
- `unexplained` (contribution, share): everything else; with the drivers it adds up to the change
- `change_usual` (larger, compared, low, high): of how many earlier changes how many were as large; attribute inside
- `mix_rate` (dimension, mix, rate): a ratio's change by the weights of its groups and by their own rates
- `factor` (name, growth, effect): how many, and how much each; the two effects add up to the change
- `newcomer` (name, contribution): a member of one period only; attribute status
- `calendar_effect` (effect, days_before, days_after, weekend_before, weekend_after): what other weekdays do alone

Inside the usual range of a figure their impact is 0, else it grows with surprise and share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from tools.currencies import currency_column, facts_apart
from tools.derive import Derived, number
from tools.evidence import CellRef, Column, Fact, ResultTable
from tools.naming import naming

Cell = tuple[CellRef, Any]


@dataclass(frozen=True)
class Tables:
    """What facts are drawn from: the rows, the figures over all rows when there are groups, and what was asked."""

    main: ResultTable
    total: ResultTable | None
    params: ResultTable


@dataclass(frozen=True)
class _Scene:
    """A metric table with its columns sorted by role; the leading measure comes first."""

    table: ResultTable
    total: ResultTable | None
    derived: Derived
    measures: list[Column]
    dimensions: list[Column]
    time: Column | None

    def cell(self, row: int, column: str) -> Cell:
        return self.table.ref(row, column), self.table.rows[row][self.table.column_index(column)]

    @cached_property
    def named(self) -> list[Column]:
        """The columns that name a row; all rows are looked at once for it."""
        return [*naming(self.table, self.dimensions, self.time), *([self.time] if self.time else [])]

    def names(self, row: int) -> dict[str, CellRef]:
        return {f"name{i}" if i else "name": self.table.ref(row, c.name) for i, c in enumerate(self.named)}


def metric_facts(tables: Tables, lead: Column | None, derived_id: str) -> tuple[list[ResultTable], list[Fact]]:
    """Derived tables and facts of a metric result, most telling first; `lead` is the figure the answer is about."""
    table, params = tables.main, tables.params
    measures = sorted((c for c in table.columns if c.role == "measure"), key=lambda c: c is not lead)
    dimensions = [c for c in table.columns if c.role == "dimension"]
    time = next((c for c in table.columns if c.role == "time"), None)
    if not table.rows or _all_empty(table, measures):
        return [], [Fact(kind="empty", impact=1.0)]
    if not measures:
        rows = CellRef(table=params.id, row=_row_of(params, "rows"), column="value")
        return [], [Fact(kind="record_list", values={"count": rows}, impact=1.0)]
    scene = _Scene(table, tables.total, Derived(derived_id, measures[0]), measures, dimensions, time)
    apart = currency_column(measures[0], dimensions)
    if apart is not None:
        return [], facts_apart(table, measures[0], (apart, time.name if time else None), scene.names)
    facts = _SHAPES[(bool(dimensions), time is not None)](scene)
    return scene.derived.tables(), sorted(facts, key=lambda f: -f.impact)


def _all_empty(table: ResultTable, measures: list[Column]) -> bool:
    positions = [table.column_index(c.name) for c in measures]
    return bool(positions) and all(row[p] is None for row in table.rows for p in positions)


def _row_of(params: ResultTable, name: str) -> str:
    return params.row_keys[[r[0] for r in params.rows].index(name)]


def _totals(scene: _Scene) -> list[Fact]:
    facts: list[Fact] = []
    for rank, measure in enumerate(scene.measures):
        values = {"value": scene.table.ref(0, measure.name)} | _compared(scene, 0, measure)
        kind = "change" if "growth" in values or "prev" in values else "total"
        facts.append(Fact(kind=kind, metric=measure.label, values=values, impact=1.0 - rank * 0.05))
    return facts


def _compared(scene: _Scene, row: int, measure: Column) -> dict[str, CellRef]:
    found: dict[str, CellRef] = {}
    for kind in ("prev", "delta", "growth"):
        column = f"{measure.name}_{kind}"
        if any(c.name == column for c in scene.table.columns):
            found[kind] = scene.table.ref(row, column)
    return found


def _groups(scene: _Scene) -> list[Fact]:
    measure = scene.measures[0]
    ranked = _ranked(scene, range(len(scene.table.rows)), measure)
    if not ranked:
        return [Fact(kind="empty", impact=1.0)]
    facts = [_top(scene, ranked, measure), *_also(scene)]
    if len(ranked) == 2:
        facts.append(_gap(scene, ranked, measure))
    elif len(ranked) > 1 and "tied" not in facts[0].attributes:
        facts.append(_named("runner_up", scene, ranked[1], measure, 0.7))
    named = [i for i in ranked if _is_named(scene, i)]
    if named and named[-1] != ranked[0]:
        facts.append(_named("bottom", scene, named[-1], measure, 0.6))
    if scene.total is not None and scene.total.rows and len(ranked) > 1:
        values = {"value": scene.total.ref(0, measure.name)}
        facts.append(Fact(kind="overall", metric=measure.label, values=values, impact=0.65))
    return facts + _movers(scene, measure)


def _ranked(scene: _Scene, rows: range | list[int], measure: Column) -> list[int]:
    """Row numbers by value, largest first, rows without a value left out, ties in table order."""
    valued = [(i, n) for i in rows if (n := number(scene.cell(i, measure.name)[1])) is not None]
    return [i for i, _ in sorted(valued, key=lambda pair: (-pair[1], pair[0]))]


def _is_named(scene: _Scene, row: int) -> bool:
    """False for the group of rows whose dimension is empty: it is no member, so it cannot come last."""
    return all(scene.cell(row, c.name)[1] is not None for c in scene.dimensions)


def _top(scene: _Scene, ranked: list[int], measure: Column) -> Fact:
    fact = _named("top", scene, ranked[0], measure, 1.0)
    best = number(scene.cell(ranked[0], measure.name)[1])
    tied = [i for i in ranked if number(scene.cell(i, measure.name)[1]) == best]
    if len(tied) == 2:
        fact.values |= {f"tied_{key}": ref for key, ref in scene.names(tied[1]).items()}
    if len(tied) > 1:
        fact.attributes["tied"] = "two" if len(tied) == 2 else "more"
    known = len(ranked) == len(scene.table.rows)  # of what others leave unknown no one has a share
    if (
        measure.additive
        and known
        and scene.total is not None
        and scene.total.rows
        and _positive(scene, ranked, measure)
    ):
        whole: Cell = (scene.total.ref(0, measure.name), scene.total.rows[0][scene.total.column_index(measure.name)])
        share = scene.derived.share("share of the largest group", scene.cell(ranked[0], measure.name), whole)
        if share is not None:
            fact.values["share"] = share
    return fact


def _also(scene: _Scene) -> list[Fact]:
    """The leader by each further figure that was asked for."""
    facts = []
    for measure in scene.measures[1:3]:
        ranked = _ranked(scene, range(len(scene.table.rows)), measure)
        if ranked:
            facts.append(_named("also_top", scene, ranked[0], measure, 0.95))
    return facts


def _gap(scene: _Scene, ranked: list[int], measure: Column) -> Fact:
    """Two groups side by side: the second, how far apart they are and how much larger the first is."""
    fact = _named("gap", scene, ranked[1], measure, 0.8)
    first, second = scene.cell(ranked[0], measure.name), scene.cell(ranked[1], measure.name)
    difference = scene.derived.difference("difference of the two groups", first, second)
    change = scene.derived.change("difference of the two groups over the smaller", first, second)
    if difference is not None and number(first[1]) != number(second[1]):
        fact.values["difference"] = difference
    if change is not None and (number(second[1]) or Decimal(0)) > 0 and number(first[1]) != number(second[1]):
        fact.values["ratio"] = change
    return fact


def _positive(scene: _Scene, ranked: list[int], measure: Column) -> bool:
    return all((number(scene.cell(i, measure.name)[1]) or Decimal(0)) >= 0 for i in ranked)


def _named(kind: str, scene: _Scene, row: int, measure: Column, impact: float) -> Fact:
    values = scene.names(row) | {"value": scene.table.ref(row, measure.name)} | _compared(scene, row, measure)
    return Fact(kind=kind, metric=measure.label, values=values, impact=impact)


def _movers(scene: _Scene, measure: Column) -> list[Fact]:
    """With a comparison: the group that gained most and the one that lost most."""
    delta = f"{measure.name}_delta"
    if not any(c.name == delta for c in scene.table.columns):
        return []
    moved = [(i, n) for i in range(len(scene.table.rows)) if (n := number(scene.cell(i, delta)[1]))]
    up = max((m for m in moved if m[1] > 0), key=lambda m: m[1], default=None)
    down = min((m for m in moved if m[1] < 0), key=lambda m: m[1], default=None)
    facts = [_named("gain", scene, up[0], measure, 0.9)] if up else []
    return facts + ([_named("loss", scene, down[0], measure, 0.85)] if down else [])


def _series(scene: _Scene) -> list[Fact]:
    measure = scene.measures[0]
    whole = [i for i, key in enumerate(scene.table.row_keys) if key not in set(scene.table.partial)]
    rows = sorted((i for i in whole if scene.cell(i, measure.name)[1] is not None), key=lambda i: str(_when(scene, i)))
    if not rows:
        return [_named("latest", scene, i, measure, 1.0) for i in range(len(scene.table.rows))][-1:]
    ranked = _ranked(scene, rows, measure)
    facts = [_latest(scene, rows, measure)]
    if len(rows) > 2:
        facts.append(_named("peak", scene, ranked[0], measure, 0.8))
        facts.append(_named("low", scene, ranked[-1], measure, 0.6))
        facts.append(_trend(scene, rows, measure))
    if measure.additive and len(rows) == len(scene.table.rows) and len(rows) > 1:
        total = scene.derived.total("total over all periods", [scene.cell(i, measure.name) for i in rows])
        if total is not None:
            facts.append(Fact(kind="sum", metric=measure.label, values={"value": total}, impact=0.7))
    return facts


def _when(scene: _Scene, row: int) -> Any:
    return scene.cell(row, scene.time.name)[1] if scene.time else row


def _latest(scene: _Scene, rows: list[int], measure: Column) -> Fact:
    fact = _named("latest", scene, rows[-1], measure, 0.9 if len(rows) > 2 else 1.0)
    if len(rows) > 1 and "growth" not in fact.values:
        change = scene.derived.change(
            "change to the latest period", scene.cell(rows[-1], measure.name), scene.cell(rows[-2], measure.name)
        )
        if change is not None:
            fact.values["step"] = change
            fact.attributes["direction"] = _direction(scene, rows[-2], rows[-1], measure)
    return fact


def _trend(scene: _Scene, rows: list[int], measure: Column) -> Fact:
    values = {
        "first_name": scene.table.ref(rows[0], scene.time.name if scene.time else measure.name),
        "last_name": scene.table.ref(rows[-1], scene.time.name if scene.time else measure.name),
        "first": scene.table.ref(rows[0], measure.name),
        "last": scene.table.ref(rows[-1], measure.name),
    }
    change = scene.derived.change(
        "change from first to last", scene.cell(rows[-1], measure.name), scene.cell(rows[0], measure.name)
    )
    if change is not None:
        values["change"] = change
    direction = _direction(scene, rows[0], rows[-1], measure)
    return Fact(kind="trend", metric=measure.label, values=values, attributes={"direction": direction}, impact=1.0)


def _direction(scene: _Scene, before: int, after: int, measure: Column) -> str:
    a, b = number(scene.cell(before, measure.name)[1]), number(scene.cell(after, measure.name)[1])
    if a is None or b is None or a == b:
        return "flat"
    return "up" if b > a else "down"


def _series_by_group(scene: _Scene) -> list[Fact]:
    """Several lines: who led in the last complete period, and who came last."""
    measure = scene.measures[0]
    partial = set(scene.table.partial)
    whole = [i for i, key in enumerate(scene.table.row_keys) if key not in partial]
    if not whole:
        whole = list(range(len(scene.table.rows)))
    last = max(str(_when(scene, i)) for i in whole)
    ranked = _ranked(scene, [i for i in whole if str(_when(scene, i)) == last], measure)
    if not ranked:
        return [Fact(kind="empty", impact=1.0)]
    facts = [_named("leader", scene, ranked[0], measure, 1.0)]
    named = [i for i in ranked if _is_named(scene, i)]
    if named and named[-1] != ranked[0]:
        facts.append(_named("last_place", scene, named[-1], measure, 0.6))
    peak = _ranked(scene, whole, measure)[0]
    facts.append(_named("peak", scene, peak, measure, 0.5))
    return facts


_SHAPES: dict[tuple[bool, bool], Callable[[_Scene], list[Fact]]] = {
    (False, False): _totals,
    (True, False): _groups,
    (False, True): _series,
    (True, True): _series_by_group,
}
