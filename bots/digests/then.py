"""A workspace as it was on a day: its data end where they ended then, so that a look back says what was said then.

Figures of rows before a day are the same whenever they are read, but where the data end is kept for all rows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from store.errors import PlainsayError
from tools import registry
from tools.derive import number
from warehouse.model.adhoc import adhoc_name

if TYPE_CHECKING:
    from bots.digests.gather import Reader
    from warehouse.model.schema import Table
    from warehouse.profile import DataProfile

_BACK, _WEEK, _DAY = timedelta(days=400), timedelta(days=7), timedelta(days=1)


def as_it_was(reader: Reader, *, closed: bool = False) -> Reader:
    """The reader with dates that end before the day of the moment; with `closed` days on which there are never any rows
    belong to what is there, so that a week is whole on Monday where Sundays are closed."""
    return replace(reader, view=replace(reader.view, profile=profile(reader, closed=closed)))


def profile(reader: Reader, *, closed: bool = False) -> DataProfile:
    """What is known of the data, with the last day before the moment in the place of a later one."""
    known, today = reader.view.profile, reader.wall.date()
    for name, table in reader.view.model.tables.items():
        last = known.bounds(table.source, table.time.default)[1] if table.time is not None else None
        gap = last is not None and closed and _WEEK >= today - last > _DAY
        if last is None or (last < today and not gap):
            continue
        days = _days(reader, name, table)
        if days:
            known = _ending(known, table, _open_end(days, today) if closed else max(days))
    return known


def _open_end(days: set[date], today: date) -> date:
    """The last day with rows, and the days after it whose weekday had none in the four weeks before."""
    last = max(days)
    while last + _DAY < today and not any(last + _DAY - week * _WEEK in days for week in range(1, 5)):
        last += _DAY
    return last


def _days(reader: Reader, name: str, table: Table) -> set[date]:
    """The days before the moment on which a table has rows that the reader sees."""
    column, today = table.time.default if table.time is not None else "", reader.wall.date()
    query = {
        "metrics": [{"metric": adhoc_name("count", name, column)}], "limit": 1_000,
        "time": {"column": f"{name}.{column}", "grain": "day", "calendar": "civil", "fill": False,
                 "start": (today - _BACK).isoformat(), "end": today.isoformat()},
    }  # fmt: skip
    try:
        found = registry.get("query_metrics").run(reader.tools(), {"query": query}).main()
    except PlainsayError:
        return set()
    return {date.fromisoformat(str(r[0])[:10]) for r in found.rows if number(r[1])} if found is not None else set()


def _ending(known: DataProfile, table: Table, last: date) -> DataProfile:
    if table.time is None:
        return known
    spec = known.tables[table.source]
    column = spec.columns[table.time.default].model_copy(update={"max": last.isoformat()})
    changed = spec.model_copy(update={"columns": spec.columns | {table.time.default: column}})
    return known.model_copy(update={"tables": known.tables | {table.source: changed}})
