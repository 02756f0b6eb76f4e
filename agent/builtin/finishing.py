"""Last looks at a whole reading: what bare words turn out to be once everything around them is known."""

from __future__ import annotations

from dataclasses import replace

from agent.builtin.dates import Said, Today, calendar_units
from agent.builtin.days import Period, add
from agent.builtin.lexicon import Lexicon, Ref
from agent.builtin.reading import Ask, Noun, Reading, When
from agent.builtin.rules_plain import ranked_records
from agent.builtin.text import tokenize
from agent.builtin.times import time_at
from warehouse.model.words import singular


def finish(r: Reading, today: Today, lexicon: Lexicon) -> None:
    """Settle subjects, plain lists and periods of a reading in place."""
    _said_again(r)
    _bare_subject(r)
    _bare_count(r, lexicon)
    _date_of_the_deed(r)
    _plain_list(r)
    ranked_records(r, lexicon)
    _default_period(r, today)
    _whole_units(r, today)


def _said_again(r: Reading) -> None:
    """A figure that a later sentence names again, with the same conditions, is the same figure."""
    seen: list[tuple[object, ...]] = []
    for ask in list(r.asks):
        told = (ask.agg, ask.noun.refs, [(c.op, c.values, c.matches) for c in ask.conds])
        if ask.sentence and ask.conds and told in seen:
            r.asks.remove(ask)
        seen.append(told)


def _bare_subject(r: Reading) -> None:
    """`customers with at least 5 orders`: a kind of record that a clause narrows is a subject, no figure."""
    clause = r.having or r.relations or r.amounts
    if clause and not r.asks and not r.subjects and r.columns and r.columns[0].tables:
        r.subjects.append(r.columns.pop(0))
    if clause and len(r.asks) == 1 and r.asks[0].agg is None and r.asks[0].noun.tables:
        r.subjects.insert(0, r.asks.pop().noun)


def _asked_for_then(r: Reading) -> bool:
    """`what was the temperature on 3 May`: one number at one time, not a list of records."""
    return (
        bool(r.whens) and len(r.columns) == 1 and r.columns[0].text.casefold() == singular(r.columns[0].text.casefold())
    )


def _natural(noun: Noun, lexicon: Lexicon) -> Ask:
    """An amount in all, any other number as its average: satisfaction by agent."""
    numbers = tuple(noun.of_kind("number"))
    added = tuple(x for x in numbers if _adds_up(x, lexicon))
    return Ask("in all" if added else "avg", Noun(added or numbers, noun.text, noun.at), noun.at)


def _is_number(noun: Noun) -> bool:
    return bool(noun.of_kind("number")) and not noun.tables


def _adds_up(ref: Ref, lexicon: Lexicon) -> bool:
    return lexicon.model.tables[ref.table].numbers[ref.name].additive == "all"


def _bare_count(r: Reading, lexicon: Lexicon) -> None:
    """`products by category`, `categories with a margin above 20%`: an amount is added up, else records are counted."""
    if r.comparing and not (r.asks or r.columns) and r.groups and all(_is_number(n) for n in r.groups):
        r.columns, r.groups = r.groups, []  # `compare Ajax and Celtic by goals`
    plain = not (r.asks or r.subjects or r.top or r.listing or r.relations or r.amounts) and r.columns
    if not plain:
        return
    split = (
        _asked_for_then(r)
        or r.groups
        or r.grain
        or r.trend
        or r.running
        or r.versus
        or r.comparing
        or r.compare
        or r.split
    )
    if split and all(_is_number(n) for n in r.columns):
        if _per_record(r):
            return
        for noun in r.columns:
            r.asks.append(_natural(noun, lexicon))
        r.columns = []
        return
    if len(r.columns) != 1:
        return
    if r.having and not r.groups and not r.columns[0].tables:
        r.groups.append(r.columns.pop())
    elif r.columns[0].tables and not r.having and (r.groups or any(w.verb for w in r.whens)):
        r.subjects.append(r.columns.pop())


def _per_record(r: Reading) -> bool:
    """`cost per delivery`, asked of deliveries: their average, and no list of deliveries."""
    own = {x.table for noun in r.columns for x in noun.of_kind("number")}
    each = next((n for n in r.within if n in r.groups and own <= set(n.tables)), None)
    if each is None or len(r.columns) != 1 or len(own) != 1 or r.top is not None or r.grain is not None:
        return False
    r.groups.remove(each)
    r.within.remove(each)
    r.per = each
    r.asks.append(Ask(None, r.columns.pop(), 0))
    return True


def _plain_list(r: Reading) -> None:
    """`names and ages for every singer`, `each charge type and its amount`: without a figure nothing is grouped."""
    shaped = r.having or r.top or r.share or r.rank or r.running or r.grain or r.trend or r.compare or r.split or r.per
    if r.asks or shaped or not r.groups or not r.listing:
        return
    for noun in r.groups:
        if noun.tables and (r.columns or not noun.columns):
            r.subjects.append(noun)
        else:
            r.columns.append(noun)
    r.groups = []
    r.columns.sort(key=lambda n: n.at)


def _date_of_the_deed(r: Reading) -> None:
    """`tickets closed by Ana in March`: the period is that of the closing."""
    deeds = [c.noun for c in r.conds if c.op == "not_null" and c.noun is not None and c.noun.of_kind("time")]
    if len(deeds) == 1:
        for when in r.whens:
            when.noun = when.noun if when.noun or when.verb else deeds[0]


def _whole_units(r: Reading, today: Today) -> None:
    """`the last 12 months by month` and `the last 30 days`: as many whole units as were said, no stumps."""
    for when in r.whens:
        said = when.hit.said
        if said is not None and said.rolling and said.count and said.count[1] == r.grain and said.count[1] != "day":
            whole = calendar_units(*said.count, today)
            when.hit = replace(when.hit, period=whole.period, said=whole)
        elif len(r.whens) == 1 and said is not None and said.rolling and _is_plain(said, today):
            whole = calendar_units(days_of(said), "day", replace(today, day=add(today.day, int(today.complete), "day")))
            when.hit = replace(when.hit, period=whole.period, said=whole)


def _is_plain(said: Said, today: Today) -> bool:
    """Whether nothing was said about counting today in or out."""
    days = days_of(said)
    return days > 0 and said.period == Period(add(today.day, -days, "day"), add(today.day, 1, "day"))


def days_of(said: Said) -> int:
    """How many days were said, 0 for other units."""
    return said.count[0] if said.count and said.count[1] == "day" else 0


def _default_period(r: Reading, today: Today) -> None:
    """`revenue growth` without a period: this year so far against the same days of last year."""
    if (r.growth or r.compare == "same_date_last_year") and not r.whens and not r.grain and not r.trend:
        hit = time_at(tokenize("this year to date"), 0, today)
        if hit is not None:
            r.whens.append(When(hit))
            r.compare = "same_date_last_year"
