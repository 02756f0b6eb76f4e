"""Pacing, trends and peers: what is planted is found, what is not there is not told, and refusals name the numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from store.errors import InvalidRequest, NotEnough, UnknownName
from tools import registry
from tools.benchmarking import Cube, all_along, standings, together
from tools.evidence import Evidence
from tools.factbook.book import problems
from tools.pacing import best_week, mixed, usual_course
from tools.registry import ToolContext
from tools.trending import read

Run = Callable[..., Evidence]


@pytest.fixture
def run(context: ToolContext) -> Run:
    """A tool on the small demo: run("pacing", metric="net_revenue", goal=…)."""

    def call(name: str, **args: Any) -> Evidence:
        return registry.get(name).run(context, args)

    return call


# pacing ---------------------------------------------------------------------------------------------------------


def daily(months: int, of_day: Callable[[date], float]) -> tuple[list[date], list[float]]:
    days = [date(2025, 1, 1) + timedelta(days=k) for k in range(int(months * 30.44))]
    return days, [of_day(d) for d in days]


def test_a_back_loaded_month_is_on_plan() -> None:
    """Half of each month comes in its last ten days: by the 20th half is usual, not two thirds."""
    starts, values = daily(10, lambda d: 30.0 if d.day > 20 else 15.0)
    course = usual_course(starts, values, (date(2025, 11, 1), date(2025, 12, 1)), "month", 20)
    assert course.shares[20] == pytest.approx(0.5, abs=0.03)
    assert course.shares[0] == 0
    assert course.shares[30] == pytest.approx(1)
    assert course.past == 10
    end, spread = mixed(300.0, course.shares[20], course.off, None)
    assert end == pytest.approx(600, rel=0.06)
    assert 0 < spread < 60


def test_too_few_periods_make_a_straight_line() -> None:
    starts, values = daily(2, lambda _d: 1.0)
    course = usual_course(starts, values, (date(2025, 3, 1), date(2025, 4, 1)), "month", 10)
    assert course.off is None
    assert course.shares[10] == pytest.approx(10 / 31)


def test_estimates_that_disagree_widen_the_range() -> None:
    alike = mixed(50.0, 0.5, 0.05, (100.0, 5.0))
    apart = mixed(50.0, 0.5, 0.05, (140.0, 5.0))
    assert alike[0] == pytest.approx(100)
    assert alike[1] <= 5.001
    assert 100 < apart[0] < 140
    assert apart[1] > 2 * alike[1]
    assert best_week([1.0] * 10 + [8.0] * 7 + [1.0] * 10) == 8
    assert best_week([1.0] * 5) is None


def test_a_pace_has_its_cells_and_a_chance(run: Run) -> None:
    found = run("pacing", metric="net_revenue", growth=0.0)
    assert problems(found) == []
    facts = {f.kind: f for f in found.facts}
    assert {"pace", "projection", "chance"} <= facts.keys()
    tables = {t.id: t for t in found.tables}

    def value(kind: str, name: str) -> float:
        ref = facts[kind].values[name]
        return float(tables[ref.table].value(ref.row, ref.column))

    assert value("projection", "low") <= value("projection", "value") <= value("projection", "high")
    assert value("pace", "done") <= value("projection", "low") + 1
    assert 0 <= value("chance", "p") <= 1
    easy, hard = (run("pacing", metric="net_revenue", goal=g) for g in (1.0, 1e12))
    assert easy.facts[0].attributes["state"] == "reached"
    assert next(f for f in hard.facts if f.kind == "chance").attributes["edge"] == "low"


def test_what_has_no_pace_says_so(run: Run) -> None:
    with pytest.raises(NotEnough) as caught:
        run("pacing", metric="average_order_value", goal=300)
    assert caught.value.code == "no_parts"
    with pytest.raises(InvalidRequest):
        run("pacing", metric="net_revenue")


# trend ----------------------------------------------------------------------------------------------------------


def course(n: int = 36, *, slope: float = 0.0, step: float = 0.0, seed: int = 1) -> Any:
    t = np.arange(n)
    noise = np.random.default_rng(seed).normal(0, 0.03, n)
    return 100 * np.exp(0.25 * np.sin(2 * np.pi * t / 12) + slope * t + step * (t >= 22) + noise)


def test_trends_and_breaks_are_told_apart() -> None:
    assert read(course(slope=0.01), 12)[0].direction == "up"
    assert read(course(slope=-0.01), 12)[0].direction == "down"
    _, breaks, flat = read(course(step=-0.4), 12)
    assert [b.start for b in breaks] == [22]
    assert breaks[0].after < breaks[0].before
    assert float(np.std(np.log(flat[:22]))) < 0.08
    assert not read(course(slope=0.02), 12)[1]


def test_noise_has_no_trend_and_no_break() -> None:
    flat = [read(course(seed=s), 12) for s in range(40)]
    assert sum(line.direction != "flat" for line, _, _ in flat) <= 3
    assert sum(bool(breaks) for _, breaks, _ in flat) <= 2


def test_a_trend_has_its_cells(run: Run) -> None:
    found = run("trend", metric="orders", by={"field": "order_lines.channel"})
    assert problems(found) == []
    kinds = [f.kind for f in found.facts]
    assert kinds[0] == "course"
    assert {f.attributes["direction"] for f in found.facts if f.kind == "course"} <= {"up", "down", "flat"}
    with pytest.raises(NotEnough) as caught:
        run("trend", metric="orders", grain="month", periods=8)
    assert caught.value.code == "too_little_history"


# peers ----------------------------------------------------------------------------------------------------------


def cube(seed: int = 5, members: int = 12) -> Cube:
    """Growth of 5 % for everybody; two mix cells that grow by 20 % and shrink by 10 %."""
    rng = np.random.default_rng(seed)
    share = np.linspace(0.2, 0.8, members)[:, None]
    then = np.stack([np.concatenate([share, 1 - share], axis=1) * 1000, np.ones((members, 2))], axis=2)
    now = then.copy()
    now[:, :, 0] *= np.array([1.2, 0.9])
    growth = now[:, :, 0].sum(axis=1) / then[:, :, 0].sum(axis=1)
    months = rng.normal(1, 0.04, (members, 12, 2))
    months_then = np.stack([months[:, :, 0] * 80, np.ones((members, 12))], axis=2)
    months_now = np.stack([months[:, :, 1] * 80 * growth[:, None], np.ones((members, 12))], axis=2)
    return Cube([f"m{k}" for k in range(members)], now, then, months_now, months_then, rate=False)


def test_the_mix_alone_makes_nobody_better() -> None:
    made = cube()
    found = standings(made, all_along(made))
    assert max(abs(s.gap) for s in found) < 1e-9
    assert max(abs(s.mix) for s in found) > 0.05
    for each in found:
        assert each.value - each.peers == pytest.approx(each.gap + each.mix, abs=1e-12)


def test_a_real_gap_is_found_and_comings_are_left_out() -> None:
    made = cube()
    made.now[3, :, 0] *= 0.7
    made.months_now[3, :, 0] *= 0.7
    made.months_then[5, 0, 0] = 0
    kept = all_along(made)
    found = {s.member: s for s in standings(made, kept)}
    assert "m5" not in found
    assert found["m3"].real
    assert found["m3"].gap < -0.2
    assert sum(s.real for s in found.values()) <= 3
    like, whole = together(made, kept)
    assert like != whole


def test_peers_of_the_demo(run: Run) -> None:
    found = run("benchmark", metric="net_revenue", by="order_lines.region", focus="South")
    assert problems(found) == []
    assert found.facts[0].kind == "among_peers"
    main = found.main()
    assert main is not None
    value, fair, own, mix, peers = (main.column_index(n) for n in ("value", "fair", "gap", "mix", "peers"))
    for row in main.rows:
        assert row[value] - row[peers] == pytest.approx(row[own] + row[mix], abs=1e-5)
        assert row[value] - row[fair] == pytest.approx(row[own], abs=1e-5)


def test_things_counted_once_are_not_split_by_mix(run: Run) -> None:
    """An order with two categories must not count twice: the figure is the member's own."""
    found = run("benchmark", metric="average_order_value", by="order_lines.region")
    asked = next(t for t in found.tables if t.kind == "params")
    assert "mix" not in [r[0] for r in asked.rows]


def test_peers_that_cannot_be_compared(run: Run) -> None:
    with pytest.raises(UnknownName):
        run("benchmark", metric="net_revenue", by="order_lines.region", focus="Atlantis")
    with pytest.raises(NotEnough):
        run("benchmark", metric="net_revenue", by="order_lines.region", filters=[{
            "field": {"field": "order_lines.region"}, "values": ["South"]}])  # fmt: skip
