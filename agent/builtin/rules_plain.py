"""Reads everyday word order: the figure before its superlative, the period before the figure, percent at the end."""

from __future__ import annotations

from agent.builtin.cursor import Cursor
from agent.builtin.lexicon import Lexicon, Ref
from agent.builtin.meaning import sense
from agent.builtin.reading import Ask, Cond, Noun, Reading, Top
from agent.builtin.rules_figures import figure_noun
from agent.builtin.rules_rank import how_many
from agent.builtin.rules_shape import time_verb
from agent.builtin.spelled import phrases
from agent.builtin.text import stem
from agent.builtin.vocabulary import GROUP_LEADS, HIGH, LOW, UNIT_WORDS
from warehouse.model.bags import bag

_IN_PERCENT = phrases(
    "in percent | in percentages | in percentage | in % | as percent | as a percentage | as percentages | as % | "
    "as a percent | in percent of the total | in percent of total | as shares | as a share"
)
_ENDS = bag("in on during for last this since between by of at from to over across ,") | {""}
_PHRASE = 2
_BEING = bag("is are was were been be the")
_COMMON = phrases("most common | most frequent | most usual | least common | least frequent | most widespread | rarest")
_DIFFERS = bag("differ differs differed vary varies varied look looks looked compare compares")
_CAME = bag("came come comes coming")
_VIA = bag("via through using over")


def read_in_percent(c: Cursor, r: Reading) -> bool:
    """`revenue by channel in percent`: shares of the total; a rate is told in percent anyway."""
    lead = c.first(_IN_PERCENT)
    if not lead or not (r.asks or r.top) or c.low(lead) not in _ENDS:
        return False
    rates = [x for a in r.asks for x in a.noun.figures if _is_rate(c, x)]
    r.share = r.share or not rates
    c.i += lead
    return True


def _is_rate(c: Cursor, ref: Ref) -> bool:
    metric = c.lexicon.model.metrics.get(ref.name)
    return metric is not None and metric.unit is not None and (metric.unit.ratio or metric.unit.percent)


def read_highest_last(c: Cursor, r: Reading) -> bool:
    """`in which month was revenue highest`, `which store is our revenue the lowest at`: the superlative comes last."""
    n = 1 if c.low() == "the" else 0
    word = c.low(n)
    asked = r.which or r.subjects or r.split or r.grain
    if word not in HIGH | LOW or r.top is not None or not r.asks or not asked or c.low(n + 1) not in _ENDS:
        return False
    wanted, implied = how_many(r)
    r.top = Top(1 if implied else wanted, word in LOW, by=r.asks[-1], noun=r.which, implied=implied, word=word)
    c.i += n + 1
    return True


def read_common(c: Cursor, r: Reading) -> bool:
    """`which reason was the most frequent`, `the most common reason`: counted are the records that hold it."""
    n = 0
    while c.low(n) in _BEING:
        n += 1
    used = c.first(_COMMON, n)
    if not used or r.top is not None:
        return False
    low = c.low(n) in ("least", "rarest")
    found = figure_noun(c, n + used)
    noun = found.noun if found is not None else r.which
    owner = _owner(noun)
    if noun is None or owner is None or (found is None and c.low(n + used) not in _ENDS):
        return False
    by = Ask("count", Noun((Ref("table", owner, owner),), noun.text, c.i), c.i)
    many = found is not None and stem(noun.text.split()[-1]) != noun.text.split()[-1].casefold()
    r.top = Top(10 if many else 1, low, by=by, noun=noun, implied=True, word="most common")
    r.conds.extend(found.conds if found is not None else [])
    if noun.columns:
        r.conds.append(Cond("not_null", noun=noun, text=noun.text))  # where none is told, none is the most common
    c.i += n + used + (found.length if found is not None else 0)
    return True


def _owner(noun: Noun | None) -> str | None:
    """The one table whose rows hold a field; None for a kind of record and for a field of several tables."""
    tables = {x.table for x in noun.of_kind("dim")} if noun is not None and not noun.tables else set()
    return tables.pop() if len(tables) == 1 else None


def read_top_for(c: Cursor, r: Reading) -> bool:
    """`the top reason for returns`: a field of a kind of record is ranked by how many of them there are."""
    top = r.top
    waits = top is not None and (top.by is None or top.by.agg == "popular")
    found = c.noun(1) if c.low() == "for" and waits else None
    owner = _owner(top.noun) if top is not None else None
    if found is None or top is None or owner is None or owner not in found[0].tables:
        return False
    top.by = Ask("count", found[0], c.i)
    c.i += 1 + found[1]
    return True


def ranked_records(r: Reading, lexicon: Lexicon) -> None:
    """`the top reason for returns`, said as one name: ranked by how many of the records hold it."""
    top = r.top
    owner = _owner(top.noun) if top is not None else None
    if top is None or top.noun is None or owner is None or r.asks:
        return
    if top.by is not None and top.by.agg != "popular":
        return
    words = top.noun.text.casefold().split()
    named = [x for x in lexicon.lookup((stem(words[-1]),)) if x.kind == "table" and x.table == owner]
    if len(words) > _PHRASE and words[-2] in ("for", "of") and named:
        top.by = Ask("count", Noun((named[0],), words[-1], top.noun.at), top.noun.at)
        if top.implied and stem(words[0]) == words[0]:
            top.n = 1


def read_best_period(c: Cursor, r: Reading) -> bool:
    """`the strongest revenue month`: the period with the most of a figure."""
    n = 1 if c.low() == "the" else 0
    found = figure_noun(c, n + 1) if c.low(n) in HIGH | LOW and r.top is None and r.grain is None else None
    if found is None or not found.noun.figures or found.conds:
        return False
    unit = c.low(n + 1 + found.length)
    if unit not in UNIT_WORDS or unit == "date" or c.low(n + 2 + found.length) not in _ENDS:
        return False
    r.grain = UNIT_WORDS[unit]
    word = c.low(n)
    r.top = Top(1, word in LOW, by=Ask(None, found.noun, c.i), implied=True, word=word)
    c.i += n + 2 + found.length
    return True


def read_profitable(c: Cursor, r: Reading) -> bool:
    """`the 5 most profitable categories`: ranked by profit, where the model has such a figure."""
    n = 1 if c.low() in ("the", "our") else 0
    number = c.token(n)
    wanted = int(number.value) if number is not None and number.value is not None and number.value < 1000 else 0
    n += 1 if wanted else 0
    if c.low(n) not in ("most", "least") or c.low(n + 1) not in ("profitable", "lucrative") or r.top is not None:
        return False
    found = figure_noun(c, n + 2)
    noun = found.noun if found is not None else r.which
    by = next((refs for said in _PROFITS if (refs := _figures(c, said))), [])
    if noun is None or not by:
        return False
    named = figure_noun(c, n + 2 + (found.length if found else 0) + 1)
    tail = n + 2 + (found.length if found else 0)
    if c.low(tail) == "by" and named is not None and named.noun.figures:
        by, tail = named.noun.figures, tail + 1 + named.length
    many = found is not None and stem(noun.text.split()[-1]) != noun.text.split()[-1].casefold()
    ask = Ask(None, Noun(tuple(by), "profitable", c.i), c.i)
    r.top = Top(wanted or (10 if many else 1), c.low(n) == "least", by=ask, noun=noun, implied=not wanted, word="most")
    c.i += tail
    return True


_PROFITS = phrases("profit | gross profit | margin | gross margin | net profit | contribution margin")


def _figures(c: Cursor, said: tuple[str, ...]) -> list[Ref]:
    return [x for x in c.lexicon.lookup(said) if x.is_figure]


def read_single(c: Cursor, r: Reading) -> bool:
    """`the largest single deal by region`: the one highest amount of each group, where `highest amount` adds up."""
    n = 1 if c.low() == "the" else 0
    first, second = c.low(n), c.low(n + 1)
    word = first if second in ("single", "individual") else second if first in ("single", "individual") else ""
    way = sense(word)
    high = True if word in HIGH else False if word in LOW else way[1] if way is not None else None
    found = figure_noun(c, n + 2) if high is not None else None
    if found is None or not c.first(GROUP_LEADS, n + 2 + found.length) or r.top is not None:
        return False
    numbers = found.noun.of_kind("number") or _amounts(c, found.noun.tables)
    if len(numbers) != 1:
        return False
    noun = Noun(tuple(numbers), found.noun.text, c.i)
    r.asks.append(Ask("max" if high else "min", noun, c.i, found.conds))
    c.i += n + 2 + found.length
    return True


def _amounts(c: Cursor, tables: list[str]) -> list[Ref]:
    """The numbers of kinds of records that are sizes of each of them: money first, else the only one there is."""
    model = c.lexicon.model
    every = [(t, n, s) for t in tables for n, s in model.tables[t].numbers.items() if s.additive == "all"]
    money = [(t, n, s) for t, n, s in every if s.unit is not None and s.unit.currency is not None]
    return [Ref("number", t, n) for t, n, _ in (money or every)]


def read_differs(c: Cursor, r: Reading) -> bool:
    """`how does revenue differ by country`, `did each category sell`: the verb adds nothing to the split."""
    split = c.low() in _DIFFERS and bool(r.asks) and bool(c.first(GROUP_LEADS, 1))
    sold = c.low() in ("sell", "sold") and c.i == r.group_end and bool(r.asks)
    came = c.low() in _CAME and c.low(1) in ("from", "through", "via") and bool(r.asks)
    came = came and bool(c.first(GROUP_LEADS, 2) or c.value(c.skip_determiners(2)))
    if not split and not sold and not came:
        return False
    c.i += 2 if came else 1
    return True


def read_via(c: Cursor, r: Reading) -> bool:
    """`orders via the website`: a way in is a value of the field that tells it."""
    if c.low() not in _VIA or c.noun() or not c.value(c.skip_determiners(1)):
        return False
    c.i += 1
    return True


def read_waiting_verb(c: Cursor, _r: Reading) -> bool:
    """`signed up each month in 2025`: the verb of a date whose period comes later."""
    verb, used = time_verb(c)
    if not verb or c.time(used) or not c.first(GROUP_LEADS, used) or c.verb:
        return False
    if not any(c.time(k) for k in range(used + 1, len(c.tokens) - c.i)):
        return False
    c.verb = verb
    c.i += used
    return True


def read_stepwise(c: Cursor, r: Reading) -> bool:
    """`week by week`, `month after month`: one row a period."""
    if c.low() not in UNIT_WORDS or c.low(1) not in ("by", "after", "for") or c.low(2) != c.low() or r.grain:
        return False
    r.grain = UNIT_WORDS[c.low()]
    c.i += 3
    return True


def fronted(c: Cursor) -> int:
    """`In 2025, which region …`: the tokens of a period that stands before the question; 0 without one."""
    n = 1 if c.low() in ("in", "during", "for", "over", "since") else 0
    hit = c.time(n) or (c.time(0) if n else None)
    if hit is None or not n:
        return 0
    used = max(n + (c.time(n).tokens if c.time(n) else 0), c.time(0).tokens if c.time(0) else 0)  # type: ignore[union-attr]
    comma = 1 if c.low(used) == "," else 0
    asks = c.low(used + comma) in ("which", "what", "who", "how", "show", "list", "give", "the", "was", "did")
    return used + comma if asks and used + comma < len(c.tokens) else 0


PLAIN = (
    read_in_percent,
    read_stepwise,
    read_common,
    read_profitable,
    read_best_period,
    read_single,
    read_top_for,
    read_highest_last,
    read_differs,
    read_via,
)
"""In the order in which they are tried."""
QUIET = (read_in_percent, read_differs, read_via, read_waiting_verb)
"""Those that may take words without a mark."""
