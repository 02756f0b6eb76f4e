"""What a reply adds to the last query: its words are planned beside the last figure, then both queries are merged."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from agent.builtin.acts import Said
from agent.builtin.bench import Bench, metric_query, options_as_plans
from agent.builtin.edits import by_lead, changed, field_name, names_one, narrowed
from agent.builtin.explaining import best_dimensions
from agent.builtin.past import Past
from agent.builtin.text import stem
from agent.plan import Clarify, Decision, Decline, Plan
from tools.calendar_names import stored
from warehouse.query import DimRef, Filter, MetricQuery, TimeWindow

_NO_FIGURE = re.compile(
    r"^(?:by|per|in|for|from|since|during|between|before|after|until|with|where|last|this|previous|past)\b", re.I
)
_WITHOUT = re.compile(
    r"^(?:without|excluding|exclude|except(?: for)?|but not|not|minus|ignoring|leave out|leaving out|other than"
    r"|outside)\s+",
    re.I,
)
_SOMEWHERE = re.compile(r"^(?:for|in|from|at|with|about|into|of|on|by)\s+(?:the\s+)?", re.I)
_BARE_TIME = re.compile(
    r"\b(?:q[1-4]|(?:first|second|third|fourth|1st|2nd|3rd|4th|last) (?:quarter|half)|january|february|march"
    r"|april|may|june|july"
    r"|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b", re.I
)  # fmt: skip
_DATED = re.compile(r"\b(?:\d{4}|this|last|previous|next|current|ago|since)\b", re.I)
_BY_GRAIN = re.compile(r"^(?:by|per) (?:day|week|month|quarter|year)\b", re.I)
_SHAPES = ("{figure} {text}", "{figure} for {text}", "{figure} by {text}", "{figure} in {text}", "{figure} with {text}")
Merge = Callable[[MetricQuery, bool], MetricQuery | None]


def refined(said: Said, past: Past, query: MetricQuery, bench: Bench) -> Decision | MetricQuery | None:
    """The merged query, a question back with merged options, or a decline; None when the words change nothing."""
    seen = _seen_value(said, past, query, bench)
    if seen is not None:
        return seen
    text = _with_year(said.text, query, bench)
    merge: Merge = lambda found, own: merged(query, found, said, bench, own=own)  # noqa: E731
    figure = _ranked_by(text, bench) or (None if _NO_FIGURE.match(text) else text)
    own = (bench.figures(figure) or bench.figures(f"total {figure}")) if figure else None
    if own is not None:
        return merge(own[1], True)
    return _probed(text, query, bench, merge)


def _ranked_by(text: str, bench: Bench) -> str | None:
    """The figure in “by order count”, “by orders”; a singular (“by store”) is a group."""
    words = text.split()
    if len(words) < 2 or words[0].lower() != "by":
        return None
    refs = bench.lexicon.lookup(tuple(stem(w) for w in words[1:]))
    if any(r.kind == "dim" for r in refs) or (any(r.kind == "table" for r in refs) and not words[-1].endswith("s")):
        return None
    if any(r.is_figure for r in refs):
        return " ".join(words[1:])
    return f"total {' '.join(words[1:])}" if any(r.kind == "number" for r in refs) else None


def _seen_value(said: Said, past: Past, query: MetricQuery, bench: Bench) -> MetricQuery | None:
    """A name that stands in the last answer means that row; “without” it means all others."""
    several = _seen_several(said, past, query)
    if several is not None:
        return several
    excludes = bool(_WITHOUT.match(said.text))
    bare = _SOMEWHERE.sub("", _WITHOUT.sub("", said.text)).strip().casefold()
    for row in past.rows:
        for dimension in query.dimensions:
            value = row.get(field_name(dimension).replace(".", "_"))
            if not isinstance(value, str) or value.casefold() != bare:
                continue
            if excludes:
                return changed(
                    query,
                    filters=(*query.filters, Filter(field=dimension, op="!=", values=(stored(dimension, value),))),
                )
            one = (
                narrowed(
                    query,
                    {field_name(d).replace(".", "_"): row.get(field_name(d).replace(".", "_")) for d in [dimension]},
                )
                if len(query.dimensions) == 1
                else _kept_others(query, dimension, value)
            )
            return _deeper(one, bench) if said.deeper else one
    return None


def _seen_several(said: Said, past: Past, query: MetricQuery) -> MetricQuery | None:
    """“only Store and Website”: several names of the last answer are those rows."""
    excludes = bool(_WITHOUT.match(said.text))
    bare = _SOMEWHERE.sub("", _WITHOUT.sub("", said.text)).strip()
    names = [n.strip().casefold() for n in re.split(r",\s*(?:and |or )?|\s+(?:and|or|&|plus)\s+", bare) if n.strip()]
    for dimension in query.dimensions if len(names) > 1 else ():
        shown = {str(v).casefold(): v for r in past.rows if isinstance(v := r.get(field_name(dimension)), str)}
        if all(n in shown for n in names):
            values = tuple(stored(dimension, shown[n]) for n in dict.fromkeys(names))
            one = Filter(field=dimension, op="not_in" if excludes else "in", values=values)
            kept = tuple(f for f in query.filters if not (isinstance(f, Filter) and f.field == dimension))
            return changed(query, filters=(*kept, one))
    return None


def _kept_others(query: MetricQuery, dimension: DimRef, value: str) -> MetricQuery:
    """One member of one of several groupings; the other groupings stay."""
    same = [d for d in query.dimensions if d.field.split(".")[0] == dimension.field.split(".")[0] and d != dimension]
    keys = [d for d in same if d.field.endswith("_id")]
    rest = tuple(d for d in query.dimensions if d != dimension and d not in keys)
    made = changed(
        query,
        dimensions=rest,
        filters=(*query.filters, Filter(field=dimension, op="=", values=(stored(dimension, value),))),
        top=None,
    )
    return changed(made, order=by_lead(made))


def _deeper(query: MetricQuery, bench: Bench) -> MetricQuery:
    """Split further by the dimension that says most."""
    best = next(iter(best_dimensions(query, bench)), None)
    if best is None:
        return query
    made = changed(query, dimensions=(*query.dimensions, DimRef(field=best)))
    return changed(made, order=by_lead(made))


def _with_year(text: str, query: MetricQuery, bench: Bench) -> str:
    """“in Q2” after an answer about one year means Q2 of that year."""
    window = bench.window(query.time)
    if window is None or not _BARE_TIME.search(text) or _DATED.search(text):
        return text
    first, last = (
        window[0].year,
        window[1].replace(day=1).year if window[1].timetuple().tm_yday > 1 else window[1].year - 1,
    )
    return f"{text} {first}" if first == last else text


def _probed(text: str, query: MetricQuery, bench: Bench, merge: Merge) -> Decision | MetricQuery | None:
    """Plan the words after the name of the figure, in the ways they could belong to it."""
    figure = _spoken_figure(query, bench)
    bare = metric_query(plan) if isinstance(plan := bench.plan(figure), Plan) else None
    refusal: Decline | None = None
    for shape in _SHAPES:
        decision = bench.plan(shape.format(figure=figure, text=_WITHOUT.sub("without ", text)))
        if isinstance(decision, Decline):
            refusal = refusal or decision
            continue
        if isinstance(decision, Clarify):
            return _merged_options(decision, merge)
        found = metric_query(decision)
        if found is None or found == bare:
            continue
        made = merge(found, False)
        if made is not None:
            return made
    return refusal


def _merged_options(asked: Clarify, merge: Merge) -> Clarify | None:
    from agent.builtin.patches import dump

    options = []
    for option, plan in zip(asked.options, options_as_plans(asked), strict=True):
        found = metric_query(plan)
        made = merge(found, False) if found is not None else None
        if made is None:
            continue
        step = {"tool": "query_metrics", "args": {"query": dump(made)}, "title": ""}
        patch = {**option.patch, "steps": {"s1": step}, "assumptions": []}
        options.append(option.model_copy(update={"patch": patch}))
    return asked.model_copy(update={"options": options}) if len(options) > 1 else None


def _spoken_figure(query: MetricQuery, bench: Bench) -> str:
    """Words that plan to the query's first figure alone; the count of its records when it has no such name."""
    label = bench.metric_label(query.metrics[0])
    found = bench.figures(label)
    if found is not None and found[1].metrics[0].metric == query.metrics[0].metric:
        return label
    home = bench.home(query.metrics[0].metric)
    table = bench.model.tables.get(home or "")
    for name in table.measures if table else ():
        other = bench.lexicon.label(next(r for r in bench.lexicon.lookup((name,)) or [_measure(home, name)]))
        if bench.figures(other) is not None:
            return other
    return f"number of {table.records or home}" if table else label


def _measure(table: str | None, name: str) -> Any:
    from agent.builtin.lexicon import Ref

    return Ref("measure", table or "", name)


def merged(last: MetricQuery, new: MetricQuery, said: Said, bench: Bench, *, own: bool) -> MetricQuery | None:
    """The last query with what the new one says; None when the two do not fit together."""
    updates: dict[str, Any] = {}
    if own:
        named = tuple(m for m in new.metrics if m.column not in {x.column for x in last.metrics})
        updates["metrics"] = (*last.metrics, *named) if said.adds and named else new.metrics
        if not said.adds:
            updates |= {"having": (), "transforms": ()}
    elif len(new.metrics) > 1:
        updates["metrics"] = (
            *last.metrics,
            *(m for m in new.metrics[1:] if m.column not in {x.column for x in last.metrics}),
        )
    updates["dimensions"] = _dimensions(last, new, said)
    updates["filters"] = _filters(last, new, said, updates["dimensions"])
    updates["dimensions"] = _without_single(updates["dimensions"], new)
    updates["time"] = _time(last, new, said)
    if new.time is not None and _bounded(new.time) and last.compare is not None and last.compare.to == "window":
        updates["compare"] = None
    for part in ("having", "transforms", "compare", "top"):
        if getattr(new, part):
            updates[part] = getattr(new, part)
    if new.dimensions and not new.top and tuple(updates["dimensions"]) != last.dimensions:
        updates["top"] = None
    query = changed(last, **updates)
    if not query.order:
        query = changed(query, order=new.order or by_lead(query))
    if query.top is not None and not query.dimensions and not (query.time and query.time.grain):
        query = changed(query, top=None)
    return query if bench.runs(query) else None


def _dimensions(last: MetricQuery, new: MetricQuery, said: Said) -> tuple[DimRef, ...]:
    if not new.dimensions:
        return () if _BY_GRAIN.match(said.text) and not said.deeper else last.dimensions
    if (said.deeper or said.adds) and len(last.dimensions) <= 2:
        return tuple(dict.fromkeys((*last.dimensions, *new.dimensions)))
    return new.dimensions


def _filters(last: MetricQuery, new: MetricQuery, said: Said, groups: tuple[DimRef, ...]) -> tuple[Any, ...]:
    """New conditions replace old ones on the same field, “also” widens them; a new grouping frees its own field."""
    named = {f.field for f in new.filters if isinstance(f, Filter) and f.field and f.op != "not_null"}
    freed = {d for d in new.dimensions if d not in last.dimensions}
    kept, added = [], list(new.filters)
    for old in last.filters:
        same = isinstance(old, Filter) and (old.field in named or old.field in freed)
        if same and said.adds and isinstance(old, Filter) and old.field in named:
            twin = next(f for f in added if isinstance(f, Filter) and f.field == old.field)
            if {old.op, twin.op} <= {"=", "in"}:
                added.remove(twin)
                values = tuple(dict.fromkeys((*old.values, *twin.values)))
                added.append(Filter(field=old.field, op="in", values=values))
        if not same and not _lost_group(old, groups, last):
            kept.append(old)
    return tuple(dict.fromkeys((*kept, *added)))


def _lost_group(old: Any, groups: tuple[DimRef, ...], last: MetricQuery) -> bool:
    """A condition that only kept nameless members out of a grouping that is gone."""
    return isinstance(old, Filter) and old.op == "not_null" and old.field in last.dimensions and old.field not in groups


def _without_single(groups: tuple[DimRef, ...], new: MetricQuery) -> tuple[DimRef, ...]:
    """A grouping by what has just been narrowed to one value says nothing."""
    if new.dimensions:
        return groups
    single = {f.field for f in new.filters if isinstance(f, Filter) and names_one(f)}
    return tuple(d for d in groups if d not in single)


def _bounded(time: TimeWindow) -> bool:
    return any(x is not None for x in (time.start, time.end, time.last, time.to_date))


def _time(last: MetricQuery, new: MetricQuery, said: Said) -> TimeWindow | None:
    old, found = last.time, new.time
    if found is None:
        return old
    grain = found.grain or (old.grain if old else None)
    if not _bounded(found):
        return (old or TimeWindow()).model_copy(update={"grain": grain, "fill": found.fill})
    return found.model_copy(update={"grain": grain, "fill": found.fill and (old.fill if old else True)})
