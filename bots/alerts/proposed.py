"""A rule that a sentence asks for, said back in plain words before it is made: right or silent holds for alerts too."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from agent.alert_words import Heard, heard, wished
from agent.builtin.planner import plan
from agent.claims import Ref
from agent.factual import figure_name, plural
from agent.plan import Clarify, Plan
from bots.alerts.rule import Rule, rule_of
from bots.alerts.sheet import Sheet
from bots.digests.gather import Reader
from tools.evidence import Column
from tools.insights.scope import column_of
from warehouse.model.adhoc import humanize
from warehouse.query import MetricRef

_EACH = re.compile(r"\b(?:any|each|every|one of the|a single)\s+(?P<dim>\w+)\b", re.I)
_OF = re.compile(r"^(?:the|our|my|total|daily|weekly|monthly)\s+", re.I)
_EXAMPLES = (
    "Tell me when revenue drops below 10k", "Alert me if orders fall by more than 20 %",
    "Let me know if refunds are unusual", "Warn me if no new orders come for 2 days",
)  # fmt: skip
_FEW = 0.05
HELP = f"For example: {_EXAMPLES[0]}. {_EXAMPLES[1]}. {_EXAMPLES[2]}."


@dataclass(frozen=True)
class Proposal:
    """What was understood: a rule and how it is said, or why there is none and what to say instead."""

    rule: Rule | None
    says: str
    options: tuple[str, ...] = field(default=())


def proposal(reader: Reader, text: str) -> Proposal | None:
    """The rule a sentence asks for, None when it asks for no alert at all."""
    asked = wished(text)
    if asked is None:
        return None
    found = heard(asked)
    if found is None:
        return Proposal(None, "I do not understand when I should tell you.", _EXAMPLES)
    if found.kind in ("freshness", "quality"):
        return _of_table(reader, found)
    if found.kind == "change" and not found.percent:
        return Proposal(None, "Say a change in percent, or the level that the figure must not cross.", _EXAMPLES)
    return _of_figure(reader, found)


def _of_table(reader: Reader, found: Heard) -> Proposal:
    """The table whose records are meant; “data” is the one that figures rest on most."""
    words = found.what.casefold().removeprefix("the ").removesuffix(" data").strip()
    tables = {n: t for n, t in reader.view.model.tables.items() if t.time is not None}
    named = [n for n, t in tables.items() if words in {n.casefold().replace("_", " "), (t.records or "").casefold()}]
    if not named:
        known = sorted(t.records or humanize(n).lower() for n, t in tables.items())
        return Proposal(None, f"I know no {found.what} that come day by day.",
                        tuple(f"Tell me when no new {k} come" for k in known[:4]))  # fmt: skip
    records = tables[named[0]].records or humanize(named[0]).lower()
    if found.kind == "quality":
        return _of_records(reader, found, named[0], records)
    rule = rule_of("freshness", {"table": named[0], **found.fields})
    days = found.fields.get("days")
    sheet = Sheet()
    when = sheet.write("for ", sheet.count(days), " days") if days else "on a day that usually has some"
    return Proposal(rule, f"I will tell you when no new {records} come {when}.")


def _of_records(reader: Reader, found: Heard, table: str, records: str) -> Proposal:
    """A check of the records themselves, its column found by its name or its label."""
    fields = {"table": table, **found.fields}
    spec = reader.view.model.tables[table]
    if fields["check"] == "repeated":
        if len(spec.key) != 1:
            return Proposal(None, f"I do not know what makes each of the {records} its own.", _EXAMPLES)
        fields["column"] = spec.key[0]
    if fields["check"] == "empty":
        said = str(fields["column"]).casefold()
        every = {**spec.dimensions, **spec.numbers}
        names = [n for n, c in every.items() if said in {n.casefold().replace("_", " "), (c.label or "").casefold()}]
        if len(names) != 1:
            return Proposal(None, f"I know no field “{said}” of {records}.", _EXAMPLES)
        fields["column"] = names[0]
    rule = rule_of("quality", fields)
    sheet, share = Sheet(), float(fields.get("share", _FEW))
    said_as: dict[str, list[str | Ref]] = {
        "empty": [
            "more than ",
            sheet.share(share),
            f" of a day's {records} have no {humanize(str(fields.get('column'))).lower()}",
        ],
        "repeated": ["more than ", sheet.share(share), f" of a day's {records} come more than once"],
        "few": ["a day has at least ", sheet.share(share), f" fewer {records} than usual"],
        "many": ["a day has at least ", sheet.share(share), f" more {records} than usual"],
    }
    return Proposal(rule, sheet.write("I will tell you when ", *said_as[str(fields["check"])], "."))


def _of_figure(reader: Reader, found: Heard) -> Proposal:
    """The metric, its conditions and its split, as the planner reads them in a question."""
    each = _EACH.search(found.what)
    phrase = _OF.sub("", found.what.strip())
    if each is not None:
        rest = re.sub(r"\s*\b(?:of|in|at|for|per)\s*$", "", phrase[: each.start()].strip(), flags=re.I)
        after = phrase[each.end() :].strip()
        phrase = f"{rest or after} by {each['dim']}"
    made = plan(reader.plans().asking(f"{phrase} last month"))
    if isinstance(made, Clarify):
        return Proposal(None, made.question, tuple(o.label for o in made.options))
    step = next(iter(made.steps.values())) if isinstance(made, Plan) and len(made.steps) == 1 else None
    query = step.args.get("query") if step is not None and step.tool == "query_metrics" else None
    if query is None or len(query.get("metrics", [])) != 1 or len(query.get("dimensions") or []) > 2:
        return Proposal(None, "I cannot tell which figure is meant.", _EXAMPLES)
    return _said(reader, found, query)


def _said(reader: Reader, found: Heard, query: dict[str, Any]) -> Proposal:
    metric = query["metrics"][0]["metric"]
    column = column_of(reader.tools(), MetricRef(metric=metric))
    found = _scaled(found, column)
    split = query.get("dimensions") or []
    fields = {"metric": metric, "filters": query.get("filters") or [], **found.fields}
    if split:
        if found.kind in ("goal", "forecast"):
            return Proposal(None, "A goal or a forecast is watched for the whole, not by group.")
        fields["by"] = split[-1]["field"]  # a name stands after its key
    rule = rule_of(found.kind, fields)
    return Proposal(rule, words(rule, column, _of_whom(query)))


def _scaled(found: Heard, column: Column) -> Heard:
    """“Below 30 %” of a rate is below 0.3."""
    if "level" in found.fields and found.percent and column.unit is not None and column.unit.ratio:
        return replace(found, fields={**found.fields, "level": found.number / 100})
    return found


def _of_whom(query: dict[str, Any]) -> str:
    values = [str(v) for f in query.get("filters") or [] for v in f.get("values", ())]
    said = f" for {' and '.join(values)}" if values else ""
    split = query.get("dimensions") or []
    if not split:
        return said
    table, _, field = split[-1]["field"].rpartition(".")
    return f"{said} of any {humanize(field).lower() if len(split) == 1 else humanize(table).lower().removesuffix('s')}"


def words(rule: Any, column: Column, whom: str = "") -> str:
    """A rule about a figure in one sentence, to be confirmed."""
    sheet = Sheet(column)
    often = {"day": "daily ", "week": "weekly ", "month": "monthly "}.get(getattr(rule, "grain", ""), "")
    be = "are" if plural(column.label) else "is"
    head = f"I will tell you when {often}{figure_name(column.label)}{whom}"
    if rule.kind == "threshold":
        row: list[str | Ref] = [", ", sheet.count(rule.periods), f" {rule.grain}s in a row"]
        row = row if rule.periods > 1 else []
        return sheet.write(f"{head} {be} {rule.direction} ", sheet.amount(rule.level), *row, ".")
    if rule.kind == "change":
        return _change(rule, head, "" if be == "are" else "s")
    if rule.kind == "anomaly":
        odd = {"below": "unusually low", "above": "unusually high", "either": "out of the usual range"}
        return f"{head} {be} {odd[rule.direction]}, judged by the history."
    if rule.kind == "goal":
        return sheet.write(f"{head} {be} likely to miss ", sheet.amount(rule.goal or 0), f" this {rule.period}.")
    ends = f"{head} {be} expected to end the {rule.period} {rule.direction} "
    return sheet.write(ends, sheet.amount(rule.level), ".")


def _change(rule: Any, head: str, s: str) -> str:
    moved = {"below": f"fall{s}", "above": f"rise{s}", "either": f"move{s}"}[rule.direction]
    held = {"usual": f"a usual {rule.grain}", "previous": f"the {rule.grain} before", "year": "a year before"}
    sheet = Sheet()
    return sheet.write(f"{head} {moved} by ", sheet.share(rule.share), f" or more against {held[rule.against]}.")
