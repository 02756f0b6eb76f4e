"""Kinds of facts about what the same people do over time: who comes back, how long they stay, where they drop out."""

from __future__ import annotations

from tools.factbook.kind import FactKind

_WHO = {"one": "", "many": "", "deed": ""}
_AGE = _WHO | {"unit": "day|week|month|quarter", "returned": "during|after|within|on_day", "age": ""}
_PLACES = "best|worst|other|first"
_RATE = "rate:share low:share high:share size:count"

KINDS: tuple[FactKind, ...] = (
    FactKind(
        "retention", "cohorts", "The share of newcomers who came back at the age asked for.",
        f"{_RATE} returned:count age:count", "{rate} came back",
        "{rate} came back (range {low}–{high}, {size} newcomers).", attributes=_AGE, segment=(),
    ),
    FactKind(
        "retention_at", "cohorts", "The share of newcomers active at another age.", "age:count rate:share",
        "{rate} in {@unit:day=day|week=week|month=month|quarter=quarter} {age}",
        "In {@unit:day=day|week=week|month=month|quarter=quarter} {age} it was {rate}.", attributes=_AGE,
        segment=("age",),
    ),
    FactKind(
        "retention_trend", "cohorts", "Whether later newcomers come back more often than earlier ones.",
        "early:share late:share early_name:period late_name:period",
        "Retention {@direction:up=rises|down=falls|none=shows no trend}",
        "Retention {@direction:up=rises|down=falls|none=shows no trend}: {early} for {early_name}, {late} for "
        "{late_name}.",
        attributes={"direction": "up|down|none", "new": "yes|no"}, segment=(),
    ),
    FactKind(
        "retention_group", "cohorts", "How many of one group of newcomers came back.", f"name:member {_RATE}",
        "{name}: {rate} came back", "{name}: {rate} came back (range {low}–{high}).",
        attributes=_AGE | {"place": _PLACES},
    ),
    FactKind(
        "retention_compare", "cohorts", "How far groups of newcomers differ in coming back.",
        "difference:points low:points high:points", "Difference {difference}",
        "They differ by {difference} ({@sure:yes=more than chance|no=this can be chance}).",
        attributes={"sure": "yes|no", "many": "yes|no", "kind": "groups|windows", "direction": "up|down"}, segment=(),
    ),
    FactKind(
        "cohort_value", "cohorts", "What a newcomer has brought up to an age.",
        "amount:amount age:count first:amount",
        "{amount} per newcomer by {@unit:day=day|week=week|month=month|quarter=quarter} {age}",
        "A newcomer brings {first} at once and {amount} by "
        "{@unit:day=day|week=week|month=month|quarter=quarter} {age}.",
        attributes={"one": "", "unit": "day|week|month|quarter"}, segment=(),
    ),
    FactKind(
        "stay_half", "survival", "The time after which half are gone.", "months:amount? low:amount? high:amount?",
        "[Half gone after {months} months]", "[Half are gone after {months} months.]",
        attributes=_WHO | {"reached": "yes|no"}, segment=(),
    ),
    FactKind(
        "stay_share", "survival", "The share still there after so many months.",
        "months:count share:share low:share high:share", "{share} after {months} months",
        "{share} are still there after {months} months (range {low}–{high}).",
        attributes=_WHO | {"reached": "yes|no", "length": "none|some"}, segment=("months",),
    ),
    FactKind(
        "stay_group", "survival", "How long one group stays.",
        "name:member size:count months:count share:share low:share high:share", "{name}: {share} after {months} months",
        "{name}: {share} are still there after {months} months.", attributes={"place": _PLACES, "many": ""},
    ),
    FactKind(
        "stay_compare", "survival", "Whether groups differ in how long they stay.", "groups:count",
        "{@sure:yes=They differ|no=No clear difference}",
        "The {groups} groups {@sure:yes=differ by more than chance|no=may differ by chance alone}.",
        attributes={"sure": "yes|no"}, segment=(),
    ),
    FactKind(
        "funnel_whole", "funnel", "How many of those who began got to the last step.",
        "rate:share low:share high:share began:count reached:count first:text last:text",
        "{rate} from {first} to {last}", "{rate} of those at “{first}” got to “{last}” ({reached} of {began}).",
        attributes={"many": "", "window": "yes|no"}, segment=(),
    ),
    FactKind(
        "funnel_step", "funnel", "How many went on from one step to the next.",
        "from:text name:text rate:share low:share high:share reached:count lost:count", "{from} → {name}: {rate}",
        "{rate} went on from “{from}” to “{name}”; {lost} did not.", attributes={"many": "", "drop": "biggest|other"},
    ),
    FactKind(
        "funnel_time", "funnel", "How long a step takes.", "name:text median:text slow:text",
        "{name}: {median}",
        "From the step before to “{name}” it takes {median} in the middle; one in ten takes {slow} or more.",
    ),
    FactKind(
        "funnel_group", "funnel", "How one group goes through a funnel.",
        "name:member rate:share low:share high:share began:count step:text? step_rate:share? step_all:share?",
        "{name}: {rate}",
        "{name}: {rate} got through (range {low}–{high}).", attributes={"place": _PLACES, "sure": "yes|no"},
    ),
    FactKind(
        "funnel_change", "funnel", "How a funnel changed against another period, and at which step.",
        "before:share after:share difference:points low:points high:points step:text? step_before:share? "
        "step_after:share?",
        "Conversion {@direction:up=up|down=down|flat=level}",
        "Conversion went from {before} to {after}[, most of it at “{step}”: {step_before} to {step_after}].",
        attributes={"direction": "up|down|flat", "sure": "yes|no"}, segment=(),
    ),
    FactKind(
        "funnel_mix", "funnel", "A change of conversion split into the groups' own rates and the shift between them.",
        "dimension:text rate:points mix:points", "Mix {mix}, own rates {rate}",
        "By {dimension}, the groups' own rates made {rate} and the shift between them {mix}.", segment=(),
    ),
)  # fmt: skip
