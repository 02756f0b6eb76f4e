"""Keeps the garbage collector from stopping everybody: a full look at a heap of libraries takes a tenth of a second.

What lived through such a look stays; it is put aside, so that the next one sees only what came since. What is put aside
is still freed when nothing refers to it; only rings in it would stay, so it is done a few times at most.
"""

from __future__ import annotations

import gc
import time

SLOW_SECONDS = 0.03
MOST = 20
_OLDEST = 2


class _Watch:
    """Called by the collector before and after it looks."""

    def __init__(self) -> None:
        self.times = 0
        self._began = 0.0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
        elif info["generation"] == _OLDEST and time.perf_counter() - self._began > SLOW_SECONDS and self.times < MOST:
            self.times += 1
            gc.freeze()


def calm() -> None:
    """Look for garbage more rarely, put aside what is there, and later what a slow look found alive."""
    gc.set_threshold(50_000)
    gc.freeze()
    if not any(isinstance(one, _Watch) for one in gc.callbacks):
        gc.callbacks.append(_Watch())
