"""Candidates from optional libraries, Prophet and ARIMA: raced like the others where installed and affordable."""

from __future__ import annotations

import logging
import warnings
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from tools.forecasting.models import History, Values

_MOST_ARIMA_POINTS = 240
_MOST_ARIMA_SEASON = 12


def arima_affordable(h: History) -> bool:
    """Whether AutoARIMA is there and the series short enough for a fit in about 0.1 s."""
    return len(h.y) <= _MOST_ARIMA_POINTS and h.season <= _MOST_ARIMA_SEASON and find_spec("statsforecast") is not None


def prophet_affordable(h: History) -> bool:
    """Whether Prophet is there and the history at least a year long, below which it only guesses a yearly season."""
    return h.year > 0 and len(h.y) >= h.year and find_spec("prophet") is not None


def arima(h: History, horizon: int) -> Values:
    """AutoARIMA of statsforecast, approximate search."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = import_module("statsforecast.models")
        model = library.AutoARIMA(season_length=h.season, approximation=True)
        found = model.forecast(y=h.y.astype(np.float64), h=horizon)
    return np.asarray(found["mean"], dtype=np.float64)


def prophet(h: History, horizon: int) -> Values:
    """Prophet with its defaults, point forecast only: its intervals are random draws."""
    return prophet_at(h, [d.isoformat() for d in h.days[: len(h.y) + horizon]])


def prophet_at(h: History, stamps: list[str]) -> Values:
    """Prophet's forecast for the time stamps beyond the history; `stamps` covers history and future."""
    for name in ("cmdstanpy", "prophet", "prophet.plot"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd

        times = pd.to_datetime(stamps)
        model = import_module("prophet").Prophet(uncertainty_samples=0)
        model.fit(pd.DataFrame({"ds": times[: len(h.y)], "y": h.y}))
        found = model.predict(pd.DataFrame({"ds": times[len(h.y) :]}))
    return np.asarray(found["yhat"], dtype=np.float64)
