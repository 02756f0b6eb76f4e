"""“What will revenue be next month?” and “anything unusual in orders?”: questions along time that a skill answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agent.brain import PlanContext
from agent.builtin.bench import metric_query
from agent.builtin.lexicon import lexicon_of
from agent.builtin.one_figure import only_figure
from agent.builtin.text import fold, stem
from agent.plan import Assumption, Clarify, Decision, Decline, Option, Plan, Step, merge_patch
from tools.forecasting.horizon import Target, find
from warehouse.model.bags import bag
from warehouse.query import MetricQuery

Planner = Callable[[PlanContext], Decision]

_FORECAST = re.compile(
    r"\b(?:(?:please |can you |could you )*(?:forecast|predict|project|estimate)(?:s|ed|ing)?"
    r"|(?:prediction|projection|forecast|outlook|estimate)s?(?: (?:of|for))?)\b"
)
_WILL = re.compile(r"\b(?:will|going to|'ll|expect(?:ed)?(?: to)?|likely to|shall)\b")
_COMING = re.compile(r"\b(?:next|coming|upcoming|tomorrow|rest of|remainder of)\b")
_WE = re.compile(
    r"\b(?:will|are|is|do|should|can)? ?(?:we|i|they|you) (?:going to |expect(?: to)? |likely to |will )?(\w+)"
)
_EMPTY_VERBS = bag("get have see receive be do expect reach need hit look")
_NOISE = re.compile(
    r"\b(?:will|shall|going to|likely to|expect(?:ed)?(?: to)?|be|come to|come in at|look like|look"
    r"|please|can you|could you|give me|show me|tell me|i want|i need|a|an|what|how|is|are|our|my|the|of|for|about"
    r"|like|do|does|you|think|in|over|during|through|then|daily course)\b"
)
_ARRANGED = re.compile(r"\b(?:scheduled|booked|planned|due|arranged|reserved|upcoming)\b")
_HOW_MUCH = re.compile(r"\bhow (?:much|many)\b")
_ODD_WORD = (
    r"anomal(?:y|ies|ous|ously)|outliers?|unusual(?:ly)?|abnormal(?:ly|ities|ity)?|odd(?:ly|ities)?|strange(?:ly)?"
    r"|weird(?:ly)?|irregular(?:ity|ities)?|suspicious(?:ly)?|out of (?:the ordinary|line)|not normal"
)
_ODD = re.compile(rf"\b(?:{_ODD_WORD})\b")
_ODD_NOISE = re.compile(
    r"^(?:(?:please|can|could|you|tell|me|show|find|detect|spot|list|check|look|scan|is|are|was|were|there|anything|any"
    r"|something|did|does|do|has|have|had|been|we|i|see|if|for|in|with|about|the|happen(?:ed|ing)?|what|which|days?"
    r"|an|a|of|our|on|to|values?|going|high|low|points?|look(?:s|ed)?)\b ?)+"
)
_ODD_TAIL = re.compile(
    r"\b(?:drop(?:ped)?|fall|fell|rise|rose|behav(?:e[ds]?|ing)|move[ds]?|values?|points?|look(?:s|ed)?)"
    r"(?=$| (?:in|on|during|this|last|over|since)\b)"
)
_NOUNS = {"sell": "sales", "earn": "revenue", "make": "revenue", "take": "revenue"}
_HEADLINES = ("revenue", "sales", "turnover", "amount", "orders", "transactions", "visits", "quantity")
_STEPS = re.compile(
    r"\b(?:for )?(?:the )?next (?P<n>\d{1,3}) (?:data ?)?(?:values?|periods?|points?|steps?|observations?)\b"
)
_HORIZONS = {"next 7 days": "7 days", "next 30 days": "30 days", "next 90 days": "90 days", "next month": "Next month",
             "until the end of the quarter": "To the end of the quarter"}  # fmt: skip
_DEFAULT = "next 30 days"


def along_time(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision on a question that asks for a forecast or for what is odd; None for any other question."""
    text = " ".join(re.sub(r"[?!]", " ", fold(context.question).casefold()).split()).rstrip(" .")
    lexicon = lexicon_of(context.model)
    odd = _ODD.search(text)
    if odd and not lexicon.lookup((stem(odd.group()),)):
        return _odd(text, context, planner)
    asks = _FORECAST.search(text)
    if asks and lexicon.lookup((stem(asks.group().split()[0]),)):
        return None
    steps = _STEPS.search(text)
    if steps and (asks or _COMING.search(text)):
        return _forecast(f"{text[: steps.start()]} {text[steps.end() :]}", None, context, planner, steps["n"])
    target = find(text, context.as_of.date(), rules=context.model.calendar)
    ahead = target is not None and target[0].end > context.as_of.date() and not _stored_ahead(text, context)
    if asks or (ahead and (_WILL.search(text) or _COMING.search(text))):
        return _forecast(text, target if ahead else None, context, planner)
    return None


def _stored_ahead(text: str, context: PlanContext) -> bool:
    """“appointments scheduled for next week”, where the data hold dates to come: those are known and no forecast."""
    if not _ARRANGED.search(text):
        return False
    profiles = (p for t in context.model.tables.values() if (p := context.profile.tables.get(t.source)) is not None)
    today = context.as_of.date().isoformat()
    return any(
        c.duckdb_type[:4] in ("DATE", "TIME") and (c.max or "") > today for p in profiles for c in p.columns.values()
    )


# forecast -------------------------------------------------------------------------------------------------------


def _forecast(
    text: str, found: tuple[Target, int, int] | None, context: PlanContext, planner: Planner, periods: str = ""
) -> Decision | None:
    said = text[found[1] : found[2]] if found else periods
    rest = f"{text[: found[1]]} {text[found[2] :]}" if found else text
    target = found[0] if found else None
    last: Decline | None = None
    subjects = _subjects(_FORECAST.sub(" ", rest))
    for subject in subjects:
        decision = planner(replace(context, question=subject, history=()))
        made = turned(decision, lambda plan: _forecast_plan(plan, said, target))
        if made is not None:
            return made
        last = decision if isinstance(decision, Decline) and decision.code == "not_understood" else None
        if last is None:
            break
    only = only_figure(context, subjects[-1])
    if only is not None:
        return _forecasting(only, [], said, target)
    return last


def _subjects(rest: str) -> list[str]:
    """The figure asked for, in words the planner reads: “how much will we sell” is “how much did we sell”."""
    rest = " ".join(rest.split())
    told = _WE.search(rest)
    found = []
    if told and told[1] in _NOUNS and "how much" in rest:
        found.append(" ".join(f"{_NOUNS[told[1]]} {rest[told.end() :]}".split()))
    elif told and told[1] not in _EMPTY_VERBS and _HOW_MUCH.search(rest):
        found.append(f"{rest[: told.start()].strip()} did we {told[1]} {rest[told.end() :].strip()}".strip())
    if told:
        rest = f"{rest[: told.start()]} {rest[told.end() :]}"
    counted = "how many " if re.search(r"\bhow many\b", rest) else ""
    bare = " ".join(_NOISE.sub(" ", _HOW_MUCH.sub(" ", rest)).replace(",", " ").split())
    return [*found, counted + bare, *([bare] if counted else [])]


def _forecast_plan(plan: Plan, said: str, target: Target | None) -> Plan | None:
    query = metric_query(plan)
    if query is None or not simple(query) or timed(query) or len(query.dimensions) > 1:
        return None
    made = _forecasting(shared_args(query), [c for c in plan.assumptions if c.key != "period"], said, target)
    chips = [*(carried(c, query) for c in made.assumptions[:-1]), made.assumptions[-1]]
    hints = {"metric": query.metrics[0].column}
    return made.model_copy(update={"assumptions": chips, "confidence": plan.confidence, "hints": hints})


def _forecasting(shared: dict[str, Any], chips: list[Assumption], said: str, target: Target | None) -> Plan:
    """A plan to look ahead; the last assumption is how far."""
    horizon = said.strip() or _DEFAULT
    args = shared | {"horizon": horizon}
    display = target.label if target else f"The next {horizon} periods" if horizon.isdigit() else "The next 30 days"
    options = [
        Option(value=h, label=label, patch={"steps": {"s1": {"args": {"horizon": h}}}})
        for h, label in {horizon: display, **_HORIZONS}.items()
    ]
    chip = Assumption(key="horizon", label="Looking ahead", value=horizon, display=display, options=options)
    return Plan(
        intent="forecast", steps={"s1": Step(tool="forecast", args=args, title="Looking ahead")},
        assumptions=[*chips, chip], confidence=0.8,
    )  # fmt: skip


# anomalies ------------------------------------------------------------------------------------------------------


def _odd(text: str, context: PlanContext, planner: Planner) -> Decision | None:
    rest = _ODD.sub(" ", text)
    rest = _ODD_NOISE.sub("", " ".join(rest.split()) + " ").strip()
    rest = " ".join(_ODD_TAIL.sub("", rest).split())
    headline = [f"{word} {rest}".strip() for word in _HEADLINES]
    last: Decision | None = None
    for subject in [rest, *headline] if rest else headline:
        decision = planner(replace(context, question=subject, history=()))
        made = turned(decision, _odd_plan)
        if made is not None:
            return made
        last = last or decision
    only = only_figure(context, rest)
    if only is not None:
        return Plan(intent="anomalies", steps={"s1": _odd_step(only)}, confidence=0.8)
    return last if isinstance(last, Decline) else None


def _odd_step(args: dict[str, Any]) -> Step:
    return Step(tool="anomalies", args=args, title="Looking for what is odd")


def _odd_plan(plan: Plan) -> Plan | None:
    query = metric_query(plan)
    if query is None or not simple(query) or len(query.dimensions) > 1:
        return None
    args = shared_args(query)
    if query.time is not None and timed(query):
        window = query.time.model_copy(update={"grain": None, "fill": True})
        args["time"] = window.model_dump(mode="json", exclude_defaults=True)
    return Plan(
        intent="anomalies", steps={"s1": _odd_step(args)},
        assumptions=[carried(c, query) for c in plan.assumptions], confidence=plan.confidence,
        hints={"metric": query.metrics[0].column},
    )  # fmt: skip


# both -----------------------------------------------------------------------------------------------------------


def simple(query: MetricQuery) -> bool:
    """Whether a query asks for one figure as it is: no ranking, no comparison, nothing worked out from it."""
    return len(query.metrics) == 1 and not (query.top or query.having or query.transforms or query.compare)


def timed(query: MetricQuery) -> bool:
    """Whether a query names a period."""
    time = query.time
    return time is not None and bool(time.start or time.end or time.last or time.to_date)


def shared_args(query: MetricQuery) -> dict[str, Any]:
    """What a metric query and a skill along time have in common."""
    metric = query.metrics[0].model_copy(update={"alias": None})
    args: dict[str, Any] = {"metric": metric.model_dump(mode="json", exclude_defaults=True)}
    if query.filters:
        args["filters"] = [f.model_dump(mode="json", exclude_defaults=True) for f in query.filters]
    if query.dimensions:
        args["by"] = query.dimensions[0].model_dump(mode="json", exclude_defaults=True)
    if query.time is not None and query.time.column:
        args["time_column"] = query.time.column
    if query.time is not None and query.time.grain in ("hour", "day", "week", "month", "quarter", "year"):
        args["grain"] = query.time.grain
    return args


def turned(decision: Decision, made: Callable[[Plan], Plan | None]) -> Decision | None:
    """A plan for a figure, or each option of a question back, as a plan for the skill."""
    if isinstance(decision, Clarify):
        plans = [made(Plan.model_validate({"kind": "plan", **o.patch})) for o in decision.options]
        options = [
            o.model_copy(update={"patch": p.model_dump(mode="json")})
            for o, p in zip(decision.options, plans, strict=True)
            if p is not None
        ]
        return Clarify(question=decision.question, options=options) if len(options) > 1 else None
    return made(decision) if isinstance(decision, Plan) else None


def carried(chip: Assumption, query: MetricQuery) -> Assumption:
    """A chip of the figure's plan, its options changed to reach into the skill's arguments."""
    before = query.model_dump(mode="json", exclude_defaults=True)
    options = []
    for option in chip.options:
        patch = option.patch.get("steps", {}).get("s1", {}).get("args", {}).get("query")
        if patch is None:
            options.append(option)
            continue
        after = merge_patch(before, patch)
        args: dict[str, Any] = {"metric": {"metric": (after.get("metrics") or [{}])[0].get("metric")}}
        if chip.key == "period":
            kept = {k: v for k, v in (after.get("time") or {}).items() if k in ("start", "end", "last", "to_date")}
            args = {"time": {**dict.fromkeys(("start", "end", "last", "to_date")), **kept} if kept else None}
        options.append(option.model_copy(update={"patch": {"steps": {"s1": {"args": args}}}}))
    return chip.model_copy(update={"options": options if len(options) > 1 else []})
