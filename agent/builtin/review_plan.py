"""What a review looks into: which figures sum a business up, and the steps that say where they stand and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.builtin.bench import Bench
from agent.builtin.days import add
from agent.builtin.defaults import default_noun, event_noun
from agent.builtin.explaining import best_dimensions
from agent.builtin.why import explanation_args
from agent.plan import Step
from tools.insights.scope import homes
from warehouse.model.schema import Described
from warehouse.query import Compare, DimRef, MetricQuery, MetricRef, TimeWindow

MOST_FIGURES = 6
_MOST_TRIED = 16
_INSIGHT_SECONDS = 12.0
_YEAR_BEFORE, _BEFORE = "same_date_last_year", "previous_period"
_SAME_WEEKDAY = "same_weekday_last_year"
"""For a single day: a Saturday beside a Friday tells of weekdays and not of the business."""


@dataclass(frozen=True)
class Span:
    """A reviewed period: half-open days, the calendar unit it is told in, whether it is still running."""

    start: date
    end: date
    unit: str
    running: bool

    def window(self) -> TimeWindow:
        """The period of a query."""
        return TimeWindow(start=self.start, end=self.end)


@dataclass(frozen=True)
class Subject:
    """What is reviewed: the figure it is about, further ones beside it, filters, and a split that was asked for.

    `ahead` is false where the data ends too long ago for an outlook to mean anything.
    """

    query: MetricQuery
    others: tuple[MetricRef, ...]
    split: DimRef | None = None
    ahead: bool = True

    @property
    def lead(self) -> MetricRef:
        return self.query.metrics[0]


def headline(bench: Bench) -> MetricQuery | None:
    """The query of the one figure that a business is measured in; None in a model without any."""
    for noun in (default_noun(bench.lexicon, "we"), event_noun(bench.lexicon, "we")):
        for ref in noun.refs if noun else ():
            query = MetricQuery(metrics=(MetricRef(metric=ref.name),))
            if dated(query, bench) and bench.runs(query):
                return query
    for name in _by_weight(bench):
        query = MetricQuery(metrics=(MetricRef(metric=name),))
        if dated(query, bench) and bench.runs(query):
            return query
    return None


def dated(query: MetricQuery, bench: Bench) -> bool:
    """Whether the figure has a date, so that it has a before and an after."""
    table = bench.model.tables.get(bench.home(query.metrics[0].metric) or "")
    return table is not None and table.time is not None


def beside(query: MetricQuery, bench: Bench, *, whole: bool) -> tuple[MetricRef, ...]:
    """Figures told with the lead: those made of it, or (for the whole business) those that people care for most."""
    lead = query.metrics[0]
    names = _by_weight(bench) if whole else _made_of(lead.metric, bench)
    chosen: list[MetricRef] = []
    for name in list(names)[:_MOST_TRIED]:
        ref = MetricRef(metric=name)
        if name == lead.metric or len(chosen) >= MOST_FIGURES - 1:
            continue
        tried = query.model_copy(update={"metrics": (lead, *chosen, ref), "time": None, "dimensions": ()})
        if bench.runs(tried):
            chosen.append(ref)
    return tuple(chosen)


def _made_of(lead: str, bench: Bench) -> list[str]:
    return [n for n, m in bench.model.metrics.items() if lead in (m.numerator, m.denominator)]


def _by_weight(bench: Bench) -> list[str]:
    """Names of figures: what is counted first, then metrics, then one figure of each other dated table."""
    model = bench.model
    event = event_noun(bench.lexicon, "we")
    counted = [r.name for r in event.refs[:1]] if event else []
    asked = " ".join([*model.starters, *(v.question for v in model.verified)]).casefold()

    def weight(name: str, spec: Described) -> float:
        words = [w.casefold() for w in (spec.label or name.replace("_", " "), *spec.words())]
        good, unit = getattr(spec, "good", None), getattr(spec, "unit", None)
        return 2.0 * bool(good) + 1.5 * any(w in asked for w in words) + bool(unit is not None and unit.currency)

    metrics = sorted(model.metrics.items(), key=lambda item: -weight(*item))
    found = [*counted, *(name for name, _ in metrics[:3])]
    for table in (t for t in model.tables.values() if t.time is not None and t.measures):
        best = sorted(table.measures.items(), key=lambda item: -weight(*item))
        found += [name for name, _ in best[: 2 if not model.metrics else 1]]
    return list(dict.fromkeys(found))


def reach_back(span: Span, query: MetricQuery, bench: Bench) -> str:
    """A year back when the data reaches that far (a day to the same weekday), else the period before."""
    table = bench.model.tables.get(bench.home(query.metrics[0].metric) or "")
    first = bench.context.profile.bounds(table.source, table.time.default)[0] if table and table.time else None
    if first is None or add(span.start, -1, "year") < first:
        return _BEFORE
    return _SAME_WEEKDAY if (span.end - span.start).days <= 1 else _YEAR_BEFORE


def steps(subject: Subject, span: Span, to: str, bench: Bench) -> dict[str, Step]:
    """The steps of a review, the figures themselves first; each says in its title what it looks for."""
    made = [step for step in _steps(subject, span, to, bench) if step is not None]
    return {f"s{number}": step for number, step in enumerate(made, start=1)}


def _steps(subject: Subject, span: Span, to: str, bench: Bench) -> Iterator[Step | None]:
    label = bench.metric_label(subject.lead)
    inside = label if label[:2].isupper() else label[:1].lower() + label[1:]
    compare = Compare.model_validate({"to": to})
    base = subject.query.model_copy(update={"time": span.window(), "compare": compare, "dimensions": ()})
    others = [ref for ref in subject.others if _has_come(ref, span, bench)]
    key = base.model_copy(update={"metrics": (subject.lead, *others)})
    yield Step(tool="query_metrics", args={"query": _dump(key)}, title="Key figures")
    yield _split(subject, base, bench, label)
    args = explanation_args(base.model_copy(update={"metrics": (subject.lead,)}), compare)
    yield Step(tool="explain_change", args=args, title=f"What moved {inside}")
    yield Step(tool="insights", args=_noticed(subject, span), title="What stands out")
    if not subject.ahead:
        return
    shared = {"metric": _dump(subject.lead), **({"filters": _dumps(base.filters)} if base.filters else {})}
    unit = span.unit if span.unit in ("week", "month", "quarter", "year") else "month"
    if bench.home(subject.lead.metric) and _adds_up(subject.lead, bench):
        pace = {**shared, "growth": 0.0, "period": unit}
        yield Step(tool="pacing", args=pace, title=f"How the running {unit} is going")
    horizon = "next month" if unit in ("week", "month") else "next quarter" if unit == "quarter" else "next 90 days"
    yield Step(tool="forecast", args={**shared, "horizon": horizon}, title="What is ahead")


def _has_come(ref: MetricRef, span: Span, bench: Bench) -> bool:
    """Whether all that a figure is made of has rows in the period or after it: books of a month are closed at its end,
    and until then they would be told as nothing.
    """
    tables = [bench.model.tables[name] for name in homes(bench.model, ref.metric)]
    ends = [bench.context.profile.bounds(t.source, t.time.default)[1] for t in tables if t.time is not None]
    return all(end is None or end >= span.start for end in ends)


def _split(subject: Subject, base: MetricQuery, bench: Bench, label: str) -> Step | None:
    """Which groups gained and lost, by the split asked for or the one that says most."""
    field = subject.split.field if subject.split is not None else None
    if field is None:
        field = next(iter(best_dimensions(_alone(base, subject.lead), bench)), None)
    if field is None:
        return None
    query = _alone(base, subject.lead).model_copy(update={"dimensions": (DimRef(field=field),)})
    if not bench.runs(query):
        return None
    title = f"{label} by {bench.field_label(field).lower()}"
    return Step(tool="query_metrics", args={"query": _dump(query)}, title=title)


def _alone(query: MetricQuery, lead: MetricRef) -> MetricQuery:
    """The same query for one figure alone."""
    return query.model_copy(update={"metrics": (lead,)})


def _noticed(subject: Subject, span: Span) -> dict[str, Any]:
    grain = {"week": "week", "month": "month", "quarter": "quarter", "year": "quarter"}.get(span.unit, "month")
    args: dict[str, Any] = {"grain": grain, "running": span.running, "seconds": _INSIGHT_SECONDS}
    args["end"] = None if span.running else span.end.isoformat()
    whole = len(subject.others) > 2 and not subject.query.filters
    if not whole:
        args["metrics"] = [_dump(m) for m in (subject.lead, *subject.others[:2])]
    if subject.query.filters:
        args["filters"] = _dumps(subject.query.filters)
    return args


def _adds_up(ref: MetricRef, bench: Bench) -> bool:
    spec = bench.model.metrics.get(ref.metric)
    return spec is None or spec.numerator is None


def _dump(model: Any) -> dict[str, Any]:
    data: dict[str, Any] = model.model_dump(mode="json", exclude_defaults=True)
    return data


def _dumps(models: Any) -> list[dict[str, Any]]:
    return [_dump(m) for m in models]
