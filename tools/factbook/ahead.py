"""Kinds of facts of the skills that look along time: forecasts, oddities, pacing, trends."""

from __future__ import annotations

from tools.factbook.kind import FactKind

_TONE = "good|bad|neutral"
_ODD = "{Metric}[ of {name}] {was} unusually {@direction:up=high|down=low}"
_RANGE = "low:amount high:amount level:text?"

KINDS: tuple[FactKind, ...] = (
    FactKind(
        "forecast_total", "forecast", "What a figure is expected to come to over the stretch asked for.",
        f"value:amount {_RANGE} growth:growth? so_far:amount? done_until:text? period:text? last_year:amount?",
        "{Metric} expected: {value}",
        "{Metric} {is} expected to {@way:total=come to|average=average} {value} (range {low}–{high}).",
        "{Metric} {is} expected to {@way:total=come to|average=average} {value} (range {low}–{high})"
        "[, {~growth:up|down|level} {growth} on a year earlier][; {so_far} of it had come in by {done_until}].",
        {"way": "total|average"},
    ),
    FactKind(
        "forecast_part", "forecast", "What one group is expected to come to.", f"name:member value:amount {_RANGE}",
        "{name}: {value} expected", "{Metric} of {name} {is} expected to come to {value} (range {low}–{high}).",
        attributes={"way": "total|average"},
    ),
    FactKind(
        "forecast_quality", "forecast", "How far old forecasts of this kind were off.",
        "total:share step:share better:share? baseline:share? held:share? backtests:count",
        "Off by {total} in backtests", "In {backtests} backtests the whole stretch was off by {total} on average.",
        "In {backtests} backtests the whole stretch was off by {total} on average and single periods by {step}.",
        {"beaten": "yes|no", "shown": "yes|no", "one_step": "yes|no", "steps": "", "baseline": "", "method": ""}, (),
    ),
    FactKind(
        "forecast_peak", "forecast", "The period expected to be the highest.", "name:period value:amount",
        "Highest: {name}", "The highest {@step:hour=hour|day=day|week=week|month=month|quarter=quarter|year=year} "
        "is likely to be {name} with {value}.",
        attributes={"step": "hour|day|week|month|quarter|year"}, segment=(),
    ),
    FactKind(
        "event_effect", "forecast", "A holiday or known event ahead, and what a day of it did before.",
        "name:text effect:growth", "{name}: {~effect:up|down|level} {effect} a day",
        "The forecast counts on {name}, whose days were {~effect:up|down|level} by {effect} before.",
        attributes={"way": "ratio|amount"},
    ),
    FactKind(
        "anomaly", "anomalies", "A stretch out of its usual course, with what was expected.",
        "start:period end:period actual:amount expected:amount low:amount high:amount gap:growth? name:member? "
        "cause:member? event:text?",
        "{Metric}[ of {name}] unusually {@direction:up=high|down=low}, {start}",
        _ODD + " from {start}: {actual} against {expected} expected.",
        _ODD + " from {start} to {end}: {actual} against {expected} expected "
        "(usual range {low}–{high})[, mostly {cause}].",
        {"kind": "spike|dip|level_shift|trend_change|silence", "direction": "up|down",
         "severity": "info|warning|critical", "tone": "good|bad|", "one": "yes|no", "lasting": "yes|no", "episode": ""},
    ),
    FactKind(
        "quiet", "anomalies", "Nothing is out of its usual course.",
        "period:text? series:count? rows:count? actual:amount? low:amount? high:amount?",
        "Nothing unusual in {metric}", "Nothing unusual in {metric}[; judged against {rows} periods of history].",
        attributes={"one": "yes|no", "steps": ""}, segment=(),
    ),
    FactKind(
        "reach", "reach", "When a goal is likely to be reached, or what it comes to as far as can be seen.",
        "goal:amount done:amount until:period at:period? early:period? late:period? end:amount last:period since:text",
        "{Metric}: {goal} [by {at}]",
        "{Metric} {was} {done} at the end of {until}; the goal of {goal} is [likely reached by {at}, ]"
        "[at the earliest {early}, ][at the latest {late}, ]and {end} is expected by {last}.",
        attributes={"state": "reached|ahead|beyond", "way": "total|level", "below": "yes|no", "step": "",
                    "ends": "yes|no"}, segment=(),
    ),
    FactKind(
        "pace", "pacing", "How much of a goal is done, and how much is usual by now.",
        "done:amount goal:amount expected:amount usual:share share:share gap:growth? until:text period:text days:count",
        "{Metric} {@state:ahead=ahead of|behind=behind|on=on|reached=past} plan",
        "{done} of {goal} is done; by now {expected} would be usual.",
        "{done} of {goal} ({share}) was done by {until}; by that day {usual} of a period is usually done, "
        "which would be {expected}.",
        {"state": "ahead|on|behind|reached|over", "shape": "usual|straight", "unit": "week|month|quarter|year",
        "tone": _TONE, "good": "up|down"},
        (),
    ),
    FactKind(
        "projection", "pacing", "Where the period is likely to end.", f"value:amount {_RANGE} gap:move? period:text",
        "Heading for {value}", "{Metric} {is} heading for {value} (range {low}–{high}).", segment=(),
    ),
    FactKind(
        "chance", "pacing", "How likely the goal is reached.", "p:share goal:amount",
        "Chance {p}", "The chance of reaching {goal} is about {p}.", attributes={"edge": "low|high|"}, segment=(),
    ),
    FactKind(
        "needed", "pacing", "What is needed a day until the end, beside what was reached so far.",
        "value:amount days:count so_far:amount best:amount? gap:growth?",
        "{value} a day needed", "It takes {value} a day over {#days:more day|more days}; so far it was {so_far} a day.",
        attributes={"reach": "within|stretch|beyond"}, segment=(),
    ),
    FactKind(
        "course", "trend", "Whether a figure rises or falls beyond its ups and downs, and how fast.",
        "rate:move first:amount last:amount change:growth? points:points? first_name:period last_name:period "
        "rows:count p:share name:member?",
        "{Metric}[ of {name}] {is} {@direction:up=rising|down=falling|flat=without a trend}",
        "{Metric}[ of {name}] {is} {@direction:up=rising|down=falling|flat=without a trend, moving}"
        "[ by about {rate} a "
        "{@grain:day=day|week=week|month=month|quarter=quarter}].",
        attributes={"direction": "up|down|flat", "grain": "day|week|month|quarter", "steps": "", "tone": _TONE},
    ),
    FactKind(
        "change_point", "trend", "The period since which a figure runs at another level.",
        "start:period before:amount after:amount change:growth? points:points? name:member?",
        "{Metric} at a new level since {start}",
        "Since {start} {metric}[ of {name}] {has} been running at about {after} instead of {before}"
        "[, {~change:up|down|level} {change}].",
        attributes={"direction": "up|down", "tone": _TONE, "grain": "day|week|month|quarter"},
    ),
    FactKind(
        "steady", "trend", "No break was found in the course of a figure.", "rows:count",
        "No break in {metric}",
        "I found no lasting change of level over {rows} {@steps:days=days|weeks=weeks|months=months"
        "|quarters=quarters}.",
        attributes={"steps": ""}, segment=(),
    ),
)  # fmt: skip
