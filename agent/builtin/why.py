"""“Why did revenue drop in October?”: words that ask for the causes of a change, turned into an explanation to run."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from agent.brain import PlanContext
from agent.builtin.bench import Bench, metric_query
from agent.builtin.days import unit_at
from agent.builtin.edits import alone, changed
from agent.builtin.past import Past
from agent.builtin.text import fold
from agent.plan import Assumption, Clarify, Decision, Option, Plan, Step, merge_patch
from warehouse.query import Compare, MetricQuery, TimeWindow

Planner = Callable[[PlanContext], Decision]

_DOWN = (
    r"drop(?:s|ped|ping)?|f[ae]ll(?:s|en|ing)?|declin(?:e|es|ed|ing)|decreas(?:e|es|ed|ing)|shr[iau]nk(?:s|ing)?"
    r"|(?:go(?:es|ne|ing)?|went|come|came) down|plung(?:e|es|ed)|slump(?:s|ed)?|dip(?:s|ped)?|los(?:e|t|s|ses)"
    r"|slow(?:ed)? down|slowdown|worse(?:n(?:ed)?)?|(?:so |much |this )?(?:low(?:er)?|bad)|down(?:turn)?"
    r"|collaps(?:e|ed)"
)
_UP = (
    r"r[io]se[ns]?|rising|increas(?:e|es|ed|ing)|gr[oe]w(?:s|n|ing)?|growth|(?:go(?:es|ne|ing)?|went|come|came) up"
    r"|jump(?:s|ed)?|climb(?:s|ed)?|spik(?:e|es|ed)|surg(?:e|es|ed)|soar(?:s|ed)?|gain(?:s|ed)?|improv(?:e|es|ed|ement)"
    r"|(?:so |much |this )?(?:high(?:er)?|good)|up(?:turn)?"
)
_EITHER = r"chang(?:e|es|ed|ing)|mov(?:e|es|ed|ement)|develop(?:ed|ment)?|differ(?:ent|s|ed|ence)?|shift(?:s|ed)?"
_JUDGING = re.compile(r"wors|better|improv|deteriorat|degrad|\b(?:bad|good|poor)", re.I)
_LEVEL = re.compile(r"(?:so |much |this )(?:high|low)", re.I)
"""“So high” speaks of a level; whether it rose is another question."""
_CHANGE = rf"(?:{_DOWN}|{_UP}|{_EITHER})"
_SO_MUCH = (
    r"(?: so (?:much|sharply|strongly|fast|badly)| that much| a (?:lot|bit)| sharply| suddenly| slightly| strongly)?"
)
_ASKED = re.compile(
    r"^(?:(?:please|so|and|but|then|ok|okay|can|could|would|you|tell|me|us|do|know|help|understand|i|we|want|to) )*"
    r"(?P<lead>why|how come|what(?: is| was| are| were| has| have| had|'s)?(?: the)?(?: main| biggest| key)?"
    r" (?:drove|drives?|driving|driven|driver(?:s)? (?:of|behind)|caus(?:e|es|ed|ing)(?: of)?|explain(?:s|ed)?"
    r"|behind|led to|made|makes|contribut(?:ed|es|ing)(?: most| the most)? to|reasons? (?:for|behind|of)"
    r"|changed(?: in)?|happened (?:to|with))"
    r"|explain(?: to me| why)?|(?:the )?(?:main )?(?:reasons?|causes?|drivers?) (?:for|of|behind)"
    r"|which (?P<by>\w+(?: \w+)?) (?:drove|caused|explains?|explained|(?:is|are|was|were) (?:behind|driving)))\b",
    re.I,
)
_NEEDS_NO_CHANGE = re.compile(r"drove|driv|changed|happened", re.I)
_NOUN = re.compile(
    rf"^(?:the |a |this |that |our )*(?:(?:big|sharp|sudden|recent|large|strong|huge) )?{_CHANGE}{_SO_MUCH}"
    r"(?: (?:in|of|to) (?:the |our )?)",
    re.I,
)
_VERB = re.compile(
    rf"\b(?:to )?(?:(?:has|have|had|is|are|was|were|been|got|get|did|do|does|be) )*{_CHANGE}{_SO_MUCH}\b", re.I
)
_HELPER = re.compile(r"^(?:not |did |does |do |has |have |had |is |are |was |were |the |our |there |been )+", re.I)
_THAN = re.compile(r"\bthan (?:in |for |on |during )?", re.I)
_BARE = re.compile(r"^(?:it|this|that|they|these|those|so|happen(?:ed)?|the|\W)*$", re.I)
_OURS = re.compile(r"\b(?:we|they|i|you) (?:declin|reject|refus)", re.I)
"""Whom we decline is no figure that declines."""
_LEANS = re.compile(
    r"\b(?:(?:that|this|the) one|it|this|that|they|these|those)\b(?! (?:month|week|year|quarter|day))", re.I
)
_DEFAULT = "last month"
_MOST_FIGURES = 4
_STEPS = {"same_date_last_year": "The same dates a year before", "previous_period": "The period before"}


_WEEK_BACK, _WEEKDAY = ("offset", 1, "week"), "The same weekday a week before"


def explained(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision on a whole question that asks why a figure changed; None for any other question."""
    found = _subject(context.question)
    if found is None or not found[0]:
        return None
    rest, direction = found
    for text in (rest, f"{rest} {_DEFAULT}"):
        decision = planner(replace(context, question=text, history=()))
        made = _turned(decision, direction)
        if made is not None:
            return made
        if not isinstance(decision, Plan):
            return decision
    return None


def of_last(past: Past, bench: Bench) -> Plan | Clarify | None:
    """“Why?” after an answer: the explanation of its figure over its period, or over the last whole one it shows.

    After a ranking that found one group it is that group's figure; of several figures it is asked which one is meant.
    """
    query = past.query
    if query is None or not query.metrics or _OURS.search(bench.context.question):
        return None
    if len(query.metrics) > 1 and not past.plan.hints.get("deep"):
        return _which_figure(past, query, bench)
    query = alone(past, query.model_copy(update={"metrics": query.metrics[:1]}))
    query = _moment(past, query).model_copy(update={"top": None, "order": (), "transforms": ()})
    said = _subject(bench.context.question)
    rest = _LEANS.sub(" ", said[0]).strip() if said else ""
    if rest and not _BARE.match(rest):
        named = bench.figures(f"{bench.metric_label(query.metrics[0])} {rest}")
        if named is None:
            return None
        query = named[1].model_copy(update={"filters": (*query.filters, *named[1].filters)})
    whole = query.model_copy(update={"time": _last_whole(query, bench)})
    if whole.time is None:
        named = bench.figures(f"{bench.metric_label(query.metrics[0])} {_DEFAULT}")
        whole = query.model_copy(update={"time": named[1].time if named else None})
    return _explanation(whole.model_copy(update={"dimensions": ()}), [], said[1] if said else "", 0.9)


def _which_figure(past: Past, query: MetricQuery, bench: Bench) -> Clarify | None:
    """Which of several figures is meant, each option with the explanation of its change."""
    options = []
    for metric in query.metrics[:_MOST_FIGURES]:
        one = changed(query, metrics=(metric,), having=(), transforms=())
        step = Step(tool="query_metrics", args={"query": one.model_dump(mode="json", exclude_defaults=True)})
        made = of_last(Past(past.question, past.plan.model_copy(update={"steps": {"s1": step}}), past.rows), bench)
        if isinstance(made, Plan):
            label = bench.metric_label(metric)
            options.append(Option(value=metric.column, label=label, patch=made.model_dump(mode="json")))
    return Clarify(question="Which figure do you mean?", options=options) if len(options) > 1 else None


def _moment(past: Past, query: MetricQuery) -> MetricQuery:
    """The query of the one day, week or month that a ranking of periods found."""
    time = query.time
    grain = time.grain if time is not None else None
    if query.top is None or query.top.n != 1 or len(past.rows) != 1 or time is None or grain in (None, "hour"):
        return query
    said = past.rows[0].get(str(grain))
    try:
        unit = unit_at(date.fromisoformat(str(said)[:10]), grain)  # type: ignore[arg-type]
    except ValueError:
        return query
    return query.model_copy(update={"time": TimeWindow(column=time.column, start=unit.start, end=unit.end)})


def _subject(question: str) -> tuple[str, str] | None:
    """What is left of a question without the words that ask why, and the direction it takes for granted."""
    text = fold(question).strip().strip("?.! ")
    asked = _ASKED.match(text)
    if asked is None:
        return None
    rest = text[asked.end() :].strip(" ,:")
    changed = re.search(rf"\b{_CHANGE}\b", rest, re.I)
    bare = _BARE.match(rest) is not None
    if changed is None and not bare and not _NEEDS_NO_CHANGE.search(asked["lead"]):
        return None
    direction = _direction(changed.group(0)) if changed else ""
    rest = _VERB.sub(" ", _NOUN.sub(" ", _THAN.sub("compared with ", rest), count=1), count=1)
    rest = re.sub(r"\s+", " ", _HELPER.sub("", rest.strip())).strip(" ,")
    if asked["by"]:
        rest = f"{rest} by {asked['by']}"
    return rest, direction


def _direction(word: str) -> str:
    """Up or down; a turn for the worse is neither, as it is up for a cost and down for a profit."""
    if _JUDGING.search(word) or _LEVEL.fullmatch(word):
        return ""
    if re.fullmatch(_DOWN, word, re.I):
        return "down"
    return "up" if re.fullmatch(_UP, word, re.I) else ""


def _turned(decision: Decision, direction: str) -> Decision | None:
    """A plan for a figure as a plan to explain its change; None when it has no period or asks for something else."""
    if isinstance(decision, Clarify):
        plans = [_turned(Plan.model_validate({"kind": "plan", **o.patch}), direction) for o in decision.options]
        options = [
            Option(value=o.value, label=o.label, hint=o.hint, patch=p.model_dump(mode="json"))
            for o, p in zip(decision.options, plans, strict=True)
            if isinstance(p, Plan)
        ]
        return Clarify(question=decision.question, options=options) if len(options) > 1 else None
    query = metric_query(decision) if isinstance(decision, Plan) else None
    if query is None or not isinstance(decision, Plan):
        return None
    return _explanation(query, decision.assumptions, direction, decision.confidence)


def _explanation(query: MetricQuery, chips: list[Assumption], direction: str, confidence: float) -> Plan | None:
    time = query.time
    several = len(query.metrics) != 1 or query.top or query.having or query.transforms
    if several or time is None or not ((time.start and time.end) or time.last or time.to_date):
        return None
    compare = (query.compare or _usual_prior(time)).model_copy(update={"show": ("prev", "delta", "growth")})
    return Plan(
        intent="explain",
        steps={"s1": Step(tool="explain_change", args=explanation_args(query, compare), title="What moved the figure")},
        assumptions=[*(_carried(c, query) for c in chips), _compare_chip(compare)],
        confidence=confidence,
        hints={"metric": query.metrics[0].column, "asked": direction},
    )


def _usual_prior(time: TimeWindow) -> Compare:
    """What a period is held against: the one before, of a single day the same weekday, which has the same trade."""
    single = bool(time.last and time.last.n == 1 and time.last.unit == "day")
    if not single and isinstance(time.start, date) and isinstance(time.end, date):
        single = (time.end - time.start).days == 1
    return Compare(to="offset", n=1, unit="week") if single else Compare(to="previous_period")


def explanation_args(query: MetricQuery, compare: Compare) -> dict[str, Any]:
    """The arguments that explain a query's first figure over its period against another."""
    metric, time = query.metrics[0].model_copy(update={"alias": None}), query.time or TimeWindow()
    args: dict[str, Any] = {
        "metric": metric.model_dump(mode="json", exclude_defaults=True),
        "period": time.model_copy(update={"grain": None, "fill": True}).model_dump(mode="json", exclude_defaults=True),
        "compare": {"to": compare.to, **compare.model_dump(mode="json", exclude_defaults=True)},
    }
    if query.filters:
        args["filters"] = [f.model_dump(mode="json", exclude_defaults=True) for f in query.filters]
    if query.dimensions:
        args["by"] = [d.model_dump(mode="json", exclude_defaults=True) for d in query.dimensions]
    return args


def _carried(chip: Assumption, query: MetricQuery) -> Assumption:
    """A chip of the figure's plan, its options changed to reach into the explanation's arguments."""
    before = query.model_dump(mode="json", exclude_defaults=True)
    options = []
    for option in chip.options:
        patch = option.patch.get("steps", {}).get("s1", {}).get("args", {}).get("query")
        if patch is None:
            options.append(option)
            continue
        after = merge_patch(before, patch)
        metric, time = (after.get("metrics") or [{}])[0], after.get("time") or {}
        if not (time.get("end") or time.get("last") or time.get("to_date")):
            continue
        emptied = dict.fromkeys(("start", "end", "last", "to_date"))
        args = {
            "metric": {"metric": metric.get("metric")},
            "period": {**emptied, **{k: v for k, v in time.items() if k not in ("grain", "fill")}},
        }
        options.append(option.model_copy(update={"patch": {"steps": {"s1": {"args": args}}}}))
    return chip.model_copy(update={"options": options if len(options) > 1 else []})


def _compare_chip(compare: Compare) -> Assumption:
    """What the period is compared with."""
    weekly = (compare.to, compare.n, compare.unit) == _WEEK_BACK
    emptied = dict.fromkeys(("n", "unit", "start", "end"))
    options = [
        Option(value=to, label=label, patch={"steps": {"s1": {"args": {"compare": {**emptied, "to": to}}}}})
        for to, label in _STEPS.items()
    ]
    if weekly:
        options.insert(0, Option(value="offset", label=_WEEKDAY))
        return Assumption(key="compare", label="Compared with", value="offset", display=_WEEKDAY, options=options)
    shown = _STEPS.get(compare.to, "The other period named")
    return Assumption(key="compare", label="Compared with", value=compare.to, display=shown, options=options)


def _last_whole(query: MetricQuery, bench: Bench) -> TimeWindow | None:
    """The period of a query; of a course over time its last complete step."""
    time = query.time
    if time is None or time.grain is None or time.grain == "hour":
        return time
    span = bench.window(time)
    ends = [d for d in (span[1] if span else None, known_until(query, bench)) if d is not None]
    week_start = bench.model.calendar.first_weekday
    unit = unit_at(min(ends), time.grain, week_start)
    if unit.start is None or unit.end is None:
        return None
    if unit.end > min(ends):
        unit = unit_at(unit.start - timedelta(days=1), time.grain, week_start)
    return TimeWindow(column=time.column, start=unit.start, end=unit.end)


def known_until(query: MetricQuery, bench: Bench) -> date:
    """The first day that is not over yet, or that the data does not reach any more."""
    home = bench.home(query.metrics[0].metric)
    table = bench.model.tables.get(home) if home else None
    last = bench.context.profile.bounds(table.source, table.time.default)[1] if table and table.time else None
    today = bench.context.as_of.date()
    return min(today, last + timedelta(days=1)) if last else today
