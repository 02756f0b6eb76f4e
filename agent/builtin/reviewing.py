"""“Review our quarter”, “how are we doing?”, “prepare me for the board meeting”: open questions as a report to make."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from agent.brain import PlanContext
from agent.builtin import review_plan
from agent.builtin.ahead import turned
from agent.builtin.bench import Bench, metric_query
from agent.builtin.dates import Said, Today, read_period
from agent.builtin.days import day_label
from agent.builtin.insights import first_period
from agent.builtin.review_plan import Span, Subject
from agent.builtin.tell_review import DIRECT
from agent.builtin.text import fold, stem
from agent.builtin.why import known_until
from agent.plan import Assumption, Clarify, Decision, Option, Plan, Step
from warehouse.query import DimRef, MetricQuery

Planner = Callable[[PlanContext], Decision]

_POLITE = r"(?:(?:so|ok|okay|hey|hi|hello|please|and|can you|could you|would you|i want you to|let's|lets)[ ,]+)*"
_KINDS = (
    r"(?:(?:short|brief|full|quick|detailed|complete|thorough|proper|in[- ]depth|deep|little|overall|general|business"
    r"|management|executive|board|investor|company|performance|sales|financial|weekly|monthly|quarterly|annual|yearly"
    r"|year[- ]end|month[- ]end|quarter[- ]end|end[- ]of[- ](?:week|month|quarter|year)) )*"
)
_PAPER = (
    r"(?:reviews?|reports?|analysis|deep[- ]dives?|assessment|recap|status|status report|summary|write[- ]up"
    r"|briefing (?:paper|note|book|document)|pack|memo|update)"
)
_LEADS = {
    "review": re.compile(
        rf"^{_POLITE}(?:review|assess|evaluate|examine|look back (?:at|on)|look into|take stock of|dig into"
        r"|deep[- ]dive(?: into| on)?|do a deep[- ]dive (?:into|on)|analy[sz]e|investigate)\b"
    ),
    "paper": re.compile(
        rf"^{_POLITE}(?:(?:give|write|prepare|make|create|draft|get|put together|show|do|send|i need|i want|build"
        rf"|compile|produce|prepare for)(?: me| us)? )?(?:an? |the |our |my )?{_KINDS}{_PAPER}\b"
    ),
    "meeting": re.compile(
        rf"^{_POLITE}(?:(?:help|get|have|make) (?:me|us) (?:to )?)?(?:prepare|prep|ready|brief|i have|we have|what do i"
        r" (?:need|tell|say|present)|what should i (?:tell|say|present|report)|prepared?)\b"
        r".*?\b(?:board|management|investors?|shareholders?|leadership|team|staff|executive|quarterly|monthly|weekly|qbr"
        r"|all[- ]hands|town hall|steering)\b(?: (?:meeting|review|call|presentation|update|pack|committee|session))?"
    ),
    "doing": re.compile(
        rf"^{_POLITE}(?:tell me |do you know )?(?:how(?:'s| is| are| was| were| did| have| has| do)"
        r" (?:we|things|business|the business|our business|the company|our company|it|everything|the shop"
        r"|the store|the firm)(?: all| been)*(?: do(?:ing|ne)?| going| gone| go| perform(?:ing|ed)?| look(?:ing)?"
        r"| far(?:ing|ed)| run(?:ning)?| stand)?|how(?:'s| is| was| good was| good is| bad was| did)"
        r"(?= (?:our|the|last|this|my) (?:\w+ )?(?:week|month|quarter|year)\b)|where do we stand|what is the state of"
        r" (?:the |our )?business|(?:the )?state of (?:the |our )?business|what shape are we in)\b"
    ),
}
_VAGUE = re.compile(
    r"^(?:(?:of|on|about|for|with|into|in|at|the|our|my|all|this|overall|current|recent|so far|today|tomorrow|now|right"
    r"|lately|recently|been|doing|going|performance|results?|numbers|figures|kpis?|metrics|business|company|things"
    r"|everything|state|situation|position|data|trading|activity|an?|me|us|to|meeting|next|monday|tuesday|wednesday"
    r"|thursday|friday|what|i|need|tell|say|present|know|should|please|week"
    r"|month|quarter|year|go|look|looking|do|we|look like|like|and|by|s)\b ?)*$"
)
_LINKED = re.compile(r"^(?:of|on|about|for|with|into|in|at|the|our|my|all|to|performance of|how)\b ")
_UNIT = re.compile(
    r"\b(?:(?P<this>this|current|running) |(?:our|the|my|past|last) )?(?P<unit>week|month|quarter|year)\b"
)
_ADJECTIVE = re.compile(r"\b(?P<unit>week|month|quarter|year|annual)(?:ly|[- ]end)?\b")
_KNOWN_WORDS = ("review", "report", "analysis", "assessment", "summary", "status", "update", "pack", "memo")
_PERIODS = {
    "last week": "The last complete week", "last month": "The last complete month",
    "last quarter": "The last complete quarter", "this month": "This month so far",
    "this quarter": "This quarter so far", "this year": "This year so far",
}  # fmt: skip
_AGAINST = {"same_date_last_year": "The same period a year before", "previous_period": "The period before"}
_DAY_AGAINST = {"same_weekday_last_year": "The same weekday a year before", **_AGAINST}
_STALE_DAYS = 7
_At = tuple[Bench, Today]


def reviewed(context: PlanContext, planner: Planner) -> Decision | None:
    """The plan of a report for an open question; None for any other question."""
    text = " ".join(re.sub(r"[?!,.:;\"“”]", " ", fold(context.question).casefold()).split())
    found = next(((kind, hit) for kind, lead in _LEADS.items() if (hit := lead.match(text))), None)
    if found is None:
        return None
    kind, hit = found
    bench = Bench(context, planner)
    if kind in ("review", "paper") and any(bench.lexicon.lookup((stem(w),)) for w in _said_nouns(hit.group())):
        return None
    today = _today(bench)
    said, rest = _period(kind, hit.group(), text[hit.end() :], today)
    if said is None:
        return None
    rest = rest.strip()
    if _VAGUE.match(rest):
        query = review_plan.headline(bench)
        return _report(query, said, (bench, today), whole=True) if query is not None else None
    if kind in ("meeting", "doing"):
        return None
    while _LINKED.match(f"{rest} "):
        rest = _LINKED.sub("", f"{rest} ", count=1).strip()
    return _about(rest, said, (bench, today), strict=kind == "paper")


def deepened(context: PlanContext, planner: Planner, own: Decision) -> Decision:
    """What was decided on a question with a report around its figure; what has none stays as it is."""
    if isinstance(own, Plan) and own.hints.get("deep"):
        return own
    bench = Bench(context, planner)
    today = _today(bench)
    said = _last("month", today)
    made = turned(own, lambda plan: _beside_it(plan, said, (bench, today))) if said is not None else None
    return made if made is not None else own


def _beside_it(plan: Plan, said: Span, at: _At) -> Plan | None:
    """The plan's own step first, where it says more than one figure, then the report on that figure."""
    query = metric_query(plan)
    if query is None or not query.metrics:
        return None
    figure = MetricQuery(metrics=query.metrics[:1], filters=query.filters, dimensions=query.dimensions, time=query.time)
    alone = Step(tool="query_metrics", args={"query": figure.model_dump(mode="json", exclude_defaults=True)})
    report = _around(plan.model_copy(update={"steps": {"s1": alone}}), said, at)
    if report is None:
        return None
    if len(query.metrics) == 1 and not (query.dimensions or query.compare or (query.time and query.time.grain)):
        return report
    first = plan.steps["s1"].model_copy(update={"title": plan.steps["s1"].title or "The question itself"})
    hints = {**plan.hints, **report.hints}
    return report.model_copy(update={"steps": {DIRECT.replace("e", "s"): first, **report.steps}, "hints": hints})


def _said_nouns(lead: str) -> list[str]:
    """Words of the lead that this data may use for something of its own."""
    return [w for w in lead.split() if w.rstrip("s") in _KNOWN_WORDS]


def _today(bench: Bench) -> Today:
    """What today is; the end of the data where it ends long ago and nobody said what today means."""
    context, query = bench.context, review_plan.headline(bench)
    today = context.as_of.date()
    if context.as_of_given or query is None:
        return Today.by(context.model.calendar, today)
    until = known_until(query, bench)
    stale = (today - until).days > _STALE_DAYS
    return Today.by(context.model.calendar, until - timedelta(days=1) if stale else today, complete=stale)


def _period(kind: str, lead: str, rest: str, today: Today) -> tuple[Span | None, str]:
    """The period meant and the text without it: what was said, else the last complete unit that fits the occasion."""
    said, left = first_period(rest, today)
    if said is not None and (kind != "meeting" or _span(said, today) is not None):
        return _span(said, today), left
    rest = left if said is not None else rest  # the day of a meeting is no period to review
    hit = _UNIT.search(rest)
    if hit is not None:
        left = f"{rest[: hit.start()]} {rest[hit.end() :]}"
        return (_this if hit["this"] else _last)(hit["unit"], today), left
    adjective = _ADJECTIVE.search(lead)
    if adjective is not None:
        return _last("year" if adjective["unit"] == "annual" else adjective["unit"], today), rest
    if kind == "doing":
        return _this("month", today), rest
    return _last("quarter" if kind == "meeting" else "month", today), rest


def _last(unit: str, today: Today) -> Span | None:
    return _read(f"last {unit}", today)


def _this(unit: str, today: Today) -> Span | None:
    return _read(f"this {unit}", today)


def _read(words: str, today: Today) -> Span | None:
    found = read_period(words, today)
    return _span(found[0], today) if found is not None else None


def _span(said: Said, today: Today) -> Span | None:
    """The days of a period up to today; None for one that has not begun."""
    start, end = said.period.start, said.period.end
    first_open = today.day + timedelta(days=1 if today.complete else 0)
    if start is None or end is None or start >= first_open:
        return None
    running = end > first_open
    unit = said.period.unit or said.to_date or (said.span or said.count or (0, ""))[1] or _by_length((end - start).days)
    return Span(start, min(end, first_open), str(unit), running)


def _by_length(days: int) -> str:
    return "week" if days <= 14 else "month" if days <= 45 else "quarter" if days <= 120 else "year"


def _about(words: str, said: Span, at: _At, *, strict: bool) -> Decision | None:
    """A report on a figure, or on a part of the business when the words name no figure."""
    bench = at[0]
    decision = bench.plan(words)
    made = turned(decision, lambda plan: _around(plan, said, at, strict=strict))
    if made is not None:
        return made
    query = review_plan.headline(bench)
    if query is None or isinstance(decision, (Plan, Clarify)):
        return None
    found = bench.plan(f"{bench.metric_label(query.metrics[0]).casefold()} for {words}")
    return turned(found, lambda plan: _around(plan, said, at, strict=True))


def _around(plan: Plan, said: Span, at: _At, *, strict: bool = False) -> Plan | None:
    """A plan for one figure as a report on it; its own period counts, and its own split."""
    bench, today = at
    query = metric_query(plan)
    if query is None or len(query.metrics) != 1 or query.having or query.transforms:
        return None
    if not review_plan.dated(query, bench):
        return None
    if strict and (query.dimensions or query.top or (query.time and query.time.grain)):
        return None
    own = bench.window(query.time)
    first_open = today.day + timedelta(days=1 if today.complete else 0)
    if own is not None and own[0] < first_open:
        end = min(own[1], first_open)
        said = Span(own[0], end, _by_length((end - own[0]).days), own[1] > first_open)
    bare = MetricQuery(metrics=query.metrics, filters=query.filters)
    split = query.dimensions[-1] if query.dimensions and not query.dimensions[-1].grain else None
    kept = [c.model_copy(update={"options": []}) for c in plan.assumptions if c.key not in ("period", "today", "top")]
    return _report(bare, said, at, whole=False, split=split, chips=kept)


def _report(
    query: MetricQuery,
    said: Span,
    at: _At,
    *,
    whole: bool,
    split: DimRef | None = None,
    chips: Sequence[Assumption] = (),
) -> Plan:
    bench, today = at
    subject = Subject(query, review_plan.beside(query, bench, whole=whole), split, ahead=not today.complete)
    to = review_plan.reach_back(said, query, bench)
    steps = review_plan.steps(subject, said, to, bench)
    made = [*chips, _reading_chip(subject, bench, whole), _period_chip(subject, said, at)]
    made.append(_against_chip(subject, said, to, bench))
    if today.complete:
        shown = f"{day_label(today.day)}, the last day with data"
        made.append(Assumption(key="today", label="Today is taken as", value="data_end", display=shown))
    hints = {"deep": True, "metric": subject.lead.column}
    return Plan(intent="review", steps=steps, assumptions=made, confidence=0.85, hints=hints)


def _reading_chip(subject: Subject, bench: Bench, whole: bool) -> Assumption:
    label = bench.metric_label(subject.lead)
    about = f"the business by {label.lower()} and related figures" if whole else label.lower()
    shown = f"a review of {about}"
    return Assumption(key="reading", label="Read as", value="review", display=shown)


def _period_chip(subject: Subject, said: Span, at: _At) -> Assumption:
    """Which period is reviewed; the other choices are the usual ones."""
    bench, today = at
    options, current = [], None
    for words, label in _PERIODS.items():
        span = _read(words, today)
        if span is None:
            continue
        same = (span.start, span.end) == (said.start, said.end)
        current = words if same else current
        patch = {} if same else _steps_patch(subject, span, review_plan.reach_back(span, subject.query, bench), bench)
        options.append(Option(value=words, label=label, patch=patch))
    shown = bench.period_label(said.window()) or "The period asked for"
    if current is None:
        options.insert(0, Option(value="asked", label=shown))
    return Assumption(key="period", label="Looking at", value=current or "asked", display=shown, options=options)


def _against_chip(subject: Subject, said: Span, to: str, bench: Bench) -> Assumption:
    choices = _DAY_AGAINST if (said.end - said.start).days <= 1 else _AGAINST
    options = [
        Option(value=other, label=label, patch={} if other == to else _steps_patch(subject, said, other, bench))
        for other, label in choices.items()
    ]
    return Assumption(key="compare", label="Compared with", value=to, display=choices[to], options=options)


def _steps_patch(subject: Subject, span: Span, to: str, bench: Bench) -> dict[str, Any]:
    """The whole steps of the other choice, so that one change after another leaves nothing of the first behind."""
    made = review_plan.steps(subject, span, to, bench)
    return {"steps": {k: {"tool": s.tool, "title": s.title, "args": s.args} for k, s in made.items()}}
