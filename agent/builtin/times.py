"""When: turns "in the last 6 months excluding the current month" into days, so that no period is left to chance."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from agent.builtin import company_dates as _company_dates  # noqa: F401 - its rules join those of `dates`
from agent.builtin import named_days as _named_days  # noqa: F401 - likewise
from agent.builtin.dates import Said, Today, calendar_units, read_period, unit_of
from agent.builtin.days import Period, Unit, add, describe
from agent.builtin.text import Token

_LEAD = re.compile(
    r"(?:(?:(?:happened|dated|occurring|occurred|made|taking place) )?"
    r"(?:in|during|for|over|within|on|of|at|from|across|throughout)(?: all of)? )?"
)
_BOTH = (
    r"(?:\( ?|, )?(?:both )?(?:inclusive|included|including both)(?: of)?"
    r"(?: (?:the )?(?:start and end|both) dates?)?(?: ?\))?"
)
_BETWEEN = re.compile(r"(?:(?:which |that )?(?:is |was |are |were )?between|any ?time between) ")
_FROM = re.compile(r"(?:in the period |in the time |starting )?from ")
_TO = re.compile(r" (?:to|until|till|through|thru|up to|-) ")
_AND = re.compile(r" (?:and|to|-) ")
_SINCE = re.compile(
    r"(?:ever )?(?:since|starting(?: from| in| on)?|beginning|from|on or after|on and after|no earlier than)"
    r" (?:the start of |the beginning of )?"
)
_AFTER = re.compile(r"(?:after|later than) (?:the end of )?")
_UNTIL = re.compile(r"(?:on or before|no later than|until|till|up to|through|up until|by the end of) (?:the end of )?")
_AS_OF = re.compile(r"(?:as of|as at|as on|up to and including) (?:the end of )?")
_BEFORE = re.compile(r"(?:before|prior to|earlier than) ")
_SIDES = ((_SINCE, "start"), (_AFTER, "end"), (_UNTIL, "until"), (_AS_OF, "until"), (_BEFORE, "before"))
_ONWARDS = re.compile(r" (?:onwards?|and later|and after|or later)(?! \w+ago)")
_WITH_TODAY = re.compile(
    r"(?: ,)?(?: \(| ,)? ?(?:inclusive of|including|counting) (?:today(?: date)?|the current day)(?: ?\))?"
)
_WITH_START = re.compile(
    r"(?: ,)?(?: \(| ,)? ?(?:inclusive of|including) (?:\d+|a|one) (?:day|week|month|quarter|year)s? ago(?: ?\))?"
)
_WITH_RUNNING = re.compile(
    r"(?: ,)?(?: \()? ?(?:inclusive of|including|and) (?:the current|this|the running)"
    r" (?P<u>day|week|month|quarter|year)(?: ?\))?"
)
_WITHOUT_RUNNING = re.compile(
    r"(?: ,)?(?: \()? ?(?:(?:excluding|exclusive of|not including|without|except|not counting|but not)"
    r" (?:the )?(?:current|this|ongoing|running|present) (?P<u>day|week|month|quarter|year)"
    r"|(?:excluding|exclusive of|not including) today)(?: ?\))?"
)
_EACH_OF = re.compile(r"(?:(?:happened|occurring|occurred|made|placed) )?(?:in |for |during )?each of ")
_PART = re.compile(
    r"(?:(?:made |happened |occurring |occurred |placed )?(?:on|during|at|over) )?(?:the )?"
    r"(?P<part>weekends?|weekdays?|saturdays?|sundays?|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?)"
    r"(?! \d)(?![\w-])"
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class TimeHit:
    """A window or a repeating part of the calendar found in a question; `tokens` says how many tokens it took."""

    tokens: int
    period: Period | None = None
    said: Said | None = None
    part: tuple[str, int | bool] | None = None
    each: Unit | None = None

    @property
    def relative(self) -> bool:
        return self.said is not None and self.said.relative

    @property
    def label(self) -> str:
        """The period as a person writes it."""
        return describe(self.period) if self.period else str(self.part[0] if self.part else "")


def time_at(tokens: list[Token], at: int, today: Today, *, bare: bool = True) -> TimeHit | None:
    """The longest time expression that starts at token `at`; `bare=False` wants a leading word such as `in`."""
    text = _joined(tokens[at : at + 24])
    hit = _range(text, today) or _open(text, today) or _plain(text, today, bare) or _part(text)
    if hit is None:
        return None
    taken, length = hit
    return replace(taken, tokens=text[:length].rstrip().count(" ") + 1)


def _joined(tokens: list[Token]) -> str:
    return " ".join("\x01" if t.kind == "quoted" else t.low.replace(" ", "") or "\x01" for t in tokens)


def _range(text: str, today: Today) -> tuple[TimeHit, int] | None:
    for opening, joint in ((_BETWEEN, _AND), (_FROM, _TO)):
        start = opening.match(text)
        if start and (found := _pair(text, start.end(), joint, today)):
            return found
    lead = _LEAD.match(text)
    return _pair(text, lead.end() if lead else 0, _TO, today)


def _pair(text: str, at: int, joint: re.Pattern[str], today: Today) -> tuple[TimeHit, int] | None:
    first = read_period(text[at:], today)
    if first is None:
        return None
    middle = joint.match(text[at + first[1] :])
    if middle is None:
        return None
    second_at = at + first[1] + middle.end()
    second = read_period(text[second_at:], today)
    if second is None:
        return None
    start, end = first[0].period.start, second[0].period.end
    if first[0].assumed_year and start and second[0].period.start and not second[0].assumed_year:
        start = start.replace(year=second[0].period.start.year)
    if start is None or end is None or end <= start:
        return None
    length = second_at + second[1]
    tail = re.match(r" ?" + _BOTH, text[length:])
    said = Said(Period(start, end), relative=first[0].relative or second[0].relative)
    return TimeHit(0, said.period, said), length + (tail.end() if tail else 0)


def _open(text: str, today: Today) -> tuple[TimeHit, int] | None:
    for pattern, keep in (
        (_SINCE, "start"),
        (_AFTER, "end"),
        (_UNTIL, "until"),
        (_AS_OF, "until"),
        (_BEFORE, "before"),
    ):
        lead = pattern.match(text)
        found = read_period(text[lead.end() :], today) if lead else None
        if lead is None or found is None:
            continue
        said, length = found
        if lead.group().startswith("from") and not said.period.unit:
            continue
        period = _side(said.period, keep)
        length += lead.end()
        onward = _ONWARDS.match(text[length:]) if keep == "start" else None
        return TimeHit(0, period, replace(said, period=period, span=None, to_date=None)), (
            length + (onward.end() if onward else 0)
        )
    return None


def _side(period: Period, keep: str) -> Period:
    sides = {
        "start": Period(period.start, None),
        "end": Period(period.end, None),
        "until": Period(None, period.end),
        "before": Period(None, period.start),
    }
    return sides[keep]


def _plain(text: str, today: Today, bare: bool) -> tuple[TimeHit, int] | None:
    each = _EACH_OF.match(text)
    lead = each or _LEAD.match(text)
    start = lead.end() if lead else 0
    found = read_period(text[start:], today)
    if found is None or (not start and not bare):
        return None
    said, length = found
    if not start and re.fullmatch(r"(?:may|mar|march|second|sun)", text[:length]):
        return None  # an ordinary word until a preposition or a year says otherwise
    length += start
    if (onward := _ONWARDS.match(text[length:])) and said.period.unit:
        period = Period(said.period.start, None)
        return TimeHit(0, period, replace(said, period=period, span=None, to_date=None)), length + onward.end()
    said, extra = _qualified(said, text[length:], today)
    unit = said.count[1] if each and said.count else None
    if unit and said.rolling and said.count:
        said = calendar_units(*said.count, today)
    return TimeHit(0, said.period, said, each=unit), length + extra


def _qualified(said: Said, rest: str, today: Today) -> tuple[Said, int]:
    """Apply "inclusive of today", "excluding the current month" and the like; returns characters used."""
    if said.count and (m := _WITHOUT_RUNNING.match(rest)):
        n, unit = said.count
        whole: Unit = m["u"] or "day"  # type: ignore[assignment]
        if whole == unit:
            return calendar_units(n, unit, today), m.end()
        running = unit_of(today.day, whole, today).start or today.day
        edge = Period(said.period.start, min(said.period.end or today.day, running))
        return replace(said, period=edge), m.end()
    if m := _WITHOUT_RUNNING.match(rest):
        return said, m.end()
    if said.count and (m := _WITH_RUNNING.match(rest)):
        return calendar_units(*said.count, today, running=True), m.end()
    if said.rolling and said.count and (m := _WITH_TODAY.match(rest)):
        n, unit = said.count
        start = add(today.day, 1 - n, "day") if unit == "day" else add(today.day, -n, unit)
        return replace(said, period=Period(start, add(today.day, 1, "day"))), m.end()
    for pattern in (_WITH_START, _WITH_TODAY):
        if m := pattern.match(rest):
            return said, m.end()
    if m := re.match(r" " + _BOTH, rest):
        return said, m.end()
    return said, 0


def _part(text: str) -> tuple[TimeHit, int] | None:
    m = _PART.match(text)
    if m is None:
        return None
    word = m["part"].removesuffix("s")
    if word in ("weekend", "weekday"):
        return TimeHit(0, part=("weekend", word == "weekend")), m.end()
    return TimeHit(0, part=("weekday", _WEEKDAYS.index(word) + 1)), m.end()
