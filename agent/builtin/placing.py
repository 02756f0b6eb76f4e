"""Puts adjectives and bare numbers on a column: over $500 on the money of an order, the oldest on an age or a date."""

from __future__ import annotations

from agent.builtin.lexicon import Lexicon, Ref
from agent.builtin.meaning import columns_for, sense
from agent.builtin.reading import Best, Cond, Noun, Reading, Top
from agent.builtin.resolve import Unresolved

_TOTALS = ("most in all", "least in all")
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
    _top_records(r)
    if r.best is not None and r.best.noun is None:
        _place_best(r, lexicon)


def _top_records(r: Reading) -> None:
    """`top 3 restaurants with the highest rating`: records by a number of their own need no adding up."""
    top = r.top
    if top is None or top.noun is None or top.by is None or r.asks or r.having or r.growth or r.grain or r.split:
        return
    own = [x for x in top.by.noun.of_kind("number") if x.table in top.noun.tables]
    groups = [g for g in r.groups if g is not top.noun]
    if not own or groups or top.by.agg not in (None, "max", "min", "sum", *_TOTALS) or r.best is not None:
        return
    r.best = Best(top.word, top.low, top.n, top.implied, Noun(tuple(own), top.by.noun.text, top.by.at))
    r.conds.extend(top.by.conds)
    r.top, r.groups = None, []
    if top.noun not in r.subjects:
        r.subjects.insert(0, top.noun)


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
