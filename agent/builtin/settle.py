"""Decides what bare names do, once the whole question is read: group, rank, count, compare or make a share."""

from __future__ import annotations

from agent.builtin.defaults import default_noun, money_noun, viewed_noun
from agent.builtin.lexicon import Lexicon
from agent.builtin.reading import Ask, Having, Noun, Reading
from agent.builtin.resolve import Unresolved

_ALWAYS = ("<", "<=", "!=")


def settle(r: Reading, lexicon: Lexicon) -> None:
    """Complete a reading that asks for figures. Raises `Unresolved` when what is wanted stays open."""
    if r.apart:
        raise Unresolved("These are two questions: please ask them one at a time.", "two_questions")
    _sides(r, lexicon)
    _amounts(r, lexicon)
    _having(r)
    if r.everyone:
        raise Unresolved("A list of all of them, with and without records, is not supported yet.", "not_supported_yet")
    if r.groups and r.columns and not (r.asks or r.having or r.top):
        raise Unresolved("It is not clear which figure is wanted.", "no_figure")
    if r.part and not r.asks and r.top is None and not r.having:
        noun = default_noun(lexicon, r.part)
        r.asks += [Ask(None, noun)] if noun else []
    if r.running and r.grain is None:
        r.trend = True
    if r.growth in ("change",) and r.top is None and r.groups:
        r.growth = "growth"
    _count_subject(r)
    _ranking(r, lexicon)


def _sides(r: Reading, lexicon: Lexicon) -> None:
    """Two values that were held against one another split the figure."""
    lists = [c for c in r.conds if c.op == "in"]
    if r.versus is None and r.comparing and r.compare is None and not r.groups and len(lists) == 1:
        r.versus = lists[0]
    if r.versus is None:
        return
    if not r.asks and r.top is None:
        noun = default_noun(lexicon, "compared")
        if noun is None:
            raise Unresolved("It is not clear which figure to compare.", "no_figure")
        r.asks.append(Ask(None, noun))
    fields = list(dict.fromkeys((m.table, m.dimension) for m in r.versus.matches))
    if not r.groups:
        from agent.builtin.lexicon import Ref

        r.groups.append(Noun(tuple(Ref("dim", t, d) for t, d in fields), r.versus.text))


def _amounts(r: Reading, lexicon: Lexicon) -> None:
    """`orders over $500`: each order's money has to be that much."""
    for cond in r.amounts:
        noun = money_noun(lexicon, cond.text) if cond.noun and cond.noun.text == "$" else None
        if noun is None or cond.op == "between" or not r.subjects:
            raise Unresolved(f"It is not clear what should be “{cond.text}”.", "no_figure")
        r.having.append(Having(Ask(None, noun), cond.op, cond.values[0]))  # type: ignore[arg-type]


def _having(r: Reading) -> None:
    if r.having and not r.groups and r.top is None:
        counted = r.asks and not all(any(a is h.ask for h in r.having) for a in r.asks)
        if counted or not r.subjects:
            raise Unresolved("Counting groups that meet a condition is not supported yet.", "not_supported_yet")
        r.groups.append(r.subjects[0])
    if any(h.op in _ALWAYS for h in r.having if h.ask.agg == "count"):
        raise Unresolved("Groups without any records would be missing from this list.", "not_supported_yet")


def _count_subject(r: Reading) -> None:
    """What is asked for when no figure was named."""
    if not r.asks and r.top is None and r.which is not None and r.columns == [] and r.having:
        r.groups.insert(0, r.which)
    follows = bool(r.groups) and r.listing and bool(r.subjects) and r.subjects[0].at > r.groups[0].at
    if not r.asks and r.top is None and r.subjects and not r.having and not follows:
        r.asks.append(Ask("count", r.subjects[0]))
        r.counted = True


def _ranking(r: Reading, lexicon: Lexicon) -> None:
    if r.top is not None and r.top.by is None:
        r.top.by = next((a for a in r.asks), None)
    if r.top is not None and r.top.noun is not None and r.top.noun not in r.groups:
        r.groups.insert(0, r.top.noun)
    elif r.which is not None and r.asks and r.which not in r.groups and r.which in r.subjects and not r.top:
        r.groups.insert(0, r.which)
    if r.n is not None and (r.top is None or r.top.n != r.n):
        raise Unresolved(f"It is not clear which {r.n} are meant.", "no_figure")
    if r.comparing and r.compare is None and not r.groups:
        raise Unresolved("It is not clear what to compare.", "no_period")
    if r.top is not None and r.top.by is None:
        said = "best" if r.top.word in ("", "popular") else r.top.word
        noun = viewed_noun(lexicon, r.top.noun, said) or default_noun(lexicon, said)
        if noun is None:
            raise Unresolved("It is not clear by which figure to rank.", "unranked")
        r.top.by = Ask(None, noun)
