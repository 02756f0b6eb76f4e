"""Reads what happened to whom: cars that were sold, customers with at least five orders."""

from __future__ import annotations

from decimal import Decimal

from agent.builtin.cursor import Cursor
from agent.builtin.lexicon import Ref
from agent.builtin.meaning import sense
from agent.builtin.reading import Ask, Having, Noun, Reading
from agent.builtin.rules_figures import figure_noun
from agent.builtin.text import stem
from agent.builtin.vocabulary import COMPARATORS, DISTINCT, ENTITY_WORDS, EVENT_VERBS
from warehouse.model.bags import bag

_PASSIVE_LEADS = (
    ("have", "been"),
    ("has", "been"),
    ("had", "been"),
    ("were",),
    ("was",),
    ("are",),
    ("is",),
    ("got",),
    (),
)
_PIECES = ("unit", "item", "piece", "article")
_BEING = (("were",), ("was",), ("are",), ("is",), ("have", "been"), ("has", "been"), ("had", "been"), ("got",))
_PERSONS = ("customer", "salesperson", "employee")
_SALES = bag("sold bought purchased ordered")
_PASSIVES = bag("sold bought purchased ordered returned booked rented traded shipped paid placed visited made")


def read_passive(c: Cursor, r: Reading) -> bool:
    """`how many cars were sold`: what is counted are the sales of cars, not the cars."""
    lead = max((len(p) for p in _PASSIVE_LEADS if c.at(*p)), default=0)
    verb = c.low(lead)
    if _named_after_verb(c, r, lead):
        return True
    if verb not in _PASSIVES or not r.asks or r.asks[-1].agg not in ("count", "count_distinct"):
        return False
    if not r.asks[-1].noun.tables:
        return _plain_sale(c, r, lead)
    tables = [x for word in EVENT_VERBS.get(verb, ()) for x in c.lexicon.lookup((word,)) if x.kind == "table"]
    ask = r.asks[-1]
    if verb in _SALES and tables and not c.first(_BEING) and _is_person(ask.noun):
        return _who_bought(c, r, tables[0], lead)
    if tables and tables[0].table not in ask.noun.tables and verb not in _SALES:
        return False
    if tables and tables[0].table not in ask.noun.tables:
        r.subjects.append(ask.noun)
        ask.noun = Noun((tables[0],), f"{ask.noun.text} {verb}", ask.at, lead="passive")
        ask.agg = "count"
    elif not tables and verb not in ("made", "placed"):
        return False
    c.i += lead + 1
    return True


def _is_person(noun: Noun) -> bool:
    return any(stem(noun.text.split()[-1]) in group for group in ENTITY_WORDS if group[0] in _PERSONS)


def _who_bought(c: Cursor, r: Reading, events: Ref, lead: int) -> bool:
    """`how many customers bought (something)`: customers in the sales, each counted once."""
    n = lead + 1
    n += 1 if c.low(n) in ("something", "anything") else 0
    if c.noun(n) or c.value(n) or c.low(n) in ("a", "an", "the", "any", "more", "at", "less", "from"):
        return False
    r.asks[-1].agg = "count_distinct"
    r.subjects.append(Noun((events,), c.low(lead), c.i, lead="passive"))
    c.i += n
    return True


def _named_after_verb(c: Cursor, r: Reading, lead: int) -> bool:
    """`how many orders were cancelled`, where “cancelled orders” is a figure; `items were sold` for “units sold”."""
    ask = r.asks[-1] if r.asks else None
    verb, token = c.low(lead), c.token(lead)
    counted = ask is not None and ask.agg in ("count", "count_distinct") and not ask.conds
    if ask is None or not counted or token is None or token.kind != "word" or c.low(lead + 1) in ("than", "as"):
        return False
    said = tuple(stem(w) for w in ask.noun.text.split())
    before = c.token(-1)
    if before is None or before.stem != said[-1] or not (verb.endswith("ed") or verb in _PASSIVES):
        return False
    words = [said, *((w,) for w in _PIECES)] if verb == "sold" and said[-1] in _PIECES else [said]
    refs = [x for w in words for p in ((verb, *w), (*w, verb)) for x in c.lexicon.lookup(p) if x.is_figure]
    if not refs:
        return False
    ask.noun, ask.agg = Noun((refs[0],), f"{ask.noun.text} {verb}", ask.at), None
    c.i += lead + 1
    return True


def _plain_sale(c: Cursor, r: Reading, lead: int) -> bool:
    """`how many units were sold`: the verb says again what the figure counts."""
    noun = r.asks[-1].noun
    sold = c.low(lead) in _SALES and not any(_people(c, x) for x in noun.figures)
    if not sold or not (noun.figures or noun.of_kind("number")):
        return False
    c.i += lead + 1
    return True


def _people(c: Cursor, ref: Ref) -> bool:
    """Whether a figure counts who did something: they were not sold themselves."""
    table = c.lexicon.model.tables.get(ref.table)
    measure = table.measures.get(ref.name) if table else None
    return measure is not None and measure.agg == "count_distinct"


def read_having(c: Cursor, r: Reading) -> bool:
    """`with at least 5 orders`, `more than 10 different products`: a condition on a count of related records."""
    start = 1 if c.low() in ("with", "having", "has", "have", "had", "made", "placed") else 0
    op, used = c.phrase_op(COMPARATORS, start)
    number = c.token(start + used)
    if not used or number is None or number.value is None:
        return False
    if _of_a_field(c, start):
        return False
    total = 1 if c.low(start + used + 1) in ("total", "different", "distinct", "unique") else 0
    found = figure_noun(c, start + used + 1 + total)
    if found is not None and _own_number(r, found.noun):
        return False
    if found is None or not found.noun.tables:
        return _having_figure(c, r, (op, number.value), start + used + 1 + total)
    distinct = found.distinct or c.low(start + used + 1) in DISTINCT
    ask = Ask("count_distinct" if distinct else "count", found.noun, c.i, found.conds)
    r.having.append(Having(ask, op, number.value))
    c.i += start + used + 1 + total + found.length
    return True


def read_figure_condition(c: Cursor, r: Reading) -> bool:
    """`products with a return rate above 10%`: a condition on a figure that stands before its number."""
    n = c.skip_determiners(1) if c.low() in ("with", "having", "where", "whose", "has", "have", "had") else 0
    found = c.noun(n) if n else None
    if found is None or not found[0].figures or found[0].columns or not _about_something(r):
        return False
    n += found[1]
    while c.low(n) in ("is", "was", "are", "were", "of"):
        n += 1
    op, used = c.phrase_op(COMPARATORS, n)
    number = c.token(n + used)
    if not used or number is None or number.value is None or number.kind == "quoted" or _of_a_field(c, n):
        return False
    percent = number.text.endswith("%") or c.low(n + used + 1) in ("%", "percent")
    value = number.value / 100 if percent and _is_ratio(c, found[0]) else number.value
    r.having.append(Having(Ask(None, found[0], c.i), op, value))
    c.i += n + used + 1 + (1 if percent and not number.text.endswith("%") else 0)
    return True


def _of_a_field(c: Cursor, n: int) -> bool:
    """`older than 50` compares a field of each record and counts nothing."""
    return c.low(n + 1) == "than" and sense(c.low(n)) is not None


def _about_something(r: Reading) -> bool:
    return bool(r.subjects or r.columns or r.which or r.groups or r.asks)


def _is_ratio(c: Cursor, noun: Noun) -> bool:
    metric = c.lexicon.model.metrics.get(noun.figures[0].name)
    return metric is not None and metric.unit is not None and metric.unit.ratio


def _having_figure(c: Cursor, r: Reading, said: tuple[str, Decimal], n: int) -> bool:
    """`with more than 3 items`, `over 1,000 in revenue`: a condition on a figure of its own."""
    found = c.noun(n)
    refs = found[0].figures if found else []
    if found and not refs and not found[0].of_kind("number"):
        stems = tuple(t.stem for t in c.tokens[c.i + n : c.i + n + found[1]])
        refs = [x for x in c.lexicon.lookup((*stems, "sold")) if x.is_figure]
    if found is None or not refs or not (r.subjects or r.which or r.asks):
        return False
    op, value = said
    noun = Noun(tuple(refs), found[0].text, c.i)
    written = next((t.text for t in c.tokens[c.i : c.i + n] if t.value == value), "")
    percent = written.endswith("%") and _is_ratio(c, noun)
    r.having.append(Having(Ask(None, noun, c.i), op, value / 100 if percent else value))
    c.i += n + found[1]
    return True


def _own_number(r: Reading, noun: Noun) -> bool:
    """`cars with more than 4 cylinders`: a stored number of each car, and nothing to add up."""
    owners = {t for s in (*r.subjects, *(a.noun for a in r.asks)) for t in s.tables}
    return not noun.tables and any(x.table in owners for x in noun.of_kind("number"))
