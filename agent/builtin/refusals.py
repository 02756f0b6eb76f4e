"""Honest no: why a question is not answered, and the nearest ones that are."""

from __future__ import annotations

import re
from difflib import get_close_matches

from agent.builtin.lexicon import Lexicon, Ref
from agent.builtin.text import fold, stem, tokenize
from agent.builtin.vocabulary import AGGREGATES, HIGH, LOW, STOP_WORDS, WRITE_VERBS
from agent.plan import Decline
from warehouse.model.bags import bag

_MOST = 3
_NEAR = 0.78
_CLOSED = STOP_WORDS | HIGH | LOW | frozenset(AGGREGATES) | bag("number count amount many sold by per not or")
_INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget)\b.*\b(?:instruction|previous|above|rules|prompt)|system prompt|\byou are now\b",
    re.I,
)


def refuse_early(question: str) -> tuple[str, str] | None:
    """Code and reason for text that is no question to data at all: empty, orders to change data or the brain."""
    tokens = tokenize(fold(question))
    words = [t.low for t in tokens if t.kind == "word"]
    if not words:
        return "empty", "There is no question in this text."
    if _INJECTION.search(question):
        return "off_topic", "That asks me to work differently, not about the data."
    lead = [w for w in words[:4] if w not in ("please", "can", "could", "you", "i", "want", "to", "now")]
    if lead and lead[0] in WRITE_VERBS:
        return "read_only", "I only read data: nothing can be changed or deleted through a question."
    return None


def decline(lexicon: Lexicon, question: str, reason: str, code: str) -> Decline:
    """A decline with up to three questions that can be answered, those that share words with this one first."""
    return Decline(reason=reason, code=code, nearest=nearest(lexicon, question))


def unknown_words(lexicon: Lexicon, words: list[str]) -> str:
    """A sentence that names what was not understood, with a near name of the model when there is one."""
    content = [w for w in words if w.casefold() not in _CLOSED]
    shown = list(dict.fromkeys(content or words))[:3]
    quoted = " and ".join(f"“{w}”" for w in shown)
    near = [
        n
        for w in shown
        if len(w) > 3
        for n in get_close_matches(stem(w), sorted(lexicon.words), 1, _NEAR)
        if n != stem(w)
    ]
    hint = f" Did you mean {' or '.join(f'“{n}”' for n in near)}?" if near else ""
    return f"I do not know what {quoted} {'means' if len(shown) == 1 else 'mean'} in this data.{hint}"


def nearest(lexicon: Lexicon, question: str) -> list[str]:
    """Up to three answerable questions, by shared words, then in the model's order."""
    asked = {t.stem for t in tokenize(fold(question)) if t.low not in STOP_WORDS}
    candidates = [*lexicon.model.starters, *_made_up(lexicon)]
    scored = sorted(
        (-len(asked & {t.stem for t in tokenize(text)}), order, text)
        for order, text in enumerate(dict.fromkeys(candidates))
    )
    return [text for _, _, text in scored[:_MOST]]


def _made_up(lexicon: Lexicon) -> list[str]:
    model = lexicon.model
    made = []
    for name, table in model.tables.items():
        named = {table.name_column, *table.key}
        groups = (d for d, s in table.dimensions.items() if s.groupable and s.type == "text" and d not in named)
        group = next(groups, None)
        for measure in list(table.measures)[:3]:
            label = lexicon.label(Ref("measure", name, measure)).lower()
            made.append(f"What is the {label}?")
            if group:
                made.append(f"{label.capitalize()} by {lexicon.label(Ref('dim', name, group)).lower()}")
    return made
