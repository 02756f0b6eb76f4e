"""Scores causal alarms as the Numenta Anomaly Benchmark does (v1.1): early in a window pays, alarms outside cost."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from evals.result import Figure

Detector = Callable[[list[float], int], list[int]]
_WARM_SHARE, _MOST_WARM = 0.15, 750
_BEST = 2 / (1 + math.exp(-5)) - 1


def figures(data: Path, ours: Detector, peer: Detector) -> list[Figure]:
    """The standard score over all files, 0 for silence and 100 for perfection, of our detector and of the peer."""
    found = []
    for name, detector, target in (("NAB, standard", ours, 30.6), ("NAB, three standard deviations", peer, None)):
        raw, windows = 0.0, 0
        for values, spans in files(data / "ml/nab"):
            warm = min(int(_WARM_SHARE * len(values)), _MOST_WARM)
            raw += score(detector(values, warm), spans, warm)
            windows += len(spans)
        found.append(Figure(name, 100 * (raw + windows) / (2 * windows), "", target, "more"))
    return found


def files(folder: Path) -> list[tuple[list[float], list[tuple[int, int]]]]:
    """Values and label windows (positions, both ends included) of every file."""
    labels = json.loads((folder / "labels/combined_windows.json").read_text(encoding="utf-8"))
    loaded = []
    for name, windows in sorted(labels.items()):
        with (folder / "data" / name).open(encoding="utf-8") as file:
            rows = [(datetime.fromisoformat(r["timestamp"]), float(r["value"])) for r in csv.DictReader(file)]
        spans = []
        for start, end in windows:
            first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
            inside = [k for k, (when, _) in enumerate(rows) if first <= when <= last]
            spans.append((inside[0], inside[-1]))
        loaded.append(([v for _, v in rows], spans))
    return loaded


def score(alarms: list[int], spans: list[tuple[int, int]], warm: int, false_weight: float = 0.11) -> float:
    """Raw score of one file: -1 a missed window, up to 1 for its first alarm, down to -weight for one outside."""
    total = 0.0
    for first, last in spans:
        hits = [a for a in alarms if first <= a <= last and a >= warm]
        total += _sigmoid(-(last - hits[0] + 1) / (last - first + 1)) / _BEST if hits else -1.0
    for alarm in (a for a in alarms if a >= warm and not any(f <= a <= e for f, e in spans)):
        before = [s for s in spans if s[1] < alarm]
        far = (alarm - before[-1][1]) / max(1, before[-1][1] - before[-1][0]) if before else math.inf
        total += false_weight * (-1.0 if far > 3 else _sigmoid(far))
    return total


def _sigmoid(position: float) -> float:
    return 2 / (1 + math.exp(5 * position)) - 1
