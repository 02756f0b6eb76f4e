"""What installed packs offer beyond answers: recipes for digests, checks of the data, and what new data would allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge.packs.parts import Role
from store.errors import PlainsayError
from tools.binding import shelf
from tools.binding.figures import Writer
from tools.binding.install import UNCOMPUTABLE, rebound
from tools.binding.result import USED
from tools.privacy.people import told_of
from tools.registry import ToolContext
from warehouse.model.schema import Measure
from warehouse.query import MetricQuery, MetricRef
from warehouse.workspace import Workspace


@dataclass(frozen=True)
class Recipe:
    """A digest that a pack proposes, in names of this workspace's model: metrics, fields to split by, goals.

    `goals` are (metric, above or below, value or None where the workspace sets it). `missing` are the labels of the
    recipe's figures that are not bound here.
    """

    pack: str
    name: str
    label: str
    audience: Role
    cadence: Literal["daily", "weekly", "monthly", "quarterly"]
    metrics: tuple[str, ...]
    by: tuple[str, ...]
    goals: tuple[tuple[str, str, float | None], ...]
    missing: tuple[str, ...]


def recipes(workspace: Workspace) -> list[Recipe]:
    """The digest recipes of the installed packs of which at least one figure is bound."""
    found: list[Recipe] = []
    for name in shelf.names(workspace):
        pack, binding = shelf.pack(workspace, name), shelf.record(workspace, name).binding
        columns = {k: m for k, m in binding.columns.items() if m.confidence >= USED}
        for key, told in pack.digests.items():
            metrics = tuple(m for m in told.metrics if binding.used(m))
            if metrics:
                found.append(
                    Recipe(
                        name, key, told.label, told.audience, told.cadence, metrics,
                        tuple(f"{columns[c].table}.{columns[c].stored}" for c in told.by if c in columns),
                        tuple((g.metric, g.keep, None if g.value is None else float(g.value)) for g in told.goals
                              if binding.used(g.metric)),
                        tuple(pack.metrics[m].label for m in told.metrics if not binding.used(m)),
                    )
                )  # fmt: skip
    return found


@dataclass(frozen=True)
class Breach:
    """A rule of a pack held against the data: of `rows` records `broken` break it; `means` says what that is.

    `broken` is None where these are some, and too few to be counted out of people.
    """

    pack: str
    rule: str
    means: str
    severity: Literal["error", "warning"]
    table: str
    rows: int
    broken: int | None


def quality(context: ToolContext) -> list[Breach]:
    """Every rule of the installed packs whose columns are bound, checked on the data, broken ones first.

    Rules run through the gate with the asker's rights.
    """
    found = [b for name in shelf.names(context.workspace) for b in _checked(context, name)]
    return sorted(found, key=lambda b: (b.broken == 0, b.severity == "warning", -(b.broken or 0), b.rule))


def _checked(context: ToolContext, name: str) -> Iterator[Breach]:
    pack, binding = shelf.pack(context.workspace, name), shelf.record(context.workspace, name).binding
    writer = Writer(pack, binding, context.model, context.profile)
    for key, rule in pack.quality.items():
        if rule.entity not in binding.tables:
            continue
        table = binding.tables[rule.entity].table
        try:
            holds = writer.condition(rule.entity, rule.holds)
            rows, broken = _counted(context, table, holds)
        except (PlainsayError, KeyError):
            continue  # a column or value that is not here, or not for this reader
        private = context.model.small_cells if told_of(context.model, table) is not None else None
        hidden = private is not None and 0 < broken < private.least
        yield Breach(name, key, rule.means, rule.severity, table, rows, None if hidden else broken)


def _counted(context: ToolContext, table: str, holds: str) -> tuple[int, int]:
    """Records of a table, and those of which it is known that a condition does not hold."""
    from tools.run import fetch
    from warehouse.compiler import compile_query

    spec = context.model.tables[table]
    counts = {"rule_rows": Measure(agg="count"), "rule_broken": Measure(agg="count", where=f"NOT ({holds})")}
    counted = spec.model_copy(update={"measures": {**spec.measures, **counts}})
    model = context.model.model_copy(update={"tables": {**context.model.tables, table: counted}})
    query = MetricQuery(metrics=tuple(MetricRef(metric=m) for m in counts))
    compiled = compile_query(model, query, profile=context.profile, as_of=context.as_of, principal=context.principal)
    rows = fetch(context, compiled).table
    return int(rows.column(0)[0].as_py() or 0), int(rows.column(1)[0].as_py() or 0)


@dataclass(frozen=True)
class News:
    """What binding a pack again would change: labels of figures that could be asked then, and that could not."""

    pack: str
    more: tuple[str, ...]
    fewer: tuple[str, ...]


def news(workspace: Workspace) -> list[News]:
    """For each pack bound before the data last changed what binding it again would bring; nothing is changed."""
    found: list[News] = []
    changed = workspace.profile_file.stat().st_mtime if workspace.profile_file.is_file() else 0.0
    for name in shelf.names(workspace):
        installed = shelf.record(workspace, name)
        if installed.at.timestamp() >= changed:
            continue
        before, again = installed.binding, rebound(workspace, name)
        labels = {n: m.label for n, m in again.metrics.items()}
        known = before.metrics
        more = tuple(
            labels[n]
            for n in labels
            if again.used(n) and not before.used(n) and not (n in known and UNCOMPUTABLE in known[n].missing)
        )
        fewer = tuple(labels[n] for n in labels if before.used(n) and not again.used(n))
        if more or fewer:
            found.append(News(name, more, fewer))
    return found
