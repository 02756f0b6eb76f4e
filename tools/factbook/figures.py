"""Kinds of facts about figures that were asked for: totals, rankings, courses over time, lists, descriptions."""

from __future__ import annotations

from tools.factbook.kind import FactKind

_COMPARED = "prev:amount? delta:move? growth:growth?"
_UP_DOWN = "[, {~growth:up|down|level with} {growth} on the period before]"
_TOOL = "query_metrics"

KINDS: tuple[FactKind, ...] = (
    FactKind(
        "total", _TOOL, "One figure over everything that was asked.", f"value:amount {_COMPARED}",
        "{Metric}: {value}", "{Metric} came to {value}.",
    ),
    FactKind(
        "change", _TOOL, "One figure and what it was before.", f"value:amount {_COMPARED}",
        "{Metric} {value}[ ({~growth:up|down|level} {growth})]",
        "{Metric} came to {value}[, {~growth:up|down|unchanged} {growth} on the period before].",
        "{Metric} came to {value}[, {~growth:up|down|unchanged} {growth} on the period before][, from {prev}].",
    ),
    FactKind(
        "top", _TOOL, "The group with the largest figure.",
        f"name*:member value:amount share:share? tied_name*:member? {_COMPARED}",
        "{name*} leads: {value}", "{name*} had the highest {metric}: {value}[, {share} of the total].",
        "{name*} had the highest {metric}: {value}[, {share} of the total]" + _UP_DOWN + ".",
        {"tied": "two|more|"},
    ),
    FactKind(
        "also_top", _TOOL, "The leader by a further figure that was asked for.",
        f"name*:member value:amount {_COMPARED}",
        "{name*} leads in {metric}: {value}", "{name*} had the highest {metric}: {value}.",
    ),
    FactKind(
        "runner_up", _TOOL, "The group that comes second.", f"name*:member value:amount {_COMPARED}",
        "{name*} second: {value}", "{name*} came second in {metric} with {value}.",
    ),
    FactKind(
        "bottom", _TOOL, "The named group with the smallest figure.", f"name*:member value:amount {_COMPARED}",
        "{name*} last: {value}", "{name*} had the lowest {metric}: {value}.",
        "{name*} had the lowest {metric}: {value}" + _UP_DOWN + ".",
    ),
    FactKind(
        "gap", _TOOL, "The second of two groups and how far the first is ahead.",
        f"name*:member value:amount difference:amount? ratio:growth? {_COMPARED}",
        "{name*}: {value}", "{name*} came to {value}[, {difference} less].",
    ),
    FactKind(
        "overall", _TOOL, "The figure over all groups together.", "value:amount",
        "{Metric} of all groups: {value}", "{Metric} over all groups came to {value}.",
    ),
    FactKind(
        "gain", _TOOL, "The group whose figure grew most.", f"name*:member value:amount {_COMPARED}",
        "{name*} gained most[: {delta}]", "{name*} gained most[: {metric} {delta}][ ({growth} up)].",
    ),
    FactKind(
        "loss", _TOOL, "The group whose figure fell most.", f"name*:member value:amount {_COMPARED}",
        "{name*} lost most[: {delta}]", "{name*} lost most[: {metric} {delta}][ ({growth} down)].",
    ),
    FactKind(
        "latest", _TOOL, "The last complete period of a course.",
        f"name*:period value:amount step:growth? {_COMPARED}",
        "{Metric} {value}, {name*}",
        "{Metric} came to {value} in {name*}[, {~step:up|down|unchanged} {step} on the period before].",
        attributes={"direction": "up|down|flat|"}, segment=(),
    ),
    FactKind(
        "peak", _TOOL, "The highest figure of a course.", f"name*:period value:amount {_COMPARED}",
        "High of {metric}: {value}, {name*}", "The high of {metric} was {value}, {name*}.", segment=(),
    ),
    FactKind(
        "low", _TOOL, "The lowest figure of a course.", f"name*:period value:amount {_COMPARED}",
        "Low of {metric}: {value}, {name*}", "The low of {metric} was {value}, {name*}.", segment=(),
    ),
    FactKind(
        "trend", _TOOL, "Where a course went from its first to its last complete period.",
        "first_name:period last_name:period first:amount last:amount change:growth?",
        "{Metric} {@direction:up=up|down=down|flat=level}[ {change}]",
        "{Metric} went from {first} to {last} between {first_name} and {last_name}.",
        "{Metric} went from {first} in {first_name} to {last} in {last_name}[, {~change:up|down|level} {change}].",
        {"direction": "up|down|flat"}, (),
    ),
    FactKind(
        "sum", _TOOL, "The total of all periods shown.", "value:amount",
        "{Metric} in all: {value}", "All periods together, {metric} came to {value}.",
    ),
    FactKind(
        "leader", _TOOL, "Which group led in the last complete period.", f"name*:member value:amount {_COMPARED}",
        "{name*} led: {value}", "{name*} led with {value} in {metric}.",
    ),
    FactKind(
        "last_place", _TOOL, "Which group came last in the last complete period.",
        f"name*:member value:amount {_COMPARED}",
        "{name*} last: {value}", "{name*} came last with {value} in {metric}.",
    ),
    FactKind(
        "in_currency", _TOOL, "The amount in one of several currencies, which are never compared.",
        "currency:member value:amount name*:member?",
        "{Metric} in {currency}: {value}", "{Metric} in {currency} came to {value}[ for {name*}].",
        segment=("currency",),
    ),
    FactKind(
        "top_in_currency", _TOOL, "The group with the largest amount in one of several currencies.",
        "name*:member currency:member value:amount",
        "{name*} leads in {currency}: {value}", "In {currency}, {name*} had the highest {metric}: {value}.",
    ),
    FactKind(
        "record_list", "list_records", "How many records match, and of how many they are the first.",
        "count:count all:count?",
        "{#count:record|records}", "I found {#count:record|records}.", segment=(),
    ),
    FactKind("empty", "query_metrics, list_records", "Nothing matches the question.", "count:count?",
             "No data", "There is no data for this.", segment=()),
    FactKind(
        "description", "describe_data", "What a table, a figure or the whole data holds.",
        "name:text? definition:text? rows:count? fields:count? tables:count? metrics:count? *:text?",
        "[{name}]", "[{name} means: {definition}][{name} holds {#rows:row|rows}].",
        attributes={"topic": ""},
    ),
)  # fmt: skip
