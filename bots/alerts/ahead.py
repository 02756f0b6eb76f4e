"""Rules that ask a skill: is the figure out of its range, will the period end beyond a level, is a goal in danger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from agent.claims import Ref
from agent.factual import figure_name, plural
from bots.alerts.course import Course, Target, course
from bots.alerts.figures import latest, points
from bots.alerts.reading import Looked, Reading, worse
from bots.alerts.rule import Anomaly, ForecastBreach, GoalPace, Severity
from bots.alerts.sheet import Sheet, named
from bots.digests.gather import Reader, written
from bots.digests.then import profile
from store.errors import NotEnough, PlainsayError
from tools import registry
from tools.derive import number
from tools.evidence import Evidence, Fact
from tools.insights.panel import Reader as Panels
from tools.insights.ripening import unripe_days
from tools.insights.scope import span, subjects
from tools.series import day_of, floor, step
from warehouse.query import MetricRef

_HOPELESS = 0.05
_FAR = 0.25


def anomaly(reader: Reader, rule: Anomaly) -> Looked:
    """Which segments are out of the range that their own history leads to expect."""
    reader = _ripe(reader, rule)
    found = course(reader, Target(rule.metric, rule.filters, rule.by, rule.grain))
    label = found.measure.label
    if not found.judged:
        return Looked((), found.waiting, latest(found), label, points(found))
    rounds: list[tuple[Reading, ...]] = []
    for at in found.judged:
        try:
            evidence = _scanned(reader, rule, found, at)
        except NotEnough as error:
            if error.code != "late_data":
                raise
            return Looked(tuple(rounds), error.message, latest(found), label, points(found))
        rounds.append(tuple(_odd(found, rule, evidence, at)))
    return Looked(tuple(rounds), found.waiting, latest(found), label, points(found))


def _ripe(reader: Reader, rule: Anomaly) -> Reader:
    """The reader, for a figure that goes on filling after its day (stays that have not ended) as of the day up to
    which it does not: the newest ones are low on every day."""
    context = reader.tools()
    try:
        subject = subjects(context, (MetricRef(metric=rule.metric),), (), None)[0]
        bounds = span(context, subject, reader.wall.date())
        days = unripe_days(Panels(context, rule.filters), subject, bounds[1])[0] if bounds is not None else 0
    except PlainsayError:
        return reader
    if not days:
        return reader
    earlier = replace(reader, wall=reader.wall - timedelta(days=days))
    return replace(earlier, view=replace(earlier.view, profile=profile(earlier)))


def _scanned(reader: Reader, rule: Anomaly, found: Course, at: int) -> Evidence:
    start, after = found.starts[at], found.end(at) + timedelta(days=1)
    args: dict[str, Any] = {
        "metric": rule.metric, "filters": list(rule.filters), "grain": rule.grain,
        "time": {"start": start.isoformat(), "end": after.isoformat()},
    }  # fmt: skip
    if rule.by:
        args["by"] = {"field": rule.by}
    return registry.get("anomalies").run(reader.tools(), args)


def _odd(found: Course, rule: Anomaly, evidence: Evidence, at: int) -> list[Reading]:
    """A reading for each episode that is bad enough, and one for each segment that is as usual."""
    main = evidence.main()
    day = found.end(at).isoformat()
    odd: dict[str, Reading] = {}
    for row in main.rows if main is not None else []:
        cell = dict(zip((c.name for c in main.columns), row, strict=True)) if main is not None else {}
        up = (number(cell["actual"]) or 0) > (number(cell["expected"]) or 0)
        wanted = rule.direction == "either" or (rule.direction == "above") == up
        if wanted and not worse(rule.least, cell["severity"]):
            made = _episode(found, cell, day, up=up)
            odd.setdefault(made.member, made)
    sheet = Sheet(found.measure)
    rest = [m for m in found.values if m not in odd and not (m == "" and rule.by)]
    calm = [Reading(m, False, day, over=sheet.write(*named(found.measure.label, sheet, m), _back(found))) for m in rest]
    return [*odd.values(), *calm]


def _back(found: Course) -> str:
    return f" {'are' if plural(found.measure.label) else 'is'} back in the usual range."


def _episode(found: Course, cell: dict[str, Any], day: str, *, up: bool) -> Reading:
    member = "" if cell["of"] == "Everything" else str(cell["of"])
    sheet, grain = Sheet(found.measure), found.target.grain
    actual, expected, low, high = (float(number(cell[n]) or 0) for n in ("actual", "expected", "low", "high"))
    were = "were" if plural(found.measure.label) else "was"
    start, end = date.fromisoformat(cell["start"]), date.fromisoformat(cell["end"])
    when: list[str | Ref] = [" from ", sheet.period(start, grain), " to ", sheet.period(end, grain)]
    when = when if start < end else [" on " if grain == "day" else " in ", sheet.period(start, grain)]
    cause: list[str | Ref] = [", mostly ", sheet.name(str(cell["cause"]))] if cell.get("cause") else []
    event: list[str | Ref] = ["; ", sheet.name(str(cell["event"])), " was on"] if cell.get("event") else []
    text = sheet.write(
        *named(found.measure.label, sheet, member), f" {were} unusually {'high' if up else 'low'}", *when, ": ",
        sheet.amount(actual), " against ", sheet.amount(expected), " expected", *cause, *event, ".",
    )  # fmt: skip
    over = sheet.write(*named(found.measure.label, sheet, member), _back(found))
    silence = sheet.write(
        "Usual is ", sheet.amount(low), " to ", sheet.amount(high),
        "; say “that is usual” in a conversation about it, and such values are no longer told.",
    )  # fmt: skip
    good = found.measure.good
    tone = "neutral" if good is None else "good" if (good == "up") == up else "bad"
    severity: Severity = cell["severity"]
    name = figure_name(found.measure.label)
    question = f"Was anything unusual in {name} in {end:%B %Y}?"
    gap = abs(actual - expected) / max(abs(expected), 1e-9)
    return Reading(member, True, day, severity, gap, text, tone, silence, over, question, up=up)


def forecast(reader: Reader, rule: ForecastBreach) -> Looked:
    """Whether the running period is expected to end beyond the level, with the level outside the 80 % range."""
    today = reader.wall.date()
    week_start = reader.view.model.calendar.civil.first_weekday
    start = day_of(floor(today, rule.period, week_start))
    end = day_of(step(start, rule.period))
    args = {"metric": rule.metric, "filters": list(rule.filters), "start": start, "end": end,
            "quick": True}  # fmt: skip
    evidence = registry.get("forecast").run(reader.tools(), args)
    fact = next((f for f in evidence.facts if f.kind == "forecast_total"), None)
    if fact is None or (evidence.quality is not None and evidence.quality.trust == "low"):
        return Looked(waiting="The forecast is too uncertain to act on.")
    cells = {n: float(number(_value(fact, evidence, n)) or 0) for n in ("value", "low", "high")}
    below = rule.direction == "below"
    holds = cells["high"] < rule.level if below else cells["low"] > rule.level
    measure = next(c for t in evidence.tables for c in t.columns if c.role == "measure")
    label = fact.metric or measure.label
    sheet = Sheet(measure)
    head = f"{figure_name(label, start=True)} {'are' if plural(label) else 'is'} "
    span: list[str | Ref] = [" (range ", sheet.amount(cells["low"]), "–", sheet.amount(cells["high"]), ")"]
    text = sheet.write(head, "heading for ", sheet.amount(cells["value"]), *span, f" by the end of this {rule.period}",
                       f", {rule.direction} your limit of ", sheet.amount(rule.level), ".")  # fmt: skip
    over = sheet.write(head, "no longer expected to end ", f"{rule.direction} ", sheet.amount(rule.level),
                       f" this {rule.period}: ", sheet.amount(cells["value"]), *span, ".")  # fmt: skip
    edge = cells["high"] if below else cells["low"]
    silence = sheet.write("It goes quiet when the range reaches ", sheet.amount(rule.level), "; now it ends at ",
                          sheet.amount(edge), ".")  # fmt: skip
    gap = abs(cells["value"] - rule.level) / max(abs(rule.level), 1e-9)
    tone = "neutral" if measure.good is None else "good" if (measure.good == "up") != below else "bad"
    day = (today - timedelta(days=1)).isoformat()
    reading = Reading("", holds, day, "critical" if gap > _FAR else "warning", gap, text, tone,
                      silence if holds else "", over, f"Forecast {figure_name(label)} for next month",
                      began=start.isoformat())  # fmt: skip
    return Looked(((reading,),), shown=sheet.write(head, "heading for ", sheet.amount(cells["value"]), *span, "."),
                  label=label)  # fmt: skip


def goal(reader: Reader, rule: GoalPace) -> Looked:
    """Whether the chance to reach the goal is below what the rule bears."""
    args = rule.model_dump(include={"metric", "goal", "growth", "period"}, exclude_none=True)
    evidence = registry.get("pacing").run(reader.tools(), {**args, "filters": list(rule.filters)})
    facts = {f.kind: f for f in evidence.facts}
    label = facts["pace"].metric or rule.metric
    if "chance" not in facts:
        return Looked(waiting="The period is over.", shown=written(facts["pace"], evidence), label=label)
    chance = float(number(_value(facts["chance"], evidence, "p")) or 0)
    said = " ".join(written(facts[k], evidence) for k in ("pace", "projection", "chance") if k in facts)
    sheet = Sheet()
    holds = chance < rule.chance
    silence = sheet.write("You hear of it while the chance is below ", sheet.share(rule.chance), ".")
    severity: Severity = "critical" if chance < _HOPELESS else "warning"
    day = (reader.wall.date() - timedelta(days=1)).isoformat()
    over = sheet.write(f"The goal for {figure_name(label)} is within reach again: the chance is about ",
                       sheet.share(chance), ".")  # fmt: skip
    text = f"The goal for {figure_name(label)} is in danger. {said}"
    question = f"Forecast {figure_name(label)} for next month"
    reading = Reading("", holds, day, severity, 1 - chance, text, "bad", silence if holds else "", over, question,
                      began=_began(reader, rule.period))  # fmt: skip
    return Looked(((reading,),), shown=said, label=label)


def _began(reader: Reader, period: str) -> str:
    """The first day of the running period."""
    return day_of(floor(reader.wall.date(), period, reader.view.model.calendar.civil.first_weekday)).isoformat()


def _value(fact: Fact, evidence: Evidence, name: str) -> Any:
    ref = fact.values[name]
    table = next(t for t in evidence.tables if t.id == ref.table)
    return table.value(ref.row, ref.column)
