"""Kinds of facts about what moves together and about what would follow from a change."""

from __future__ import annotations

from tools.factbook.kind import FactKind

_GRAIN = "day|week|month|quarter"

KINDS: tuple[FactKind, ...] = (
    FactKind(
        "moves_with", "correlate", "A figure that moves with another beyond chance, perhaps some time ahead or behind.",
        "name:member r:amount low:amount high:amount lag:count n:count partial:amount?",
        "Moves with {name}", "{Metric} moves {@direction:up=with|down=against} {name} (r {r}, range {low} to {high}).",
        attributes={"direction": "up|down", "grain": _GRAIN, "timing": "ahead|behind|same", "control": "stands|falls"},
    ),
    FactKind(
        "no_link", "correlate", "How many figures were tested for moving with another.", "tested:text points:text "
        "name:member? r:amount? low:amount? high:amount?",
        "{tested} figures tested", "{tested} figures were tested over {points} points.",
        attributes={"grain": _GRAIN, "some": "yes|no"}, segment=(),
    ),
    FactKind(
        "goes_with", "correlate", "A number that goes with another over records without dates; no cause.",
        "name:member r:amount low:amount high:amount n:count", "{name}: r {r}",
        "{Metric} and {name} go together with a rank correlation of {r} (range {low} to {high}) over {n}.",
        attributes={"direction": "up|down", "holds": "yes|no", "close": "closely|clearly|loosely", "records": ""},
    ),
    FactKind(
        "unrelated", "correlate", "How many numbers of the same records were tested for going with another.",
        "tested:text n:count", "{tested} numbers tested", "{tested} numbers were tested over {n}.",
        attributes={"records": "", "some": "yes|no"}, segment=(),
    ),
    FactKind(
        "built_in_link", "correlate", "Figures that must move together by the way they are counted.", "names:text",
        "Built in: {names}", "Left out, as they are counted on the same rows: {names}.", segment=(),
    ),
    FactKind(
        "scenario", "what_if", "What a figure would be after the changes supposed.",
        "base:amount new:amount change:move growth:growth? period:text?", "{Metric} would be {new}",
        "{Metric} would be {new} instead of {base}.",
        attributes={"direction": "up|down|flat", "formula": ""}, segment=(),
    ),
    FactKind(
        "lever", "what_if", "What one supposed change contributes.",
        "name:member base:amount new:amount effect:move growth:growth?", "{name}: {effect}",
        "{name} goes from {base} to {new}, which makes {effect}.", attributes={"seen": "yes|no|unknown"},
    ),
    FactKind(
        "needed_lever", "what_if", "What one figure would have to be for another to reach a value.",
        "name:member base:amount needed:amount growth:growth? goal:amount", "{name} at {needed}",
        "{name} would have to go from {base} to {needed}.",
        attributes={"direction": "up|down|flat", "seen": "yes|no|unknown", "formula": ""},
    ),
    FactKind(
        "held_constant", "what_if", "What a calculation leaves as it is.", "names:text formula:text",
        "Held: {names}", "The calculation is {formula}; {names} stay as they were.", segment=(),
    ),
    FactKind(
        "association", "correlate", "How far one figure usually moves with another, measured on the past.",
        "name:member elasticity:amount low:amount high:amount n:count", "Elasticity {elasticity}",
        "When {name} was one percent higher, {metric} was usually {elasticity} percent higher (range {low} to {high}).",
        attributes={"direction": "up|down", "grain": _GRAIN},
    ),
)  # fmt: skip
