"""The process that fits: limited by the operating system, JSON in, JSON out; what a library prints goes nowhere."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

_TASKS = {"forecast": "tools.forecasting.engine:run_json", "anomalies": "tools.anomaly.engine:run_json",
          "segments": "tools.segments.groups:run_json", "lifetime": "tools.lifetime.engine:run_json",
          "churn": "tools.churn.engine:run_json", "links": "tools.links.engine:run_json"}  # fmt: skip


def main() -> None:
    """Answer the one request on standard input."""
    task, memory_mb = sys.argv[1], int(sys.argv[2])
    channel = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    size = memory_mb * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    module, function = _TASKS[task].split(":")
    run: Callable[[dict[str, Any]], dict[str, Any]] = getattr(import_module(module), function)
    answer = run(json.load(sys.stdin))
    with os.fdopen(channel, "w", encoding="utf-8") as out:
        out.write(json.dumps(answer))


if __name__ == "__main__":
    main()
