"""What there is to tell at a moment, with one reader's rights: findings, why, what is ahead, goals, the figures.

Rows dated on or after the day of the moment are never looked at, so that a rehearsal sees what a live run saw.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from agent import claims
from agent.brain import PlanContext
from agent.briefing import briefing
from agent.builtin.planner import plan
from agent.factual import told
from agent.plan import Plan
from agent.view import WorkspaceView
from bots.digests.figures import MOST_FIGURES, Span, figures, ripe, skill
from bots.digests.moments import Grain
from bots.digests.recipe import Goal, Recipe
from store.errors import PlainsayError
from store.principal import Principal
from tools import registry
from tools.derive import number
from tools.evidence import Evidence, Fact, ResultTable
from tools.insights.panel import Reader as Panels
from tools.insights.scan import Asked, suited
from tools.insights.scope import Figure, Subject, subjects
from tools.series import day_of, floor, step
from warehouse.engines.base import Engine
from warehouse.query import DimRef, MetricRef

SECONDS = 110.0
"""Far more than a look takes: what is told must not depend on how busy the machine was."""
MOST_ITEMS = 8
_MOST_METRICS = 12
_HORIZON = {"day": "next 7 days", "week": "next 2 weeks"}
_OVER = {"day": "Over the next seven days", "week": "Over the next two weeks"}
_MIDDLE = 15
_EVERY = {"day": "every day", "week": "every week", "month": "every month", "quarter": "every quarter"}
_RARER = {"day": "weekly or monthly", "week": "monthly", "month": "quarterly", "quarter": "yearly"}
_BACK = "What should I know?"
_USUAL_WEEKS = 4
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Reader:
    """Whose eyes it is seen with, and when by their clock."""

    view: WorkspaceView
    principal: Principal
    engine: Engine
    wall: datetime

    def tools(self) -> registry.ToolContext:
        """What a tool may use on behalf of the reader."""
        view = self.view
        return registry.ToolContext(
            workspace=view.workspace, principal=self.principal, model=view.model, profile=view.profile,
            engine=self.engine, snapshot=view.snapshot, as_of=self.wall,
        )  # fmt: skip

    def plans(self) -> PlanContext:
        """What planning a question of the reader needs."""
        view = self.view
        return PlanContext(
            question="", model=view.model, profile=view.profile, values=view.values, principal=self.principal,
            as_of=self.wall, as_of_given=True,
        )  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing worth telling: `size` is by how much it moved (a ratio), for telling it again only when it grew."""

    identity: str
    kind: str
    tone: str
    direction: str
    impact: float
    size: float
    headline: str
    text: str
    question: str
    why: str = ""


@dataclass(frozen=True)
class Gathered:
    """Everything a digest may say, the same for all readers with equal rights; `through` is the last day with data."""

    period: str
    findings: tuple[Finding, ...] = ()
    quiet: str = ""
    ahead: str = ""
    goals: tuple[str, ...] = ()
    figures: tuple[dict[str, str], ...] = ()
    questions: tuple[str, ...] = ()
    through: date | None = None
    chart: dict[str, Any] | None = None
    reason: str = ""
    missing: date | None = field(default=None)


def gather(reader: Reader, recipe: Recipe, grain: Grain) -> Gathered:
    """Look over the last complete period. Too little data is a `reason`, not an error."""
    context = reader.tools()
    try:
        evidence = _insights(context, recipe, grain)
        every = _subjects(context, recipe, grain)
    except PlainsayError as error:
        if error.exit_code == 1 and error.retry == "as_is":
            raise
        return Gathered("", reason=error.message)
    if _nothing_compared(evidence):
        seldom = f"These figures come too seldom to be told {_EVERY[grain]}: a {_RARER[grain]} digest suits them."
        return Gathered("", reason=seldom, through=through(reader, every[0]))
    plans = reader.plans()
    findings = tuple(_with_why(f, reader, evidence) for f in _findings(evidence, plans))
    shown = _Shown.of(reader, recipe, grain, every)
    lead = shown.lead
    ahead = _ahead(reader, recipe, lead.ref.metric, grain)
    asked = {row[0]: row[1] for t in evidence.tables if t.kind == "params" for row in t.rows}
    return Gathered(
        period=str(asked.get("period") or ""), findings=findings, quiet=_quiet(evidence), ahead=ahead,
        goals=tuple(_goals(reader, recipe)), figures=shown.figures,
        questions=tuple(_questions(findings, plans, lead.label, ahead)), through=through(reader, every[0]),
        chart=_chart(evidence), missing=missing(reader, every[0]),
    )  # fmt: skip


def _insights(context: registry.ToolContext, recipe: Recipe, grain: Grain) -> Evidence:
    args: dict[str, Any] = {
        "grain": grain, "seconds": SECONDS, "workers": 1, "end": context.as_of.date(),
        "metrics": list(recipe.metrics[:_MOST_METRICS]), "by": list(recipe.by), "filters": list(recipe.filters),
    }  # fmt: skip
    return registry.get("insights").run(context, args)


def _nothing_compared(evidence: Evidence) -> bool:
    """Whether no figure had a usual course to be held against."""
    usual = next((f for f in evidence.facts if f.kind == "all_usual"), None)
    ref = usual.values.get("tested") if usual is not None else None
    table = next((t for t in evidence.tables if ref is not None and t.id == ref.table), None)
    return table is not None and ref is not None and str(table.value(ref.row, ref.column)) == "0"


def _subjects(context: registry.ToolContext, recipe: Recipe, grain: Grain) -> list[Subject]:
    """The tables with the figures of this digest, first those that matter most to it and come as often as it does."""
    metrics = tuple(MetricRef(metric=m) for m in recipe.metrics[:_MOST_METRICS])
    found = subjects(context, metrics, tuple(DimRef(field=f) for f in recipe.by), None)
    asked = Asked(grain, False, SECONDS, context.progress, 1, context.as_of.date())
    return suited(Panels(context, recipe.filters), found, asked)


@dataclass(frozen=True)
class _Shown:
    """The figure that leads, and the main figures as text: of the first table, and of others where it has but few."""

    lead: Figure
    figures: tuple[dict[str, str], ...]

    @classmethod
    def of(cls, reader: Reader, recipe: Recipe, grain: Grain, every: list[Subject]) -> _Shown:
        first, after = _period(reader, grain, through(reader, every[0]))  # the same one that the findings are of
        lead: Figure | None = None
        found: list[dict[str, str]] = []
        for subject in every:
            last = through(reader, subject)
            if (
                len(found) >= MOST_FIGURES
                or last is None
                or (subject is not every[0] and _period(reader, grain, last) != (first, after))
            ):
                continue
            span = Span(grain, first, after, last)
            chosen = ripe(reader, subject, span, recipe.filters) or list(subject.figures)
            if lead is None:
                lead = max(chosen, key=lambda f: (f.relevance, f.bottom is None))
                chosen = [lead, *(f for f in chosen if f is not lead)]
            found += figures(reader, subject, chosen[: MOST_FIGURES - len(found)], span, recipe.filters)
        return cls(lead or every[0].figures[0], tuple(found))


def _findings(evidence: Evidence, plans: PlanContext) -> Iterator[Finding]:
    facts = {f.identity: f for f in evidence.facts}
    tables = {t.id: t for t in evidence.tables}
    for item in briefing(evidence, plans, most=MOST_ITEMS):
        fact = facts[item.identity]
        yield Finding(
            _story(fact, tables), item.kind, item.tone, item.direction, item.impact, _size(fact, tables),
            item.headline, _named(written(fact, evidence), fact, tables), item.question,
        )  # fmt: skip


def _named(text: str, fact: Fact, tables: dict[str, ResultTable]) -> str:
    """A finding that says what its group is: of “Loan”, heard by itself, nobody knows that it is a finance type."""
    ref, field = fact.values.get("name"), fact.attributes.get("dimension", "")
    name = str(tables[ref.table].value(ref.row, ref.column)) if ref is not None else ""
    if not field or not name or set(_LETTERS.findall(field.casefold())) & set(_LETTERS.findall(name.casefold())):
        return text
    said = field if field[:2].isupper() else field[:1].lower() + field[1:]
    return text.replace(name, f"{name} ({said})", 1)


def _story(fact: Fact, tables: dict[str, ResultTable]) -> str:
    """What a finding is recognised by: a shift of shares is one story, in whichever figure it is seen first."""
    ref = fact.values.get("name")
    if fact.kind != "share_shift" or ref is None:
        return fact.identity
    said = f"{fact.kind}/{fact.attributes.get('dimension', '')}/{tables[ref.table].value(ref.row, ref.column)}"
    return hashlib.blake2s(said.casefold().encode(), digest_size=8).hexdigest()


def _size(fact: Fact, tables: dict[str, ResultTable]) -> float:
    for name in ("growth", "points", "gap"):
        ref = fact.values.get(name)
        found = number(tables[ref.table].value(ref.row, ref.column)) if ref else None
        if found is not None:
            return abs(float(found))
    return fact.impact


def _with_why(finding: Finding, reader: Reader, evidence: Evidence) -> Finding:
    """The first drivers behind a whole figure's move; the weightiest finding only, for that is what is read."""
    if finding.kind != "moved" or finding.identity != evidence.facts[0].identity:  # a move keeps its own identity
        return finding
    made = plan(reader.plans().asking(finding.question))
    step = (
        next((s for s in made.steps.values() if s.tool == "explain_change"), None) if isinstance(made, Plan) else None
    )
    found = skill(reader, "explain_change", step.args) if step is not None else None
    drivers = [f for f in found.facts if f.kind == "driver" and f.attributes.get("way") == "with"] if found else []
    drivers = [f for f in drivers if found is not None and complete(f, found)]
    if found is None or not drivers:
        return finding
    said = " ".join(written(f, found) for f in drivers[:2])
    return replace(finding, why=said)


def complete(fact: Fact, evidence: Evidence) -> bool:
    """Whether each value of a fact is there: “from 2.04 to nothing” explains nothing."""
    tables = {t.id: t for t in evidence.tables}
    return all(tables[r.table].value(r.row, r.column) is not None for r in fact.values.values())


def _ahead(reader: Reader, recipe: Recipe, metric: str, grain: Grain) -> str:
    horizon, over = _stretch(reader.wall.date(), grain)
    asked = {"metric": metric, "filters": list(recipe.filters), "horizon": horizon, "quick": True}
    found = skill(reader, "forecast", asked)
    if found is None or (found.quality is not None and found.quality.trust == "low"):
        return ""
    total = next((f for f in found.facts if f.kind == "forecast_total"), None)
    said = written(total, found) if total is not None else ""
    return f"{over}, {said if said[:2].isupper() else said[:1].lower() + said[1:]}" if said else ""


def _stretch(today: date, grain: Grain) -> tuple[str, str]:
    """What is looked ahead to, for the forecast and in words: a month by its name, the running one in its first half,
    for “next month”, read on the first, may mean either."""
    if grain == "quarter":
        return "next 3 months", "Over the next three months"
    if grain != "month":
        return _HORIZON[grain], _OVER[grain]
    running = today.day <= _MIDDLE
    first = today.replace(day=1) if running else day_of(step(today.replace(day=1), "month"))
    return ("this month" if running else "next month"), f"In {first:%B} {first.year}"


def _goals(reader: Reader, recipe: Recipe) -> Iterator[str]:
    for goal in recipe.goals:
        said = _pace(reader, goal)
        if said:
            yield said


def _pace(reader: Reader, goal: Goal) -> str:
    found = skill(reader, "pacing", goal.model_dump(exclude_none=True))
    kinds = ("pace", "projection", "chance")
    return " ".join(written(f, found) for f in found.facts if f.kind in kinds) if found is not None else ""


def _quiet(evidence: Evidence) -> str:
    """That nothing stands out; how much was compared is told where somebody asks."""
    asked = {row[0]: row[1] for t in evidence.tables if t.kind == "params" for row in t.rows}
    return f"Nothing stands out {asked.get('period') or ''}".strip() + "."


def written(fact: Fact, evidence: Evidence) -> str:
    """A fact as plain text, its amounts as short as a summary wants them."""
    rendered = claims.render(claims.Draft(((_brief(told(fact, evidence.tables)),),)), evidence.tables)
    return claims.LINK.sub(r"\1", rendered.text).replace("\\", "")


def _brief(pieces: Sequence[str | claims.Ref]) -> tuple[str | claims.Ref, ...]:
    """Amounts without decimals where they are large; what else is said stays as it is."""
    return tuple(replace(p, style="brief") if isinstance(p, claims.Ref) and p.style == "auto" else p for p in pieces)


def _questions(findings: tuple[Finding, ...], plans: PlanContext, figure: str, ahead: str) -> Iterator[str]:
    """Questions that this house can answer, each once."""
    wanted = [f.question for f in findings[:3] if f.question != _BACK]
    wanted += [f"Forecast {figure.lower()} for next month"] if ahead else []
    wanted += [f"{figure} by month"]
    for question in dict.fromkeys(wanted):
        if isinstance(plan(plans.asking(question)), Plan):
            yield question


def _chart(evidence: Evidence) -> dict[str, Any] | None:
    """The course of the weightiest finding with the rows it draws; `of` is its identity."""
    if not evidence.charts:
        return None
    chart = evidence.charts[0]
    table = next((t for t in evidence.tables if t.id == chart.table), None)
    if table is None:
        return None
    rows = [dict(zip((c.name for c in table.columns), row, strict=True)) for row in table.rows]
    fixed = {"title": chart.title, "alt": chart.alt, "spec": chart.spec, "table": table.id, "rows": rows}
    return {**fixed, "of": _story(evidence.facts[0], {t.id: t for t in evidence.tables})}


def _period(reader: Reader, grain: Grain, last: date | None) -> tuple[date, date]:
    """First day of the last complete period up to the last day with data, and the day after its last."""
    today = reader.wall.date() if last is None else min(reader.wall.date(), last + timedelta(days=1))
    if grain == "day":
        return today - timedelta(days=1), today
    end = floor(today, grain, reader.view.model.calendar.civil.first_weekday)
    return day_of(step(end, grain, -1)), day_of(end)


def through(reader: Reader, subject: Subject) -> date | None:
    """The last day before the moment that the data is known to reach."""
    table, _, column = subject.time.rpartition(".")
    _, last = reader.view.profile.bounds(reader.view.model.tables[table].source, column)
    return min(last, reader.wall.date() - timedelta(days=1)) if last is not None else None


def missing(reader: Reader, subject: Subject) -> date | None:
    """Yesterday, when it should have data and has none: that weekday had some in two of the last four weeks."""
    yesterday = reader.wall.date() - timedelta(days=1)
    last = through(reader, subject)
    if last is None or last >= yesterday:
        return None
    first = yesterday - timedelta(weeks=_USUAL_WEEKS)
    query = {
        "metrics": [{"metric": subject.sums[-1].metric}],
        "time": {"column": subject.time, "grain": "day", "start": first.isoformat(),
                 "end": datetime.combine(yesterday, time()).date().isoformat(), "fill": False},
    }  # fmt: skip
    found = skill(reader, "query_metrics", {"query": query})
    main = found.main() if found is not None else None
    days = {str(row[0])[:10] for row in main.rows} if main is not None else set()
    usual = sum((yesterday - timedelta(weeks=w)).isoformat() in days for w in range(1, _USUAL_WEEKS + 1))
    return yesterday if usual * 2 >= _USUAL_WEEKS else None
