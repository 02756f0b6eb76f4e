"""Which split of a figure says most: few, even enough groups near the fact, never one that is already shown."""

from __future__ import annotations

import re

from agent.builtin.bench import Bench
from warehouse.model.schema import Table
from warehouse.profile import DataProfile
from warehouse.query import Filter, MetricQuery

_FEW, _MANY = 2, 40


def best_dimensions(query: MetricQuery, bench: Bench) -> list[str]:
    """Dimensions (`table.name`) of the figure's table and those it joins to, most telling first.

    Those that group or narrow the query already, personal data, and fields with one value or too many are left out.
    """
    home = bench.home(query.metrics[0].metric) if query.metrics else None
    if home is None or home not in bench.model.tables:
        return []
    used = {d.field.split(".")[-1] for d in query.dimensions}
    used |= {f.field.field.split(".")[-1] for f in query.filters if isinstance(f, Filter) and f.field and f.op == "="}
    used |= _narrowed_by_itself(query, bench)
    tables = [home, *(j.to for j in bench.model.tables[home].joins)]
    found: dict[str, tuple[float, str]] = {}
    for distance, name in enumerate(dict.fromkeys(tables)):
        table = bench.model.tables[name]
        for field in _splits(table):
            label = bench.field_label(f"{name}.{field}")
            if field in used or label in found:
                continue
            score = _score(bench.context.profile, table.source, field) - (0.35 if distance else 0.0)
            if score > 0:
                found[label] = (score, f"{name}.{field}")
    return [field for _, field in sorted(found.values(), key=lambda pair: -pair[0])]


def _narrowed_by_itself(query: MetricQuery, bench: Bench) -> set[str]:
    """Fields that the figures' own conditions fix, such as the status of completed orders."""
    found: set[str] = set()
    for ref in query.metrics:
        home = bench.home(ref.metric)
        table = bench.model.tables.get(home or "")
        for spec in table.measures.values() if table else ():
            found |= set(re.findall(r"\w+", spec.where or "")) & table.dimensions.keys() if table else set()
    return found


def _splits(table: Table) -> list[str]:
    return [
        n for n, d in table.dimensions.items()
        if d.groupable and not d.pii and d.type in ("text", "boolean") and n not in table.key and n != table.name_column
    ]  # fmt: skip


def _score(profile: DataProfile, source: str, field: str) -> float:
    """Best for four to twelve values; unknown is taken as good enough; one value or too many is useless."""
    stored = profile.tables.get(source)
    column = stored.columns.get(field) if stored else None
    if column is None:
        return 0.5
    n = column.distinct
    if n < _FEW or n > _MANY:
        return 0.0
    filled = 1 - (column.nulls / column.rows if column.rows else 0)
    return filled * (1.0 if 3 <= n <= 12 else 0.8)
