"""Many series through statsforecast on Spark by Fugue, on this machine; skipped where the extra is not installed."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from store.errors import NotEnough
from tools.forecasting import at_scale

MISSING = "needs the extra plainsay[fugue] (fugue, pyspark, statsforecast) and Java"
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if not at_scale.available() or shutil.which("java") is None:
        pytest.skip(MISSING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = at_scale.session("local[1]")
        yield made
        made.stop()


@pytest.mark.slow
def test_every_series_is_forecast_by_what_was_best_on_its_own_past(spark: Any) -> None:
    import pandas as pd

    draw, week = np.random.default_rng(1), np.array([0.0, 1, 2, 3, 2, 9, 8])
    flat = [100 + np.tile(week, 12) + draw.normal(size=84) * 0.05 for _ in range(20)]
    rising = [np.arange(84) * 3.0 + draw.normal(size=84) for _ in range(20)]
    days = pd.date_range("2026-01-05", periods=84)
    history = pd.concat(
        pd.DataFrame({"unique_id": f"s{n:02}", "ds": days, "y": y}) for n, y in enumerate([*flat, *rising])
    )
    found = at_scale.forecast_many(spark, history, "day", 7, windows=2)
    assert len(found) == 40 * 7 and found["forecast"].notna().all()
    assert (found["error"] <= found["baseline"] + 1e-9).all()
    climbing = found[found["unique_id"] >= "s20"]
    assert (climbing["model"] != at_scale.BASELINE).all()
    assert np.allclose(found[found["unique_id"] == "s00"]["forecast"], flat[0][-7:], atol=1.0)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_scale, "available", lambda: False)
    with pytest.raises(NotEnough, match="not installed") as refused:
        at_scale.session()
    assert refused.value.code == "missing_extra" and "plainsay[fugue]" in str(refused.value.hint)
