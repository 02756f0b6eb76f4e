"""Kinds of facts that are read and not computed: what a word means, what a source says is usual."""

from __future__ import annotations

from tools.factbook.kind import FactKind

_MARK = {"mark": ""}

KINDS: tuple[FactKind, ...] = (
    FactKind(
        "meaning", "look_up", "What a word of the trade means, with the passage that says so.",
        "name:text meaning:text passage:text?",
        "{name}", "{name}: {meaning}[. {passage}].", attributes=_MARK, segment=(),
    ),
    FactKind(
        "usual", "look_up", "What a source says is usual for a figure, for whom and in which year.",
        "population:text low:amount high:amount? year:text source:text",
        "Usual for {population}: {low}[ to {high}]",
        "For {population}, {source} gives {low}[ to {high}] for {metric} in {year}.", attributes=_MARK, segment=(),
    ),
)  # fmt: skip
