"""Reads two sides against one another, parts of a whole, running totals and averages per record."""

from __future__ import annotations

from decimal import Decimal

from agent.builtin.cursor import Cursor
from agent.builtin.reading import Ask, Cond, Having, Noun, Reading
from agent.builtin.rules_figures import figure_noun, value_cond
from agent.builtin.rules_flags import flagged_records
from agent.builtin.spelled import phrases
from agent.builtin.vocabulary import COMPARATORS, COMPARE_LEADS, COUNT_LEADS, EVENT_VERBS, GROUP_LEADS
from warehouse.model.bags import bag

_PORTIONS = phrases(
    "percentage of | percent of | % of | proportion of | fraction of | what part of | how much of | "
    "share of | percentage share of"
)
_TOTALS = phrases("total | the total | all | all the | our | the | our total")
_CUMULATIVE = phrases(
    "running total of | cumulative total of | cumulative sum of | running sum of | running total | cumulative total | "
    "cumulative | accumulated | cumulated | running"
)
_STATES = bag("that which who were was are is have has had been being got get")
_AVERAGES = bag("average mean avg typical")
_TIMES = {"once": 1, "twice": 2, "thrice": 3}
_SKIPPED = bag("in the our on at via through from for that of")


def read_sides(c: Cursor, r: Reading) -> bool:
    """web versus app, between Germany and France, UK compared with Germany: one figure for each side."""
    between = c.low() == "between" and r.comparing
    n = 1 if between else 0
    first = c.value(n)
    lead = _against(c, r, between, n + first[2]) if first else 0
    if first is not None and lead:
        second = _second(c, n + first[2] + lead, value_cond(first[0], first[1]))
        if second:
            _set_sides(r, second[0])
            c.i += n + first[2] + lead + second[1]
            return True
    lead = c.first(COMPARE_LEADS)
    last = r.conds[-1] if r.conds else None
    if not lead or last is None or last.op not in ("=", "in") or not last.matches:
        return False
    second = _second(c, lead, last)
    if second is None:
        return False
    r.conds.remove(last)
    _set_sides(r, second[0])
    c.i += lead + second[1]
    return True


def _against(c: Cursor, r: Reading, between: bool, n: int) -> int:
    lead = c.first(COMPARE_LEADS, n)
    return lead or (1 if c.low(n) in ("and", "to", "with") and (between or r.comparing) else 0)


def _set_sides(r: Reading, cond: Cond) -> None:
    r.conds.append(cond)
    r.versus = cond


def _second(c: Cursor, n: int, first: Cond) -> tuple[Cond, int] | None:
    """Both sides as one condition when they are values of one field."""
    start = n
    while c.low(n) in _SKIPPED and not c.value(n):
        n += 1
    value = c.value(n)
    if value is None:
        return None
    other = value_cond(value[0], value[1])
    fields = {(m.table, m.dimension) for m in first.matches} & {(m.table, m.dimension) for m in other.matches}
    if not fields or other.values == first.values:
        return None
    sides = [*(first.alternatives or [first]), other]
    matches = tuple(m for s in sides for m in s.matches if (m.table, m.dimension) in fields)
    values = tuple(v for s in sides for v in s.values)
    cond = Cond("in", values, matches=matches, text=" or ".join(s.text for s in sides), alternatives=sides)
    return cond, n + value[2] - start


_PART_LEADS = bag("is are was were from via through for")


def read_rate_within(c: Cursor, r: Reading) -> bool:
    """`what percentage of deliveries were late by depot`: the rate in each group, where the part comes after."""
    lead = c.first(_PORTIONS)
    n = lead + c.first(_TOTALS, lead)
    figure = figure_noun(c, n) if lead and not r.share and not r.rates else None
    if figure is None or figure.conds or not (figure.noun.figures or figure.noun.tables):
        return False
    n += figure.length
    while c.low(n) in _STATES:
        n += 1
    found = _state_at(c, n)
    if found is None or not c.first(GROUP_LEADS, n + found[1]):
        return False
    r.rates.append(found[0])
    r.asks.append(Ask(None if figure.noun.figures else "count", figure.noun, c.i))
    c.i += n + found[1]
    return True


def _state_at(c: Cursor, n: int) -> tuple[Cond, int] | None:
    """The condition that a value or the name of a flag stands for, and its tokens."""
    value = c.value(n)
    if value is not None:
        return value_cond(value[0], value[1]), value[2]
    noun = c.noun(n)
    flagged = flagged_records(c, noun[0]) if noun else None
    return (flagged[1], noun[1]) if noun and flagged else None


def read_portion(c: Cursor, r: Reading) -> bool:
    """what share of revenue, percentage of orders: the part that the conditions name."""
    lead, named = c.first(_PORTIONS), c.noun()
    if not lead or r.share or (named and named[0].figures and named[1] > lead):
        return False
    whole = c.first(_TOTALS, lead)
    n = lead + whole
    figure = figure_noun(c, n)
    if figure is None or not (figure.noun.figures or figure.noun.tables):
        return False
    r.share = True
    if not any(a.noun.refs == figure.noun.refs for a in r.asks):
        r.asks.append(Ask(None if figure.noun.figures else "count", figure.noun, c.i, figure.conds))
    c.i += n + figure.length
    return True


def read_named_part(c: Cursor, r: Reading) -> bool:
    """`what share of sales is delivery`: after the verb stands the part, also where a kind of record is called so."""
    at = c.skip_determiners()
    value = c.value(at) if r.share and r.asks and c.low(-1) in _PART_LEADS else None
    ends = value is not None and (c.i + at + value[2] >= len(c.tokens) or c.time(at + value[2]) is not None)
    if value is None or not ends:
        return False
    r.conds.append(value_cond(value[0], value[1]))
    c.i += at + value[2]
    return True


def read_running(c: Cursor, r: Reading) -> bool:
    """cumulative revenue, running total of orders."""
    lead = c.first(_CUMULATIVE)
    if not lead or r.running:
        return False
    if c.low() == "running" and c.low(1) not in ("total", "sum"):
        return False
    r.running = True
    c.i += lead
    return True


def read_average_per(c: Cursor, r: Reading) -> bool:
    """average number of orders per customer, average revenue per store: a total over the records it belongs to."""
    if c.low() not in _AVERAGES:
        return False
    lead = c.first(COUNT_LEADS, 1)
    found = figure_noun(c, 1 + lead)
    if found is None:
        return False
    n = 1 + lead + found.length
    if not (found.noun.figures or (lead and found.noun.tables)) or c.low(n) not in ("per", "by", "for", "from", "of"):
        return False
    if c.low(n) != "per" and c.low(n + 1) not in ("each", "every"):
        return False
    per = c.noun(n + (1 if c.low(n) == "per" else 2))
    if per is None or not per[0].tables:
        return False
    r.asks.append(Ask("count" if lead else None, found.noun, c.i, found.conds))
    r.per = per[0]
    c.i += n + (1 if c.low(n) == "per" else 2) + per[1]
    return True


def read_times(c: Cursor, r: Reading) -> bool:
    """who bought more than five times, that ordered twice: a condition on how often."""
    n = 0
    while c.low(n) in ("who", "that", "which", "have", "has", "had", "ever", "only", "visited"):
        n += 1
    verb = c.low(n)
    named = (c.lexicon.lookup((w,)) for w in EVENT_VERBS.get(verb, ()))
    events = next((refs for refs in named if any(x.kind == "table" for x in refs)), [])
    if not events:
        return False
    n += 1
    while c.low(n) in ("from", "with", "us", "at", "something", "only"):
        n += 1
    op, used = c.phrase_op(COMPARATORS, n)
    word = c.low(n + used)
    number = c.token(n + used)
    value = _TIMES.get(word) or (int(number.value) if number is not None and number.value is not None else None)
    if value is None or (word not in _TIMES and c.low(n + used + 1) not in ("times", "time")):
        return False
    r.having.append(Having(Ask("count", Noun(tuple(events), verb, c.i), c.i), op or "=", Decimal(value)))
    c.i += n + used + (1 if word in _TIMES else 2)
    return True


def read_term(c: Cursor, r: Reading) -> bool:
    """A condition that the model has a word for: discounted, gold customers."""
    found = c.noun()
    terms = found[0].of_kind("term") if found else []
    if found is None or not terms or found[0].figures or found[0].columns:
        return False
    r.conds.append(Cond("term", (terms[0].name,), text=found[0].text))
    last = c.tokens[c.i + found[1] - 1]
    tables = tuple(x for x in c.lexicon.lookup((last.stem,)) if x.kind == "table")
    if tables and found[1] > 1:
        r.subjects.append(Noun(tables, found[0].text, c.i))
    c.i += found[1]
    return True
