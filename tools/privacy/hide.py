"""Empties the cells of a metric table that are about too few people, or from which such a cell could be worked out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tools.evidence import Caveat, CellRef, ResultTable
from tools.privacy.cells import Cell, kept_back
from tools.privacy.people import Counting, counting, rule, unsure
from tools.registry import ToolContext
from tools.run import KEY_ROLES, Ran, run
from warehouse.compiler import compile_query
from warehouse.model.adhoc import output_name
from warehouse.query import AnyOf, Compare, Condition, DimRef, Filter, MetricQuery, MetricRef, TimeWindow

_MOST = 50_000
_AROUND = timedelta(days=7)  # looked at on both sides of an edge
_MOST_WAYS = 4  # conditions that are looked at one by one
_VALUES = ("=", "!=", "in", "not_in", "contains", "starts_with", "ends_with", "is_null", "not_null")


@dataclass(frozen=True)
class _People:
    """People by row and count: `keys` names the columns that tell the rows apart."""

    keys: tuple[str, ...]
    counts: Mapping[str, Mapping[Cell, int]]


def hide(context: ToolContext, query: MetricQuery, ran: Ran) -> Caveat | None:
    """Empty what must not be shown in the table of `ran`, and say so; None where all may be shown.

    Rows of which something is kept back leave a table that a condition on figures or a cut chose, for being among
    the chosen tells too. Raises `QueryRefused` where nobody can say how many people a figure is about.
    """
    cells = rule(context.model)
    if cells is None or not query.metrics:
        return None
    named = {ref: _column(ref) for ref in query.metrics}
    people = counting(context.model, query.metrics, named)
    if not people.refs:
        return None
    table = ran.table
    keys = [c.name for c in table.columns if c.role in KEY_ROLES]
    at = [table.column_index(k) for k in keys]
    rows = [tuple(row[i] for i in at) for row in table.rows]
    gone: set[tuple[int, int]] = set()
    for column, refs in people.refs.items():
        hidden = _Search(context, query, people, cells.least).cells(refs, tuple(keys), rows)
        places = [i for i, c in enumerate(ran.compiled.columns) if c.name == column or c.name.startswith(f"{column}.")]
        every = column in people.singles
        gone |= {(r, i) for r, key in enumerate(rows) if every or key in hidden for i in places}
    return _emptied(query, table, gone, cells.least)


def _emptied(query: MetricQuery, table: ResultTable, gone: set[tuple[int, int]], least: int) -> Caveat | None:
    found = {(r, i) for r, i in gone if table.rows[r][i] not in (None, 0, "0")}
    if not found and not gone:
        return None
    touched = {r for r, _ in gone}
    for r, i in gone:
        table.rows[r][i] = None
    order = [r for r in range(len(table.rows)) if r not in touched]
    if not (query.having or query.top):
        order += sorted(touched, key=lambda r: table.row_keys[r])
    refs = [
        CellRef(table=table.id, row=table.row_keys[r], column=table.columns[i].name)
        for r, i in sorted(found) if r in order
    ]  # fmt: skip
    if not _in_time(table):
        table.rows[:] = [table.rows[r] for r in order]
        table.row_keys[:] = [table.row_keys[r] for r in order]
        table.total_rows = len(table.rows)
    return Caveat(
        code="small_cells", cells=refs,
        message=f"Figures about fewer than {least} people are kept back, and others that would give them away.",
    )  # fmt: skip


def _in_time(table: ResultTable) -> bool:
    return any(c.role == "time" for c in table.columns)


def _column(ref: MetricRef) -> str:
    return output_name(ref.column) if ":" in ref.column else ref.column


@dataclass
class _Search:
    """Looks for what must go in one query's rows."""

    context: ToolContext
    query: MetricQuery
    people: Counting
    least: int

    def cells(self, refs: Sequence[MetricRef], keys: tuple[str, ...], rows: Sequence[Cell]) -> set[Cell]:
        """The rows, by their keys, in which a figure made of `refs` must not be shown."""
        split, fixed = _sorted(self.query.filters, self.context)
        shown = self._counted(refs, self.query.dimensions, self.query.filters)
        hidden: set[Cell] = set()
        for counts in shown.counts.values():
            hidden |= kept_back(counts, self.least)
        hidden |= {key for key in rows if not self._known(key, shown)}
        for condition in fixed:
            others = tuple(c for c in self.query.filters if c is not condition)
            hidden |= self._lacking(shown, self._counted(refs, self.query.dimensions, others))
        if any(r.where for r in refs):
            whole = [r.model_copy(update={"where": ()}) for r in refs]
            hidden |= self._lacking(shown, self._counted(whole, self.query.dimensions, self.query.filters))
        if split:
            hidden |= self._crossed(refs, keys, split)
        return hidden | self._cut_off(refs)

    def _known(self, key: Cell, shown: _People) -> bool:
        """Whether the people of a row were counted; “Other” stands for the groups that were cut."""
        if any(key in counts for counts in shown.counts.values()):
            return True
        top = self.query.top
        return (
            top is not None
            and top.others
            and all(max(c.values(), default=0) >= self.least for c in shown.counts.values())
        )

    def _lacking(self, shown: _People, whole: _People) -> set[Cell]:
        """Rows that a condition takes only a few people from: the difference would tell about these."""
        found: set[Cell] = set()
        for name, counts in shown.counts.items():
            everyone = whole.counts.get(name, {})
            found |= {key for key, n in counts.items() if 0 < everyone.get(key, n) - n < self.least}
        return found

    def _crossed(
        self, refs: Sequence[MetricRef], keys: tuple[str, ...], split: Sequence[tuple[Condition, tuple[DimRef, ...]]]
    ) -> set[Cell]:  # fmt: skip
        """Rows whose conditions choose some of the cells that are kept back when one splits by the same fields."""
        fields = tuple(dict.fromkeys(f for _, each in split for f in each))
        named = {d.field for d in self.query.dimensions}
        dimensions = (*self.query.dimensions, *(f for f in fields if f.field not in named))
        dropped = [c for c, _ in split]
        others = tuple(c for c in self.query.filters if not any(c is d for d in dropped))
        wide = self._counted(refs, dimensions, others)
        chosen = self._counted(refs, dimensions, self.query.filters)
        places = [wide.keys.index(k) for k in keys]
        hidden: set[Cell] = set()
        for name, counts in wide.counts.items():
            back = kept_back(counts, self.least)
            taken = {cell for cell, n in chosen.counts[name].items() if n}
            groups: dict[Cell, list[Cell]] = {}
            for cell in counts:
                groups.setdefault(tuple(cell[i] for i in places), []).append(cell)
            for key, inside in groups.items():
                small = {c for c in inside if c in back}
                if (small & taken) and (small & taken != small or len(inside) == 1):
                    hidden.add(key)
        return hidden

    def _cut_off(self, refs: Sequence[MetricRef]) -> set[Cell]:
        """Rows that a window of odd days would let one day of few people be worked out of, by moving its edge.

        On both sides of such an edge the nearest day with anybody at all must have enough people.
        """
        hidden: set[Cell] = set()
        for edge in self._odd_edges():
            time = TimeWindow(
                column=self.query.time.column if self.query.time else None, grain="day", fill=False,
                start=edge - _AROUND, end=edge + _AROUND,
            )  # fmt: skip
            days = self._counted(refs, self.query.dimensions, self.query.filters, time)
            at = days.keys.index("day") if "day" in days.keys else len(days.keys) - 1
            for counts in days.counts.values():
                hidden |= {key for (key, _), n in _nearest(counts, at, edge).items() if n < self.least}
        return hidden

    def _odd_edges(self) -> list[date]:
        """Where the window neither starts nor ends with a month or a week; none for rows in time."""
        window = self.query.time
        if window is None or window.grain is not None:
            return []
        found = self._compiled(self.people.all_refs, (), (), None).period
        first = self.context.model.calendar.first_weekday
        days = [datetime.fromisoformat(x).date() for x in (found and found.start, found and found.end) if x]
        return [d for d in days if d.day != 1 and d.weekday() != first]

    def _counted(
        self, refs: Sequence[MetricRef], dimensions: tuple[DimRef, ...], filters: tuple[Condition, ...],
        time: TimeWindow | None = None,
    ) -> _People:  # fmt: skip
        compiled = self._compiled(refs, dimensions, filters, time)
        ran = run(self.context, compiled, table_id="people", title="", limit=_MOST)
        if ran.table.truncated:
            raise unsure()
        table = ran.table
        keys = [i for i, c in enumerate(table.columns) if c.role in KEY_ROLES]
        told: dict[str, dict[Cell, int]] = {}
        for i, column in enumerate(table.columns):
            if column.role not in KEY_ROLES:
                told[column.name] = {tuple(r[k] for k in keys): int(r[i] or 0) for r in table.rows}
        return _People(tuple(table.columns[k].name for k in keys), told)

    def _compiled(
        self, refs: Sequence[MetricRef], dimensions: tuple[DimRef, ...], filters: tuple[Condition, ...],
        time: TimeWindow | None,
    ) -> Any:  # fmt: skip
        here, before = self.context, self.query.compare if time is None else None
        compare = Compare(**{**before.model_dump(), "show": ("prev",)}) if before else None
        query = MetricQuery(
            metrics=tuple(refs), dimensions=dimensions, filters=filters, time=time or self.query.time, compare=compare,
            limit=_MOST,
        )  # fmt: skip
        return compile_query(self.people.model, query, profile=here.profile, as_of=here.as_of, principal=here.principal)


def _nearest(counts: Mapping[Cell, int], at: int, edge: date) -> dict[tuple[Cell, bool], int]:
    """Of each row, and of each side of the edge, the people of the nearest day that has any."""
    near: dict[tuple[Cell, bool], tuple[int, int]] = {}
    for cell, people in counts.items():
        if people and cell[at] is not None:
            away = (date.fromisoformat(str(cell[at])[:10]) - edge).days
            side = (cell[:at] + cell[at + 1 :], away >= 0)
            near[side] = min(near.get(side, (99, 0)), (abs(away), people))
    return {side: people for side, (_, people) in near.items()}


def _sorted(
    filters: Iterable[Condition], context: ToolContext
) -> tuple[list[tuple[Condition, tuple[DimRef, ...]]], list[Condition]]:
    """Conditions on values, with their fields, and all others. Raises `QueryRefused` when they are too many."""
    split: list[tuple[Condition, tuple[DimRef, ...]]] = []
    fixed: list[Condition] = []
    for condition in filters:
        fields = _fields(condition, context)
        if fields:
            split.append((condition, fields))
        else:
            fixed.append(condition)
    if len(fixed) > _MOST_WAYS or len({f for _, each in split for f in each}) > _MOST_WAYS:
        raise unsure()
    return split, fixed


def _fields(condition: Condition, context: ToolContext) -> tuple[DimRef, ...]:
    """The fields of a condition that only names values; empty for any other."""
    told = condition.any_of if isinstance(condition, AnyOf) else (condition,)
    found: list[DimRef] = []
    for one in told:
        if not isinstance(one, Filter) or one.field is None or one.op not in _VALUES or one.than or one.among:
            return ()
        if one.field.grain or one.field.part or one.field.band or not _is_category(one.field, context):
            return ()
        found.append(one.field)
    return tuple(dict.fromkeys(found))


def _is_category(ref: DimRef, context: ToolContext) -> bool:
    table, _, name = ref.field.rpartition(".")
    homes = [table] if table else list(context.model.tables)
    told = [context.model.tables[t].dimensions.get(name) for t in homes if t in context.model.tables]
    return any(d is not None and d.groupable and d.type in ("text", "boolean") for d in told)
