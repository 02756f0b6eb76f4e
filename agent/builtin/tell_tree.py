"""A driver tree told: what the figure is made of and which of it moved, then one step down where that says more."""

from __future__ import annotations

from agent.builtin.scene import Scene
from agent.claims import Ref
from tools.derive import number
from tools.evidence import CellRef, Fact

_MUCH = 0.3


def made_of(scene: Scene, facts: list[Fact]) -> list[str | Ref] | None:
    """ "Seen another way, orders rose 9.2% (+$0.4M) and average order value fell 3.5% (-$0.2M)." """
    if not facts:
        return None
    head = "Down its driver tree, " if facts[0].attributes["tree"] == "given" else "Seen another way, "
    return [head, *_listed(scene, facts), "."]


def below(scene: Scene, above: list[Fact], facts: list[Fact]) -> list[str | Ref] | None:
    """The parts of the figures that mattered, one step down."""
    weights = {_text(scene, f.values["name"]): abs(_effect(scene, f)) for f in above}
    most = max(weights.values(), default=0.0)
    told: list[str | Ref] = []
    for name in sorted(weights, key=lambda n: -weights[n]):
        parts = [f for f in facts if _text(scene, f.values["of"]) == name]
        if parts and weights[name] >= _MUCH * most and most:
            told += ["; within " if told else "Within ", Ref(parts[0].values["of"], "inside"), ", "]
            told += _listed(scene, parts)
    return [*told, "."] if told else None


def _listed(scene: Scene, facts: list[Fact]) -> list[str | Ref]:
    """Figures with how they moved and what that made."""
    parts: list[str | Ref] = []
    for position, fact in enumerate(facts):
        joint = "" if position == 0 else " and " if position == len(facts) - 1 else ", "
        parts += [joint, Ref(fact.values["name"], "inside"), *_moved(scene, fact)]
    return parts


def _moved(scene: Scene, fact: Fact) -> list[str | Ref]:
    growth, effect = fact.values.get("growth"), Ref(fact.values["effect"], "signed")
    points = [" points"] if _in_points(scene, fact.values["effect"]) else []
    if growth is None:
        return [" made ", effect, *points]
    if scene.sign(growth) == 0:
        return [" did not move"]
    return [" rose " if scene.sign(growth) > 0 else " fell ", Ref(growth, "percent_abs"), " (", effect, *points, ")"]


def _in_points(scene: Scene, ref: CellRef) -> bool:
    table = scene.tables[ref.table]
    unit = table.columns[table.column_index(ref.column)].unit
    return unit is not None and unit.name == "point"


def _text(scene: Scene, ref: CellRef) -> str:
    return str(scene.value(ref))


def _effect(scene: Scene, fact: Fact) -> float:
    found = number(scene.value(fact.values["effect"]))
    return float(found) if found is not None else 0.0
