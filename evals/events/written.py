"""What the disk alone allows: the bodies of the same run, each written and synced before the next, and nothing else."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from itertools import islice

from evals.events import made

MOST = 100_000


def rate(bodies: Iterator[bytes], most: int = MOST) -> float:
    """Events a second; where the server puts its log too, as far as the system says so."""
    ready = list(islice(bodies, most // made.BATCH))
    with tempfile.TemporaryFile(prefix="plainsay-raw-", buffering=0) as file:
        began = time.perf_counter()
        for body in ready:
            file.write(body)
            os.fdatasync(file.fileno())
        spent = time.perf_counter() - began
    return len(ready) * made.BATCH / spent
