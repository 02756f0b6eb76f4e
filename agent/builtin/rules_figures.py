"""Reads figures: counts, totals, averages and superlatives, with the words that modify what is counted."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.builtin.cursor import Cursor
from agent.builtin.lexicon import Lexicon, Ref
from agent.builtin.reading import Ask, Cond, Noun, Reading, Top
from agent.builtin.rules_flags import flag_before, flagged_records
from agent.builtin.spelled import phrases
from agent.builtin.text import stem
from agent.builtin.vocabulary import (
    AGGREGATES,
    COUNT_LEADS,
    DISTINCT,
    EVENT_VERBS,
    GRAINS,
    HIGH,
    LOW,
    PURCHASE_NOUNS,
    TIME_VERBS,
)
from warehouse.model.bags import bag
from warehouse.model.values import ValueMatch

_AFTER_MADE = frozenset(("by", "in", "on", "from", "during", "between", "at", "", ",", "for", "per", "each", "and"))
_POPULAR = phrases(
    "most popular | most common | most frequent | most frequently | best selling | top selling | least popular | "
    "least common | least frequent | worst selling | highest selling | lowest selling"
)
_SOLD = ("unit", "item", "piece", "quantity", "product")
_SURE = 0.9
_SPLITTING = bag("for by per different each distinct")


@dataclass
class Figure:
    """A noun phrase with its modifiers and the tokens it takes."""

    noun: Noun
    length: int
    conds: list[Cond] = field(default_factory=list)
    distinct: bool = False


def figure_noun(c: Cursor, offset: int = 0) -> Figure | None:
    """The noun phrase at an offset, values before the noun read as its conditions (`successful transactions`)."""
    n, conds, distinct = offset, [], False
    while True:
        n = c.skip_determiners(n)
        if c.low(n) in DISTINCT:
            distinct, n = True, n + 1
            continue
        noun, value = c.noun(n), c.value(n)
        if value and _modifies(c, n, noun[1] if noun else 0, value[2]):
            conds.append(value_cond(value[0], value[1]))
            n += value[2]
            n += _own_field(c, n, conds[-1])
            continue
        if flag := flag_before(c, n):
            conds, n = [*conds, flag[0]], flag[1]
            continue
        noun = noun or _purchase_noun(c, n)
        noun = _compound(c, n, noun) if noun else None
        for cond in conds if noun else ():
            _of_noun(cond, noun[0].tables if noun else [])
        return Figure(noun[0], n + noun[1] - offset, conds, distinct) if noun else None


def _own_field(c: Cursor, n: int, cond: Cond) -> int:
    """`high priority tickets`: the tokens of the value's own field, where what it narrows still follows."""
    noun = c.noun(n)
    if noun is None or noun[0].tables or noun[0].figures:
        return 0
    after = n + noun[1]
    own = {x.field for x in noun[0].columns} & {f"{m.table}.{m.dimension}" for m in cond.matches}
    return noun[1] if own and (c.noun(after) or (c.value(after) and c.noun(after + 1))) else 0


def _of_noun(cond: Cond, tables: list[str]) -> None:
    """`active customers`: a value that stands before a kind of record is one of its own fields, where it has one."""
    own = tuple(m for m in cond.matches if m.table in tables)
    cond.matches = own or cond.matches


def _compound(c: Cursor, n: int, noun: tuple[Noun, int]) -> tuple[Noun, int]:
    """`car models`: of two kinds of records side by side the second is meant."""
    after = c.noun(n + noun[1])
    token = c.token(n + noun[1])
    if after is None or token is None or not noun[0].tables or not after[0].tables:
        return noun
    if set(after[0].tables) & set(noun[0].tables) or noun[0].text.casefold() != c.tokens[c.i + n].stem:
        return noun
    return after[0], noun[1] + after[1]


def value_cond(matches: tuple[ValueMatch, ...], text: str) -> Cond:
    """The condition that a field holds the value that was said."""
    return Cond("=", (matches[0].value,), matches=matches, text=text)


def _modifies(c: Cursor, n: int, noun_length: int, value_length: int) -> bool:
    """Whether the value at n stands before another noun, so that it narrows it."""
    if value_length < noun_length:
        return False
    after = n + value_length
    if c.low(after) in TIME_VERBS and c.time(after + 1):
        return False  # `stores opened in May`: the verb of a date
    return c.noun(after) is not None or (c.value(after) is not None and c.noun(after + 1) is not None)


def _purchase_noun(c: Cursor, n: int) -> tuple[Noun, int] | None:
    """`purchases` where the model has orders or sales."""
    token = c.token(n)
    for word in PURCHASE_NOUNS.get(token.stem, ()) if token else ():
        refs = [r for r in c.lexicon.lookup((word,)) if r.kind == "table"]
        if refs and token:
            return Noun(tuple(refs), token.text, c.i + n, lead=token.stem), 1
    return None


def read_count(c: Cursor, r: Reading) -> bool:
    """how many …, number of …, count of …; also `transaction count`."""
    lead = c.first(COUNT_LEADS, 1) + 1 if c.low() in ("total", "the", "overall") else c.first(COUNT_LEADS)
    if lead <= (1 if c.low() in ("total", "the", "overall") else 0):
        return False
    if {c.low(-1), c.low(-2)} & {"for", "by", "per"} and c.low(-1) in _SPLITTING:
        return False
    lead += 1 if c.low(lead) == "total" else 0
    found = figure_noun(c, lead)
    if found is None:
        return _same_count(c, r, lead) or _counted_value(c, r, lead)
    if flagged := flagged_records(c, found.noun):
        r.asks.append(Ask("count", flagged[0], c.i, found.conds))
        r.conds.append(flagged[1])
        c.i += lead + found.length
        return True
    r.asks.append(Ask("count_distinct" if found.distinct else "count", found.noun, c.i, found.conds))
    c.i += lead + found.length
    _take_times_word(c)
    return True


def _same_count(c: Cursor, r: Reading, lead: int) -> bool:
    """`… and the count`: the count that was asked for before."""
    counted = any(a.agg in ("count", "count_distinct") for a in r.asks)
    if c.low(lead - 1) != "count" or c.low(lead) not in ("", ",", "and", "for") or not counted:
        return False
    c.i += lead
    return True


def _counted_value(c: Cursor, r: Reading, lead: int) -> bool:
    """`how many software engineers`: with one kind of records, those that hold the value."""
    value = c.value(c.skip_determiners(lead))
    tables = {m.table for m in value[0]} if value else set()
    if value is None or len(tables) != 1 or len(c.lexicon.model.tables) != 1:
        return False
    table = tables.pop()
    r.asks.append(Ask("count", Noun((Ref("table", table, table),), value[1], c.i), c.i))
    r.conds.append(value_cond(value[0], value[1]))
    c.i = c.i + c.skip_determiners(lead) + value[2]
    return True


def _take_times_word(c: Cursor) -> None:
    token = c.token(-1)
    if token is not None and any(x.is_figure for x in c.lexicon.lookup((c.low(), token.stem))):
        return  # `orders placed`, where “placed orders” is a figure of its own
    if c.low() in ("made", "placed", "occurred", "received") and c.low(1) in _AFTER_MADE:
        c.i += 1


def read_aggregate(c: Cursor, r: Reading) -> bool:
    """total …, average …, median …; several in a row share one noun (minimum, maximum and average age)."""
    whole = c.noun()
    if whole and whole[1] > 1 and whole[0].figures and not _counts(c, whole[1]):
        r.asks.append(Ask(None, whole[0], c.i))
        c.i += whole[1] + (1 if c.low(whole[1]) == "amount" else 0)
        return True
    aggs, n = _aggregates(c)
    if not aggs:
        return False
    if aggs == ["sum"] and c.low(n) in ("amount", "value", "sum") and c.low(n + 1) == "of" and _amount(c, r, n + 2):
        return True
    named = c.noun(n)
    if c.low(n) in GRAINS and not r.grain and (named is None or named[1] == 1):
        r.grain, n = GRAINS[c.low(n)], n + 1
    lead = c.first((("number", "of"), ("count", "of"), ("no", "of")), n)
    found = figure_noun(c, n + lead)
    if found is None:
        return _same_total(c, r, aggs, n)
    if not lead and aggs == ["sum"] and found.length == found.noun.text.count(" ") + 1:
        stems = tuple(t.stem for t in c.tokens[c.i + n : c.i + n + found.length])
        spoken = [x for x in c.lexicon.lookup(("total", *stems)) if x.is_figure]
        if spoken and not _counts(c, n + found.length):
            found.noun, aggs = Noun(tuple(spoken), f"total {found.noun.text}", c.i), ["named"]
    if lead and not found.noun.of_kind("number"):
        if aggs != ["sum"]:
            return False
        aggs = ["count_distinct" if found.distinct else "count"]
    elif not lead and aggs == ["sum"] and _counts(c, n + found.length):
        aggs, found.length = ["count"], found.length + 1
    for agg in aggs:
        r.asks.append(Ask(None if agg == "named" else agg, found.noun, c.i, list(found.conds)))
    c.i += n + lead + found.length
    c.i += 1 if c.low() in ("amount", "value", "values") and not c.noun() else 0
    return True


def _same_total(c: Cursor, r: Reading, aggs: list[str], n: int) -> bool:
    """`… and total amount`: the total that was asked for before."""
    ranked = [r.top.by] if r.top and r.top.by else []
    known = [a for a in [*ranked, *r.asks] if a.agg in (None, "sum", "amount")]
    if (
        aggs != ["sum"]
        or c.low(n) not in ("amount", "value")
        or c.low(n + 1) not in ("", ",", "and", "for")
        or not known
    ):
        return False
    r.asks.append(known[0])
    c.i += n + 1
    return True


def _amount(c: Cursor, r: Reading, offset: int) -> bool:
    """`total amount of payments received`: the money of a kind of record."""
    found = figure_noun(c, offset)
    if found is None or not found.noun.tables:
        return False
    r.asks.append(Ask("amount", found.noun, c.i, found.conds))
    c.i += offset + found.length
    return True


def _counts(c: Cursor, offset: int) -> bool:
    return c.low(offset) in ("count", "counts")


def _aggregates(c: Cursor) -> tuple[list[str], int]:
    """The run of aggregation words that comes next and its length: `average, minimum and maximum` -> 3 of them."""
    aggs: list[str] = []
    n = 0
    while True:
        word = c.low(n)
        single = AGGREGATES.get(word) or _extreme(c, n, aggs)
        if single is None:
            break
        if not aggs or aggs[-1] != single:
            aggs.append(single)
        n += 1
        step = n
        while c.low(step) in (",", "and", "the", "&", "/", "or"):
            step += 1
        if step > n and AGGREGATES.get(c.low(step)) is None and _extreme(c, step, aggs) is None:
            break
        n = step
    if c.low(n) in ("of", "for") and aggs:
        n += 1
    if c.low(n) == "value" and c.low(n + 1) == "of":
        n += 2
    return aggs, n


def _extreme(c: Cursor, n: int, aggs: list[str]) -> str | None:
    word = c.low(n)
    if aggs or c.low(n + 1) in ("and", ","):
        return "max" if word in ("highest", "largest") else "min" if word in ("lowest", "smallest") else None
    return None


def read_top(c: Cursor, r: Reading) -> bool:
    """top 5 products, the 3 best sellers, bottom 10, top product; the figure may follow with `by`."""
    if r.top is not None:
        return False
    if _most_done(c, r):
        return True
    found = _top_lead(c)
    if found is None:
        return False
    n, low, used, popular = found
    if c.low(used) in ("combination", "combinations", "pair", "pairs") and c.low(used + 1) == "of":
        return _top_pair(c, r, found, used + 2)
    figure = figure_noun(c, used)
    passive = 0
    if figure is None and popular and c.low(used) in EVENT_VERBS:
        passive = 1
        figure = figure_noun(c, used + 1)
    if figure is None and n and c.low(used) in ("", ",", "only", "instead"):
        r.top = Top(n, low, word="top")
        c.i += used
        return True
    if figure is None:
        return False
    if not popular and not n and not figure.noun.tables and not figure.noun.of_kind("dim"):
        return False
    r.top = Top(n or 1, low, noun=figure.noun, implied=not n, word=" ".join(c.low(k) for k in range(used)))
    if not n and _plural(c, used + figure.length + passive - 1):
        r.top = Top(10, low, noun=figure.noun, implied=True, word=r.top.word)
    r.conds.extend(figure.conds)
    _popular_by(c, r, popular, used, passive)
    c.i += used + passive + figure.length
    return True


def _most_done(c: Cursor, r: Reading) -> bool:
    """`the 5 most visited pages`: a figure that goes by what was done ranks what stands after it."""
    n = int(c.low() == "the")
    count = c.token(n)
    known = int(count.value) if count is not None and count.value is not None and _whole(count.value) else 0
    n += bool(known)
    done = c.low(n + 1)
    if c.low(n) not in ("most", "least") or not done.endswith("ed"):
        return False
    figures, what = [x for x in c.lexicon.lookup((stem(done),)) if x.is_figure], figure_noun(c, n + 2)
    if not figures or what is None or not what.noun.of_kind("dim"):
        return False
    many, by = known or (10 if _plural(c, n + 1 + what.length) else 1), Ask(None, Noun(tuple(figures), done, c.i), c.i)
    r.top = Top(many, c.low(n) == "least", by=by, noun=what.noun, implied=not known, word="most")
    r.conds.extend(what.conds)
    c.i += n + 2 + what.length
    return True


def _top_pair(c: Cursor, r: Reading, lead: tuple[int, bool, int, bool], offset: int) -> bool:
    """`top 5 combinations of state and type`: two fields make one group."""
    first = figure_noun(c, offset)
    n = offset + first.length if first else offset
    second = figure_noun(c, n + 1) if first and c.low(n) in ("and", "&", ",") else None
    if first is None or second is None:
        return False
    r.top = Top(lead[0] or 10, lead[1], noun=first.noun, word="top")
    r.groups.append(second.noun)
    c.i += n + 1 + second.length
    return True


def _plural(c: Cursor, n: int) -> bool:
    token = c.token(n)
    return token is not None and token.low != token.stem


def _popular_by(c: Cursor, r: Reading, popular: bool, used: int, passive: int) -> None:
    """`best selling`, `most frequently bought`: what is counted comes from the verb, unless `by` names it later."""
    if not popular or r.top is None:
        return
    selling = c.low(used - 1) == "selling"
    verb = "sold" if selling else c.low(used) if passive else ""
    if passive and (value := c.value(used)):
        r.conds.append(value_cond(value[0], value[1]))
    refs = [x for word in EVENT_VERBS.get(verb, ()) for x in c.lexicon.lookup((word,)) if x.kind == "table"]
    sold = sold_figure(c.lexicon) if selling else None
    if sold:
        r.top.by = Ask("popular", Noun((sold,), "sold", c.i), c.i)
    elif refs:
        r.top.by = Ask("count", Noun((refs[0],), verb, c.i), c.i)
        r.top.by.agg = "popular"
    else:
        r.top.word = "popular"


def sold_figure(lexicon: Lexicon) -> Ref | None:
    """The figure that says how many pieces were sold, by the name that it goes by in the model."""
    for word in _SOLD:
        found = next((r for r in lexicon.lookup((word, "sold")) if r.is_figure and r.weight >= _SURE), None)
        if found:
            return found
    return None


def _top_lead(c: Cursor) -> tuple[int, bool, int, bool] | None:
    """(n or 0, low, tokens used, by popularity) of a superlative that stands before a noun."""
    start = 1 if c.low() == "the" else 0
    first = c.token(start)
    n = 0
    if first is not None and first.value is not None and _whole(first.value) and c.low(start + 1) in HIGH | LOW:
        n, start = int(first.value), start + 1
    popular = c.first(_POPULAR, start)
    if popular:
        return n, c.low(start) in ("least", "worst", "lowest"), start + popular, True
    word = c.low(start)
    used = start + 1
    count = c.token(used)
    if word in ("number", "no", "#") and count is not None and count.value == 1:
        return 1, False, used + 1, False
    numbered = count is not None and count.value is not None and bool(c.noun(used + 1) or c.value(used + 1))
    if word not in ("top", "bottom", "best", "worst") and not ((n or numbered) and word in HIGH | LOW):
        return None
    if not n and count is not None and count.value is not None and _whole(count.value):
        n, used = int(count.value), used + 1
    popular = c.first(_POPULAR, used) or c.first((("selling",), ("performing",)), used)
    if c.low(used) == "distinct":
        used += 1
    return n, word in LOW, used + popular, bool(popular)


def _whole(value: object) -> bool:
    return str(value).isdigit() and 1 <= int(str(value)) <= 1000
