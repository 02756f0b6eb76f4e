"""“Average days between order date and ship date”: a figure made of two dates, where no model wrote it down."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from agent.brain import PlanContext
from agent.builtin.arithmetic import single
from agent.builtin.graph import reachable
from agent.builtin.lexicon import Lexicon, Ref
from agent.builtin.meaning import later_dates
from agent.builtin.patches import dump
from agent.builtin.spelled import mapped
from agent.builtin.text import fold, tokenize
from agent.builtin.vocabulary import TIME_VERBS
from agent.plan import Assumption, Decision, Plan, Step
from warehouse.model.adhoc import adhoc_name, humanize
from warehouse.model.schema import Table
from warehouse.model.spans import span_name
from warehouse.query import MetricQuery, MetricRef

_AGGS = mapped(
    "average => avg | mean => avg | avg => avg | typical => avg | median => median | longest => max | maximum => max | "
    "greatest => max | shortest => min | minimum => min"
)
_UNITS = {"day": "day", "hour": "hour", "minute": "minute", "time": "day", "duration": "day", "long": "day"}
_ASKED = re.compile(
    rf"^(?:(?:what (?:is|was|are)|show(?: me)?|calculate|give me|find|return) )?(?:the )?(?P<agg>{'|'.join(_AGGS)})"
    r"(?: (?:number|amount) of)? (?P<unit>day|hour|minute|time|duration)s?"
    r" (?:it (?:takes|took) )?(?:between|from) (?:the |their )?"
    r"(?P<a>[\w ]+?) (?:and|to|until|till) (?:the |their )?(?P<b>[\w ]+?)"
    r"(?P<rest> (?:by|per|for|in|during|since|last|this|of) .+)?$",
    re.I,
)
_UNTIL = re.compile(
    rf"^(?:(?:what (?:is|was)|show(?: me)?) )?(?:the |our )?(?:(?P<agg>{'|'.join(_AGGS)}) )?"
    r"(?:time|days?|hours?|minutes?) "
    r"(?:it (?:takes|took) )?(?:to|until|till) (?P<verb>\w+)(?: (?:a|an|the|our)? ?(?P<what>\w+(?: \w+)?))??"
    r"(?P<rest> (?:by|per|for|in|during|since|last|this) .+)?$",
    re.I,
)
_HOW_LONG = re.compile(
    r"^how (?:long|many (?P<unit>days|hours|minutes)) (?:does|do|did) (?:it|we|they|you) take "
    r"(?:on average |in general |usually )?to "
    r"(?P<verb>\w+)(?: (?:a|an|the|our)? ?(?P<what>\w+(?: \w+)?))??"
    r"(?P<rest> (?:by|per|for|in|during|since|last|this) .+)?$",
    re.I,
)
_DEEDS = mapped(
    "delivery => deliver | resolution => resolve | shipping => ship | closing => close | completion => complete | "
    "handling => close | repair => complete"
)
_TAKEN = re.compile(rf"\b(average|mean|typical|median|longest|shortest) ({'|'.join(_DEEDS)}) times?\b", re.I)
_ROUNDED = re.compile(r",? (?:and )?round(?:ed)? (?:it )?(?:to|off to) \w+ (?:decimals?|digits?)(?: places?)?\b", re.I)
_DAYS = re.compile(r"\bdays?\b", re.I)
_MEAN = re.compile(r",? (?:on average|in general|usually|typically)\b", re.I)
_IRREGULAR = {"pay": "paid", "sell": "sold", "resolve": "resolved"}
_SAID = {"avg": "average", "median": "median", "max": "longest", "min": "shortest"}
Replan = Callable[[str], Decision]


def duration(context: PlanContext, lexicon: Lexicon, replan: Replan) -> Plan | None:
    """The plan of a question about the time between two dates; None for others, and where rows would count twice."""
    text = _ROUNDED.sub("", context.question.strip(" ?.!"))
    text = _TAKEN.sub(lambda m: f"{m[1]} time to {_DEEDS[m[2].lower()]}", text)
    found = _ASKED.match(text)
    if found is None:
        return _until(context, lexicon, replan, _MEAN.sub("", text))
    starts, ends = (_dates(found[side], lexicon) for side in ("a", "b"))
    made = next(((a, b, base) for a in starts for b in ends if (base := _base(context, a, b)) and a != b), None)
    if made is None:
        return None
    start, end, base = made
    table = context.model.tables[base]
    counted = replan(f"number of {table.records or base}{found['rest'] or ''}")
    query = single(counted) if isinstance(counted, Plan) else None
    if query is None or (query.metrics[0].where or query.top):
        return None
    agg, unit = _AGGS[found["agg"].lower()], _UNITS[found["unit"].lower()]
    alias = f"{_SAID[agg]}_{unit}s_from_{start.name}_to_{end.name}".lower()
    return _plan(query, adhoc_name(agg, base, span_name(start.field, end.field, unit)), alias, table.record or base)  # type: ignore[arg-type]


def _until(context: PlanContext, lexicon: Lexicon, replan: Replan, text: str) -> Plan | None:
    """`average time to close`, `how long does it take to ship an order`: from its beginning to that date."""
    found = _UNTIL.match(text) or _HOW_LONG.match(text)
    ends = later_dates(lexicon, _done(found["verb"])) if found else ()
    if found is None or len(ends) != 1:
        return None
    table = context.model.tables[ends[0].table]
    start, end = table.time.default if table.time else "", ends[0].name
    elapsed = table.time is not None and all(table.time.columns[x].kind != "date" for x in (start, end))
    between = f"{found.groupdict().get('agg') or 'average'} {_unit(found, elapsed)} between {_said_of(table, start)}"
    asked = f"{between} and {_said_of(table, end)}{found['rest'] or ''}"
    return duration(replace(context, question=asked), lexicon, replan)


def _unit(found: re.Match[str], elapsed: bool) -> str:
    """What was said, else hours where both ends have a time of day, and days where they have none."""
    said = re.search(r"\b(hour|minute)s?\b", found.group(0)[: found.start("verb") - found.start()], re.I)
    return f"{said[1].lower()}s" if said else "hours" if elapsed and not _DAYS.search(found.group(0)) else "days"


def _said_of(table: Table, column: str) -> str:
    spec = table.time.columns[column] if table.time else None
    return (spec.label if spec and spec.label else humanize(column)).lower()


def _done(verb: str) -> str:
    """close -> closed, ship -> shipped; the forms that the vocabulary knows."""
    low = verb.lower()
    tried = (low, f"{low}d", f"{low}ed", f"{low}{low[-1:]}ed", _IRREGULAR.get(low, ""))
    return next((form for form in tried if form in TIME_VERBS), "")


def _plan(query: MetricQuery, metric: str, alias: str, record: str) -> Plan:
    old, alias = query.metrics[0].column, re.sub(r"\W+", "_", alias)
    order = tuple(o.model_copy(update={"by": alias}) if o.by == old else o for o in query.order)
    made = query.model_copy(update={"metrics": (MetricRef(metric=metric, alias=alias),), "order": order})
    step = Step(tool="query_metrics", args={"query": dump(made)}, title=humanize(alias))
    chip = Assumption(key="reading", label="Each counts once", value=record, display=f"per {record}")
    intent = "breakdown" if query.dimensions else "trend" if query.time and query.time.grain else "total"
    return Plan(intent=intent, steps={"s1": step}, assumptions=[chip], confidence=0.85, hints={"metric": alias})


def _dates(text: str, lexicon: Lexicon) -> Iterator[Ref]:
    """Date columns that a phrase names: with or without “date” or “time” at its end."""
    stems = [t.stem for t in tokenize(fold(text)) if t.kind == "word"]
    for words in (stems, [*stems, "date"], stems[:-1] if stems[-1:] in (["date"], ["time"]) else []):
        for ref in lexicon.lookup(tuple(words)):
            if ref.kind == "time":
                yield ref


def _base(context: PlanContext, start: Ref, end: Ref) -> str | None:
    """The table each of whose rows has both dates, and no date twice; None without one."""
    if start.table == end.table:
        return start.table
    for base, other in ((start.table, end.table), (end.table, start.table)):
        if other in reachable(context.model, base) and _once_each(context, base, other):
            return base
    return None


def _once_each(context: PlanContext, base: str, other: str) -> bool:
    """Whether no two rows of `base` belong to the same row of `other`."""
    join = next((j for j in context.model.tables[base].joins if j.to == other and len(j.on) == 1), None)
    stored = context.profile.tables.get(context.model.tables[base].source)
    column = stored.columns.get(next(iter(join.on))) if stored is not None and join is not None else None
    return column is not None and column.distinct == column.rows - column.nulls
