"""How the first of a ranking is introduced: by what it leads in, and by who shares the place."""

from __future__ import annotations

from agent.builtin.wording import metric
from agent.claims import Ref
from tools.evidence import Fact


def is_extreme(fact: Fact) -> bool:
    """Whether the figure is a highest or lowest one itself."""
    return metric(fact).startswith(("highest ", "lowest "))


def first_with(superlative: str, fact: Fact) -> str:
    """ "had the highest revenue"; a highest price is not called the highest highest one."""
    return f"{superlative.removesuffix('highest ') if is_extreme(fact) else superlative}{metric(fact)}"


def tied(fact: Fact) -> list[str | Ref]:
    """ " and Hats together" for two leaders that are level; "with others" for more."""
    if fact.attributes.get("tied") == "more":
        return [" and others, level with it,"]
    others = [ref for key, ref in sorted(fact.values.items()) if key.startswith("tied_name")]
    named = [part for ref in others for part in (", ", Ref(ref, "label"))][1:]
    return [" and ", *named, ", level with each other,"] if others else []
