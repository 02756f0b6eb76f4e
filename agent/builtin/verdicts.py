"""Replies that judge the figure at hand: “which restaurant is worst?”, “which got worse?”, “is that good?”."""

from __future__ import annotations

from agent.builtin.bench import Bench
from agent.builtin.edits import Edit, Words, changed, low_end
from agent.builtin.judged import direction
from agent.builtin.looking_up import usual_of
from agent.builtin.past import Past
from agent.builtin.text import stem
from agent.plan import Plan, Step
from warehouse.query import Compare, MetricQuery, Order, TimeWindow, TopN

_WORSE = ("worse", "deteriorat", "declin", "slip")
_ROSE = frozenset({"grew", "grown", "rose", "risen", "increased", "gained"})
_FELL = frozenset({"fell", "fallen", "dropped", "decreased", "shrank", "lost"})
_SHORT_DAYS = 360
_MANY = 10


def judged(past: Past, query: MetricQuery, words: Words, bench: Bench) -> Edit | None:
    """“Which restaurant is worst?”: the groups of the figure at hand, ranked by what is good for it."""
    found = _grouped(query, words["what"], bench)
    if found is None:
        return None
    low = low_end(words["end"], found, bench)
    by = found.metrics[0].column
    grained = found.time is not None and found.time.grain is not None and not found.dimensions
    n = _MANY if stem(words["what"].split()[-1]) != words["what"].split()[-1].casefold() else 1
    ties = "keep" if n == 1 else "cut"
    ranked = TopN.model_validate(
        {"n": n, "by": by, "bottom": low, "ties": ties, "complete": low and grained and _is_short(found, bench)}
    )
    hints = {"direction": "worst" if low else "best", "asked_n": n}
    return Edit(changed(found, top=ranked, order=(Order(by=by, desc=not low),)), hints)


def turned(past: Past, query: MetricQuery, words: Words, bench: Bench) -> Edit | None:
    """“Which clinic has got worse?”: the group whose figure moved most in the bad direction, or in the good one."""
    found = _grouped(query, words["what"], bench)
    if found is None or not found.dimensions:
        return None
    if bench.window(found.time) is None:
        dated = bench.figures(f"{bench.metric_label(found.metrics[0])} last month")
        if dated is None or dated[1].time is None:
            return None
        found = changed(found, time=dated[1].time)
    way = words["way"].casefold()
    falls = way in _FELL
    if way not in _FELL | _ROSE:  # worse and better depend on what is good for the figure
        falls = way.startswith(_WORSE) != (direction(bench.model, found.metrics[0].metric) == "down")
    by = f"{found.metrics[0].column}.delta"
    made = changed(found, compare=found.compare or Compare(to="previous_period"))
    ranked = TopN(n=1, by=by, bottom=falls, ties="keep")
    hints = {"direction": "worst" if falls else "best", "asked_n": 1}
    return Edit(made.model_copy(update={"top": ranked, "order": (Order(by=by, desc=not falls),)}), hints)


def is_fine(past: Past, query: MetricQuery, _words: Words, bench: Bench) -> Edit | Plan | None:
    """“Is that good?”: beside what a source says is usual, or where none does beside the year before."""
    lead = query.metrics[0].metric
    plain = not (query.dimensions or query.top or query.compare or (query.time and query.time.grain))
    topic = usual_of(bench.context, lead) if plain and len(query.metrics) == 1 else None
    if topic is not None:
        label = bench.metric_label(query.metrics[0])
        step = Step(tool="look_up", args={"topic": topic, "about": "benchmark"}, title=f"Usual {label.lower()}")
        return past.plan.model_copy(update={"steps": {**past.plan.steps, "s2": step}})
    if bench.window(query.time) is None or query.compare is not None:
        return None
    return Edit(changed(query, compare=Compare(to="same_date_last_year"), transforms=()))


def _grouped(query: MetricQuery, what: str, bench: Bench) -> MetricQuery | None:
    """The figure at hand for each of `what`; None where it cannot be split so."""
    label = bench.metric_label(query.metrics[0])
    wordings = (f"{label} by hour of the day",) if what.casefold() == "hour" else ()
    for text in (*wordings, f"{label} by {what}"):
        probe = bench.figures(text)
        found = probe[1] if probe else None
        grain = found.time.grain if found is not None and found.time else None
        if found is None or found.metrics[0].metric != query.metrics[0].metric or not (found.dimensions or grain):
            continue
        time = query.time
        if time is not None or grain:
            time = (time or found.time or TimeWindow()).model_copy(update={"grain": grain})
        kept = tuple(f for f in found.filters if f not in query.filters)
        shape = {"compare": None, "transforms": (), "having": (), "top": None, "order": ()}
        made = changed(query, metrics=query.metrics[:1], dimensions=found.dimensions, time=time,
                       filters=(*query.filters, *kept), **shape)  # fmt: skip
        if bench.runs(made):
            return made
    return None


def _is_short(query: MetricQuery, bench: Bench) -> bool:
    window = bench.window(query.time)
    return window is None or (window[1] - window[0]).days < _SHORT_DAYS


EDITS = {"judged": judged, "turned": turned, "fine": is_fine}
