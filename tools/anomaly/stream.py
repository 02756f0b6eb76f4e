"""Point by point, nothing known of the future: a small state per series, an alarm when misses are too rare."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from tools.anomaly.batch import FALSE_ALARMS_PER_POINT

_RECENT = 10
_FASTER, _SLOWER = 0.25, 0.01


@dataclass
class Stream:
    """One watched series. `warm` points are only learned from; `quiet` points pass before it may alarm again.

    `rare` is the chance of a false alarm a point that is accepted.
    """

    warm: int
    quiet: int
    rare: float = FALSE_ALARMS_PER_POINT
    level: float = 0.0
    slow: float = 0.0
    seen: int = 0
    last_alarm: int = -(10**9)
    total: float = 0.0
    squares: float = 0.0
    misses: deque[float] = field(default_factory=lambda: deque(maxlen=1500))
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))

    def step(self, value: float) -> float:
        """How sure it is that this point is odd, 0 to 1; 1 is an alarm."""
        self.seen += 1
        if self.seen == 1:
            self.level = self.slow = value
        miss = value - 0.5 * (self.level + self.slow)
        self.level += _FASTER * (value - self.level)
        self.slow += _SLOWER * (value - self.slow)
        self._keep(miss)
        if self.seen <= self.warm or self.seen - self.last_alarm <= self.quiet:
            return 0.0
        if self._chance() >= self.rare:
            return 0.0
        self.last_alarm = self.seen
        return 1.0

    def _keep(self, miss: float) -> None:
        """Sums over the last misses, kept as points come and go."""
        if len(self.misses) == self.misses.maxlen:
            old = self.misses[0]
            self.total -= old
            self.squares -= old * old
        self.misses.append(miss)
        self.recent.append(miss)
        self.total += miss
        self.squares += miss * miss

    def _chance(self) -> float:
        """The probability of the last few misses by the spread of all before (Gaussian tail of their mean)."""
        count = len(self.misses)
        mean = self.total / count
        spread = math.sqrt(max(self.squares / count - mean * mean, 0.0)) or 1e-12
        short = sum(self.recent) / len(self.recent)
        return math.erfc(abs(short - mean) / spread / math.sqrt(2.0))
