"""Reads conditions: values, comparisons, text patterns, missing fields, and records that have or lack others."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from agent.builtin.cursor import Cursor
from agent.builtin.lexicon import Ref
from agent.builtin.reading import Cond, Noun, Reading, Relation
from agent.builtin.rules_figures import figure_noun, value_cond
from agent.builtin.text import Token
from agent.builtin.verbs import OWNING
from agent.builtin.vocabulary import (
    AUXILIARIES,
    COMPARATORS,
    EVENT_VERBS,
    MISSING,
    NEGATIONS,
    PRESENT,
    TEXT_OPS,
    TIME_VERBS,
)
from warehouse.model.bags import bag
from warehouse.model.values import ValueMatch

_LINKS = bag("is was are were of with a an the has have by being set who that which whose where")
_NAMED = bag("named called titled")
_UNITS = bag("dollar usd euro eur pound gbp unit year percent % day old kg point")
_FLAGS = {"yes": "true", "true": "true", "no": "false", "false": "false"}
_INVERSE = {"=": "!=", "in": "not_in", "is_null": "not_null", "not_null": "is_null"}
_NONE = ("None", "No", "Nothing", "N/A")
_BARE = bag("for in from via through at of")
_SOME = bag("any a an no some the single yet from in at least one ever through")
_PRONOUNS = bag("who that which whose where with have has had do does did and or")


def read_relation(c: Cursor, r: Reading) -> bool:
    """who have not made any transactions, with no sales, never sold, who bought a Ford."""
    n, negative, helped = _lead_in(c)
    if n == 0 and (c.low() not in OWNING or c.noun()):
        return False
    if c.low(n) in ("each", "every", "all"):
        return False
    verb = c.low(n) if c.low(n) in EVENT_VERBS else None
    owned = verb is None and c.low(n) in OWNING and not c.noun(n)
    n += 1 if verb or owned else 0
    while c.low(n) in _SOME:
        if c.low(n) == "no":
            negative = True
        if c.at("at", "least", offset=n) and c.low(n + 2) != "one":
            return False
        n += 1
    if c.low(n) in ("each", "every", "all"):
        return False
    found = figure_noun(c, n)
    tables = bool(found and found.noun.tables)
    if not tables and not (verb and EVENT_VERBS[verb]):
        return False
    if not (verb or owned or negative or helped) or not _owner(r):
        return False
    relation = Relation(not negative, verb=verb)
    if found and tables:
        relation.noun, relation.conds, n = found.noun, found.conds, n + found.length
    r.relations.append(relation)
    c.i += n
    return True


def _owner(r: Reading) -> bool:
    """Whether there is a kind of record that the clause can be about."""
    asked = any(a.noun.tables for a in r.asks)
    return bool(r.subjects or r.columns or r.which or asked or r.groups or (r.top and r.top.noun))


def _lead_in(c: Cursor) -> tuple[int, bool, bool]:
    """Tokens of `who have not ever`, whether it denies, and whether an auxiliary was among them."""
    n, negative, helped = 0, False, False
    while True:
        word = c.low(n)
        if word in ("not", "never", "without", "no"):
            negative = True
        elif word in ("who", "that", "which", "with", "yet", "ever", "they", "we"):
            pass
        elif word in AUXILIARIES and word not in ("is", "are", "was", "be"):
            helped = True
        else:
            return n, negative, helped
        n += 1


def read_negated(c: Cursor, r: Reading) -> bool:
    """not cancelled, excluding returns from Germany, other than web."""
    lead = c.first(NEGATIONS)
    if not lead:
        return False
    n = lead
    while c.low(n) in ("the", "those", "from", "in", "a", "with", "to"):
        n += 1
    before = r.conds
    r.conds = []
    saved, c.i = c.i, c.i + n
    taken = read_value(c, r, certain=True) or read_missing(c, r)
    found, r.conds = r.conds, before
    if not taken:
        c.i = saved
        return False
    for cond in found:
        r.conds.append(replace(cond, op=_INVERSE.get(cond.op, cond.op)))
        _all_but(c, r, cond, saved)
    return all(cond.op in _INVERSE for cond in found)


def _all_but(c: Cursor, r: Reading, cond: Cond, at: int) -> None:
    """`in all countries but Germany`: the field was only named for what is left out of it."""
    for nouns in (r.columns, r.groups):
        last = nouns[-1] if nouns else None
        words = len(last.text.split()) if last else 0
        said = [t.low for t in c.tokens[max(0, at - words) : at]]
        if last and said == last.text.casefold().split() and _fields(cond) & {x.field for x in last.columns}:
            nouns.pop()
            r.within = [n for n in r.within if n is not last]


def read_missing(c: Cursor, r: Reading) -> bool:
    """email is missing; without an email; with a phone number."""
    found = c.noun(c.skip_determiners())
    at = c.skip_determiners()
    if found and found[0].columns:
        op = "not_null" if c.first(PRESENT, at + found[1]) else "is_null" if c.first(MISSING, at + found[1]) else ""
        if op:
            c.i += at + found[1] + c.first(PRESENT if op == "not_null" else MISSING, at + found[1])
            r.conds.append(Cond(op, noun=found[0], text=found[0].text))
            return True
    lead = 2 if c.low() in ("have", "has", "had", "with") and c.low(1) == "no" else 1
    if lead == 1 and c.low() not in ("without", "missing"):
        return False
    at = c.skip_determiners(lead)
    found = c.noun(at)
    numbers = tuple(found[0].of_kind("number")) if found and lead == 2 else ()
    if found is None or not found[0].columns or found[0].tables or (found[0].figures and not numbers):
        return False
    r.conds.append(_none_of(c, replace(found[0], refs=numbers or found[0].refs)))
    c.i += at + found[1]
    return True


def _none_of(c: Cursor, noun: Noun) -> Cond:
    """`no sleep disorder`: a value such as “None” where the field has one, none in number, else an empty cell."""
    if all(x.kind == "number" for x in noun.refs):
        return Cond("=", (Decimal(0),), noun=noun, text=noun.text)
    fields = {x.field for x in noun.columns}
    for word in _NONE:
        said = tuple(m for m in c.exactly(word) if f"{m.table}.{m.dimension}" in fields)
        if said:
            return Cond("=", (said[0].value,), noun=noun, matches=said, text=f"no {noun.text}")
    return Cond("is_null", noun=noun, text=noun.text)


def read_comparison(c: Cursor, r: Reading) -> bool:
    """sale price over $30,000; age between 20 and 30; capacity of at least 500."""
    start = c.skip_determiners(1 if c.low() in ("with", "whose", "having", "where", "has", "have") else 0)
    found = c.noun(start)
    if found is None or not found[0].columns:
        return False
    n = start + found[1]
    while c.low(n) in ("is", "was", "are", "of", "were", "greater") and c.low(n) != "greater":
        n += 1
    between = _between(c, n)
    if between:
        low, high, used = between
        r.conds.append(Cond("between", (low, high), noun=found[0], text=found[0].text))
        c.i += n + used
        return True
    op, used = c.phrase_op(COMPARATORS, n)
    number = c.token(n + used)
    if number is None or number.value is None or number.kind == "quoted":
        return False
    if not used:
        if not found[0].of_kind("number") or c.low(n - 1) not in ("is", "of", "was", "are"):
            return False
        op = "="
    tail = 1 if _unit(c.token(n + used + 1)) else 0
    r.conds.append(Cond(op, (number.value,), noun=found[0], text=found[0].text))
    c.i += n + used + 1 + tail
    return True


def _between(c: Cursor, n: int) -> tuple[Decimal, Decimal, int] | None:
    if c.low(n) not in ("between", "from"):
        return None
    low, high = c.token(n + 1), c.token(n + 3)
    if low is None or high is None or low.value is None or high.value is None or c.low(n + 2) not in ("and", "to"):
        return None
    return low.value, high.value, 4


def _unit(token: Token | None) -> bool:
    return token is not None and token.stem in _UNITS


def read_text_pattern(c: Cursor, r: Reading) -> bool:
    """name starts with J or ends with 'ez'; 'Ford' in their make; has 'M5' in its VIN number."""
    start = c.skip_determiners(1 if c.low() in ("with", "whose", "having", "where", "in", "has", "have") else 0)
    if c.low() == "in" and start == 1:
        start = c.skip_determiners(1)
    quoted = c.token(1 if c.low() in ("has", "have", "with", "contain", "contains") else 0)
    if quoted is not None and quoted.kind == "quoted" and _in_field(c, r, quoted):
        return True
    found = c.noun(start)
    if found is None or not found[0].columns:
        return False
    if c.low() == "whose":
        found = (_of_last(c, found[0]), found[1])
    first = _pattern(c, start + found[1], found[0])
    if first is None:
        return False
    cond, used = first
    n = start + found[1] + used
    while c.low(n) == "or" and (more := _pattern(c, n + 1, found[0])):
        cond.alternatives.append(more[0])
        n += 1 + more[1]
    r.conds.append(cond)
    c.i += n
    return True


def _of_last(c: Cursor, noun: Noun) -> Noun:
    """`journals whose names …`: the field of the kind of record that stands right before."""
    for back in (1, 2, 3):
        owner = c.noun(-back) if c.i >= back else None
        own = [x for x in noun.columns if owner and owner[1] == back and x.table in owner[0].tables]
        if own:
            return replace(noun, refs=tuple(own))
    return noun


def _pattern(c: Cursor, n: int, noun: Noun) -> tuple[Cond, int] | None:
    op, used = c.phrase_op(TEXT_OPS, n)
    literal = c.token(n + used)
    if not used or literal is None or literal.kind not in ("quoted", "word", "number") or literal.low in _LINKS - {"a"}:
        return None
    return Cond(op, (literal.text,), noun=noun, text=literal.text), used + 1


def _in_field(c: Cursor, r: Reading, quoted: Token) -> bool:
    at = 1 if c.token() is quoted else 2
    if c.low(at) != "in":
        return False
    field_at = c.skip_determiners(at + 1)
    found = c.noun(field_at)
    if found is None or not found[0].columns:
        return False
    cond = Cond("contains", (quoted.text,), noun=found[0], text=quoted.text)
    n = field_at + found[1]
    while c.low(n) == "or" and (literal := c.token(n + 1)) and literal.kind == "quoted" and c.low(n + 2) == "in":
        other_at = c.skip_determiners(n + 3)
        other = c.noun(other_at)
        if other is None or not other[0].columns:
            return False
        cond.alternatives.append(Cond("contains", (literal.text,), noun=other[0], text=literal.text))
        n = other_at + other[1]
    r.conds.append(cond)
    c.i += n
    return True


def read_flag(c: Cursor, r: Reading) -> bool:
    """`where paid is no`, `active = true`: a field of yes and no."""
    start = c.skip_determiners(1 if c.low() in ("where", "with", "whose", "and") else 0)
    found = c.noun(start)
    flags = [x for x in found[0].of_kind("dim") if _is_flag(c, x)] if found else []
    if found is None or not flags:
        return False
    n = start + found[1]
    linked = n
    while c.low(linked) in ("is", "was", "are", "were", "=", "equals"):
        linked += 1
    said = _FLAGS.get(c.low(linked)) if linked > n else None
    if said is None:
        return False
    r.conds.append(Cond("=", (said,), noun=Noun(tuple(flags), found[0].text, c.i), text=found[0].text))
    c.i += linked + 1
    return True


def _is_flag(c: Cursor, ref: Ref) -> bool:
    return c.lexicon.model.tables[ref.table].dimensions[ref.name].type == "boolean"


def read_value(c: Cursor, r: Reading, *, certain: bool = False) -> bool:
    """Germany; 'buy'; status cancelled; named 'Utility Company'; web or app."""
    n = 0
    noun = None
    found = c.noun()
    if found and found[0].columns and not found[0].tables:
        linked = found[1]
        while c.low(linked) in ("is", "was", "are", "=", ":", "of", "equals", "equal", "to", "named", "called"):
            linked += 1
        if _value_of(c, linked, found[0]):
            noun, n = found[0], linked
    named = c.low(n) in _NAMED
    n += 1 if named else 0
    first = _literal(c, n, noun, named)
    if first is None or (noun is None and not certain and _better_noun(c, n, first[1])):
        return False
    cond, used = first
    n += used
    cond, n = _or_more(c, cond, n, noun)
    r.conds.append(cond)
    c.i += n
    if (
        cond.noun is None
        and (after := c.noun())
        and after[0].columns
        and _fields(cond) & {x.field for x in after[0].columns}
    ):
        cond.noun = Noun(tuple(x for x in after[0].columns if x.field in _fields(cond)), after[0].text, after[0].at)
        c.i += after[1]
    return True


def _fields(cond: Cond) -> set[str]:
    return {f"{m.table}.{m.dimension}" for m in cond.matches}


def _value_of(c: Cursor, n: int, noun: Noun) -> bool:
    token = c.token(n)
    if token is not None and token.kind == "quoted":
        return True
    value = c.value(n)
    fields = {x.field for x in noun.columns}
    return bool(value and any(f"{m.table}.{m.dimension}" in fields for m in value[0]))


def _better_noun(c: Cursor, n: int, used: int) -> bool:
    """A name of the model of the same length wins over a value, unless another name follows it.

    One of something needs an article: “for Store” is the value, “for the store” and “for stores” are records.
    """
    noun, token, after = c.noun(n), c.token(n), c.token(n + used)
    bare = token is not None and used == 1 and c.low(n - 1) in _BARE and token.stem == token.low
    if noun is not None and noun[0].tables and bare and (after is None or after.value is None):
        return False
    if noun is not None and noun[0].tables and c.low(n + used) in TIME_VERBS and c.time(n + used + 1):
        return True
    return noun is not None and noun[1] >= used and c.noun(n + used) is None


def _literal(c: Cursor, n: int, noun: Noun | None, named: bool) -> tuple[Cond, int] | None:
    value = c.value(n)
    if value:
        cond = value_cond(value[0], value[1])
        cond.noun = noun
        return cond, value[2]
    token = c.token(n)
    if token is not None and token.kind == "quoted" and noun is not None and noun.of_kind("dim"):
        return Cond("=", (token.text,), noun=noun, text=token.text), 1
    return None


def _or_more(c: Cursor, cond: Cond, n: int, noun: Noun | None) -> tuple[Cond, int]:
    """Further values of the same field: `web or app`, `Amazon, Apple and Google`."""
    values, fields = [cond], _fields(cond)
    while True:
        step = n
        while c.low(step) in (",", "or", "and", "/"):
            step += 1
        if step == n:
            break
        more = _literal(c, step, noun, False)
        # A value of the same field stays one though a table has its name: “Website and Store”.
        if more is None or not (fields & _fields(more[0]) if fields else not _better_noun(c, step, more[1])):
            break
        values.append(more[0])
        fields &= _fields(more[0])
        n = step + more[1]
    if len(values) == 1:
        return cond, n
    matches = tuple(m for m in cond.matches if f"{m.table}.{m.dimension}" in fields)
    cond.alternatives = values[1:]
    return Cond("in", tuple(v.values[0] for v in values), noun, matches, " or ".join(v.text for v in values), values), n


def matches_of(cond: Cond, field: str) -> tuple[ValueMatch, ...]:
    """The stored spellings of a condition's values in one field."""
    every = [cond, *cond.alternatives] if cond.op in ("=", "!=") or not cond.alternatives else cond.alternatives
    return tuple(m for x in every for m in x.matches if f"{m.table}.{m.dimension}" == field)
