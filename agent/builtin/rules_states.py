"""Reads rates of a state that records are in: the no-show rate, the cancellation rate, the failure rate by method."""

from __future__ import annotations

from agent.builtin.cursor import Cursor
from agent.builtin.lexicon import Ref
from agent.builtin.reading import Ask, Cond, Noun, Reading, Top
from agent.builtin.rules_figures import value_cond
from agent.builtin.rules_rank import how_many
from agent.builtin.spelled import several
from agent.builtin.text import split_name
from agent.builtin.vocabulary import HIGH, LOW
from warehouse.model.bags import bag

_RATES = bag("rate percentage percent share proportion ratio")
_STATE = bag("status state outcome result condition disposition resolution attendance")
"""How a column is called that says what came of a record; a kind of movement or a method of payment is none."""
_FORMS = several(
    "cancellation => cancelled, canceled | failure => failed, failure | refund => refunded | return => returned | "
    "absence => absent | completion => completed | rejection => rejected, declined | approval => approved | "
    "damage => damaged | delivery => delivered | acceptance => accepted | delay => delayed, late | "
    "default => defaulted | conversion => converted | win => won | success => successful, succeeded, success | "
    "dispute => disputed | expiry => expired | no-show => no show, no-show, noshow | defect => defective, faulty | "
    "resolution => resolved | abandonment => abandoned | dropout => dropped out | pass => passed | renewal => renewed"
)
_ONE = bag("has is had")
_OPEN = bag("churned churn active lapsed")
"""States whose rate is counted by the period and those who could have come to it, not by all records ever."""


def read_state_rate(c: Cursor, r: Reading) -> bool:
    """`no-show rate by doctor`, `payment failure rate`: how many of all records are in that state."""
    start = 1 if c.low() == "the" else 0
    word = c.low(start) if c.low(start) in HIGH | LOW else ""
    ranked = r.which or (r.subjects[-1] if r.subjects else None)
    if word and (r.top is not None or ranked is None):
        return False
    start = start + 1 if word else 0
    named, found = c.noun(start), _state(c, start)
    if found is None or r.rates or r.share or (named and (named[0].tables or named[0].figures or named[1] > found[1])):
        return False
    cond, used = found[0], start + found[1]
    table = cond.matches[0].table
    if c.low(used) not in _RATES or not _about(c, r, table, used + 1):
        return False
    ask = Ask("count", Noun((Ref("table", table, table),), cond.text, c.i), c.i)
    r.rates.append(cond)
    r.asks[:] = [ask]
    if word:
        wanted, implied = how_many(r)
        r.top = Top(1 if c.low(-1) in _ONE else wanted, word in LOW, by=ask, noun=ranked, implied=implied, word=word)
    c.i += used + 1
    return True


def _about(c: Cursor, r: Reading, table: str, n: int) -> bool:
    """Whether nothing else than these records was asked for before, or is after it (`rate of revenue`)."""
    before = all(table in a.noun.tables or all(x.table == table for x in a.noun.refs) for a in r.asks)
    counted = all(a.agg in (None, "count") and not _summed(c, a) for a in r.asks)
    after = c.noun(c.skip_determiners(n + 1)) if c.low(n) == "of" else None
    return before and counted and (c.low(n) != "of" or bool(after and table in after[0].tables))


def _summed(c: Cursor, ask: Ask) -> bool:
    measures = c.lexicon.model.tables
    return not ask.noun.tables and any(
        x.kind != "measure" or measures[x.table].measures[x.name].agg != "count" for x in ask.noun.refs
    )


def _state(c: Cursor, start: int) -> tuple[Cond, int] | None:
    """The one state that is named here, as a stored value or by the noun of it, and the tokens that takes."""
    hit = c.value(start)
    if hit is not None and c.low(start + hit[2]) in _RATES:
        cond = _single(c, value_cond(hit[0], hit[1]))
        return (cond, hit[2]) if cond is not None else None
    used = 3 if c.low(start + 1) == "-" else 1
    said = "".join(c.low(start + k) for k in range(used))
    for form in _FORMS.get(said, ()):
        matches = c.exactly(form)
        cond = _single(c, value_cond(matches, said)) if matches else None
        if cond is not None:
            return cond, used
    return None


def _single(c: Cursor, cond: Cond) -> Cond | None:
    """The condition, where it is about one state column alone."""
    fields = {(m.table, m.dimension) for m in cond.matches}
    values = {m.value.casefold() for m in cond.matches}
    if len(fields) != 1 or len(values) != 1 or values & _OPEN:
        return None
    return cond if set(split_name(next(iter(fields))[1])) & _STATE else None
