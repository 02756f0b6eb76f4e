"""Churn without an outcome column: people as they were on several days, and whether they came back after each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from store.errors import NotEnough
from tools import entities
from tools.churn.task import Task, refuse_few
from tools.entities import Activity, Clock, Entity, Numbers, day_number
from tools.registry import ToolContext
from warehouse.entity_query import PerEntity
from warehouse.query import Condition

LEAST_SILENCE = 30
_MOST_SNAPSHOTS = 5
_MOST_TRAINED = 16_000
_LABELS = {
    "away": "days since the last purchase", "age": "days since the first purchase", "days": "days with a purchase",
    "amount": "amount spent so far", "each": "amount a time", "pace": "usual days between purchases",
    "overdue": "time away against the usual gap", "lately": "days with a purchase lately",
    "before": "days with a purchase before that", "spent_lately": "amount spent lately",
    "trend": "more or less often than before",
}  # fmt: skip

_PHRASES = {  # what a low and a high value of a feature mean for one person
    "away": ("here only {} days ago", "away for {} days"),
    "age": ("a customer for only {} days", "a customer for {} days"),
    "days": ("few purchases ({})", "many purchases ({})"),
    "amount": ("little spent so far ({})", "much spent so far ({})"),
    "each": ("little spent a time ({})", "much spent a time ({})"),
    "pace": ("usually back after {} days", "usually back only after {} days"),
    "overdue": ("away for {} times the usual gap", "away for {} times the usual gap"),
    "lately": ("few purchases lately ({})", "many purchases lately ({})"),
    "before": ("few purchases before that ({})", "many purchases before that ({})"),
    "spent_lately": ("little spent lately ({})", "much spent lately ({})"),
    "trend": ("fewer purchases than before ({})", "more purchases than before ({})"),
}


@dataclass(frozen=True)
class Snapshots:
    """The days on which people are looked at, the latest first: today, the test day, then those learnt from."""

    today: date
    silence: int
    days: tuple[date, ...]

    def name(self, at: int) -> str:
        return f"s{at}"


def prepared(
    context: ToolContext, entity: Entity, clock: Clock, filters: tuple[Condition, ...], silence: int | None
) -> tuple[Task, Activity]:
    """The learning task with everybody who is still a customer to be judged. Raises `NotEnough`."""
    usual = _usual(context, entity, clock, filters) if silence is None else (silence, "")
    shots = _snapshots(entity, clock, usual[0])
    found = entities.activity(context, entity, filters, _wanted(shots), clock.today)
    task = _task(entity, shots, found)
    task.shortened = usual[1]
    task.usual = silence is None and not usual[1]
    return task, found


def _usual(context: ToolContext, entity: Entity, clock: Clock, filters: tuple[Condition, ...]) -> tuple[int, str]:
    """How long a silence means gone: longer than nine in ten took to come back, or as long as the data can tell.

    With the sentence that says so in the second case. Raises `NotEnough` when too few ever came back.
    """
    known, median, p90 = entities.gaps(context, entity, filters, clock.today)
    if known < 100:
        raise NotEnough(
            f"Too few {entity.records} ever came back ({known} times) to know what a long silence is.",
            code="too_few_rows",
        )
    silence, days = max(LEAST_SILENCE, round(p90)), (clock.today - clock.first).days
    fits = days // 4
    if 3 * silence <= days or fits < max(LEAST_SILENCE, 2 * median):
        return silence, ""
    said = f"One in ten comes back only after {silence} days or more; {days} days of data are too few to wait for that."
    return fits, said


def _snapshots(entity: Entity, clock: Clock, silence: int) -> Snapshots:
    """Each a silence apart, so that no outcome is used twice; before the first there is a silence of history."""
    days, at = [clock.today], clock.today - timedelta(days=silence)
    while at - timedelta(days=silence) >= clock.first and len(days) <= _MOST_SNAPSHOTS:
        days.append(at)
        at -= timedelta(days=silence)
    if len(days) < 3:
        have, need = (clock.today - clock.first).days, 3 * silence
        raise NotEnough(
            f"I call somebody gone after {silence} silent days. To learn who goes, and to check it, I need {need} days "
            f"of data; there are {have}.",
            code="too_little_history", hint="Give a shorter `silence_days` if that is too long for this business.",
        )  # fmt: skip
    return Snapshots(clock.today, silence, tuple(days))


def _wanted(shots: Snapshots) -> list[PerEntity]:
    wanted = [PerEntity(name=n, take=n) for n in ("first", "last", "days", "amount")]
    quarter, whole = timedelta(days=max(7, shots.silence // 2)), timedelta(days=shots.silence)
    for at, day in enumerate(shots.days):
        s = shots.name(at)
        wanted += [PerEntity(name=f"{n}_{s}", take=n, end=day) for n in ("last", "days", "amount")]
        wanted += [
            PerEntity(name=f"lately_{s}", take="days", start=day - quarter, end=day),
            PerEntity(name=f"before_{s}", take="days", start=day - whole, end=day - quarter),
            PerEntity(name=f"spent_{s}", take="amount", start=day - quarter, end=day),
        ]
        if at:
            wanted.append(PerEntity(name=f"after_{s}", take="days", start=day, end=day + whole))
    year = shots.today - timedelta(days=365)
    return [*wanted, PerEntity(name="year", take="amount", start=year, end=shots.today)]


def _task(entity: Entity, shots: Snapshots, found: Activity) -> Task:
    now, test = _at(shots, found, 0), _at(shots, found, 1)
    past = [_at(shots, found, at) for at in range(2, len(shots.days))]
    rows = np.concatenate([who for who, _ in past])
    outcome = np.concatenate([_gone(found, shots, at + 2)[who] for at, (who, _) in enumerate(past)])
    columns = {n: np.concatenate([c[n] for _, c in past]) for n in now[1]}
    seen = _gone(found, shots, 1)[test[0]]
    refuse_few(outcome, seen, entity)
    chosen = _thinned(len(rows))
    tested = _thinned(len(test[0]))
    label = f"{shots.silence} days without a purchase"
    return Task(
        ids=[found.ids[i] for i in now[0]], kinds=dict.fromkeys(now[1], "number"), labels=labels(entity),
        train={n: _listed(c[chosen]) for n, c in columns.items()}, outcome=outcome[chosen].tolist(),
        group=rows[chosen].tolist(), test={n: _listed(c[tested]) for n, c in test[1].items()},
        test_outcome=seen[tested].tolist(), score={n: _listed(c) for n, c in now[1].items()},
        worth=found.columns["year"][now[0]] if entity.valued else None, worth_label="spent in the last year",
        definition=label, horizon=f"{shots.silence} days", trained=f"{shots.days[-1]} to {shots.days[1]}",
        snapshots=len(shots.days) - 1, known=[], phrases=_PHRASES,
    )  # fmt: skip


def labels(entity: Entity) -> dict[str, str]:
    """What the features are called."""
    return _LABELS if entity.valued else {n: v for n, v in _LABELS.items() if "amount" not in v}


def _at(shots: Snapshots, found: Activity, at: int) -> tuple[np.ndarray, dict[str, Numbers]]:
    """Who was a customer on that day (seen within the silence before it), and what was known of each then."""
    c, s, day = found.columns, shots.name(at), day_number(shots.days[at])
    last, days = c[f"last_{s}"], c[f"days_{s}"]
    who = np.flatnonzero((days > 0) & (last >= day - shots.silence))
    last, days, first = last[who], days[who], c["first"][who]
    pace = np.where(days > 1, (last - first) / np.maximum(1, days - 1), np.nan)
    lately, before = c[f"lately_{s}"][who], c[f"before_{s}"][who]
    made = {
        "away": day - last, "age": day - first, "days": days, "pace": pace,
        "overdue": (day - last) / np.maximum(pace, 1), "lately": lately, "before": before, "trend": lately - before,
    }  # fmt: skip
    amount = c[f"amount_{s}"][who]
    made |= {"amount": amount, "each": amount / np.maximum(1, days), "spent_lately": c[f"spent_{s}"][who]}
    return who, made


def _gone(found: Activity, shots: Snapshots, at: int) -> Numbers:
    gone: Numbers = (found.columns[f"after_{shots.name(at)}"] == 0).astype(np.float64)
    return gone


def _thinned(size: int) -> np.ndarray:
    """Every so-manieth row, in an order that does not follow the id."""
    order = np.random.default_rng(0).permutation(size)
    return np.sort(order[:_MOST_TRAINED])


def _listed(values: Numbers) -> list[Any]:
    return [None if v != v else v for v in values.tolist()]
