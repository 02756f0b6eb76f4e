"""Asks PyPI's advisory database about every pinned package; needs a network and `pip install pip-audit`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PINS = Path(__file__).resolve().parent.parent / "constraints.txt"


def command() -> list[str]:
    """What is run: only pinned versions, nothing resolved or installed; what cannot be asked about is a failure.

    Without `--strict` a database that is out of reach would pass for one that knows of nothing.
    """
    return [sys.executable, "-m", "pip_audit", "--requirement", str(PINS), "--no-deps", "--disable-pip", "--strict"]


if __name__ == "__main__":
    raise SystemExit(subprocess.run(command(), check=False).returncode)
