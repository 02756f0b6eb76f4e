"""The model as one person sees it: hidden columns are gone with all that reads them, masked ones are blank."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sqlglot import exp

from store.principal import Principal
from warehouse.compiler.expressions import parse
from warehouse.model.policies import ColumnPolicy, Policy
from warehouse.model.schema import Dimension, Metric, SemanticModel, Table, personal_columns

MASK = "•••"
Hidden = dict[tuple[str, str], Literal["hide", "mask"]]


def binds(policy: Policy | ColumnPolicy, person: Principal) -> bool:
    """Whether a policy is about a person: named (or nobody is), and not exempt."""
    named = not policy.applies_to or person.is_any(policy.applies_to)
    return named and not person.is_any(policy.exempt)


def hidden_columns(model: SemanticModel, person: Principal) -> Hidden:
    """(table, column) -> whether a person sees it masked or not at all; hidden wins over masked."""
    found: Hidden = {}
    for policy in model.column_policies:
        if not binds(policy, person):
            continue
        for place in _bound(model, policy):
            found[place] = "hide" if "hide" in (policy.action, found.get(place)) else "mask"
    return found


def _bound(model: SemanticModel, policy: ColumnPolicy) -> Iterator[tuple[str, str]]:
    """The columns that a policy is about; of personal data those that its dimensions are made from too."""
    if policy.table is not None and not policy.personal:
        yield from ((policy.table, column) for column in policy.columns)
        return
    for name, column, _ in personal_columns(model):
        if policy.table in (None, name):
            yield name, column
            yield from _made_from(model, name, model.tables[name].dimensions[column].expr)


def _made_from(model: SemanticModel, home: str, text: str | None) -> Iterator[tuple[str, str]]:
    for column in parse(text, model.expr_dialect).find_all(exp.Column) if text else ():
        yield column.table or home, column.name


def visible_model(model: SemanticModel, hidden: Hidden) -> SemanticModel:
    """`model` without what reads a hidden column. A masked dimension stays, with the same blank for every row."""
    places = _spread(model, set(hidden))
    tables = {name: _table(model, name, table, places, hidden) for name, table in model.tables.items()}
    gone = {m for name, t in model.tables.items() for m in t.measures if m not in tables[name].measures}
    metrics = _metrics(model, gone, places)
    filters = {n: f for n, f in model.filters.items() if not _reads(model, f.where, None, places)}
    terms = {n: t for n, t in model.terms.items() if not _reads(model, t, None, places)}
    update = {"tables": tables, "metrics": metrics, "filters": filters, "terms": terms, "verified": (), "starters": ()}
    return model.model_copy(update=update)


def _spread(model: SemanticModel, places: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The hidden columns and every dimension or number made from them."""
    size = -1
    while size != len(places):
        size = len(places)
        for name, table in model.tables.items():
            defined = {n: d.expr for n, d in table.dimensions.items()} | {n: d.expr for n, d in table.numbers.items()}
            places |= {(name, n) for n, text in defined.items() if _reads(model, text, name, places)}
            for number, found in table.numbers.items():
                ends = (found.duration.start, found.duration.end) if found.duration else ()
                if any(_place(end, name) in places for end in ends):
                    places.add((name, number))
    return places


def _place(text: str, home: str) -> tuple[str, str]:
    table, dot, column = text.rpartition(".")
    return (table if dot else home), column


def _reads(model: SemanticModel, text: str | None, home: str | None, places: set[tuple[str, str]]) -> bool:
    if not text:
        return False
    named = parse(text, model.expr_dialect).find_all(exp.Column)
    folded = {(t.casefold(), c.casefold()) for t, c in places}
    return any(((c.table or home or "").casefold(), c.name.casefold()) in folded for c in named)


def _table(model: SemanticModel, name: str, table: Table, places: set[tuple[str, str]], hidden: Hidden) -> Table:
    mine = {column for owner, column in places if owner == name}
    if not mine and not any(_measure_hidden(model, name, table, m, places) for m in table.measures):
        return table
    masked = {c for c in mine if hidden.get((name, c)) == "mask"}
    blank = f"'{MASK}'"
    dimensions = {n: d for n, d in table.dimensions.items() if n not in mine}
    for column in sorted(masked & (set(table.dimensions) | set(table.numbers))):
        known = table.dimensions.get(column) or table.numbers[column]
        dimensions[column] = Dimension(label=known.label, synonyms=known.synonyms, expr=blank, sample=0, pii=True)
    times = {n: t for n, t in table.time.columns.items() if n not in mine} if table.time else {}
    time = None
    if table.time is not None and times:
        default = table.time.default if table.time.default in times else next(iter(times))
        time = table.time.model_copy(update={"columns": times, "default": default})
    update = {
        "dimensions": dimensions,
        "numbers": {n: d for n, d in table.numbers.items() if n not in mine},
        "measures": {n: m for n, m in table.measures.items() if not _measure_hidden(model, name, table, n, places)},
        "time": time,
        "name_column": None if table.name_column in mine else table.name_column,
    }
    return table.model_copy(update=update)


def _measure_hidden(model: SemanticModel, name: str, table: Table, measure: str, places: set[tuple[str, str]]) -> bool:
    found = table.measures[measure]
    texts = (found.expr, found.where, found.weight)
    return any(_reads(model, text, name, places) for text in texts)


def _metrics(model: SemanticModel, gone: set[str], places: set[tuple[str, str]]) -> dict[str, Metric]:
    """Metrics none of whose parts is gone."""
    kept = dict(model.metrics)
    size = -1
    while size != len(kept):
        size = len(kept)
        for name, metric in list(kept.items()):
            parts = (metric.measure, metric.numerator, metric.denominator, metric.metric, metric.base, metric.then)
            used = {p for p in parts if p and p != name} | _formula_names(model, metric)
            entity = metric.entity is not None and _place(metric.entity, "") in places
            lost = used & gone or used & (set(model.metrics) - set(kept))
            if lost or entity or _reads(model, metric.where, None, places):
                del kept[name]
    return kept


def _formula_names(model: SemanticModel, metric: Metric) -> set[str]:
    if not metric.expr:
        return set()
    return {c.name for c in parse(metric.expr, model.expr_dialect).find_all(exp.Column)}
