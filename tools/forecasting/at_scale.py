"""Thousands of series at once, spread over a Spark cluster by Fugue: the cheap candidates, raced per series."""

from __future__ import annotations

import logging
import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from store.errors import NotEnough

if TYPE_CHECKING:
    import pandas as pd

_FREQUENCY = {"day": "D", "week": "W-MON", "month": "MS", "quarter": "QS"}
_SEASON = {"day": 7, "week": 52, "month": 12, "quarter": 4}
BASELINE = "SeasonalNaive"


def available() -> bool:
    """Whether the extra `plainsay[fugue]` is installed."""
    return all(find_spec(name) is not None for name in ("fugue", "pyspark", "statsforecast"))


def session(master: str = "local[2]") -> Any:
    """A Spark session whose workers run this very Python. Raises `NotEnough` with code `missing_extra`."""
    if not available():
        raise NotEnough(
            "Forecasting thousands of series needs Spark and Fugue, which are not installed.",
            code="missing_extra",
            hint="Install them with: pip install 'plainsay[fugue]'",
        )
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    for name in ("py4j", "fugue", "pyspark"):
        logging.getLogger(name).setLevel(logging.ERROR)
    from pyspark.sql import SparkSession

    made = SparkSession.builder.master(master).appName("plainsay").config("spark.ui.enabled", "false")
    return made.config("spark.sql.shuffle.partitions", "4").config("spark.driver.memory", "1g").getOrCreate()


def forecast_many(spark: Any, history: pd.DataFrame, grain: str, horizon: int, windows: int = 3) -> pd.DataFrame:
    """Forecast every series of `history` (columns unique_id, ds, y; whole periods, no gaps) for `horizon` periods.

    Each series is forecast by the candidate with the smallest error over `windows` rolling origins; the seasonal naive
    forecast is replaced only by something 2 % better. Gives unique_id, ds, forecast, model, error and baseline (mean
    absolute errors of the chosen and of the seasonal naive). Raises `NotEnough` without the extra.
    """
    if not available():
        session()
    from statsforecast import StatsForecast
    from statsforecast.models import DynamicOptimizedTheta, SeasonalNaive

    season = _SEASON[grain]
    models = [SeasonalNaive(season), DynamicOptimizedTheta(season_length=season)]
    frame = spark.createDataFrame(history)
    engine = StatsForecast(models=models, freq=_FREQUENCY[grain])
    tried = engine.cross_validation(df=frame, h=horizon, n_windows=windows, step_size=horizon).toPandas()
    ahead = engine.forecast(df=frame, h=horizon).toPandas()
    return _chosen(tried, ahead)


def _chosen(tried: pd.DataFrame, ahead: pd.DataFrame) -> pd.DataFrame:
    """The forecast of each series' best candidate, in the order of series and time."""
    names = [c for c in ahead.columns if c not in ("unique_id", "ds")]
    errors = tried[names].sub(tried["y"], axis=0).abs().groupby(tried["unique_id"]).mean()
    best = errors.idxmin(axis=1)
    best = best.where(errors.min(axis=1) < 0.98 * errors[BASELINE], BASELINE)
    made = ahead.sort_values(["unique_id", "ds"]).reset_index(drop=True)
    made["model"] = made["unique_id"].map(best)
    made["forecast"] = [row[row["model"]] for _, row in made.iterrows()]
    made["error"] = [errors.loc[i, m] for i, m in zip(made["unique_id"], made["model"], strict=True)]
    made["baseline"] = made["unique_id"].map(errors[BASELINE])
    return made[["unique_id", "ds", "forecast", "model", "error", "baseline"]]
