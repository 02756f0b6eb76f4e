"""Reads the shape of an answer: groups, grains, comparisons, shares, ranks, sorting and the columns asked for."""

from __future__ import annotations

from agent.builtin.cursor import Cursor
from agent.builtin.graph import reachable
from agent.builtin.meaning import sense
from agent.builtin.reading import Ask, Noun, Reading, When
from agent.builtin.rules_figures import figure_noun, read_aggregate, read_count
from agent.builtin.vocabulary import (
    CALENDARS,
    GRAINS,
    GROUP_LEADS,
    GROUP_TAILS,
    HIGH,
    LOW,
    ORDER_WORDS,
    SHARE_LEADS,
    TIME_VERBS,
    TREND_WORDS,
    UNIT_WORDS,
)
from warehouse.model.bags import bag

_EACH = bag("each every per within")


def read_time(c: Cursor, r: Reading) -> bool:
    """A window, perhaps with the verb that says which date is meant (`joined in 2022`)."""
    verb, used = time_verb(c)
    if verb and (hit := c.time(used)):
        noun = r.subjects[-1] if r.subjects else None
        r.whens.append(When(hit, verb, noun))
        c.i += used + hit.tokens
        return True
    hit = c.time()
    if hit is None:
        return False
    noun_here = c.noun()
    if noun_here and noun_here[1] >= hit.tokens and not hit.part:
        return False
    r.whens.append(When(hit, c.verb or None, (r.subjects[-1] if r.subjects else None) if c.verb else None))
    c.verb = ""
    if hit.each:
        r.grain = hit.each
    c.i += hit.tokens
    return True


def time_verb(c: Cursor) -> tuple[str, int]:
    """A verb of a date (`who signed up`) and the tokens up to and including it."""
    start = 0
    while c.low(start) in (
        "who",
        "that",
        "which",
        "were",
        "was",
        "have",
        "has",
        "had",
        "been",
        "are",
        "is",
        "they",
        "first",
    ):
        start += 1
    for verb in TIME_VERBS:
        words = tuple(verb.split())
        if c.at(*words, offset=start):
            return verb, start + len(words)
    return "", 0


def read_grain(c: Cursor, r: Reading) -> bool:
    """monthly, by month, each week, over time: one row a period."""
    if c.low() in GRAINS:
        r.grain = GRAINS[c.low()]
        c.i += 1
        return True
    trend = c.first(TREND_WORDS)
    if trend:
        r.trend = True
        c.i += trend
        return True
    lead = c.first(GROUP_LEADS)
    n = lead + (1 if lead and c.low(lead) in ("the", "each") else 0)
    calendar = CALENDARS.get(c.low(n)) if lead else None
    n += calendar is not None
    token = c.token(n)
    if not lead or token is None or (token.stem not in UNIT_WORDS and not (calendar and token.stem == "period")):
        return False
    noun = c.noun(n)
    if noun and (noun[1] > 1 or token.stem in ("year", "date")) and noun[0].of_kind("dim", "time"):
        return False
    if token.stem == "day" and c.at("of", "the", "week", offset=n + 1):
        return False
    if noun and token.low != token.stem and (noun[0].figures or noun[0].of_kind("number")):
        return False  # `by hours`: the figure, where `by hour` is the time of day
    grain = UNIT_WORDS.get(token.stem, "month")
    if r.grain not in (None, grain):
        return False
    r.grain, r.calendar = grain, calendar or r.calendar
    c.i += n + 1
    return True


def read_group(c: Cursor, r: Reading) -> bool:
    """by region, per store and channel, for each customer; a figure after `by` ranks instead."""
    lead = c.first(GROUP_LEADS)
    if not lead:
        return _group_tail(c, r)
    open_rank = r.top is not None and (r.top.by is None or r.top.by.agg == "popular")
    if open_rank and c.low(lead - 1) == "by" and _rank_by(c, r, lead):
        return True
    found = figure_noun(c, lead)
    if found is None or found.distinct or (found.conds and c.low() != "each"):
        return False
    if c.low() == "per" and lead == 1 and _divides(r, found.noun):
        r.per = found.noun
        c.i += lead + found.length
        r.group_end = c.i
        return True
    after = c.low(lead + found.length)
    text = c.tokens[c.i + lead + found.length - 1]
    if c.low(1) == "all" and c.low() in ("for", "across") and _whole_table(c, r, found.noun):
        r.subjects.append(found.noun)
        c.i += lead + found.length
        return True
    if (
        c.low() == "by"
        and found.noun.tables
        and text.low != text.stem
        and after in ("who", "that", "from", "with", "whose", "in")
    ):
        r.subjects.append(found.noun)
    else:
        r.groups.append(found.noun)
        if _EACH & {c.low(k) for k in range(lead)} or (r.top is not None and r.top.noun is not None):
            r.within.append(found.noun)
        r.everyone = r.everyone or (c.at("for", "all") and bool(found.noun.tables))
    r.conds.extend(found.conds)
    c.i += lead + found.length
    _more_groups(c, r)
    r.group_end = c.i
    return True


def _whole_table(c: Cursor, r: Reading, noun: Noun) -> bool:
    """`average capacity for all stadiums`: all rows of the table that the figures are about, and no groups."""
    near = {t for table in noun.tables for t in reachable(c.lexicon.model, table)}
    about = [x for a in r.asks for x in (*a.noun.columns, *a.noun.figures)]
    return (
        bool(noun.tables)
        and not r.groups
        and bool(about)
        and all(x.table in near for x in about)
        and not any(a.noun.tables for a in r.asks)
    )


def _divides(r: Reading, noun: Noun) -> bool:
    """`revenue per customer` is an average; `how many orders per customer` and `revenue per region` are splits."""
    plain = len(r.asks) == 1 and r.asks[0].agg is None and not r.asks[0].noun.tables
    named = len(r.asks) == 1 and r.asks[0].agg is None and bool(r.asks[0].noun.figures)
    return bool(noun.tables) and (plain or named) and r.top is None and r.grain is None and not r.groups


def _more_groups(c: Cursor, r: Reading) -> None:
    """… and channel, and month: further groups of the same list."""
    while c.low() in ("and", ",", "&"):
        step = 2 if c.at(",", "and") else 1
        step += 1 if c.low(step) in ("by", "per") else 0
        token = c.token(step)
        found = c.noun(c.skip_determiners(step))
        if found and found[0].columns and c.low(c.skip_determiners(step) + found[1]) not in (">", "<", "over", "under"):
            r.groups.append(found[0])
            c.i += c.skip_determiners(step) + found[1]
        elif token is not None and token.stem in UNIT_WORDS and r.grain is None:
            r.grain = UNIT_WORDS[token.stem]
            c.i += step + 1
        else:
            return


def _group_tail(c: Cursor, r: Reading) -> bool:
    """`channel breakdown`, `status distribution`."""
    found = c.noun()
    if not found or not found[0].columns or c.low(found[1]) not in GROUP_TAILS:
        return False
    r.groups.append(found[0])
    c.i += found[1] + 1
    return True


def _rank_by(c: Cursor, r: Reading, lead: int) -> bool:
    """top 5 products by revenue: the figure that ranks."""
    assert r.top is not None
    probe = Reading()
    saved, c.i = c.i, c.i + lead
    if read_count(c, probe) or read_aggregate(c, probe):
        r.top.by = probe.asks[0]
        return True
    found = figure_noun(c)
    if found and (found.noun.figures or found.noun.of_kind("number", "table")):
        r.top.by = Ask(None, found.noun, c.i, found.conds)
        c.i += found.length
        return True
    c.i = saved
    return False


def read_share(c: Cursor, r: Reading) -> bool:
    """share of total revenue by channel; rank of each store."""
    whole = c.noun()
    if whole and whole[0].figures and whole[1] > 1:
        return False  # “share of units returned” may be a figure of its own
    lead = c.first(SHARE_LEADS) or (1 if c.low() in ("share", "shares") and r.asks and not c.noun() else 0)
    if lead:
        r.share = True
        c.i += lead
        return True
    if c.low() in ("rank", "ranking") and c.low(1) in ("of", "by"):
        probe = Reading()
        saved, c.i = c.i, c.i + 2
        if not (read_count(c, probe) or read_aggregate(c, probe)):
            c.i = saved
            return False
        r.rank, r.ranked = True, probe.asks[0]
        return True
    if c.low() in ("running", "cumulative") and c.low(1) in ("total", "sum"):
        r.running = True
        c.i += 2
        return True
    return False


def direction_at(c: Cursor, offset: int) -> tuple[bool | None, int]:
    """Whether a direction that is spelled out descends (None without one) and its length in tokens."""
    best: tuple[bool | None, int] = (None, 0)
    for spelled, desc in ORDER_WORDS.items():
        words = tuple(spelled.split())
        if len(words) > best[1] and c.at(*words, offset=offset):
            best = (desc, len(words))
    return best if best[1] else _between_ends(c, offset)


def _between_ends(c: Cursor, n: int) -> tuple[bool | None, int]:
    """`longest to shortest`, `the best ratings to the lowest`: from one end of a scale to the other."""
    first, at = _end(c, n)
    noun = c.noun(at)
    at += noun[1] if noun else 0
    if first is None or c.low(at) != "to":
        return None, 0
    second, at = _end(c, at + 1)
    return (first, at - n) if second is not None and second != first else (None, 0)


def _end(c: Cursor, n: int) -> tuple[bool | None, int]:
    """Whether a superlative names the high end of its scale (None for other words), and the offset after it."""
    n += 1 if c.low(n) == "the" else 0
    word = c.low(n)
    if word in ("most", "least") and (of := sense(c.low(n + 1))):
        return of[1] == (word == "most"), n + 2
    found = sense(word) if word.endswith("st") else None
    return found[1] if found is not None else True if word in HIGH else False if word in LOW else None, n + 1
