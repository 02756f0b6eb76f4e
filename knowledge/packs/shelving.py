"""A pack's passages as a library keeps them: with the trade's own words and abbreviations for what each is about."""

from __future__ import annotations

from knowledge.packs.schema import Pack
from knowledge.passage import Passage


def shelved(pack: Pack) -> list[Passage]:
    """The passages, each with the words of the terms, metrics and playbooks that point at it."""
    return [Passage(id=p.id, title=p.title, text=p.text, also=_also(pack, p.id, p.title)) for p in pack.passages]


def glossary(pack: Pack) -> tuple[tuple[str, ...], ...]:
    """The trade's words that mean the same, a group for each figure, term, kind of record and column."""
    named: list[tuple[str, ...]] = [(m.label, *m.synonyms) for m in (*pack.metrics.values(), *pack.terms.values())]
    for entity in pack.entities.values():
        named.append((entity.label, *entity.synonyms, *entity.names))
        named += [(c.label or name.replace("_", " "), *c.synonyms) for name, c in entity.columns.items()]
    return tuple(dict.fromkeys(group for group in named if len(group) > 1))


def _also(pack: Pack, passage: str, title: str) -> tuple[str, ...]:
    words: list[str] = []
    for term in pack.terms.values():
        if term.see == passage:
            words += [term.label, *term.synonyms]
    about = {t.metric for t in pack.terms.values() if t.see == passage and t.metric}
    for name, metric in pack.metrics.items():
        if name in about or metric.label.casefold() == title.casefold():
            words += [metric.label, *metric.synonyms]
    words += [book.label for book in pack.playbooks.values() if book.see == passage]
    known = {title.casefold()}
    return tuple(w for w in dict.fromkeys(words) if w.casefold() not in known)
