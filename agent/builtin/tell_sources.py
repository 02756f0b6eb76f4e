"""Connected sources, told: how each is, what a load brought, what a source said just now."""

from __future__ import annotations

from agent.builtin.scene import Scene
from agent.claims import Ref, Sentence, escape
from tools.evidence import Fact

_STATES = {
    "new": " was not loaded yet", "fresh": " is fresh", "stale": " was not refreshed for a while",
    "attention": " needs a look: some rows were put aside", "failing": " has a problem: something could not be read",
    "listening": " waits for the source to call",
}  # fmt: skip


def states(scene: Scene) -> list[tuple[Sentence, ...]]:
    """One sentence a source; the table has the rest."""
    facts = [f for f in scene.evidence.facts if f.kind == "source_state"]
    if not facts:
        return [(["Nothing is connected yet."],)]
    return [tuple(_state(f) for f in facts)]


def refreshed(scene: Scene) -> list[tuple[Sentence, ...]]:
    """What a load brought."""
    fact = next((f for f in scene.evidence.facts if f.kind == "source_refreshed"), None)
    if fact is None:
        return []
    rows = fact.values["rows"]
    if scene.value(rows) == 0:
        return [([f"{escape(fact.attributes['source'])} is up to date: nothing was new."],)]
    return [([f"{escape(fact.attributes['source'])} was loaded: ", Ref(rows), " new or changed rows."],)]


def looked_up(scene: Scene) -> list[tuple[Sentence, ...]]:
    """What the source said, and when it was asked."""
    facts = [f for f in scene.evidence.facts if f.kind == "live_value"]
    if not facts:
        return [(["The source gave no value."],)]
    first, *rest = facts
    head: list[str | Ref] = [f"The {escape(first.attributes['what'])} at {escape(first.attributes['source'])} is ",
                      Ref(first.values["value"]), " ", Ref(first.values["currency"], "label")]  # fmt: skip
    for more in rest:
        head += [", ", Ref(more.values["value"]), " ", Ref(more.values["currency"], "label")]
    return [([*head, "."], ["Asked on ", Ref(first.values["when"], "label"), "; no copy was kept."])]


def _state(fact: Fact) -> Sentence:
    said: list[str | Ref] = [Ref(fact.values["name"], "label"), _STATES[fact.attributes["state"]], ": ",
                      Ref(fact.values["rows"]), " rows"]  # fmt: skip
    if "when" in fact.values:
        said += [", last loaded on ", Ref(fact.values["when"], "label")]
    return [*said, "."]
