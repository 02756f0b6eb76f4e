"""A pack's passages as a library keeps them: with the trade's own words and questions for what each is about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.packs.parts import Metric
from knowledge.packs.schema import Pack
from knowledge.packs.schema import Passage as Written
from knowledge.passage import Passage

_FIELD = re.compile(r"\{(?:\w+\.)?(\w+)\}")


def shelved(pack: Pack) -> list[Passage]:
    """The passages, each with the words and sentences of the terms, metrics and playbooks that point at it."""
    return [
        Passage(id=p.id, title=p.title, text=p.text, also=_also(pack, p), told=tuple(dict.fromkeys(_told(pack, p))))
        for p in pack.passages
    ]


def glossary(pack: Pack) -> tuple[tuple[str, ...], ...]:
    """The trade's words that mean the same, a group for each figure, term, kind of record and column."""
    named: list[tuple[str, ...]] = [(m.label, *m.synonyms) for m in (*pack.metrics.values(), *pack.terms.values())]
    for entity in pack.entities.values():
        named.append((entity.label, *entity.synonyms, *entity.names))
        named += [(c.label or name.replace("_", " "), *c.synonyms) for name, c in entity.columns.items()]
    return tuple(dict.fromkeys(group for group in named if len(group) > 1))


def _also(pack: Pack, passage: Written) -> tuple[str, ...]:
    words = [*passage.also]
    for term in pack.terms.values():
        if term.see == passage.id:
            words += [term.label, *term.synonyms]
    for metric in _figures(pack, passage):
        words += [metric.label, *metric.synonyms]
    words += [book.label for book in pack.playbooks.values() if book.see == passage.id]
    known = {passage.title.casefold()}
    return tuple(w for w in dict.fromkeys(words) if w.casefold() not in known)


def _told(pack: Pack, passage: Written) -> Iterator[str]:
    """What the pack says of a passage's matter elsewhere: what words and figures mean, what to look at and to do."""
    opening = ". ".join(f"{passage.title}. {passage.text}".casefold().split(". ")[:2])
    for term in pack.terms.values():
        if term.see == passage.id:
            yield f"{term.label}: {term.means}"
    known = _figures(pack, passage)
    for metric in pack.metrics.values():
        if metric in known or re.search(rf"\b{re.escape(metric.label.casefold())}\b", opening):
            yield f"{metric.label}: {metric.means}"
    for book in pack.playbooks.values():
        if book.see == passage.id:
            yield from (_plain(f"{check.ask} {check.why or ''}") for check in book.checks)
            yield from (_plain(action) for action in book.actions)


def _figures(pack: Pack, passage: Written) -> list[Metric]:
    """The figures that a passage explains: by a term that points at it, or by its title."""
    about = {t.metric for t in pack.terms.values() if t.see == passage.id and t.metric}
    title = passage.title.casefold()
    return [m for name, m in pack.metrics.items() if name in about or m.label.casefold() == title]


def _plain(text: str) -> str:
    """A template with its fields as words: {hotel.hotel_name} -> hotel name."""
    return _FIELD.sub(lambda field: field[1].replace("_", " "), text).strip()
