"""A connector that Plainsay does not have, made by doing what docs/write-a-connector.md says and nothing else."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from evals.connectors.prism import serving

_ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(sh|yaml)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_PORT = 4010
WANTED = ("highest number of tickets: 2", "success rate for Ticketry was 66.7%")
"""Two of three tickets are closed, and of three invoices that came to an end two were paid."""


@dataclass(frozen=True)
class Followed:
    """How many commands of the document ran, those that failed, and which of the answers were not there."""

    commands: int
    failed: list[str]
    missing: list[str]


def run() -> Followed:
    """Do what the document says, in an empty home."""
    blocks = _BLOCK.findall((_ROOT / "docs" / "write-a-connector.md").read_text(encoding="utf-8"))
    manifest = next(text for kind, text in blocks if kind == "yaml")
    folder, mock, commands = [text for kind, text in blocks if kind == "sh"]
    with tempfile.TemporaryDirectory(prefix="plainsay-stranger-") as home:
        place = Path(home)
        shim = place / "plainsay"
        shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "from api.cli import main; main()" "$@"\n')
        shim.chmod(0o755)
        more = {"HOME": home, "PATH": f"{home}:{os.environ['PATH']}", "PLAINSAY_HOME": f"{home}/state",
                "PYTHONPATH": str(_ROOT), "COLUMNS": "160"}  # fmt: skip
        put = f"cat > ~/plainsay-connectors/ticketry.yaml <<'END'\n{manifest}END\n"
        asked = [line for line in commands.splitlines() if line.startswith("plainsay ")]
        steps = "".join(f"{line} || echo FAILED {shlex.quote(line)}\n" for line in commands.splitlines())
        with serving(_ROOT / mock.split()[-1], _PORT):
            done = subprocess.run(
                ["/bin/sh", "-c", folder + put + steps], env={**os.environ, **more}, cwd=_ROOT,
                capture_output=True, text=True, timeout=900, check=False,
            )  # fmt: skip
    failed = [line.removeprefix("FAILED ") for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    return Followed(len(asked), failed, [text for text in WANTED if text not in done.stdout])
