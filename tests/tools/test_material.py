"""Small change is no headline, years that pass are no news, and who stood still is not told beside who moved."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from tools.evidence import Column
from tools.insights.course import Shape
from tools.insights.judge import Finding, Room
from tools.insights.material import largest, weighed, without_bystanders
from tools.insights.panel import Panel
from tools.insights.scan import _by_age
from warehouse.model.schema import Unit
from warehouse.query import DimRef


def _found(member: str, before: float, after: float, whole: tuple[float, float], impact: float = 0.5) -> Finding:
    split = DimRef(field="sales.region")
    return Finding("stands_out", 0, split, "Region", member, 1e-4, before, after, after - before, 10.0, impact, whole)


def _seen(total: float, unit: Unit | None) -> Any:
    column = Column(name="sales", label="Sales", type="float", role="measure", unit=unit)
    figure = SimpleNamespace(column=column, bottom=None, top=0, level=False)
    room = Room(Panel(None, "", [None], np.full((1, 3, 2), total)), Shape(2, 0), (10.0,))
    return SimpleNamespace(subject=SimpleNamespace(figures=(figure,)), room=room)


def test_small_change_weighs_little_beside_the_house() -> None:
    house, aside = _seen(260_000.0, Unit(currency="USD")), _seen(3_000.0, Unit(currency="USD"))
    most = largest([house, aside])
    assert most == {"USD": 260_000.0}
    assert weighed(aside, _found("Alcohol", 388, 616, (4_000, 4_400)), most).impact < 0.25
    assert weighed(house, _found("West", 50_000, 62_000, (250_000, 260_000)), most).impact == 0.5


def test_counts_and_other_currencies_are_weighed_by_themselves() -> None:
    counted = _seen(30.0, None)
    assert weighed(counted, _found("North", 10, 2, (30, 22)), {"USD": 1e6}).impact == 0.5


def test_who_stood_still_is_not_told_beside_who_moved() -> None:
    denver, south = _found("Denver", 4_500, 1_277, (21_000, 16_700)), _found("South", 14_060, 14_124, (21_000, 16_700))
    assert without_bystanders([denver, south]) == [denver]
    assert without_bystanders([south]) == [south]
    rose = _found("East", 1_000, 1_900, (21_000, 16_700))
    assert without_bystanders([denver, rose]) == [denver, rose]


def test_years_pass() -> None:
    assert _by_age(["2024", "2025", None]) and _by_age([2025, 2026])
    assert not _by_age(["2025", "Other"]) and not _by_age([1001, 1002]) and not _by_age([])
