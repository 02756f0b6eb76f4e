"""Who spent the processor: the server, the processes that answer questions, and the sender that shares the machine."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass

import psutil

from evals.result import Figure


@dataclass(frozen=True)
class Spent:
    """Processor seconds; unlike the clock they say nearly the same on a busy machine."""

    server: float
    helpers: float
    sender: float

    def since(self, before: Spent) -> Spent:
        """What was spent after `before`."""
        return Spent(self.server - before.server, self.helpers - before.helpers, self.sender - before.sender)


def spent(server: psutil.Process) -> Spent:
    """So far, by the server, by its processes that run or have ended, and by this one."""
    mine = server.cpu_times()
    helpers = float(mine.children_user + mine.children_system)
    for child in server.children(recursive=True):
        with suppress(psutil.Error):
            theirs = child.cpu_times()
            helpers += float(theirs.user + theirs.system)
    return Spent(float(mine.user + mine.system), helpers, time.process_time())


def figures(used: Spent, events: int) -> list[Figure]:
    """Microseconds of each for an event, and the rate at which they would keep all processors busy."""
    share = {name: seconds / max(events, 1) * 1e6 for name, seconds in vars(used).items()}
    cores = os.cpu_count() or 1
    return [
        Figure("processor time of the server for an event", share["server"], "µs"),
        Figure("processor time of its query and copy processes for an event", share["helpers"], "µs"),
        Figure("processor time of the sender for an event", share["sender"], "µs"),
        Figure(f"what these allow on {cores} processors", cores / max(sum(share.values()), 1e-9) * 1e6, "events/s"),
    ]
