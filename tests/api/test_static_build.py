"""The committed page is what its sources build: the same bytes, whoever builds it."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WEB, STATIC = ROOT / "web", ROOT / "api" / "static"


def _bytes(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_lock_names_no_host() -> None:
    lock = (WEB / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in "".join(line for line in lock.splitlines() if '"resolved"' in line)


@pytest.mark.slow
def test_building_again_gives_the_committed_bytes(tmp_path: Path) -> None:
    node, vite = shutil.which("node"), WEB / "node_modules" / "vite" / "bin" / "vite.js"
    if node is None or not vite.is_file():
        pytest.skip("needs node and `npm ci` in web/")
    out = tmp_path / "static"
    command = [node, str(vite), "build", "--outDir", str(out), "--logLevel", "error"]
    subprocess.run(command, cwd=WEB, check=True, capture_output=True, timeout=120)
    fresh, committed = _bytes(out), _bytes(STATIC)
    assert sorted(fresh) == sorted(committed)
    assert [name for name, body in fresh.items() if committed[name] != body] == []
