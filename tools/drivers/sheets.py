"""An explanation as tables: what moved the figure, what it came to, how usual that is; sentences quote their cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from tools.drivers.arithmetic import Part
from tools.drivers.explain import Driver, Finding
from tools.drivers.fields import described
from tools.drivers.followed import Down
from tools.drivers.tree import Effect
from tools.evidence import CellRef, Column, ResultTable, json_value, row_keys
from warehouse.compiled import OutputColumn
from warehouse.model.schema import SemanticModel, Unit, ValueType

EVERYTHING_ELSE = "Everything else"
_RATIO = Unit(ratio=True)
_PLACES = ("country", "region", "city", "state", "market", "district", "place", "location")
_WAYS = ("channel", "source", "medium", "device", "platform")


@dataclass(frozen=True)
class Measured:
    """How the figure is written: its column, and whether changes of it are points (of a share) or its own unit."""

    figure: OutputColumn
    before: str
    after: str
    ratio: bool

    @property
    def points(self) -> bool:
        return self.figure.unit is not None and self.figure.unit.ratio

    def value(self, name: str, label: str) -> Column:
        """A column of the figure itself."""
        shown = self.figure.model_dump(include={"type", "unit", "decimals", "good"})
        return Column(name=name, label=label, role="measure", **shown)

    def move(self, name: str, label: str) -> Column:
        """A column of changes of the figure."""
        if self.points:
            return Column(
                name=name, label=f"{label} (points)", type="float", role="derived", unit=Unit(name="point"), decimals=2
            )
        return self.value(name, label).model_copy(update={"role": "derived"})

    def moved(self, change: Fraction) -> Any:
        """The cell of a change."""
        return cell(change * 100, "float") if self.points else cell(change, self.figure.type)

    def rounded(self, estimate: Fraction) -> Fraction:
        """An estimate to the places that the figure has: no cell pretends to know more."""
        return (
            estimate
            if self.figure.type == "float"
            else Fraction(round(estimate, 0 if self.figure.type == "integer" else 2))
        )

    def valued(self, value: Fraction | None) -> Any:
        """The cell of the figure itself."""
        return cell(value, self.figure.type)


def cell(value: Fraction | None, kind: ValueType) -> Any:
    """A fraction as a cell: whole numbers whole, decimals exact, all else the nearest float."""
    if value is None:
        return None
    if kind == "integer" and value.denominator == 1:
        return json_value(int(value))
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return json_value(exact) if kind == "decimal" and Fraction(exact) == value else float(value)


def sheet(
    table_id: str, title: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]],
    kind: Literal["main", "detail", "derived"] = "detail",
) -> ResultTable:  # fmt: skip
    """A table whose rows are named by their first cell."""
    cells = [list(r) for r in rows]
    return ResultTable(
        id=table_id, title=title, kind=kind, columns=list(columns), rows=cells, row_keys=row_keys(cells, [0]),
        total_rows=len(cells),
    )  # fmt: skip


def text(name: str, label: str) -> Column:
    """A column that names its rows."""
    return Column(name=name, label=label, type="text", role="dimension")


def share(name: str, label: str) -> Column:
    """A column of ratios (0-1)."""
    return Column(name=name, label=label, type="float", role="derived", unit=_RATIO)


def driver_name(model: SemanticModel, driver: Driver) -> str:
    """ "Store in Germany", "Garden via Website", "Gold / Consumer", "Garden (the rest)" after one of its parts."""
    return _joined(model, driver) + (" (the rest)" if driver.remainder else "")


def _joined(model: SemanticModel, driver: Driver) -> str:
    named = [(described(model, ref)[0], _member(model, ref, value)) for ref, value in driver.members]
    if len(named) == 2:
        for joint, words in (("in", _PLACES), ("via", _WAYS)):
            placed = [n for n in named if any(w in n[0].casefold() for w in words)]
            if len(placed) == 1 and placed[0][1][:1] != "(":
                other = next(n for n in named if n is not placed[0])
                return f"{other[1]} {joint} {placed[0][1]}"
    return " / ".join(value for _, value in named)


def _member(model: SemanticModel, ref: Any, value: Any) -> str:
    label, dimension = described(model, ref)
    if value is None:
        return f"(no {label.lower()})"
    if isinstance(value, bool):
        return f"{label}: {'yes' if value else 'no'}"
    shown = str(json_value(value))
    worded = dimension is None or (dimension.type == "text" and any(c.isalpha() for c in shown))
    return shown if worded else f"{label} {shown}"


def main_table(title: tuple[str, str], finding: Finding, model: SemanticModel, how: Measured) -> ResultTable:
    """One row a driver and one for everything else; `contribution` adds up to the change. `title` is (id, title)."""
    columns = [
        text("driver", "What moved"),
        how.value("before", how.before),
        how.value("after", how.after),
        how.move("change", "Change"),
        how.move("contribution", "Contribution"),
        share("share", "Share of the change"),
    ]
    if how.ratio:
        columns += [how.move("rate_effect", "By its own rate"), how.move("mix_effect", "By its weight")]
    parts = [(driver_name(model, d), d.part) for d in finding.drivers]
    rest = finding.rest
    if rest is not None and (rest.contribution or rest.before or rest.after):
        parts.append((EVERYTHING_ELSE, rest))
    return sheet(*title, columns, [_row(n, p, finding, how) for n, p in parts], "main")


def _row(name: str, part: Part, finding: Finding, how: Measured) -> list[Any]:
    change = part.after - part.before if part.after is not None and part.before is not None else None
    row = [
        name,
        how.valued(part.before),
        how.valued(part.after),
        None if change is None else how.moved(change),
        how.moved(part.contribution),
        float(part.contribution / finding.change),
    ]
    return row + ([how.moved(part.rate), how.moved(part.mix)] if how.ratio else [])


def whole_table(table_id: str, finding: Finding, how: Measured) -> ResultTable:
    """One row: the figure before and after, its change, and the change as a share of the earlier figure."""
    before, after = (p[0] / p[1] for p in (finding.whole.before, finding.whole.after))
    growth = float(finding.change / abs(before)) if before else None
    columns = [
        text("whole", "All together"),
        how.value("before", how.before),
        how.value("after", how.after),
        how.move("change", "Change"),
        share("growth", "Change in percent"),
    ]
    row = ["All", how.valued(before), how.valued(after), how.moved(finding.change), growth]
    return sheet(table_id, "Before and after", columns, [row])


def steps_table(table_id: str, main: ResultTable, whole: ResultTable, how: Measured) -> ResultTable:
    """The bars of a waterfall: each contribution from where the one before ended, then all of them together."""
    at, total = main.column_index("contribution"), whole.rows[0][whole.column_index("change")]
    return _steps(table_id, "How the change adds up", [(r[0], r[at]) for r in main.rows], total, how)


def _steps(table_id: str, title: str, bars: Sequence[tuple[str, Any]], total: Any, how: Measured) -> ResultTable:
    columns = [
        text("step", "Step"),
        how.move("start", "From"),
        how.move("end", "To"),
        how.move("change", "Change"),
        text("direction", "Direction"),
    ]
    level, rows = Decimal(0), []
    for name, cell_moved in bars:
        moved = Decimal(str(cell_moved))
        way = "Up" if moved >= 0 else "Down"
        rows.append([name, _number(level, how), _number(level + moved, how), cell_moved, way])
        level += moved
    rows.append(["All together", _number(Decimal(0), how), total, total, "All together"])
    return sheet(table_id, title, columns, rows)


def _number(value: Decimal, how: Measured) -> Any:
    return cell(Fraction(value), "float" if how.points else how.figure.type)


def usual_table(table_id: str, finding: Finding) -> ResultTable | None:
    """One row: of how many earlier changes how many were as large, and between what eight in ten of them lay."""
    if finding.usual is None:
        return None
    whole = Unit(name="change")
    columns = [
        text("what", "Earlier changes over the same length"),
        Column(name="larger", label="At least as large", type="integer", role="derived", unit=whole),
        Column(name="compared", label="Compared", type="integer", role="derived", unit=whole),
        share("low", "Eight in ten from"),
        share("high", "Eight in ten to"),
    ]
    found = finding.usual
    return sheet(
        table_id, "How usual such a change is", columns, [["All", found.larger, found.compared, found.low, found.high]]
    )


def calendar_table(table_id: str, finding: Finding, how: Measured) -> ResultTable | None:
    """One row: days and weekend days of both periods, and what their different number alone would have moved."""
    if finding.calendar is None:
        return None
    heads = {
        "days_before": "Days before",
        "days_after": "Days after",
        "weekend_before": "Weekend days before",
        "weekend_after": "Weekend days after",
    }
    day = Unit(name="day")
    counted = [Column(name=n, label=label, type="integer", role="derived", unit=day) for n, label in heads.items()]
    columns = [text("what", "Calendar"), *counted, how.move("effect", "By the usual week alone")]
    found = finding.calendar
    row = ["All", sum(found.before), sum(found.after), sum(found.before[5:]), sum(found.after[5:])]
    row.append(how.moved(how.rounded(found.effect)))
    return sheet(table_id, "What the calendar alone does", columns, [row])


def events_table(table_id: str, finding: Finding, how: Measured) -> ResultTable | None:
    """One row for each holiday or known event with unlike days in both periods: its days, and what they brought."""
    if not finding.events:
        return None
    day = Unit(name="day")
    counted = [
        Column(name=n, label=label, type="integer", role="derived", unit=day)
        for n, label in (("days_before", "Days before"), ("days_after", "Days after"))
    ]
    columns = [text("name", "Known event"), *counted, how.move("effect", "Beside usual days")]
    rows = [[e.name, e.before, e.after, how.moved(how.rounded(e.effect))] for e in finding.events]
    return sheet(table_id, "Known events and holidays", columns, rows)


def mix_table(table_id: str, finding: Finding, model: SemanticModel, how: Measured) -> ResultTable | None:
    """One row: by which dimension, the effect of its members' own rates and of their shifting weights."""
    found = finding.mix_rate
    if found is None:
        return None
    columns = [
        text("dimension", "Split by"),
        how.move("rate", "By the rates of its members"),
        how.move("mix", "By their weights"),
    ]
    label = described(model, found.field)[0]
    return sheet(table_id, "Rate and mix", columns, [[label, how.moved(found.rate), how.moved(found.mix)]])


def factor_table(table_id: str, down: Down, how: Measured) -> ResultTable:
    """One row for each figure that the explained one is made of: its own change, and what of the change it makes."""
    columns = [text("factor", "Factor"), *_effect_columns(how)]
    assert down.followed is not None  # there is a table only of a tree that was followed
    rows = [[down.labels[e.branch.name], *_effect(e, how)] for e in down.followed.effects if e.depth == 1]
    return sheet(table_id, f"What it is made of: {down.said()}", columns, rows)


def below_table(table_id: str, down: Down, how: Measured) -> ResultTable | None:
    """One row for each figure further down the tree, with the figure that it is a part of."""
    assert down.followed is not None  # there is a table only of a tree that was followed
    deeper = [e for e in down.followed.effects if e.depth > 1]
    columns = [text("factor", "Factor"), text("of", "Part of"), *_effect_columns(how)]
    rows = [[down.labels[e.branch.name], down.labels[e.parent], *_effect(e, how)] for e in deeper]
    return sheet(table_id, "Further down the driver tree", columns, rows) if rows else None


def ends_table(table_id: str, down: Down, whole: ResultTable, how: Measured) -> ResultTable:
    """The bars of a waterfall over the ends of the tree, which add up to the change."""
    assert down.followed is not None  # there is a table only of a tree that was followed
    ends = [e for e in down.followed.effects if not e.branch.parts]
    total = whole.rows[0][whole.column_index("change")]
    bars = [(down.labels[e.branch.name], how.moved(e.effect)) for e in ends]
    return _steps(table_id, "How the driver tree adds up", bars, total, how)


def _effect_columns(how: Measured) -> list[Column]:
    return [share("growth", "Its own change"), how.move("effect", "Share in the change")]


def _effect(effect: Effect, how: Measured) -> list[Any]:
    return [None if effect.growth is None else float(effect.growth), how.moved(effect.effect)]


def newcomer_table(table_id: str, finding: Finding, model: SemanticModel, how: Measured) -> ResultTable | None:
    """One row for each member that mattered and was there in one period only."""
    if not finding.newcomers:
        return None
    columns = [
        text("member", "Member"),
        text("dimension", "Of"),
        text("status", "Status"),
        how.move("contribution", "Contribution"),
    ]
    rows = [
        [driver_name(model, n), described(model, n.members[0][0])[0], n.status, how.moved(n.part.contribution)]
        for n in finding.newcomers
    ]
    return sheet(table_id, "New and gone", columns, rows)


def refs(table: ResultTable, row: int, names: Mapping[str, str]) -> dict[str, CellRef]:
    """Fact values by name from columns of one row, empty cells left out."""
    return {n: table.ref(row, c) for n, c in names.items() if table.rows[row][table.column_index(c)] is not None}
