"""Questions back: only between readings that differ, at most four, each with its meaning; and answers typed to them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.builtin.acts import number_of
from agent.builtin.text import fold, stem, tokenize
from agent.plan import Clarify, Decision, Option, Plan

MOST_OPTIONS = 4
_NUMBERED = re.compile(
    r"(?:(?:the |option |number |no |#)*)(?P<n>\d|one|two|three|four|first|second|third|fourth|1st|2nd|3rd|4th|last)"
    r"(?: (?:one|option|choice))?", re.I
)  # fmt: skip
_FILLER = frozenset(
    [
        "the",
        "a",
        "an",
        "i",
        "mean",
        "meant",
        "want",
        "by",
        "please",
        "option",
        "choose",
        "take",
        "use",
        "with",
        "of",
        "it",
        "one",
        "ok",
        "yes",
    ]
)


def settled(decision: Decision) -> Decision:
    """A question back whose options all run the same query is no question; the others keep at most four options."""
    if not isinstance(decision, Clarify):
        return decision
    unique: dict[str, Option] = {}
    for option in decision.options:
        unique.setdefault(str(option.patch.get("steps")), option)
    options = list(unique.values())[:MOST_OPTIONS]
    if len(options) == 1 and options[0].patch:
        plan = Plan.model_validate({"kind": "plan", **options[0].patch})
        return plan.model_copy(update={"confidence": min(plan.confidence, 0.9)})
    return decision.model_copy(update={"options": options})


def chosen(text: str, options: Sequence[Option]) -> Option | None:
    """The option that a typed reply means: its value, label, place (“2”, “the second one”) or some of its words.

    None when the reply fits none of them, or several.
    """
    plain = fold(text).strip(" .!?").casefold()
    for option in options:
        if plain in (option.value.casefold(), option.label.casefold()):
            return option
    placed = _NUMBERED.fullmatch(plain)
    if placed:
        place = len(options) if placed["n"].lower() == "last" else number_of(placed["n"]) or 0
        return options[place - 1] if 1 <= place <= len(options) else None
    words = _words(plain)
    fitting = [o for o in options if words and words <= _words(o.label)]
    return fitting[0] if len(fitting) == 1 else None


def _words(text: str) -> set[str]:
    return {stem(t.low) for t in tokenize(fold(text)) if t.kind in ("word", "number", "quoted")} - _FILLER
