"""The insight engine: planted stories are found and told once, shuffled data stay silent, every fact has its cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from agent import claims
from agent.factual import told
from evals.insights import LOOKED, shuffled
from store.errors import NotEnough, UnknownName
from tools import registry
from tools.evidence import Evidence
from tools.factbook.book import problems
from tools.factbook.weigh import TELL
from tools.insights import rank
from tools.insights.chance import discoveries, two_sided
from tools.insights.course import Shape
from tools.insights.frame import frame
from tools.insights.judge import Finding, judge_panel, judge_whole, room_of
from tools.insights.panel import Floats, Panel
from tools.insights.scan import _usual
from tools.insights.scope import homes
from tools.registry import ToolContext
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.model.schema import Calendar, Metric
from warehouse.query import DimRef

Look = Callable[..., Evidence]
SHAPE = Shape(3, 12)
PERIODS = 36


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(workers=2)
    yield made
    made.close()


@pytest.fixture
def look(on_day: Callable[[datetime], ToolContext]) -> Look:
    """What stands out of the small demo on a day: look("2026-06-01", metrics=[…])."""

    def call(day: str, **args: Any) -> Evidence:
        context = on_day(datetime.fromisoformat(day))
        return registry.get("insights").run(context, args)

    return call


def steady(seed: int = 3, members: int = 8) -> Floats:
    """Amount, units, returned, orders, rows by member and period: noise of a twentieth around unequal levels."""
    rng = np.random.default_rng(seed)
    level = 4000 / np.arange(1, members + 1)[:, None] * np.ones((1, PERIODS))
    return np.stack([level * rng.normal(1, 0.05, level.shape) * k for k in (50, 3, 2, 0.2, 1, 1)], axis=2)


def found(sums: Floats) -> list[Finding]:
    whole = Panel(None, "", [None], sums.sum(axis=0, keepdims=True))
    room = room_of(whole, LOOKED, SHAPE)
    names = [f"m{i}" for i in range(sums.shape[0])]
    panel = Panel(DimRef(field="t.shop"), "Shop", names, sums)
    return rank.stands([*judge_whole(room, LOOKED), *judge_panel(room, panel, LOOKED)])


def test_steady_members_are_no_news() -> None:
    assert found(steady()) == []


def test_a_member_that_leaves_its_course_stands_out_and_its_peers_do_not() -> None:
    sums = steady()
    sums[1, -1] *= 0.6
    standing = [f for f in found(sums) if f.test == "stands_out" and not f.ratio]
    assert {f.member for f in standing} == {"m1"}
    assert not any(f.up for f in standing)
    assert standing[0].chance < 1e-4


def test_what_comes_back_every_year_is_no_news() -> None:
    sums = steady()
    sums[2, [11, 23, 35]] *= 1.8
    assert not [f for f in found(sums) if f.member == "m2"]


def test_a_share_that_drifts_for_a_year_is_told() -> None:
    sums = steady()
    sums[1] *= np.exp(np.linspace(-1.2, 1.2, PERIODS))[:, None]
    assert any(f.test == "share_shift" and f.member == "m1" and f.up for f in found(sums))


def test_who_came_and_who_went() -> None:
    sums = steady()
    sums[3, :-1] = 0
    sums[4, -1] = 0
    tests = {(f.test, f.member) for f in found(sums)}
    assert {("appeared", "m3"), ("vanished", "m4")} <= tests


def test_figures_that_are_still_coming_in_are_left_out() -> None:
    sums = steady()
    sums[:, -2, 3] *= 0.7
    sums[:, -1, 3] *= 0.2
    assert not [f for f in found(sums) if f.figure == 3]


def test_shuffled_data_stay_silent() -> None:
    """Eight structureless data sets here; the suite `insights` scores a hundred."""
    for seed in range(4):
        for grain in ("month", "week"):
            assert not [f for f in rank.stands(shuffled(900 + seed, grain)) if f.impact >= TELL]


def test_a_part_that_explains_a_finding_is_told_with_it() -> None:
    big = Finding("stands_out", 0, DimRef(field="t.a"), "A", "x", 1e-9, 10, 5, -5, 1, impact=0.5)
    part = Finding("stands_out", 0, DimRef(field="t.b"), "B", "y", 1e-8, 8, 4, -4, 1, impact=0.4)
    other = Finding("stands_out", 0, DimRef(field="t.b"), "B", "z", 1e-8, 8, 9, 1, 1, impact=0.3)
    kept = rank.told_once([big, part, other], lambda a, b: (0.8, 1.0) if b.member == "y" else (0.1, 0.2))
    assert [(f.member, f.cause) for f in kept] == [("x", "y"), ("z", None)]


def test_false_discoveries_are_held_at_a_tenth() -> None:
    assert discoveries([0.001, 0.02, 0.5, 0.9]) == [True, True, False, False]
    assert discoveries([0.04, 0.06, 0.2, 0.9]) == [False, False, False, False]
    assert discoveries([]) == []
    assert two_sided(2.228, 10) == pytest.approx(0.05, abs=0.002)
    assert two_sided(12.706, 1) == pytest.approx(0.05, rel=0.3)
    assert two_sided(0, 5) == 1


def test_periods_are_cut_to_the_days_there_are() -> None:
    span = (date(2024, 1, 1), date(2026, 11, 20))
    month = frame("month", span, Calendar(), running=False)
    assert (month.starts[-1], month.days, month.label) == (date(2026, 10, 1), None, "in October 2026")
    running = frame("month", span, Calendar(), running=True)
    assert (running.starts[-1], running.days, running.end) == (date(2026, 11, 1), 20, date(2026, 11, 21))
    day = frame("day", span, Calendar(), running=False)
    assert {s.weekday() for s in day.starts} == {4}
    with pytest.raises(NotEnough) as caught:
        frame("month", (date(2026, 6, 1), date(2026, 11, 20)), Calendar(), running=False)
    assert caught.value.code == "too_little_history"


def test_the_demo_tells_of_the_clearance_with_receipts(look: Look) -> None:
    """In March 2026 furniture was sold off; other findings may stand beside it, this one comes first."""
    evidence = look("2026-04-01", metrics=["net_revenue", "discount_rate", "margin_rate"])
    assert problems(evidence) == []
    fact = evidence.facts[0]
    text = claims.render(claims.Draft(((told(fact, evidence.tables, "long"),),)), evidence.tables)
    assert "Furniture" in text.text
    assert fact.attributes["tone"] == "bad"
    assert text.claims
    assert evidence.quality is not None
    assert evidence.quality.figures["tests"] > 100
    assert evidence.charts[0].table in {t.id for t in evidence.tables}


def test_two_looks_are_the_same(look: Look) -> None:
    first, second = (look("2026-06-01", metrics=["net_revenue"]) for _ in range(2))
    assert first.model_copy(update={"ms": 0}) == second.model_copy(update={"ms": 0})


def test_time_that_is_up_is_said(look: Look) -> None:
    evidence = look("2026-11-01", metrics=["orders"], seconds=0.0001)
    assert [w.code for w in evidence.warnings] == ["time_budget"]


def test_names_that_are_not_there(look: Look) -> None:
    with pytest.raises(UnknownName):
        look("2026-11-01", metrics=["net_revenues"])
    with pytest.raises(NotEnough):
        look("2026-11-01", metrics=["store_count"])


def test_every_other_sunday_is_a_pattern_and_so_is_every_end_of_a_month() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(300)]
    off = np.zeros(300)
    at = days.index(date(2026, 10, 11))  # a Sunday
    off[at] = -40.0
    assert not _usual(off, days, at), "the first of its kind is news"
    off[at - 14] = off[at - 28] = -30.0
    assert _usual(off, days, at) and not _usual(-np.abs(off) * (np.arange(300) == at), days, at)
    ends = np.zeros(300)
    for month in (5, 6, 7, 8):
        ends[days.index(date(2026, month + 1, 1)) - 1] = 90.0
    assert _usual(ends, days, days.index(date(2026, 8, 31)))


def test_parts_that_offset_each_other_have_no_shares() -> None:
    sums = steady()
    sums[0, :, 0] *= -0.6
    whole = Panel(None, "", [None], sums.sum(axis=0, keepdims=True))
    split = Panel(DimRef(field="stays.payer"), "Payer", [f"P{n}" for n in range(len(sums))], sums)
    found = judge_panel(room_of(whole, LOOKED, SHAPE), split, LOOKED)
    assert not [f for f in found if f.figure == LOOKED[0].index and f.test in ("stands_out", "share_shift")]


def test_figures_made_of_several_tables_are_left_out(on_day: Callable[[datetime], ToolContext]) -> None:
    model = on_day(datetime(2026, 6, 1)).model
    tables = [n for n, t in model.tables.items() if t.measures]
    one, other = (f"{next(iter(model.tables[t].measures))}" for t in tables[:2])
    both = Metric(kind="derived", expr=f"{one} + {other}")
    made = model.model_copy(update={"metrics": {**model.metrics, "both": both}})
    rate = Metric(kind="ratio", numerator="both", denominator=one)
    made = made.model_copy(update={"metrics": {**made.metrics, "rate": rate}})
    assert homes(made, "rate") == set(tables[:2]) and homes(made, one) == {tables[0]}


def test_a_rise_out_of_a_dip_is_a_return_and_a_new_rise_is_not() -> None:
    dipped, risen = steady(), steady()
    dipped[2, -4:-1] *= 0.3
    risen[2, -1] *= 1.8
    for sums, back in ((dipped, "dip"), (risen, "no")):
        [one] = [
            f for f in found(sums) if f.test == "stands_out" and not f.ratio and f.member == "m2" and f.figure == 0
        ]
        assert one.up and one.back == back
    down = steady()
    down[2, -4:-1] *= 3
    [one] = [f for f in found(down) if f.test == "stands_out" and not f.ratio and f.member == "m2" and f.figure == 0]
    assert not one.up and one.back == "peak"


def test_a_season_is_no_dip() -> None:
    sums = steady()
    sums *= 1 + 0.5 * np.sin(np.arange(PERIODS) * np.pi / 6)[None, :, None]
    assert all(f.back == "no" for f in found(sums))
