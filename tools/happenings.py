"""Public holidays and known events as every skill along time sees them: which days, under which name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise

from store.errors import ConfigProblem
from warehouse.model.happenings import KnownEvent
from warehouse.model.schema import SemanticModel

Span = tuple[date, date]


@dataclass(frozen=True)
class Happening:
    """Something with a name and its stretches of days (half-open), past and to come; `public` for a holiday."""

    name: str
    spans: tuple[Span, ...]
    public: bool = False

    def days_in(self, start: date, end: date) -> int:
        """How many of its days lie in a stretch (half-open)."""
        return sum(max(0, (min(b, end) - max(a, start)).days) for a, b in self.spans)


def known(
    model: SemanticModel, metric: str, span: Span, codes: Sequence[str] = (), more: Iterable[KnownEvent] = ()
) -> list[Happening]:
    """What happens in a stretch and bears on a metric: events by name, then holidays.

    `codes` and `more` are holidays and events beside the model's own. Raises `ConfigProblem` for a calendar that nobody
    keeps.
    """
    spans: dict[str, list[Span]] = {}
    for event in (*model.events, *more):
        if event.touches(metric):
            spans.setdefault(event.name, []).extend(event.spans())
    found = [Happening(name, tuple(sorted(set(s)))) for name, s in spans.items()]
    return [h for h in [*found, *_holidays((*model.calendar.holidays, *codes), span)] if h.days_in(*span)]


def _holidays(codes: Sequence[str], span: Span) -> list[Happening]:
    """Public holidays of countries and parts, one happening a name; days that several share count once."""
    years = range(span[0].year, span[1].year + 1)
    days: dict[str, set[date]] = {}
    for code in dict.fromkeys(codes):
        for day, name in holiday_calendar(code, years).items():
            for one in str(name).split("; "):
                days.setdefault(one.removesuffix(" (observed)"), set()).add(day)
    return [Happening(n, tuple((d, d + timedelta(days=1)) for d in sorted(found)), True) for n, found in days.items()]


def holiday_calendar(code: str, years: range | None = None) -> dict[date, str]:
    """The names of the public holidays of a country or a part of it, by date; without `years` as they are asked for.

    Raises `ConfigProblem` for a calendar that nobody has.
    """
    if find_spec("holidays") is None:
        raise ConfigProblem("The holiday calendars are not installed.", hint="pip install holidays")
    country, _, part = code.partition("-")
    try:
        found: dict[date, str] = import_module("holidays").country_holidays(
            country, subdiv=part or None, years=years, language="en_US"
        )
    except NotImplementedError as error:
        raise ConfigProblem(
            f"There is no holiday calendar called “{code}”.",
            hint="Use a country such as US, or a part of one such as DE-BY.",
        ) from error
    return found


def columns(happenings: Sequence[Happening], starts: Sequence[date], end: date) -> dict[str, list[float]]:
    """Per happening how many of its days each period has; `starts` are days in order, `end` follows the last period."""
    edges = [*starts, end]
    return {h.name: [float(h.days_in(a, b)) for a, b in pairwise(edges)] for h in happenings}
