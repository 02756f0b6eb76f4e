"""Reads a number in steps: by age group, per price range, the distribution of salaries."""

from __future__ import annotations

from agent.builtin.cursor import Cursor
from agent.builtin.lexicon import Ref
from agent.builtin.reading import Ask, Noun, Reading
from agent.builtin.vocabulary import GROUP_LEADS
from warehouse.model.bags import bag

_STEPS = bag("group groups band bands bracket brackets range ranges bucket buckets bin bins class classes")
_SPREAD = (("distribution", "of"), ("histogram", "of"), ("spread", "of"), ("breakdown", "of"))


def read_band(c: Cursor, r: Reading) -> bool:
    """by age group; which income bracket; distribution of salary; how is age distributed."""
    return r.band is None and r.part is None and (_grouped(c, r) or _distribution(c, r) or _distributed(c, r))


def _grouped(c: Cursor, r: Reading) -> bool:
    lead = c.first(GROUP_LEADS) or (1 if c.low() == "in" else 0)
    found = _number_at(c, c.skip_determiners(lead))
    if not lead or found is None or c.low(found[1]) not in _STEPS:
        return False
    r.band = found[0]
    c.i += found[1] + 1
    return True


def _distribution(c: Cursor, r: Reading) -> bool:
    lead = c.first(_SPREAD)
    found = _number_at(c, c.skip_determiners(lead)) if lead else None
    if found is not None:
        r.band = found[0]
        c.i += found[1] + (1 if c.low(found[1]) in _STEPS else 0)
        return _counting(r, found[0])
    found = _number_at(c, c.skip_determiners(0))
    if found is None or c.low(found[1]) not in ("distribution", "histogram"):
        return False
    r.band = found[0]
    c.i += found[1] + 1
    return _counting(r, found[0])


def _distributed(c: Cursor, r: Reading) -> bool:
    """`how is age distributed`, `how are salaries spread`."""
    found = _number_at(c, c.skip_determiners(0))
    if found is None or c.low(found[1]) not in ("distributed", "spread"):
        return False
    r.band = found[0]
    c.i += found[1] + 1
    return _counting(r, found[0])


def which_band(c: Cursor, r: Reading, n: int) -> int:
    """`which age group`: the tokens of the steps that are asked for; 0 when there are none."""
    found = _number_at(c, n)
    if found is None or c.low(found[1]) not in _STEPS:
        return 0
    r.band = found[0]
    return found[1] + 1 - n


def _counting(r: Reading, noun: Noun) -> bool:
    """A distribution counts the records that hold the number, unless a figure was named."""
    if not r.asks and r.top is None:
        table = noun.columns[0].table
        r.asks.append(Ask("count", Noun((Ref("table", table, table),), noun.text)))
    return True


def _number_at(c: Cursor, n: int) -> tuple[Noun, int] | None:
    """The number column named at an offset and the offset after it."""
    found = c.noun(n)
    columns = [x for x in found[0].columns if _is_number(c, x)] if found else []
    if found is None or not columns or found[0].tables:
        return None
    return Noun(tuple(columns), found[0].text, c.i), n + found[1]


def _is_number(c: Cursor, ref: Ref) -> bool:
    if ref.kind == "number":
        return True
    spec = c.lexicon.model.tables[ref.table].dimensions.get(ref.name)
    return ref.kind == "dim" and spec is not None and spec.type in ("integer", "decimal", "float")
