"""Holidays and known events: which days they are, what a forecast makes of them, and that they are no surprise."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest

from store.errors import ConfigProblem
from tools.anomaly.batch import scan
from tools.drivers.ask import Days
from tools.drivers.past import Span, occurred
from tools.forecasting.engine import Outcome, Request, forecast
from tools.happenings import Happening, columns, known
from warehouse.model.schema import SemanticModel

YEAR = (date(2026, 1, 1), date(2027, 1, 1))


def model(**more: object) -> SemanticModel:
    return SemanticModel.model_validate({"model": "t", **more})


def test_holidays_of_countries_and_parts_count_once() -> None:
    found = {h.name: h for h in known(model(calendar={"holidays": ["DE-BY", "AT"]}), "revenue", YEAR)}
    assert found["Easter Monday"].spans[0] == (date(2026, 4, 6), date(2026, 4, 7))
    assert found["Easter Monday"].public and "Epiphany" in found
    assert known(model(), "revenue", YEAR) == []


def test_a_calendar_that_nobody_keeps_is_refused() -> None:
    with pytest.raises(ConfigProblem, match="ZZ"):
        known(model(calendar={"holidays": ["ZZ"]}), "revenue", YEAR)


def test_events_touch_their_own_figures_only() -> None:
    sale = {"name": "Sale", "dates": ["2026-06-15"], "days": 14, "metrics": ["units"]}
    assert [h.name for h in known(model(events=[sale]), "units", YEAR)] == ["Sale"]
    assert known(model(events=[sale]), "revenue", YEAR) == []


def test_days_are_counted_by_period() -> None:
    sale = Happening("Sale", ((date(2026, 1, 29), date(2026, 2, 3)),))
    assert columns([sale], [date(2026, 1, 1), date(2026, 2, 1)], date(2026, 3, 1)) == {"Sale": [3.0, 2.0]}


def _forecast(lift: float, *, told: bool) -> tuple[Outcome, float]:
    """A sale on days that follow no rule, one of them ahead; and how far the forecast was off on average."""
    rng, n, ahead = np.random.default_rng(11), 700, 28
    days = tuple(date(2023, 1, 1) + timedelta(k) for k in range(n + ahead))
    sale = np.zeros(n + ahead)
    sale[[40, 122, 215, 290, 381, 460, 555, 668, n + 9]] = 1
    wave = 0.1 * np.sin(2 * np.pi * np.arange(n + ahead) / 7) + lift * sale + rng.normal(0, 0.04, n + ahead)
    y = 500 * np.exp(wave)
    marks = {"Sale": sale.tolist()} if told else {}
    found = forecast(y[:n], Request(days, 7, 365.25, ahead, 0, True, slow=False, marks=marks))
    return found, float(np.mean(np.abs(np.array(found.ahead) - y[n:])))


def test_a_forecast_expects_of_an_event_what_it_did_before() -> None:
    known_, off = _forecast(0.5, told=True)
    _, off_unknown = _forecast(0.5, told=False)
    assert off < off_unknown - 4
    assert known_.events["Sale"] == pytest.approx(np.exp(0.5) - 1, abs=0.15)


def test_an_event_that_does_nothing_changes_nothing() -> None:
    found, _ = _forecast(0.0, told=True)
    assert found.events == {} and found.ahead == _forecast(0.0, told=False)[0].ahead


def test_what_an_event_did_before_is_no_surprise() -> None:
    rng = np.random.default_rng(3)
    y = 100 + 10 * np.sin(2 * np.pi * np.arange(300) / 7) + rng.normal(0, 2, 300)
    y[[60, 150, 260]] += 60
    starts = [e.start for e in scan(y, 7, marks=([60, 150, 260],)).episodes]
    assert 60 in starts and 150 not in starts and 260 not in starts
    assert 260 in [e.start for e in scan(y, 7).episodes]


def test_what_an_event_brought_is_told_beside_usual_days() -> None:
    first = date(2026, 1, 1)
    values = {first + timedelta(k): (Fraction(10),) for k in range(120)}
    values[date(2026, 3, 10)] = (Fraction(35),)
    sale = Happening("Sale", ((date(2026, 3, 10), date(2026, 3, 11)),))
    days = Days(values, first, max(values))
    now, then = Span(date(2026, 3, 1), date(2026, 4, 1)), Span(date(2026, 2, 1), date(2026, 3, 1))
    (found,) = occurred(days, now, then, [sale])
    assert (found.before, found.after, found.effect) == (0, 1, 25)
