"""Prophet as one candidate among several: raced like the others where it is installed."""

from __future__ import annotations

import logging
import warnings
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from tools.forecasting.models import History, Values

_COARSE = 24


def prophet_affordable(h: History) -> bool:
    """Whether Prophet is there and has a year of days or weeks; it is weak on coarser data, and slow to no avail."""
    return h.year > _COARSE and len(h.y) >= h.year and find_spec("prophet") is not None


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
