"""Puts adjectives and bare numbers on a column: over $500 on the money of an order, the oldest on an age or a date."""

from __future__ import annotations

from agent.builtin.lexicon import Lexicon, Ref
from agent.builtin.meaning import columns_for, sense
from agent.builtin.reading import Cond, Noun, Reading, Top
from agent.builtin.resolve import Unresolved

_BY_MONEY = ("size", "value", "price")


def place(r: Reading, lexicon: Lexicon) -> None:
    """Give amounts and superlatives their columns. Raises `Unresolved` when none or several would fit."""
    waiting, r.amounts = r.amounts, []
    for cond in waiting:
        columns = _amount_columns(cond, lexicon)
        if columns:
            r.conds.append(Cond(cond.op, cond.values, noun=Noun(tuple(columns), cond.text), text=cond.text))
        else:
            if cond.noun is not None and cond.noun.text == "" and _amount_table_is_bare(cond, lexicon):
                cond.noun = Noun(cond.noun.refs, "$")
                r.assumed.append(f"“{cond.text}” is an amount of money")
            r.amounts.append(cond)
    if r.best is not None and r.best.noun is None:
        _place_best(r, lexicon)


def _amount_table_is_bare(cond: Cond, lexicon: Lexicon) -> bool:
    return not any(lexicon.model.tables[t].numbers for t in (cond.noun.tables if cond.noun else []))


def _amount_columns(cond: Cond, lexicon: Lexicon) -> list[Ref]:
    tables = cond.noun.tables if cond.noun else []
    said = cond.noun.text if cond.noun else ""
    if said not in ("", "$"):
        return [ref for t in tables for ref, high in columns_for(lexicon, t, said)]
    found = []
    for table in tables:
        for name, spec in lexicon.model.tables[table].numbers.items():
            money = spec.unit is not None and (spec.unit.currency or spec.unit.currency_column)
            if said == "" or money:
                found.append(Ref("number", table, name))
    return found


def _place_best(r: Reading, lexicon: Lexicon) -> None:
    """The column an adjective is about; a large or dear kind of record without one is ranked by its money."""
    best = r.best
    subject = r.subjects[-1] if r.subjects else r.which
    if best is None or subject is None:
        return
    found = [(ref, high) for t in subject.tables for ref, high in columns_for(lexicon, t, best.word)]
    kind = (sense(best.word) or ("", True))[0]
    if not found and kind in _BY_MONEY:
        r.top, r.best = Top(best.n, best.low, noun=subject, implied=best.implied, word=best.word), None
        return
    if not found:
        raise Unresolved(f"It is not clear which field says what is “{best.word}”.", "no_figure")
    usual = sense(best.word)
    flipped = usual is not None and found[0][1] != usual[1]
    best.low = best.low != flipped
    best.noun = Noun(tuple(ref for ref, _ in found), best.word)
