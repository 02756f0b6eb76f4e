"""Applies the choice a person made between the meanings of a phrase, so that the same words are read once more."""

from __future__ import annotations

from dataclasses import replace

from agent.builtin.lexicon import Ref
from agent.builtin.reading import Noun, Reading


def quoted_in(reason: str) -> str:
    """The phrase in quotes that a reason is about; empty when it is about the whole question."""
    return reason.split("“", 1)[1].split("”", 1)[0] if "“" in reason else ""


def forced_to(reading: Reading, forced: dict[str, str]) -> Reading:
    """Narrow phrases to the choice that was made for them."""

    def narrowed(noun: Noun) -> Noun:
        choice = forced.get(noun.text)
        kept = tuple(r for r in noun.refs if choice is None or r.field == choice or not r.is_column)
        return replace(noun, refs=kept) if kept else noun

    for cond in reading.conds:
        choice = forced.get(cond.text)
        if choice and cond.matches:
            table, name = choice.split(".", 1)
            cond.noun = Noun((Ref("dim", table, name),), cond.text)
            cond.matches = tuple(m for m in cond.matches if f"{m.table}.{m.dimension}" == choice)
        elif cond.noun:
            cond.noun = narrowed(cond.noun)
    reading.groups = [narrowed(n) for n in reading.groups]
    reading.columns = [narrowed(n) for n in reading.columns]
    base = forced.get("")
    if base:
        reading.subjects.append(Noun((Ref("table", base, base),), base, lead="forced"))
        for ask in reading.asks:
            kept = tuple(r for r in ask.noun.refs if r.table in (base, ""))
            ask.noun = replace(ask.noun, refs=kept or ask.noun.refs)
    return reading
