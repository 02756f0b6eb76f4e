"""Which kinds of customers are most likely to leave, and whether that is more than chance between equal kinds.

Fact kind: `risk_by` (name, chance, judged, expected, value). A group is told apart from everybody when the mean of its
members' chances differs from the mean of all by more than two standard errors of who will in fact leave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tools.drivers.sheets import share, sheet, text
from tools.entity_groups import FEW, Grouped, sizes
from tools.evidence import Column, Fact, ResultTable
from tools.segments.report import added
from warehouse.model.schema import Unit

if TYPE_CHECKING:
    from tools.churn.tool import Churn

_APART = 2.0


def groups_table(found: Churn, groups: Grouped, money: Column, table_id: str) -> ResultTable:
    """One row per group, the likeliest to leave first: mean chance, members, who is expected to go, what that costs."""
    people = Unit(name=found.record)
    head = [text("group", groups.label[:1].upper() + groups.label[1:]), share("chance", "Expected to leave")]
    head += [
        Column(name=name, label=label, type="integer", role="measure", unit=people, additive=True)
        for name, label in (("judged", found.records.capitalize()), ("expected", "Expected to leave, number"))
    ]
    worth = found.task.worth
    head += [money] if worth is not None else []
    rows: list[list[Any]] = []
    for name, inside in sizes(groups.names):
        chances = found.chances[inside]
        row: list[Any] = [name, round(float(chances.mean()), 4), len(inside), round(float(chances.sum()))]
        rows.append(row + ([added(chances * worth[inside])] if worth is not None else []))
    rows.sort(key=lambda r: (-r[1], r[0]))
    return sheet(table_id, f"Risk of leaving by {groups.label}", head, rows)


def group_facts(found: Churn, groups: Grouped, table: ResultTable) -> list[Fact]:
    """A fact for each group, in the table's order."""
    mean = float(found.chances.mean())
    said = {"record": found.record, "records": found.records, "split": groups.label,
            "mostly": "no" if groups.own else "yes"}  # fmt: skip
    facts = []
    for at, row in enumerate(table.rows):
        names = [n for n in ("chance", "judged", "expected", "value") if any(c.name == n for c in table.columns)]
        values = {"name": table.ref(at, "group")} | {n: table.ref(at, n) for n in names}
        unlike = "yes" if _apart(row[1], row[2], mean) else "no"
        few = "yes" if row[2] < FEW else "no"
        impact = 0.95 if at == 0 else 0.5
        facts.append(
            Fact(kind="risk_by", values=values, attributes=said | {"unlike": unlike, "few": few}, impact=impact)
        )
    return facts


def _apart(chance: float, size: int, mean: float) -> bool:
    error = float(np.sqrt(max(mean * (1 - mean), 1e-9) / max(1, size)))
    return abs(chance - mean) > _APART * error
