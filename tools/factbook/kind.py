"""What a kind of fact is: its typed values, what it is about, and how it reads at three lengths."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ValueType = Literal["amount", "move", "growth", "share", "points", "count", "member", "period", "text"]
Length = Literal["short", "normal", "long"]

STYLES: dict[ValueType, str] = {
    "amount": "auto", "move": "signed", "growth": "percent_abs", "share": "full", "points": "points", "count": "full",
    "member": "label", "period": "label", "text": "full",
}  # fmt: skip
"""The style of `agent.format` in which a value of a type is written into a sentence."""

MEANINGS: dict[ValueType, str] = {
    "amount": "a figure in the metric's own unit",
    "move": "a difference in the metric's own unit, told with its sign",
    "growth": "a relative change (0.1 = 10 % more), told without its sign: words say up or down",
    "share": "a part of a whole or a probability, 0-1",
    "points": "a difference of two percentages",
    "count": "how many",
    "member": "the name of a group",
    "period": "a day, week, month … or a stretch of them",
    "text": "words, from the data or the question",
}


@dataclass(frozen=True)
class FactKind:
    """A kind of fact.

    `values` is a line like "name:member value:amount share:share?": name and type, `?` when it may be missing, `*` for
    any number of values whose names begin so. `attributes` are words the fact carries beside its cells, with the words
    allowed ("" = any). `segment` names the values that say which part of the data it is about.

    The texts are templates: `{value}` is a cell, `{metric}` and `{Metric}` the figure's name, `{was}` and `{has}` agree
    with it; `{@direction:up=rose|down=fell}` takes a word by an attribute, `{~growth:up|down|level}` by the sign of a
    value, `{#count:order|orders}` writes a count with its noun. What stands in `[ ]` is left out when a value in it is
    missing.
    """

    name: str
    tool: str
    meaning: str
    values: str
    short: str
    normal: str
    long: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    segment: tuple[str, ...] = ("name",)

    def text(self, length: Length) -> str:
        """The template of a length; without one of its own, long is normal."""
        return {"short": self.short, "normal": self.normal, "long": self.long or self.normal}[length]

    def typed(self) -> dict[str, tuple[ValueType, bool]]:
        """Type of each value by name, and whether it may be missing; a name ending in `*` stands for several."""
        found: dict[str, tuple[ValueType, bool]] = {}
        for item in self.values.split():
            name, _, kind = item.partition(":")
            found[name] = (_type(kind.rstrip("?")), kind.endswith("?"))
        return found

    def type_of(self, value: str) -> ValueType | None:
        """The type of the value `value`, None when the kind knows no such value."""
        typed = self.typed()
        if value in typed:
            return typed[value][0]
        return next((t for n, (t, _) in typed.items() if n.endswith("*") and value.startswith(n[:-1])), None)


def _type(text: str) -> ValueType:
    return next(t for t in MEANINGS if t == text)
