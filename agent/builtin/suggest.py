"""Good next questions: another split, another time, a comparison; only those this brain can answer are offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from agent.answer import Suggestion
from agent.brain import TellContext
from warehouse.model.schema import SemanticModel, Table

MOST = 4


def suggest(context: TellContext, answerable: Callable[[str], bool]) -> list[Suggestion]:
    """Up to four questions, each tried with `answerable` first; the workspace's starters fill the rest."""
    found: list[Suggestion] = []
    for suggestion in _candidates(context):
        if suggestion.question.casefold() == context.question.strip().casefold():
            continue
        if all(s.question != suggestion.question for s in found) and answerable(suggestion.question):
            found.append(suggestion)
        if len(found) == MOST:
            break
    return found


def _candidates(context: TellContext) -> Iterator[Suggestion]:
    for evidence in context.evidence:
        if evidence.tool == "query_metrics":
            yield from _from_query(context.model, evidence.args.get("query", {}))
    for starter in (*context.starters, *context.model.starters):
        yield Suggestion(question=starter, why="a good place to start")


def _from_query(model: SemanticModel, query: dict[str, Any]) -> Iterator[Suggestion]:
    metrics = query.get("metrics") or []
    if not metrics:
        return
    name = str(metrics[0]["metric"])
    label = _label(model, name)
    table = _home(model, name)
    if label is None or table is None:
        return
    used = {str(d["field"]).rsplit(".", 1)[-1] for d in query.get("dimensions") or []}
    time = query.get("time") or {}
    if not time.get("grain"):
        yield Suggestion(question=f"{label} by month", why="how it moved over time")
    groups = [g for g in _groups(model, table) if g[0] not in used]
    for _name, words in groups[:2]:
        yield Suggestion(question=f"{label} by {words}", why=f"where it comes from, by {words}")
    if not query.get("compare"):
        yield Suggestion(question=f"{label} this year vs last year", why="whether it is growing")
    for _name, words in groups[2:4]:
        yield Suggestion(question=f"Top 5 {words} by {label[:1].lower() + label[1:]}", why="what matters most")


def _label(model: SemanticModel, name: str) -> str | None:
    metric = model.metrics.get(name)
    if metric is not None:
        return metric.label or name.replace("_", " ").capitalize()
    home = model.measure_table(name)
    if home is None:
        return None
    return model.tables[home].measures[name].label or name.replace("_", " ").capitalize()


def _home(model: SemanticModel, name: str) -> str | None:
    """The table of a metric, measure or ad-hoc aggregation (`avg:orders.amount`); None when there is no single one."""
    if ":" in name:
        return name.partition(":")[2].partition(".")[0]
    metric = model.metrics.get(name)
    if metric is None:
        return model.measure_table(name)
    part = metric.measure or metric.numerator
    return _home(model, part) if part else None


def _groups(model: SemanticModel, table: str) -> list[tuple[str, str]]:
    """Dimensions to split by: the fact's own, then those of the tables it joins to, few-valued text first."""
    found = _own(model.tables[table])
    for join in model.tables[table].joins:
        found += _own(model.tables[join.to])
    return list(dict.fromkeys(found))


def _own(table: Table) -> list[tuple[str, str]]:
    named = [
        (name, (d.label or name.replace("_", " ")).lower())
        for name, d in table.dimensions.items()
        if d.groupable and not d.pii and d.type in ("text", "boolean") and name not in table.key
    ]
    return sorted(named, key=lambda pair: pair[0] == table.name_column)
