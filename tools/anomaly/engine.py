"""From prepared series to episodes a person would be told about; runs in the fitting worker."""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.anomaly.batch import FEWEST, Values, scan

_TRUSTED = 28
_PLAIN_LIMIT = 4.5
_MAD = 1.4826


def run_json(request: dict[str, Any]) -> dict[str, Any]:
    """`{"series": [[…]], "season", "year", "counts", "skip": [[…]]}` to one scan a series.

    A scan has `expected`, `low`, `high` by point and `episodes` of {start, end, kind, up, surprise}; points of `skip`
    (too few events to judge a ratio) start no episode.
    """
    skips = request.get("skip") or [[] for _ in request["series"]]
    tests = len(request["series"])
    return {
        "scans": [
            _one(np.array(y, dtype=np.float64), request, set(skip), tests)
            for y, skip in zip(request["series"], skips, strict=True)
        ]
    }


def _one(y: Values, request: dict[str, Any], skip: set[int], tests: int) -> dict[str, Any]:
    if len(y) < _TRUSTED or len(y) < 4 * request["season"]:
        return _plain(y)
    marks = tuple(list(points) for points in request.get("marks", []))
    found = scan(
        y, request["season"], request["year"], counts=request["counts"], tests=tests, marks=marks,
        width=request.get("width", 1.0),
    )  # fmt: skip
    episodes = [e for e in found.episodes if not set(range(e.start, e.end + 1)) <= skip]
    return {
        "expected": found.expected.tolist(), "low": found.low.tolist(), "high": found.high.tolist(),
        "episodes": [vars(e) | {"surprise": float(e.surprise)} for e in episodes],
    }  # fmt: skip


def _plain(y: Values) -> dict[str, Any]:
    """Short histories: distance from the median in robust units, nothing cleverer."""
    if len(y) < FEWEST:
        return {"expected": [], "low": [], "high": [], "episodes": []}
    middle = float(np.median(y))
    spread = max(_MAD * float(np.median(np.abs(y - middle))), 0.01 * abs(middle), 1e-12)
    z = (y - middle) / spread
    width = _PLAIN_LIMIT * spread
    floor = 0.0 if float(np.min(y)) >= 0 else -np.inf
    episodes = [
        {"start": int(k), "end": int(k), "kind": "spike" if z[k] > 0 else "dip", "up": bool(z[k] > 0),
         "surprise": float(abs(z[k]))}
        for k in np.flatnonzero(np.abs(z) > _PLAIN_LIMIT)
    ]  # fmt: skip
    return {
        "expected": [middle] * len(y), "low": [max(floor, middle - width)] * len(y),
        "high": [middle + width] * len(y), "episodes": episodes,
    }  # fmt: skip
