"""Which end of a ranking is the worst: what a figure counts decides (a rate of failures, a delay), not the word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from agent.builtin.text import split_name
from warehouse.model.bags import bag
from warehouse.model.lexicon import GOOD_DOWN, GOOD_UP
from warehouse.model.schema import Measure, Metric, NumberColumn, SemanticModel
from warehouse.query import Condition, Filter, MetricRef

Direction = Literal["up", "down"]
_JUDGED = re.compile(r"(?:the )?(?:best|worst|strongest|weakest|poorest)\b", re.I)
_DOWN = GOOD_DOWN | bag(
    "delinquency delinquencies default defaults attrition absence absences absenteeism shrinkage backlog latency wait "
    "waiting failure failures bounce bug bugs injury injuries mortality death deaths infection infections readmission "
    "readmissions rejection rejections lateness late breach breaches outage outages scrap rework arrears loss losses "
    "dropout abandonment penalty penalties fine fines vacancy unemployment crime pollution emission emissions spoilage "
    "damage damages shortage shortages stockout stockouts unpaid downtime"
)
_BAD = bag(
    "failed failure cancelled canceled refunded returned rejected damaged defective faulty late delayed overdue absent "
    "noshow churned lost expired defaulted delinquent unpaid unresolved broken declined bounced abandoned missed error "
    "fraud fraudulent terminated lapsed injured complaint stolen spoiled wasted"
)
"""States nobody wants: the more records are in them, the worse."""


def is_judged(word: str) -> bool:
    """Whether a word ranks by what is good and not by what is much."""
    return _JUDGED.match(word) is not None


def direction(model: SemanticModel, figure: str, conditions: Iterable[Condition] = ()) -> Direction | None:
    """Whether more of a figure is better or worse; of records in an unwanted state more is worse. None: nobody says."""
    if any(_unwanted(c) for c in conditions):
        return "down"
    told = _described(model, figure)
    if told is not None and told.good is not None:
        return told.good
    if isinstance(told, Metric) and told.numerator and told.numerator != figure:
        return direction(model, told.numerator)  # a rate is as good as what it counts
    words = set(split_name(figure.rpartition(".")[2]))
    return "down" if words & _DOWN else "up" if words & GOOD_UP else None


def of_metric(model: SemanticModel, ref: MetricRef, filters: Iterable[Condition] = ()) -> Direction | None:
    """The direction of a figure as a query shows it: a rate is judged by the part it counts."""
    return direction(model, ref.metric, (*ref.where, *filters))


def is_unknown_rate(model: SemanticModel, figure: str) -> bool:
    """Whether a figure is a rate of which nothing says if a high one is good."""
    told = _described(model, figure)
    share = bool(told and told.unit and (told.unit.ratio or told.unit.percent))
    return share and direction(model, figure) is None


def _described(model: SemanticModel, figure: str) -> NumberColumn | Measure | Metric | None:
    """What the model says of a figure, also of one that was made of a column on request."""
    if ":" in figure:
        table, _, column = figure.partition(":")[2].partition(".")
        return model.tables[table].numbers.get(column) if table in model.tables else None
    owner = model.measure_table(figure)
    return model.tables[owner].measures[figure] if owner else model.metrics.get(figure)


def _unwanted(condition: Condition) -> bool:
    """Whether all that a condition lets through is in a state that nobody wants."""
    if not isinstance(condition, Filter) or condition.op not in ("=", "in") or condition.field is None:
        return False
    values = condition.values
    if values == (True,):
        return bool(_plain(condition.field.field.rsplit(".", 1)[-1]) & _BAD)
    return bool(values) and all(isinstance(v, str) and _plain(v) & _BAD for v in values)


def _plain(text: str) -> set[str]:
    words = [w.casefold() for w in split_name(re.sub(r"\bno[-_ ]show\b", "noshow", text, flags=re.I))]
    return set(words)
