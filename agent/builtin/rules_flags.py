"""Yes-or-no columns said as people say them: with a partner, who churned, the churn rate, without online backup."""

from __future__ import annotations

from agent.builtin.cursor import Cursor
from agent.builtin.lexicon import Ref
from agent.builtin.reading import Ask, Cond, Noun, Reading
from warehouse.model.bags import bag
from warehouse.model.values import ValueMatch

_OWNING = bag("with having has have had own owns")
_LACKING = bag("without lacking lacks lack")
_LINKS = ("and", ",", "&")
_RELATIVE = bag("who that which have has had did do does already ever")
_NEGATIONS = bag("not never n't")
_GROUPING = ("by", "per", "each", "and", ",", "or", "vs", "versus", "whether", "than")
_BEING = bag("is are was were be been being who that which currently work works working worked")
_TURNING = _NEGATIONS | bag("non")
_LINKED = frozenset(("is", "was", "are", "were", "=", "equals", "and", ",", "or", "vs", "versus", "status"))
_RATES = bag("rate percentage percent share proportion ratio")
_AFTER_NO_WORD = _RATES | _LINKED
_RATE_LEADS = _RATES | bag("fraction")
_ENDINGS = ("ed", "d")


def read_owning(c: Cursor, r: Reading) -> bool:
    """`with tech support and without online backup`, `who have a partner`: each flag after one of these words."""
    at = 0
    while c.low(at) in ("who", "that", "which", "do", "does"):
        at += 1
    truth, found, end = True, list[Cond](), 0
    if _owning(c, at) is None:
        return False
    while True:
        said = _owning(c, at)
        truth, at = (truth, at) if said is None else (said[0], at + said[1])
        cond = _flagged(c, c.skip_determiners(at), truth)
        if cond is None:
            break
        found.append(cond[0])
        end = at = cond[1]
        if c.low(at) not in _LINKS:
            break
        at += 1
    r.conds += found
    c.i += end
    return bool(found)


def read_flag_verb(c: Cursor, r: Reading) -> bool:
    """`customers who churned`, `churned customers`, `did not renew`: a deed whose flag the records carry."""
    n, truth = 0, True
    while c.low(n) in _RELATIVE | _NEGATIONS:
        truth = truth and c.low(n) not in _NEGATIONS
        n += 1
    token = c.token(n)
    if token is None or token.kind != "word" or c.lexicon.lookup((token.stem,)):
        return False
    flags = _flags_of(c, [x for base in _bases(token.low) for x in c.lexicon.lookup((base,)) if x.kind == "dim"])
    if len(flags) != 1:
        return False
    r.conds.append(_cond(c, flags[0], truth, token.text))
    c.i += n + 1
    return True


def read_flag_word(c: Cursor, r: Reading) -> bool:
    """`remote employees`, `who work remotely`, `are not remote`, `non-remote staff`: a flag as a word."""
    if c.low(-1) in _GROUPING:
        return False
    n, truth = 0, True
    while c.low(n) in _BEING or c.low(n) in _TURNING:
        truth = truth and c.low(n) in _BEING
        n += 1
    found = _bare_flag(c, n, truth)
    if found is None or c.low(found[1]) in _AFTER_NO_WORD:
        return False
    if not (n or _said_of(c, found[1]) or c.low(found[1] - 1).endswith("ly")):
        return False
    r.conds.append(found[0])
    c.i += found[1]
    return True


def flag_before(c: Cursor, n: int) -> tuple[Cond, int] | None:
    """The condition of a flag that stands before what is counted (`most remote employees`), and where it ends."""
    found = _bare_flag(c, n, True)
    return found if found is not None and _said_of(c, found[1]) else None


def _bare_flag(c: Cursor, n: int, truth: bool) -> tuple[Cond, int] | None:
    """The condition of a flag at `n` whose name is no kind of record too, and where it ends."""
    found = c.noun(n)
    return _flagged(c, n, truth) if found is not None and not found[0].tables else None


def _said_of(c: Cursor, n: int) -> bool:
    after = c.noun(n)
    return after is not None and bool(after[0].tables or after[0].of_kind("measure"))


def read_flag_rate(c: Cursor, r: Reading) -> bool:
    """`churn rate`, `rate of churn`: how many of all records carry the flag."""
    turned = c.low() in _RATE_LEADS and c.low(1) in ("of", "for")
    found = c.noun(c.skip_determiners(2) if turned else 0)
    if found is None or found[0].figures or r.rates or r.asks:
        return False
    flags = _flags_of(c, found[0].of_kind("dim"))
    n = (c.skip_determiners(2) if turned else 0) + found[1]
    if len(flags) != 1 or not (turned or c.low(n) in _RATES):
        return False
    table = flags[0].table
    r.rates.append(_cond(c, flags[0], True, found[0].text))
    r.asks.append(Ask("count", Noun((Ref("table", table, table),), found[0].text, c.i), c.i))
    c.i += n if turned else n + 1
    return True


def read_flagged_people(c: Cursor, r: Reading) -> bool:
    """`senior citizens by contract`: the plural of a flag's name means the records that carry it."""
    token, found = c.token(), c.noun()
    last = c.token(found[1] - 1) if found else None
    grouped = c.low(-1) in ("by", "per", "each", "and", ",", "of")
    if token is None or found is None or last is None or last.low == last.stem or grouped:
        return False
    flagged = flagged_records(c, found[0])
    if flagged is None:
        return False
    r.conds.append(flagged[1])
    r.subjects.append(flagged[0])
    c.i += found[1]
    return True


def flagged_records(c: Cursor, noun: Noun) -> tuple[Noun, Cond] | None:
    """The records of a table and the condition that they carry the flag that was named; None for other names."""
    flags = _flags_of(c, noun.of_kind("dim")) if not noun.figures and not noun.tables else []
    if len(flags) != 1 or c.lexicon.model.tables[flags[0].table].dimensions[flags[0].name].type != "boolean":
        return None
    table = flags[0].table
    return Noun((Ref("table", table, table),), noun.text, noun.at), _cond(c, flags[0], True, noun.text)


def _owning(c: Cursor, n: int) -> tuple[bool, int] | None:
    """Whether the words at `n` say that something is there or lacks, and how many they are."""
    low = c.low(n)
    if low in _LACKING:
        return False, 1
    if low in ("not", "never") and c.low(n + 1) in ("have", "having", "has"):
        return False, 2
    if low in _OWNING:
        return (False, 2) if c.low(n + 1) == "no" else (True, 1)
    return None


def _flagged(c: Cursor, n: int, truth: bool) -> tuple[Cond, int] | None:
    found = c.noun(n)
    flags = _flags_of(c, found[0].of_kind("dim")) if found else []
    if found is None or len(flags) != 1 or found[0].figures:
        return None
    return _cond(c, flags[0], truth, found[0].text), n + found[1]


def _cond(c: Cursor, ref: Ref, truth: bool, text: str) -> Cond:
    """The condition; a text column that says a third thing beside yes and no lacks it there too."""
    if c.lexicon.model.tables[ref.table].dimensions[ref.name].type == "boolean":
        return Cond("=", (truth,), noun=Noun((ref,), text, c.i), text=text)
    yes = _yes(c, ref)
    values, matches = ((yes.value,), (yes,)) if yes is not None else (("Yes",), ())
    return Cond("=" if truth else "!=", values, matches=matches, text=text)


def _flags_of(c: Cursor, refs: list[Ref]) -> list[Ref]:
    """Those of the columns that say yes or no, also where they say a third thing beside (`no internet service`)."""
    unique = list({x.field: x for x in refs}.values())
    return [x for x in unique if _is_flag(c, x)]


def _is_flag(c: Cursor, ref: Ref) -> bool:
    return c.lexicon.model.tables[ref.table].dimensions[ref.name].type == "boolean" or _yes(c, ref) is not None


def _yes(c: Cursor, ref: Ref) -> ValueMatch | None:
    """The stored yes of a text column."""
    stored = (m for m in c.values.match("yes") if m.how == "whole")
    return next((m for m in stored if (m.table, m.dimension) == (ref.table, ref.name)), None)


def _bases(low: str) -> list[str]:
    """What a participle may come from: churned -> churn, churne; cancelled -> cancel."""
    found = [low.removesuffix(end) for end in _ENDINGS if low.endswith(end) and len(low) > len(end) + 2]
    doubled = [b[:-1] for b in found if len(b) > 3 and b[-1] == b[-2]]
    return [*found, *doubled]
