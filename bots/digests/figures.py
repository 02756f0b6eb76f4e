"""The main figures of a period beside the one before, said so that nobody takes them for more or less than they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from agent import claims
from agent import format as fmt
from store.errors import PlainsayError
from tools import registry
from tools.derive import number
from tools.evidence import Column, Evidence, ResultTable
from tools.insights.panel import Reader as Panels
from tools.insights.ripening import filling, unripe_days

if TYPE_CHECKING:
    from bots.digests.gather import Reader
    from bots.digests.moments import Grain
    from tools.insights.scope import Figure, Subject

MOST_FIGURES = 4
_AGAINST = {"day": "same day last week", "week": "week before", "month": "month before", "quarter": "quarter before"}
_MANYFOLD = 2
_HARDLY = Decimal("0.0005")


@dataclass(frozen=True)
class Span:
    """The period that is told of, `first` to before `after`, and the last day that the data reach."""

    grain: Grain
    first: date
    after: date
    last: date | None


def skill(reader: Reader, name: str, args: dict[str, Any]) -> Evidence | None:
    """Evidence of one skill, or None where the data cannot carry it."""
    try:
        return registry.get(name).run(reader.tools(), args)
    except PlainsayError:
        return None


def ripe(reader: Reader, subject: Subject, span: Span, filters: Sequence[Any]) -> list[Figure]:
    """The figures of a subject whose period is not filling any more."""
    if span.last is None:
        return list(subject.figures)
    try:
        unripe = unripe_days(Panels(reader.tools(), tuple(filters)), subject, span.last)
    except PlainsayError:
        return list(subject.figures)
    late = filling(unripe, span.after, span.last)
    return [f for at, f in enumerate(subject.figures) if at not in late]


def figures(
    reader: Reader, subject: Subject, chosen: Sequence[Figure], span: Span, filters: Sequence[Any]
) -> Iterator[dict[str, str]]:
    """Figures of the last period that the data fill, as text, with their change on the one (weekday) before.

    `number` is the figure itself, for a workbook. A figure without a value, or of nothing then and now, is left out.
    """
    back = {"to": "offset", "n": 1, "unit": "week" if span.grain == "day" else span.grain}
    query = {
        "metrics": [f.ref.model_dump(exclude_defaults=True) for f in chosen], "filters": list(filters),
        "time": {"column": subject.time, "start": span.first.isoformat(), "end": span.after.isoformat()},
        "compare": back | {"show": ["prev", "delta", "growth"]},
    }  # fmt: skip
    found = skill(reader, "query_metrics", {"query": query}) if chosen else None
    main = found.main() if found is not None else None
    if main is None or not main.rows:
        return
    for column in (c for c in main.columns if c.role == "measure" and "." not in c.name):
        value = _number(main, column.name)
        if value is None or (not value and not _number(main, _beside(main, column, "prev"))):
            continue
        yield {
            "label": column.label, "value": _with_unit(_cell(main, column.name, "brief"), column),
            "change": _moved(main, column), "number": str(value), "against": _AGAINST[span.grain],
        }  # fmt: skip


def _moved(main: ResultTable, column: Column) -> str:
    """The change in percent; of a rate in percentage points, for a percentage of a percentage misleads; where there is
    no percentage worth the name, what it was."""
    delta, growth = _number(main, _beside(main, column, "delta")), _number(main, _beside(main, column, "growth"))
    if column.unit is not None and (column.unit.ratio or column.unit.percent):
        said = _cell(main, _beside(main, column, "delta"), "points")
        told = delta is not None and abs(delta) >= (_HARDLY if column.unit.ratio else 100 * _HARDLY)
        return f"{'+' if delta and delta > 0 else '-'}{said}" if told else ""
    if growth is None or abs(growth) < _HARDLY:
        return ""
    value, before = _number(main, column.name), _number(main, _beside(main, column, "prev"))
    if value is not None and before is not None and (value * before < 0 or abs(growth) > _MANYFOLD):
        return f"from {_cell(main, _beside(main, column, 'prev'), 'brief')}"
    return _cell(main, _beside(main, column, "growth"), "percent_signed")


def _beside(main: ResultTable, column: Column, name: str) -> str:
    """The column that compares a figure; "" where there is none."""
    wanted = (f"{column.name}.{name}", f"{column.name}_{name}")
    return next((c.name for c in main.columns if c.name in wanted), "")


def _number(main: ResultTable, column: str) -> Decimal | None:
    return number(main.rows[0][main.column_index(column)]) if column else None


def _with_unit(text: str, column: Column) -> str:
    return text + fmt.unit_words(column, one=text == "1")


def _cell(table: ResultTable, column: str, style: str) -> str:
    if not column or table.rows[0][table.column_index(column)] is None:
        return ""
    rendered = claims.render(claims.Draft((([claims.Ref(table.ref(0, column), style)],),)), [table])
    return claims.LINK.sub(r"\1", rendered.text).replace("\\", "")
