"""What people mean when they name no figure: business is measured in money, unless they say otherwise."""

from __future__ import annotations

from dataclasses import replace

from agent.builtin.lexicon import Lexicon, Ref, described
from agent.builtin.reading import Noun
from agent.builtin.text import stem

_USUAL = ("revenue", "sales", "turnover", "income", "units", "quantity", "orders", "transactions", "profit", "margin")
_MONEY = ("revenue", "sales", "turnover", "income", "spend", "amount")
_PRODUCTS = ("product", "item", "article", "dish", "model", "service")


def default_noun(lexicon: Lexicon, said: str) -> Noun | None:
    """The usual figures of a model, money first, as the meaning of a word such as “best”; None without any money."""
    money = [r for r in _figures(lexicon, _MONEY) if not _is_cost(lexicon, r)]
    usual = _figures(lexicon, _USUAL)
    if not money and not (usual and _is_told(lexicon, usual[0])):
        return None
    every = [*money[:1], *(r for r in usual if not money or r.name != money[0].name)]
    return Noun(tuple(replace(r, weight=1.0 - 0.1 * at) for at, r in enumerate(every[:4])), said)


def _is_cost(lexicon: Lexicon, ref: Ref) -> bool:
    return getattr(described(lexicon.model, ref), "good", None) == "down"


def _is_told(lexicon: Lexicon, ref: Ref) -> bool:
    """Whether a person or a pack named the figure; what inference found says nothing about what people mean."""
    told = described(lexicon.model, ref)
    return told is not None and (told.confidence == 1 or bool(told.origin))


def viewed_noun(lexicon: Lexicon, ranked: Noun | None, said: str) -> Noun | None:
    """What ranks pages: how often they were viewed, or visits began there, and not the money that events bring."""
    if ranked is None or stem(ranked.text.split()[-1]) != "page":
        return None
    found = [r for words in (("page", "view"), ("visit",)) for r in lexicon.lookup(words) if r.is_figure][:2]
    return Noun(tuple(replace(r, weight=1.0 - 0.1 * at) for at, r in enumerate(found)), said) if found else None


def money_noun(lexicon: Lexicon, said: str = "money") -> Noun | None:
    """The model's money figure; None when it has none."""
    money = _figures(lexicon, _MONEY)
    return Noun((money[0],), said) if money else None


def product_noun(lexicon: Lexicon) -> Noun | None:
    """What a business sells, when the model has a name for it."""
    for word in _PRODUCTS:
        refs = lexicon.lookup((word,))
        if any(r.kind == "table" or r.is_column for r in refs):
            return Noun(tuple(refs), word)
    return None


def _figures(lexicon: Lexicon, words: tuple[str, ...]) -> list[Ref]:
    found: dict[str, Ref] = {}
    for word in words:
        for ref in lexicon.lookup((stem(word),)):
            if ref.is_figure and ref.weight >= 0.9:
                found.setdefault(ref.name, ref)
                break
    return list(found.values())


def _counts_of_events(lexicon: Lexicon) -> list[Ref]:
    """The number of records of the only table with dates, where there is one."""
    dated = [(name, table) for name, table in lexicon.model.tables.items() if table.time is not None]
    if len(dated) != 1:
        return []
    name, table = dated[0]
    counts = (n for n, m in table.measures.items() if m.agg == "count" and not m.where)
    return [Ref("measure", name, n) for n in counts][:1]


def event_noun(lexicon: Lexicon, said: str) -> Noun | None:
    """What makes a day busy: orders, visits; money when nothing is counted."""
    counted = _figures(lexicon, ("orders", "transactions", "visits", "bookings", "covers", "trips"))
    counted = counted or _counts_of_events(lexicon)
    usual = default_noun(lexicon, said)
    rest = [r for r in (usual.refs if usual else ()) if not counted or r.name != counted[0].name]
    refs = [*counted[:1], *rest]
    return Noun(tuple(replace(r, weight=1.0 - 0.1 * at) for at, r in enumerate(refs)), said) if refs else None
