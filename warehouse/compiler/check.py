"""Everything in a model that would fail when asked, found when the model is saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from store.errors import PlainsayError, near_names
from warehouse.compiler.expressions import parse, parse_policy
from warehouse.compiler.metrics import Atoms, figure
from warehouse.compiler.resolve import Catalog
from warehouse.model.schema import Join, SemanticModel, Table
from warehouse.profile import DataProfile
from warehouse.query import MetricRef


@dataclass(frozen=True)
class Problem:
    """One fault: where in the model, its code, a sentence, and what to do. `warning` ones do not stop a question."""

    where: str
    code: str
    message: str
    hint: str | None = None
    warning: bool = False


def check_model(model: SemanticModel, profile: DataProfile) -> list[Problem]:
    """All problems, in model order; columns are only checked for tables that the profile knows."""
    catalog = Catalog(model, profile)
    problems: list[Problem] = []
    for name, table in model.tables.items():
        problems += _columns(catalog, name, table)
        problems += _joins(catalog, name, table)
        problems += _expressions(catalog, name, table)
    problems += _conditions(catalog)
    problems += _metrics(catalog)
    problems += _driver_trees(model)
    problems += _events(model)
    problems += _policies(catalog)
    return problems + list(_twice(model)) + list(_ambiguous(model))


def _columns(catalog: Catalog, name: str, table: Table) -> Iterator[Problem]:
    """Names that are columns by default must be stored."""
    plain = [f"dimensions.{n}" for n, d in table.dimensions.items() if d.expr is None]
    plain += [f"numbers.{n}" for n, d in table.numbers.items() if d.expr is None and d.duration is None]
    plain += [f"time.{n}" for n in (table.time.columns if table.time else ())]
    plain += [f"key.{n}" for n in table.key]
    for place in plain:
        yield from _stored(catalog, name, place.split(".", 1)[1], f"tables.{name}.{place}")
    if table.time is not None and table.time.default not in table.time.columns:
        yield Problem(f"tables.{name}.time", "unknown_name", f"The default “{table.time.default}” is not listed.")


def _stored(catalog: Catalog, table: str, column: str, where: str) -> Iterator[Problem]:
    profile = catalog.table_profile(table)
    if profile is None or column in profile.columns:
        return
    near = near_names(column, profile.columns)
    hint = f"Did you mean {' or '.join(near)}?" if near else None
    yield Problem(where, "unknown_name", f"The table “{table}” has no column “{column}”.", hint)


def _joins(catalog: Catalog, name: str, table: Table) -> Iterator[Problem]:
    for number, join in enumerate(table.joins):
        where = f"tables.{name}.joins.{number}"
        if join.to not in catalog.model.tables:
            near = near_names(join.to, catalog.model.tables)
            hint = f"Did you mean {' or '.join(near)}?" if near else None
            yield Problem(where, "unknown_name", f"There is no table “{join.to}” to join.", hint)
            continue
        for own, other in join.on.items():
            yield from _stored(catalog, name, own, where)
            yield from _stored(catalog, join.to, other, where)
        yield from _repeated(catalog, join, where)
    defaults = [j.to for j in table.joins if j.default]
    for to in sorted({d for d in defaults if defaults.count(d) > 1}):
        yield Problem(f"tables.{name}.joins", "ambiguous_role", f"Two joins to “{to}” are both the default.")


def _repeated(catalog: Catalog, join: Join, where: str) -> Iterator[Problem]:
    """A single target column that is known to repeat makes the join many-to-many."""
    if len(join.on) != 1:
        return
    target = next(iter(join.on.values()))
    if catalog.model.tables[join.to].where is not None:
        return  # what repeats in all stored rows may not repeat in those that count
    stored = catalog.column_profile(join.to, target)
    if stored is not None and stored.distinct_exact and stored.distinct < stored.rows - stored.nulls:
        yield Problem(
            where,
            "not_unique",
            f"“{join.to}.{target}” repeats, so a row could match several.",
            "Join to a column that names each row once.",
        )


def _expressions(catalog: Catalog, name: str, table: Table) -> Iterator[Problem]:
    texts = [(f"dimensions.{n}", d.expr) for n, d in table.dimensions.items()]
    texts += [(f"numbers.{n}", d.expr) for n, d in table.numbers.items()]
    texts += [(f"measures.{n}", m.expr) for n, m in table.measures.items()]
    texts += [(f"measures.{n}", m.where) for n, m in table.measures.items()]
    texts.append(("where", table.where))
    for place, text in texts:
        if text is not None:
            yield from _expression(catalog, text, name, f"tables.{name}.{place}")
    for n, measure in table.measures.items():
        if measure.agg == "sum" and measure.additive == "none":
            yield Problem(
                f"tables.{name}.measures.{n}", "non_additive", f"“{n}” adds up what the model says is never added up."
            )


def _expression(catalog: Catalog, text: str, home: str | None, where: str) -> Iterator[Problem]:
    try:
        tree = parse(text, catalog.model.expr_dialect)
    except PlainsayError as error:
        yield Problem(where, error.code, error.message, error.hint)
        return
    for node in tree.find_all(exp.Column):
        table = node.table or home
        if table is None:
            yield Problem(where, "unknown_name", f"Say of which table “{node.name}” is.")
        elif table not in catalog.model.tables:
            near = near_names(table, catalog.model.tables)
            hint = f"Did you mean {' or '.join(near)}?" if near else None
            yield Problem(where, "unknown_name", f"There is no table “{table}”.", hint)
        elif not catalog.has(table, node.name):
            yield from _stored(catalog, table, node.name, where)


def _conditions(catalog: Catalog) -> Iterator[Problem]:
    model = catalog.model
    for name, one in model.filters.items():
        yield from _expression(catalog, one.where, None, f"filters.{name}")
    for name, text in model.terms.items():
        yield from _expression(catalog, text, None, f"terms.{name}")


def _metrics(catalog: Catalog) -> Iterator[Problem]:
    for name, metric in catalog.model.metrics.items():
        try:
            figure(catalog, Atoms(), MetricRef(metric=name))
        except PlainsayError as error:
            yield Problem(f"metrics.{name}", error.code, error.message, error.hint)
        if metric.where is not None:
            yield from _expression(catalog, metric.where, None, f"metrics.{name}")


def _policies(catalog: Catalog) -> Iterator[Problem]:
    model = catalog.model
    for policy in model.policies:
        where = f"policies.{policy.name}"
        try:
            tree = parse_policy(policy.where, model.expr_dialect)
        except PlainsayError as error:
            yield Problem(where, error.code, error.message, error.hint)
            continue
        for node in tree.find_all(exp.Column):
            if node.table not in ("", policy.table):
                yield Problem(where, "expr_not_allowed", "A policy reads columns of its own table only.")
            elif not catalog.has(policy.table, node.name):
                yield from _stored(catalog, policy.table, node.name, where)
    for number, columns in enumerate(model.column_policies):
        for column in columns.columns:
            yield from _stored(catalog, columns.table or "", column, f"column_policies.{number}")


def _driver_trees(model: SemanticModel) -> Iterator[Problem]:
    """A tree must name figures of the model, and no figure may be made of itself."""
    for name, tree in model.driver_trees.items():
        where = f"driver_trees.{name}"
        for figure_name in (name, *tree.parts):
            if not _is_figure(model, figure_name):
                yield _no_figure(model, figure_name, where)
        if _leads_back(model, name):
            yield Problem(where, "circular", f"“{name}” would be made of itself.", "Take one of the steps out.")


def _events(model: SemanticModel) -> Iterator[Problem]:
    for number, event in enumerate(model.events):
        for name in event.metrics:
            if not _is_figure(model, name):
                yield _no_figure(model, name, f"events.{number}")


def _is_figure(model: SemanticModel, name: str) -> bool:
    return name in model.metrics or model.measure_table(name) is not None


def _no_figure(model: SemanticModel, name: str, where: str) -> Problem:
    near = near_names(name, [*model.metrics, *(m for t in model.tables.values() for m in t.measures)])
    hint = f"Did you mean {' or '.join(near)}?" if near else None
    return Problem(where, "unknown_name", f"There is no metric called “{name}”.", hint)


def _leads_back(model: SemanticModel, name: str) -> bool:
    """Whether the steps below a figure come back to it."""
    seen: set[str] = set()
    ahead = list(model.driver_trees[name].parts)
    while ahead:
        at = ahead.pop()
        if at == name:
            return True
        if at not in seen and at in model.driver_trees:
            ahead += model.driver_trees[at].parts
        seen.add(at)
    return False


def _twice(model: SemanticModel) -> Iterator[Problem]:
    """Measure names that two tables define, so that the second can never be asked for."""
    owners: dict[str, str] = {}
    for name, table in model.tables.items():
        for measure in table.measures:
            if measure in owners:
                text = f"“{measure}” is a measure of “{owners[measure]}” already."
                yield Problem(f"tables.{name}.measures.{measure}", "same_name", text, "Give one another name.")
            owners.setdefault(measure, name)


def _ambiguous(model: SemanticModel) -> Iterator[Problem]:
    """Bare dimension names that several tables have: a question must say of which table."""
    owners: dict[str, list[str]] = {}
    for name, table in model.tables.items():
        for dimension in table.dimensions:
            owners.setdefault(dimension, []).append(name)
    for dimension, tables in owners.items():
        if len(tables) > 1:
            text = f"“{dimension}” is a dimension of several tables: {', '.join(tables)}."
            yield Problem(
                f"dimensions.{dimension}", "ambiguous_name", text, "Labels can tell them apart.", warning=True
            )
