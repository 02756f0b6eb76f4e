"""Words that all sentences share: what a figure and a group are called, and how a value is introduced."""

from __future__ import annotations

from agent import format as fmt
from agent.builtin import talk
from agent.builtin.scene import Scene
from agent.claims import Ref, escape
from agent.factual import plural
from tools.evidence import CellRef, Column, Fact
from tools.params import param_ref


def metric(fact: Fact, *, start: bool = False) -> str:
    """The figure's name: small inside a sentence, unless it is an abbreviation."""
    label = fact.metric or "the figure"
    short = sum(c.isupper() for c in label.split()[0]) > 1 if label.split() else False
    text = label if start or short else label[:1].lower() + label[1:]
    return escape(text)


def came(scene: Scene, fact: Fact) -> str:
    """How a value is introduced: sums and counts come to it, rates and averages are it."""
    column = column_of(scene, fact.values["value"])
    if column.additive or counts(column):
        return " came to "
    return " were " if plural(fact.metric) else " was "


def valued(scene: Scene, ref: CellRef) -> list[str | Ref]:
    """A figure with the unit that its name does not say: “4.14 days”."""
    said = fmt.unit_words(column_of(scene, ref), one=str(scene.value(ref)) in ("1", "1.0"))
    return [Ref(ref, "auto"), said] if said else [Ref(ref, "auto")]


def column_of(scene: Scene, ref: CellRef) -> Column:
    """The column of a cell."""
    table = scene.tables[ref.table]
    return table.columns[table.column_index(ref.column)]


def counts(column: Column) -> bool:
    """Whether the figure counts things, so that there are “most” of them and not the “highest”."""
    return column.type == "integer" and column.unit is not None and column.unit.name is not None


def opening(scene: Scene, fact: Fact) -> list[str | Ref]:
    """The figure's name at the start of a sentence, after yes or no when that was asked."""
    said = talk.verdict(scene, fact)
    return [said + metric(fact)] if said else [metric(fact, start=True)]


def name(fact: Fact) -> list[str | Ref]:
    """The names of the fact's group, separated by commas."""
    refs = [fact.values[k] for k in sorted(k for k in fact.values if k.startswith("name"))]
    parts: list[str | Ref] = []
    for position, ref in enumerate(refs):
        parts += ([", "] if position else []) + [Ref(ref, "label")]
    return parts


def versus(scene: Scene, fact: Fact) -> list[str | Ref]:
    """Up or down on the period before, when the rows were compared."""
    growth = fact.values.get("growth")
    sign = scene.sign(growth)
    if growth is None or sign == 0:
        return []
    return [", up " if sign > 0 else ", down ", step(scene, fact), " on", *_prior(scene)]


def is_rate(column: Column) -> bool:
    """Whether the figure is a percentage itself: it moves by percentage points."""
    return column.unit is not None and (column.unit.ratio or column.unit.percent)


def step(scene: Scene, fact: Fact) -> Ref:
    """How far a figure moved: a rate in percentage points, everything else in percent."""
    delta = fact.values.get("delta")
    if delta is not None and is_rate(column_of(scene, fact.values["value"])):
        return Ref(delta, "points")
    return Ref(fact.values["growth"], "percent_abs")


def _prior(scene: Scene) -> list[str | Ref]:
    """The period that rows are held against; each step of a series has its own, which is told by how far back it is."""
    query = scene.evidence.args.get("query", {})
    grain, compare = (query.get("time") or {}).get("grain"), query.get("compare") or {}
    if grain and compare.get("to") in ("same_date_last_year", "same_weekday_last_year"):
        return [" the year before"]
    if grain and compare.get("to") == "offset":
        n, unit = int(compare.get("n", 1)), compare.get("unit")
        return [f" the {unit} before" if n == 1 else f" {n} {unit}s before"]
    if grain and compare.get("to") == "previous_period":
        return [f" the {grain} before"]
    ref = param_ref(scene.params, "prior") if scene.params else None
    return [" ", Ref(ref)] if ref else [" the period before"]
