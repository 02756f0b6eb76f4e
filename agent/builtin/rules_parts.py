"""Reads what repeats in the calendar: by weekday, which hour of the day, weekends versus weekdays."""

from __future__ import annotations

from agent.builtin.cursor import Cursor
from agent.builtin.reading import Reading
from agent.builtin.spelled import mapped
from agent.builtin.text import stem
from agent.builtin.vocabulary import COMPARE_LEADS, GROUP_LEADS, UNIT_WORDS

_PARTS = mapped(
    "weekday => weekday | weekdays => weekday | day of the week => weekday | days of the week => weekday | "
    "day of week => weekday | day of a week => weekday | hour => hour_of_day | hours => hour_of_day | "
    "hour of the day => hour_of_day | hour of day => hour_of_day | hours of the day => hour_of_day | "
    "time of day => hour_of_day | time of the day => hour_of_day | month of the year => month_of_year | "
    "month of year => month_of_year | calendar month => month_of_year | months of the year => month_of_year | "
    "quarter of the year => quarter_of_year | quarter of year => quarter_of_year | weekday or weekend => weekend | "
    "weekend or weekday => weekend | weekend and weekday => weekend | weekday and weekend => weekend | "
    "weekends and weekdays => weekend | weekdays and weekends => weekend | seasonality => month_of_year"
)
_EARLY = mapped("weekday => weekday | weekdays => weekday")


def read_part(c: Cursor, r: Reading) -> bool:
    """by weekday, per hour of the day; weekends vs weekdays; day of the week after `which`."""
    if _sides(c, r):
        return True
    lead = c.first(GROUP_LEADS)
    part, used = part_at(c, lead)
    if not part or r.part or (not lead and c.low(used) not in ("breakdown", "split", "pattern")):
        return False
    if part == "hour_of_day" and used == 1 and (r.whens or c.noun(lead)):
        return False
    r.part = part
    c.i += lead + used + (0 if lead else 1)
    return True


def part_at(c: Cursor, offset: int) -> tuple[str, int]:
    """The repeating part of the calendar named at an offset and its length in tokens."""
    best = ("", 0)
    for spelled, part in _PARTS.items():
        words = tuple(spelled.split())
        if len(words) > best[1] and c.at(*words, offset=offset):
            best = (part, len(words))
    return best


def _sides(c: Cursor, r: Reading) -> bool:
    """`weekends vs weekdays`, `weekdays compared with weekends`."""
    lead = c.first((("on",), ("between",), ("on", "the")))
    first = stem(c.low(lead))
    joint = c.first((*COMPARE_LEADS, ("and",), ("or",)), lead + 1)
    second = c.low(lead + 1 + joint + (1 if c.low(lead + 1 + joint) == "on" else 0))
    if not joint or {first, stem(second)} != {"weekend", "weekday"} or r.part:
        return False
    r.part = "weekend"
    c.i += lead + 1 + joint + (2 if c.low(lead + 1 + joint) == "on" else 1)
    return True


def which_period(c: Cursor, r: Reading, n: int) -> int:
    """`which weekday`, `what month`: the tokens of a period that is asked for; 0 when there is none."""
    part, used = part_at(c, n)
    if part and (used > 1 or part != "hour_of_day" or c.low(n) == "hour"):
        r.part = part
        return used
    token = c.token(n)
    if token is None or token.stem not in UNIT_WORDS or token.low == "date" or c.noun(n):
        return 0
    r.grain = UNIT_WORDS[token.stem]
    return 1


def busiest(c: Cursor, r: Reading) -> bool:
    """`busiest day of the week`, `the best month of the year`: a superlative before a part of the calendar."""
    from agent.builtin.defaults import default_noun, event_noun
    from agent.builtin.reading import Ask, Top

    start = 1 if c.low() in ("the", "our") else 0
    word = c.low(start)
    low = word in ("quietest", "slowest", "worst", "weakest", "lowest")
    if not low and word not in ("busiest", "best", "strongest", "peak", "top", "biggest", "highest"):
        return False
    mark = (r.part, r.grain)
    used = which_period(c, r, start + 1)
    if not used or r.top is not None:
        r.part, r.grain = mark
        return False
    counted = word in ("busiest", "quietest")
    noun = event_noun(c.lexicon, word) if counted else default_noun(c.lexicon, word)
    if noun is None:
        r.part, r.grain = mark
        return False
    r.top = Top(1, low, by=Ask(None, noun, c.i), implied=True, word=word)
    tail = start + 1 + used
    if c.low(tail) in ("for", "by", "in") and (found := c.noun(tail + 1)) and found[0].figures:
        r.top.by = Ask(None, found[0], c.i)
        tail += 1 + found[1]
    c.i += tail
    return True
