"""Periods people write out ("1st quarter of 2023", "Apr 4, 2023"), read without guessing a day that was not said."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from agent.builtin.days import MONTHS, Period, Unit, add, month, one_day, quarter, unit_at
from agent.builtin.text import NUMBER_WORDS, ORDINALS
from warehouse.compiler.calendar_math import midnight, step, truncate
from warehouse.model.schema import Calendar

_MONTH = rf"(?P<mon>{'|'.join(sorted(MONTHS, key=len, reverse=True))}) ?\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?![\d.,]*\d)"
_DAY = r"(?P<day>[0-3]?\d)(?: ?(?:st|nd|rd|th))?"
_ORD = "|".join(ORDINALS)
_UNIT = r"(?P<unit>day|week|month|quarter|year)"
_NUM = rf"(?P<n>\d{{1,4}}|{'|'.join(NUMBER_WORDS)}|couple of)"


@dataclass(frozen=True)
class Today:
    """What today is, the first weekday (0 Monday) and whether today is the last day of the data, a whole day.

    `calendar` is the model's, for the years that companies count for themselves.
    """

    day: date
    week_start: int = 0
    fiscal_start: int = 1
    complete: bool = False
    calendar: Calendar = field(default_factory=Calendar)

    @classmethod
    def by(cls, rules: Calendar, day: date, *, complete: bool = False) -> Today:
        """A day as the model's calendar counts from it."""
        return cls(day, rules.first_weekday, rules.fiscal_start_month, complete, rules)


@dataclass(frozen=True)
class Said:
    """A period as said: its days, whether it follows today, and the window of the query that means the same.

    `calendar` names the one it is counted in, where it is not the model's own; `named` is a day by its own name, which
    the data may give to something else, such as a campaign.
    """

    period: Period
    relative: bool = False
    span: tuple[int, Unit] | None = None
    to_date: Unit | None = None
    rolling: bool = False
    assumed_year: bool = False
    count: tuple[int, Unit] | None = None
    calendar: str | None = None
    named: bool = False


Reader = Callable[[re.Match[str], Today], Said | None]
_RULES: list[tuple[re.Pattern[str], Reader]] = []


def rule(pattern: str) -> Callable[[Reader], Reader]:
    """Make a function the reader of what `pattern` matches; the longest match of all readers counts."""

    def register(reader: Reader) -> Reader:
        _RULES.append((re.compile(pattern + r"(?![\w']|-\d)"), reader))
        return reader

    return register


def read_period(text: str, today: Today) -> tuple[Said, int] | None:
    """The longest period at the start of `text` (lower case, tokens one space apart) and its length in characters."""
    best: tuple[Said, int] | None = None
    for pattern, reader in _RULES:
        found = pattern.match(text)
        if found is None or (best is not None and found.end() <= best[1]):
            continue
        try:
            said = reader(found, today)
        except (ValueError, OverflowError):
            continue
        if said is not None:
            best = (said, found.end())
    return best


def number(text: str) -> int:
    """A count in digits or words; "couple of" is 2."""
    return int(text) if text.isdigit() else 2 if text == "couple of" else NUMBER_WORDS[text]


@rule(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})")
def _iso(m: re.Match[str], _today: Today) -> Said:
    return Said(one_day(date(int(m["y"]), int(m["m"]), int(m["d"]))))


@rule(r"(?P<a>\d{1,2})[/.](?P<b>\d{1,2})[/.](?P<y>\d{4})")
def _slashed(m: re.Match[str], _today: Today) -> Said | None:
    a, b, year = int(m["a"]), int(m["b"]), int(m["y"])
    if a <= 12 and b <= 12 and a != b:
        return None  # 04/05/2023 is two different days on the two sides of the Atlantic
    return Said(one_day(date(year, a, b) if a <= 12 else date(year, b, a)))


@rule(r"(?P<y>\d{4})-(?P<m>\d{2})")
def _iso_month(m: re.Match[str], _today: Today) -> Said:
    return Said(month(int(m["y"]), int(m["m"])))


@rule(rf"(?:the )?{_MONTH} (?:the )?{_DAY}(?: ?, ?| of | ){_YEAR}")
@rule(rf"(?:the )?{_DAY} (?:of )?{_MONTH}(?: ?, ?| of | ){_YEAR}")
def _full_day(m: re.Match[str], _today: Today) -> Said:
    return Said(one_day(date(int(m["year"]), MONTHS[m["mon"]], int(m["day"]))))


@rule(rf"(?:the )?{_MONTH} (?:the )?{_DAY}")
@rule(rf"(?:the )?{_DAY} (?:of )?{_MONTH}")
def _day_without_year(m: re.Match[str], today: Today) -> Said:
    number_, day = MONTHS[m["mon"]], int(m["day"])
    this = date(today.day.year, number_, day)
    return Said(one_day(this if this <= today.day else date(this.year - 1, number_, day)), assumed_year=True)


@rule(rf"(?:the month of )?{_MONTH}(?: ?, ?| of | in | ){_YEAR}")
def _month_of_year(m: re.Match[str], _today: Today) -> Said:
    return Said(month(int(m["year"]), MONTHS[m["mon"]]))


@rule(rf"(?:the month of )?{_MONTH} (?:of )?(?P<which>last|this) year")
def _month_of_named_year(m: re.Match[str], today: Today) -> Said:
    return Said(month(today.day.year - (m["which"] == "last"), MONTHS[m["mon"]]), relative=True)


@rule(rf"(?:the month of |this |last )?{_MONTH}")
def _bare_month(m: re.Match[str], today: Today) -> Said:
    n = MONTHS[m["mon"]]
    return Said(month(today.day.year - (n > today.day.month), n), assumed_year=True)


@rule(rf"(?:the )?(?:q(?P<q>[1-4])|(?P<o>{_ORD}) (?:calendar )?quarter)(?:(?: ?, ?| of | in | ){_YEAR})")
@rule(rf"{_YEAR} (?:q(?P<q>[1-4])|(?P<o>{_ORD}) quarter)")
def _quarter(m: re.Match[str], _today: Today) -> Said:
    return Said(quarter(int(m["year"]), int(m["q"]) if m["q"] else ORDINALS[m["o"]]))


@rule(rf"(?:the )?(?:q(?P<q>[1-4])|(?P<o>{_ORD}) quarter)(?: of| in)?(?: (?P<which>last|this|the) year)?")
def _bare_quarter(m: re.Match[str], today: Today) -> Said:
    n = int(m["q"]) if m["q"] else ORDINALS[m["o"]]
    if m["which"] in ("last", "this"):
        return Said(quarter(today.day.year - (m["which"] == "last"), n), relative=True)
    current = (today.day.month + 2) // 3
    return Said(quarter(today.day.year - (n > current), n), assumed_year=True)


@rule(rf"(?:(?:the )?(?:first|second|1st|2nd) half (?:of )?{_YEAR}|h(?P<h>[12]) (?:of )?(?P<hy>(?:19|20)\d\d))")
def _half(m: re.Match[str], _today: Today) -> Said:
    second = m["h"] == "2" or m.group().removeprefix("the ").startswith(("second", "2nd"))
    year = int(m["hy"] or m["year"])
    return Said(
        Period(date(year, 7, 1), date(year + 1, 1, 1)) if second else Period(date(year, 1, 1), date(year, 7, 1))
    )


@rule(rf"(?:the )?(?:calendar )?(?:year )?(?:of )?{_YEAR}")
def _year(m: re.Match[str], _today: Today) -> Said:
    return Said(unit_at(date(int(m["year"]), 1, 1), "year"))


@rule(r"(?P<w>today|yesterday)")
def _today(m: re.Match[str], today: Today) -> Said:
    past = m["w"] == "yesterday"
    period = one_day(add(today.day, -1 if past else 0, "day"))
    return Said(period, relative=True, span=(1, "day") if past else None, to_date=None if past else "day")


@rule(r"(?:the )?day before yesterday")
def _before_yesterday(_m: re.Match[str], today: Today) -> Said:
    return Said(one_day(add(today.day, -2, "day")), relative=True)


@rule(rf"(?:this|the current|current|the present) (?:calendar )?{_UNIT}(?: so far| to date)?")
@rule(rf"(?:(?:the )?{_UNIT} to date|so far this (?P<unit2>week|month|quarter|year)|(?P<abbr>[ymqw]td))")
def _this_unit(m: re.Match[str], today: Today) -> Said:
    groups = m.groupdict()
    short: dict[str, Unit] = {"y": "year", "m": "month", "q": "quarter", "w": "week"}
    unit: Unit = groups.get("unit") or groups.get("unit2") or short[groups["abbr"][0]]  # type: ignore[assignment]
    whole = unit_of(today.day, unit, _meant(m, today))
    end = add(today.day, 1, "day") if "to date" in m.group() or groups.get("abbr") else whole.end
    return Said(Period(whole.start, end, unit), relative=True, to_date=unit, calendar=_named(m))


@rule(
    rf"(?:the )?(?:whole (?:of )?(?:the )?)?(?:last|previous|prior|preceding|most recent)"
    rf" (?:full |complete |whole |calendar )*{_UNIT}"
)
def _last_unit(m: re.Match[str], today: Today) -> Said:
    unit: Unit = m["unit"]  # type: ignore[assignment]
    return Said(unit_of(today.day, unit, _meant(m, today), -1), relative=True, span=(1, unit), calendar=_named(m))


@rule(
    rf"(?:each of )?(?:the )?(?:last|past|previous|prior|trailing|preceding|most recent|recent) {_NUM}"
    rf" (?P<whole>(?:full |complete |whole |calendar )*){_UNIT}s?"
)
@rule(rf"(?:the )?past (?P<whole>){_UNIT}(?P<n>)")
def _last_n(m: re.Match[str], today: Today) -> Said | None:
    unit: Unit = m["unit"]  # type: ignore[assignment]
    n = number(m["n"]) if m["n"] else 1
    if n < 1:
        return None
    if m["whole"]:
        return replace(calendar_units(n, unit, _meant(m, today)), calendar=_named(m))
    period = Period(add(today.day, -n, unit), add(today.day, 1, "day"))
    return Said(period, relative=True, rolling=True, count=(n, unit))


def calendar_units(n: int, unit: Unit, today: Today, running: bool = False) -> Said:
    """The n whole units before the running one; with `running` the last of them is the running one."""
    end = unit_of(today.day, unit, today, int(running)).start
    start = unit_of(today.day, unit, today, int(running) - n).start
    return Said(Period(start, end), relative=True, span=None if running else (n, unit), count=(n, unit))


def unit_of(day: date, unit: Unit, today: Today, n: int = 0) -> Period:
    """The whole unit that holds `day`, or the nth after it, in the years the model counts by."""
    if unit == "day" or unit == "week":
        return unit_at(add(day, n, unit), unit, today.week_start)
    start = step(truncate(midnight(day), unit, today.calendar), unit, today.calendar, n)
    return Period(start.date(), step(start, unit, today.calendar).date(), unit)


def _named(m: re.Match[str]) -> str | None:
    return "civil" if "calendar " in m.group() else None


def _meant(m: re.Match[str], today: Today) -> Today:
    """Today as a calendar year counts it, where those words were said."""
    return replace(today, calendar=today.calendar.model_copy(update={"default": "civil"})) if _named(m) else today


@rule(rf"(?P<n>\d{{1,4}}|a|an|{'|'.join(NUMBER_WORDS)}) {_UNIT}s? ago")
def _ago(m: re.Match[str], today: Today) -> Said:
    unit: Unit = m["unit"]  # type: ignore[assignment]
    n = 1 if m["n"] in ("a", "an") else number(m["n"])
    return Said(unit_of(today.day, unit, today, -n), relative=True)


@rule(r"(?:the )?(?P<which>first|second|1st|2nd) half(?: of)? (?P<year>this|last|the) year|h(?P<h>[12])(?! (?:of )?\d)")
def _bare_half(m: re.Match[str], today: Today) -> Said:
    second = m["h"] == "2" or m["which"] in ("second", "2nd")
    year = today.day.year - (m["year"] == "last") - (m["h"] == "2" and today.day.month < 7)
    first, last = (date(year, 7, 1), date(year + 1, 1, 1)) if second else (date(year, 1, 1), date(year, 7, 1))
    return Said(Period(first, last), relative=m["year"] in ("this", "last"), assumed_year=m["h"] is not None)
