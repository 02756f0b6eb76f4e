"""Kinds of facts about changes: explained ones, and those that were found without being asked for."""

from __future__ import annotations

from tools.factbook.kind import FactKind

_WHY = "explain_change"
_FOUND = "insights"
_MOVED = "before:amount after:amount growth:growth? points:points? period:text prior:text"
_ROSE = "{@direction:up=rose|down=fell}"
_WHOLE = "[, while the whole {~whole:rose|fell|stood still} {whole}]"
_BY = "[ by {points}][ by {growth}]"
_BACK = "{@back:dip=, back where it was before a dip|peak=, back where it was before a peak}"
_SAID = {
    "direction": "up|down",
    "tone": "good|bad|neutral",
    "also": "",
    "grain": "day|week|month|quarter",
    "back": "dip|peak|no",
}

KINDS: tuple[FactKind, ...] = (
    FactKind(
        "explained_change", _WHY, "The change that is explained.",
        "before:amount after:amount change:move growth:growth?",
        "{Metric} {~change:up|down|level}[ {growth}]", "{Metric} went from {before} to {after} ({change}).",
        attributes={"direction": "up|down|flat", "usual": "inside|outside|unknown", "spread": "yes|no",
                    "tone": "good|bad|neutral"},
    ),
    FactKind(
        "driver", _WHY, "A group that moved, and what it contributed.",
        "name:member before:amount after:amount contribution:move share:share",
        "{name}: {contribution}", "{name} contributed {contribution}, from {before} to {after}.",
        attributes={"status": "there|new|gone", "way": "with|against"},
    ),
    FactKind("unexplained", _WHY, "Everything beside the drivers; with them it adds up to the change.",
             "contribution:move share:share", "Everything else: {contribution}",
             "Everything else together comes to {contribution}.", segment=()),
    FactKind(
        "change_usual", _WHY, "Of how many earlier changes how many were as large.",
        "larger:count compared:count low:growth? high:growth?", "{larger} of {compared} earlier changes were as large",
        "Of {#compared:earlier change|earlier changes}, {larger} were at least as large.",
        attributes={"inside": "yes|no"}, segment=(),
    ),
    FactKind("mix_rate", _WHY, "A ratio's change by the weights of its groups and by their own rates.",
             "dimension:text mix:move rate:move", "Rates {rate}, mix {mix}",
             "Split by {dimension}, the rates made {rate} and the shift between groups {mix}.", segment=("dimension",)),
    FactKind("factor", _WHY, "A figure that the explained one is made of; the effects of all add up to the change.",
             "name:text growth:growth? effect:move",
             "{name}: {effect}", "{name} [{~growth:rose|fell|stayed level} {growth} and ]made {effect} of the change.",
             attributes={"tree": "given|obvious"}),
    FactKind("factor_below", _WHY, "A figure further down the driver tree; with its siblings it makes up `of`.",
             "name:text of:text growth:growth? effect:move", "{name}: {effect}",
             "Within {of}, {name} [{~growth:rose|fell|stayed level} {growth} and ]made {effect} of the change."),
    FactKind("newcomer", _WHY, "A member of one of the two periods only.", "name:member contribution:move",
             "{name}: {contribution}",
             "{name} is {@status:new=new|gone=no longer there} and made {contribution}.",
             attributes={"status": "new|gone"}),
    FactKind("calendar_effect", _WHY, "What other weekdays and another number of days do alone.",
             "effect:move days_before:count days_after:count weekend_before:count weekend_after:count",
             "Calendar: {effect}", "The calendar alone would have moved {metric} by about {effect}.", segment=()),
    FactKind("known_event", _WHY, "A holiday or known event with unlike days in both periods, and what they brought.",
             "name:text effect:move days_before:count days_after:count", "{name}: {effect}",
             "{name} was on for {#days_after:day|days}, {days_before} before, and brought {effect} beside usual days."),
    FactKind(
        "moved", _FOUND, "A whole figure changed by more than it usually does.", _MOVED + " cause:member?",
        "{Metric} {@direction:up=up|down=down}[ {growth}][ {points}]",
        "{Metric} " + _ROSE + _BY + " to {after} {period}" + _BACK + "[, mostly {cause}].",
        "{Metric} " + _ROSE + _BY + " to {after} {period}, against {prior} ({before})" + _BACK + "[, mostly {cause}].",
        _SAID, (),
    ),
    FactKind(
        "stands_out", _FOUND, "A group moved unlike the whole it is part of.",
        "name:member " + _MOVED + " whole:growth? cause:member?",
        "{name}: {metric} {@direction:up=up|down=down}[ {growth}][ {points}]",
        "{Metric} of {name} " + _ROSE + _BY + " to {after} {period}" + _BACK + _WHOLE + ".",
        "{Metric} of {name} " + _ROSE + _BY + " to {after} {period}, against {prior} ({before})"
        + _BACK + _WHOLE + "[; most of it came from {cause}].",
        _SAID | {"dimension": ""},
    ),
    FactKind(
        "share_shift", _FOUND, "A group's share of the whole moved over a year.",
        "name:member before:share after:share points:points period:text prior:text cause:member?",
        "{name}: {after} of {metric}, was {before}",
        "{name} now stands for {after} of {metric}, {@direction:up=up|down=down} from {before} a year earlier"
        "[, {@direction:up=mostly taken from|down=mostly gone to} {cause}].",
        attributes=_SAID | {"dimension": ""},
    ),
    FactKind(
        "appeared", _FOUND, "A group that was never there before.", "name:member after:amount share:share period:text",
        "New: {name}", "{name} is new {period}: {after}, {share} of {metric}.",
        attributes=_SAID | {"dimension": ""},
    ),
    FactKind(
        "vanished", _FOUND, "A group that was always there and is gone.",
        "name:member before:amount share:share period:text",
        "Gone: {name}",
        "{name} has no {metric} {period}; before it brought about {before} a "
        "{@grain:day=day|week=week|month=month|quarter=quarter}, {share} of the whole.",
        attributes=_SAID | {"dimension": ""},
    ),
    FactKind(
        "concentrated", _FOUND, "How much of the whole the largest groups make up, and how that changed.",
        "by:text before:share after:share points:points period:text",
        "Three largest: {after} of {metric}",
        "The three largest members of {by} hold {after} of {metric}, {@direction:up=up|down=down} from {before} "
        "a year earlier.",
        attributes=_SAID | {"dimension": ""},
    ),
    FactKind(
        "odd_day", _FOUND, "A single day far out of its usual course.",
        "name:period actual:amount expected:amount low:amount high:amount gap:growth? period:text",
        "{Metric} unusually {@direction:up=high|down=low}, {name}",
        "{Metric} on {name} {was} {actual}, unusually {@direction:up=high|down=low} (usual range {low}–{high}).",
        attributes=_SAID, segment=(),
    ),
    FactKind(
        "all_usual", _FOUND, "Nothing changed by more than it usually does.",
        "metrics:count dimensions:count tested:count period:text",
        "Nothing stands out",
        "Nothing stands out {period}: I compared {#tested:figure|figures} with their usual course.",
        segment=(),
    ),
)  # fmt: skip
