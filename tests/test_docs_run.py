"""Every ```console block of the docs runs, in order, in a fresh home, and ends well; ```sh blocks are for reading."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [(page.name, block) for page in PAGES for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.S)]


def commands(block: str) -> list[str]:
    return [line[2:] for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.slow
@pytest.mark.parametrize(("page", "block"), BLOCKS, ids=[f"{page}-{no}" for no, (page, _) in enumerate(BLOCKS)])
def test_console_blocks_run(page: str, block: str, tmp_path: Path) -> None:
    found = commands(block)
    assert found, f"a console block of {page} has no line that starts with `$ `"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "HOME": str(tmp_path), "PLAINSAY_HOME": str(tmp_path / "home"), "PATH": path}
    for command in found:
        assert command.startswith("plainsay "), f"only plainsay is run: {command}"
        done = subprocess.run(
            shlex.split(command), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_there_is_something_to_run() -> None:
    assert any(page == "README.md" for page, _ in BLOCKS)
