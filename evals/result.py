"""What a suite measured, in one shape, so that the scoreboard and the command line need no suite of their own."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Section = Literal["accuracy", "quality", "speed", "safety"]


@dataclass(frozen=True)
class Figure:
    """One number with its unit and, when there is one, the target it must reach (`less` or `more` is better)."""

    name: str
    value: float
    unit: str
    target: float | None = None
    better: Literal["less", "more"] = "less"

    @property
    def ok(self) -> bool | None:
        """Whether the target is reached; None without a target."""
        if self.target is None:
            return None
        return self.value <= self.target if self.better == "less" else self.value >= self.target


@dataclass
class SuiteResult:
    """Figures of one run and the cases behind them (one dict a case)."""

    suite: str
    section: Section
    figures: list[Figure]
    cases: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, with the commit and the machine it was measured on."""
        figures = [{**asdict(f), "value": round(f.value, 4), "ok": f.ok} for f in self.figures]
        return {
            "suite": self.suite, "section": self.section, "commit": commit(), "machine": machine(),
            "figures": figures, "cases": self.cases,
        }  # fmt: skip


def percentile(values: list[float], share: float) -> float:
    """The nearest-rank percentile (`share` 0-1); 0.0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def commit() -> str:
    """Short id and date of the checked-out commit; "unknown" outside a checkout."""
    command = ["git", "log", "-1", "--format=%h %cs"]
    try:
        done = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=5, check=False
        )
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def machine() -> str:
    """The machine in a few words, and how busy it was: figures of a loaded machine say little."""
    kind = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"{kind}, load {os.getloadavg()[0]:.1f}"
