"""Cohorts, stays and funnels equal what plain Python counts, blank what is not over, and refuse in plain words."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from store.errors import InvalidRequest, NotEnough, UnknownName
from tools.evidence import Evidence, ResultTable
from tools.factbook.book import problems
from tools.registry import get

LAST = date(2025, 12, 20)
STEPS = ("view", "cart", "buy")


def run(world: Any, name: str, **args: Any) -> Evidence:
    found = get(name).run(world.context, args)
    assert problems(found) == []
    return found


def table(evidence: Evidence, first: str) -> ResultTable:
    return next(t for t in evidence.tables if t.id.startswith(first))


def month(day: date) -> int:
    return day.year * 12 + day.month


def test_cohorts_equal_a_count_by_hand_and_unfinished_months_are_blank(world: Any) -> None:
    size: Counter[int] = Counter()
    active: Counter[tuple[int, int]] = Counter()
    for days in filter(None, world.days.values()):
        start = month(min(days))
        size[start] += 1
        active.update({(start, month(d) - start) for d in days})
    main = table(run(world, "cohorts", joined={"start": "2025-01-01", "end": "2026-01-01"}), "t")
    assert len(main.rows) == len(size)
    for row in main.rows:
        start = month(date.fromisoformat(row[0]))
        assert row[1] == size[start]
        for age in range(1, len(main.columns) - 1):
            over = start + age < month(LAST)  # December is not over on the 20th
            wanted = active[start, age] / size[start] if over else None
            assert row[age + 1] == (pytest.approx(wanted) if over else None), (row[0], age)


@pytest.mark.parametrize("days", [7, 30])
def test_coming_back_within_days_counts_from_each_ones_first_day_and_not_that_day(world: Any, days: int) -> None:
    found = run(world, "cohorts", returned="within", days=days, joined={"start": "2025-01-01", "end": "2025-10-01"})
    hits = n = 0
    for own in filter(None, world.days.values()):
        first = min(own)
        if first < date(2025, 10, 1):
            n += 1
            hits += any(1 <= (d - first).days <= days for d in own)
    focus = table(found, "r").rows[0]
    assert (focus[1], focus[2]) == (hits, n)


def test_groups_that_differ_are_told_apart_and_their_first_value_counts(world: Any) -> None:
    found = run(world, "cohorts", by={"field": "orders.plan"})
    groups = table(found, "g")
    assert [r[0] for r in groups.rows] == ["Yearly", "Monthly"]
    compared = next(f for f in found.facts if f.kind == "retention_compare")
    assert compared.attributes["sure"] == "yes"


def test_lengths_of_stay_end_with_the_first_silence(world: Any) -> None:
    silence = 60
    wanted: Counter[tuple[int, bool]] = Counter()
    for own in filter(None, world.days.values()):
        days = sorted(set(own))
        gaps = [(a, ((days[i + 1] if i + 1 < len(days) else LAST) - a).days) for i, a in enumerate(days)]
        end = next((a for a, gap in gaps if gap >= silence), None)
        wanted[((end + timedelta(days=silence) if end else LAST) - days[0]).days, end is not None] += 1
    from warehouse.compiler.cohorts import compile_cohorts
    from warehouse.journeys import Activity, StayQuery

    context = world.context
    request = StayQuery(activity=Activity(table="orders", entity="orders.customer_id"), silence=silence, through=LAST)
    made = compile_cohorts(context.model, request, profile=context.profile, as_of=context.as_of,
                           principal=context.principal)  # fmt: skip
    from tools.run import fetch

    rows = fetch(context, made).table.to_pylist()
    assert {(r["days"], r["gone"]): r["entities"] for r in rows} == dict(wanted)


def test_the_plan_that_keeps_people_longer_is_found(world: Any) -> None:
    found = run(world, "survival", by={"field": "orders.plan"}, silence=60)
    assert [r[0] for r in table(found, "g").rows] == ["Yearly", "Monthly"]
    assert next(f for f in found.facts if f.kind == "stay_compare").attributes["sure"] == "yes"


def reached(log: list[tuple[datetime, str, str]], steps: tuple[str, ...], seconds: int | None, *, ordered: bool) -> int:
    """How far one visit got: each step the first at or after the one before, from its first first step."""
    start = min((at for at, name, _ in log if name == steps[0]), default=None)
    if start is None:
        return 0
    before, count = start, 1
    for step in steps[1:]:
        later = [at for at, name, _ in log if name == step and (at >= before or not ordered)]
        if not later:
            break
        before = min(later)
        if seconds is not None and (before - start).total_seconds() > seconds:
            break
        count += 1
    return count


@pytest.mark.parametrize(("within", "ordered"), [(None, True), ({"n": 1, "unit": "hour"}, True), (None, False)])
def test_funnels_equal_brute_force_on_a_thousand_random_logs(world: Any, within: Any, ordered: bool) -> None:
    seconds = 3_600 if within else None
    counts = Counter(reached(log, STEPS, seconds, ordered=ordered) for log in world.events.values())
    found = run(world, "funnel", steps=STEPS, within=within, ordered=ordered)
    rows = table(found, "t").rows
    assert [r[1] for r in rows] == [sum(n for k, n in counts.items() if k >= step) for step in (1, 2, 3)]
    assert all(a[1] >= b[1] for a, b in pairwise(rows))


def test_a_short_window_cuts_at_its_edge(world: Any) -> None:
    """Ten minutes exactly still count, eleven do not: the log has whole minutes."""
    context = world.context
    from tools.run import fetch
    from warehouse.compiler.funnels import compile_funnel
    from warehouse.journeys import FunnelQuery, Step
    from warehouse.query import DimRef, Filter

    steps = tuple(Step(label=s, filters=(Filter(field=DimRef(field="events.event_name"), values=(s,)),)) for s in STEPS)
    query = FunnelQuery(table="events", entity="events.visit_id", steps=steps, window_seconds=600)
    made = compile_funnel(
        context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
    )
    row = fetch(context, made).table.to_pylist()[0]
    counts = Counter(reached(log, STEPS, 600, ordered=True) for log in world.events.values())
    assert row["reached_2"] == counts[2] + counts[3] and row["reached_3"] == counts[3]


def test_groups_of_a_funnel_add_up_and_a_change_splits_exactly(world: Any) -> None:
    halves = {
        "time": {"start": "2025-11-15", "end": "2025-12-01"},
        "compare": {"start": "2025-11-01", "end": "2025-11-15"},
    }
    found = run(world, "funnel", steps=STEPS, by={"field": "events.device"}, **halves)
    assert sum(r[1] for r in table(found, "g").rows) == table(found, "t").rows[0][1]
    whole, mix = table(found, "x").rows[-1], table(found, "m").rows[0]
    assert mix[1] + mix[2] == pytest.approx(whole[2] - whole[1], abs=1e-12)


def test_what_is_missing_is_named(world: Any) -> None:
    with pytest.raises(UnknownName, match="no step “checkout”"):
        run(world, "funnel", steps=("view", "checkout"))
    with pytest.raises(NotEnough, match="which patient"):
        run(world, "cohorts", entity="patient")
    with pytest.raises(NotEnough) as short:
        run(world, "cohorts", age=20)
    assert short.value.code == "too_little_history"
    with pytest.raises(InvalidRequest):
        run(world, "cohorts", returned="within")
    with pytest.raises(InvalidRequest, match="two steps"):
        run(world, "funnel", steps=("view",))


def test_the_same_call_gives_the_same_bytes(world: Any) -> None:
    first, again = (run(world, "cohorts").model_dump_json(exclude={"ms"}) for _ in range(2))
    assert first == again


def test_no_customer_is_named_in_what_comes_out(world: Any) -> None:
    by_who: dict[str, int] = defaultdict(int)
    for one in (run(world, "cohorts"), run(world, "survival", silence=60), run(world, "funnel")):
        by_who[one.tool] = sum(c.name in ("customer_id", "visit_id") for t in one.tables for c in t.columns)
    assert set(by_who.values()) == {0}
