"""The process that touches strangers' files: limited by the operating system, fed and read over its own pipe."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import traceback
from pathlib import Path
from typing import Any

_FILE_BYTES = 8_000_000_000


def main() -> None:
    """Answer one JSON request a line ({path, name, out, kind}) with one `Reading` a line, until the input ends."""
    memory_mb, seconds = int(sys.argv[1]), float(sys.argv[2])
    with os.fdopen(_own_channel(), "w", encoding="utf-8") as channel:
        _limit(memory_mb, seconds)
        for line in sys.stdin:
            channel.write(json.dumps(_answer(json.loads(line), seconds)) + "\n")
            channel.flush()


def _own_channel() -> int:
    """Keep standard output for answers alone: whatever a library prints goes nowhere."""
    channel = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return channel


def _limit(memory_mb: int, seconds: float) -> None:
    size = memory_mb * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))
    _limit_cpu(seconds)


def _limit_cpu(seconds: float) -> None:
    """End by itself when the parent is no longer there to end it; moved forward before each file."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + 3 * seconds) + 1, resource.RLIM_INFINITY))


def _answer(request: dict[str, str], seconds: float) -> dict[str, Any]:
    from ingestion import papers
    from ingestion.extract import Fault, Reading
    from ingestion.reading import FileReader

    _limit_cpu(seconds)
    started = time.perf_counter()
    try:
        path, name, out = Path(request["path"]), request["name"], Path(request["out"])
        paper = request.get("kind") == "paper"
        reading = papers.read(path, name, out) if paper else FileReader(path, name, out).read()
    except MemoryError:
        reading = Reading(faults=[Fault("The file needs too much memory.", "Split it, or save it as Parquet.")])
    except OSError:
        reading = Reading(faults=[Fault("The file could not be opened.", "Check that it exists and may be read.")])
        reading.log = traceback.format_exc()
    except Exception:  # noqa: BLE001 - process edge: one file must not end the worker; the parent logs the text
        reading = Reading(faults=[Fault("The file could not be read.", "Save it as CSV or Parquet and try again.")])
        reading.log = traceback.format_exc()
    reading.seconds = time.perf_counter() - started
    reading.rss_mb = _peak_rss_mb()
    return reading.to_dict()


def _peak_rss_mb() -> float:
    """Most memory this process held, MB. `ru_maxrss` alone would count what the parent held before the exec."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024
    except (OSError, StopIteration):  # no Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
