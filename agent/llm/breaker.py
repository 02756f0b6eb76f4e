"""Leaves a failing model alone for a while, so that no question waits for a server that just failed three times."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from agent.llm.faults import Fault, ModelFault

_TRIES = 3
_REST = 15.0
_LONGEST = 300.0
_SOON = 2.0
_AT_ONCE: frozenset[Fault] = frozenset({"unauthorised", "no_model"})


class Breaker:
    """Thread-safe. Opens after three failures in a row, or one that waiting cannot mend; one call tests it again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, rest: float = _REST) -> None:
        self._clock = clock
        self._rest = rest
        self._lock = threading.Lock()
        self._failures = 0
        self._rests = 0
        self._until = 0.0
        self._testing = False

    @property
    def open_for(self) -> float:
        """Seconds until the next call may go out; 0 when calls may go out."""
        return max(0.0, self._until - self._clock())

    def check(self) -> None:
        """Let a call pass. Raises `ModelFault` while the model rests or somebody else is testing it."""
        with self._lock:
            if self._clock() < self._until or self._testing:
                raise ModelFault("resting", retry_after=round(max(self.open_for, 1.0), 1))
            self._testing = self._rests > 0

    def worked(self) -> None:
        """A call gave a reply."""
        with self._lock:
            self._failures, self._rests, self._until, self._testing = 0, 0, 0.0, False

    def failed(self, fault: ModelFault) -> None:
        """A call failed; a server that says when to come back is left alone until then."""
        with self._lock:
            self._testing = False
            if not fault.counts:
                return
            self._failures += 1
            told = fault.retry_after is not None and fault.retry_after > _SOON
            if self._failures >= _TRIES or fault.fault in _AT_ONCE or self._rests or told:
                rest = fault.retry_after or self._rest * 2**self._rests
                self._until = self._clock() + min(rest, _LONGEST)
                self._rests = min(self._rests + 1, 10)
                self._failures = 0
