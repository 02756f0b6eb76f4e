"""Reads the order of an answer: sorted by a figure, from longest to shortest, in descending order."""

from __future__ import annotations

from agent.builtin.cursor import Cursor
from agent.builtin.lexicon import described
from agent.builtin.meaning import sense
from agent.builtin.reading import Best, Reading
from agent.builtin.rules_figures import figure_noun, read_aggregate, read_count
from agent.builtin.rules_shape import direction_at
from agent.builtin.spelled import phrases
from agent.builtin.vocabulary import HIGH, LOW, UNIT_WORDS

_MANY = 10
_JUDGED = ("best to worst", "worst to best")
_ORDER_LEADS = phrases(
    "ordered by | order by | sorted by | sort by | ranked by | order the results by | sorted | ordered | in | "
    "sort them by | order them by | from | starting with the | sort | order | the"
)


def read_order(c: Cursor, r: Reading) -> bool:
    """ordered by …, from highest to lowest, in descending order of …."""
    if _unit_order(c, r):
        return True
    lead = max((len(p) for p in _ORDER_LEADS if c.at(*p)), default=0)
    named = c.low() in ("ordered", "order", "sorted", "sort", "ranked")
    found = figure_noun(c, lead) if named and lead else None
    used = lead + (found.length if found else 0)
    probe = Reading()
    if named and lead and found is None:
        used = _ordered_figure(c, lead, probe)
    step = used + (1 if c.low(used) in ("in", "from", "by", "the", ",") else 0)
    step += 1 if c.low(step) == "the" else 0
    direction, words = direction_at(c, step)
    if direction is None and not (named and (found or probe.asks)):
        return False
    if direction is not None and " ".join(c.low(step + k) for k in range(words)) in _JUDGED and _less_is_better(c, r):
        direction = not direction
    n = step + words if direction is not None else used
    tail = c.first((("order", "of"), ("order", "by"), ("order",)), n)
    n += tail
    if tail == 2 and found is None:
        found = figure_noun(c, n)
        n += found.length if found else 0
    sorted_by = found.noun if found else probe.asks[0] if probe.asks else None
    if sorted_by is None and r.order is not None:
        sorted_by = r.order[0]
    if sorted_by is None and direction is not None:
        _by_adjective(c, r, step, low=not direction)
    r.order = (sorted_by, bool(direction))
    c.i += n
    return True


def _less_is_better(c: Cursor, r: Reading) -> bool:
    """Whether the figure asked for is a cost, a delay, a rate of failures: its best is its lowest."""
    figures = r.asks[-1].noun.figures if r.asks else []
    told = described(c.lexicon.model, figures[0]) if figures else None
    return getattr(told, "good", None) == "down"


def _by_adjective(c: Cursor, r: Reading, n: int, *, low: bool) -> None:
    """`products from cheapest to dearest`: records in the order of what the adjective is about, all of them."""
    n += 1 if c.low(n) == "the" else 0
    word = c.low(n + 1) if c.low(n) in ("most", "least") else c.low(n)
    bare = r.asks[-1] if r.asks and r.asks[-1].agg is None and r.asks[-1].noun.tables else None
    if sense(word) is None or word in HIGH | LOW or r.best is not None or r.top is not None or not (bare or r.subjects):
        return
    if bare is not None:
        r.asks.remove(bare)
        r.subjects.append(bare.noun)
    r.best = Best(word, low, _MANY)


def _ordered_figure(c: Cursor, lead: int, probe: Reading) -> int:
    """Read a spelled figure after `ordered by` (number of orders) into `probe`; gives the tokens used."""
    saved = c.i
    c.i += lead
    taken = read_count(c, probe) or read_aggregate(c, probe)
    used = c.i - saved if taken else lead
    c.i = saved
    return used


def _unit_order(c: Cursor, r: Reading) -> bool:
    """`order by month ascending`."""
    token = c.token(2)
    if (
        c.low() not in ("order", "ordered", "sorted", "sort")
        or c.low(1) != "by"
        or token is None
        or token.stem not in UNIT_WORDS
    ):
        return False
    direction, words = direction_at(c, 3)
    if r.grain not in (None, UNIT_WORDS[token.stem]) or c.noun(2):
        return False
    r.order = (None, bool(direction))
    c.i += 3 + words
    return True
