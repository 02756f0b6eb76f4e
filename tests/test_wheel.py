"""The wheel holds what runs and nothing else, built without a network."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = {
    "agent", "tools", "warehouse", "knowledge", "ingestion", "store", "api", "bots", "evals", "industry_prompts",
}  # fmt: skip


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    target = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(target.glob("*.whl"))) as wheel:
        return wheel.namelist()


def test_only_our_packages_are_shipped(names: list[str]) -> None:
    tops = {n.split("/")[0] for n in names}
    assert {t for t in tops if not t.endswith(".dist-info")} == SHIPPED


def test_every_module_and_its_data_is_shipped(names: list[str]) -> None:
    kinds = ("*.py", "*.yaml", "*.sql", "*.md", "*.mako")
    sources = (p for top in SHIPPED for kind in kinds for p in (ROOT / top).rglob(kind))
    expected = {str(p.relative_to(ROOT)) for p in sources if "node_modules" not in p.parts}
    assert expected - set(names) == set()


def test_the_built_page_is_shipped(names: list[str]) -> None:
    assert "api/static/index.html" in names


def test_nothing_private_is_shipped(names: list[str]) -> None:
    private = [n for n in names if n.endswith((".db", ".sqlite", ".env", ".pyc", ".parquet")) or "/tests/" in n]
    assert private == []


def test_the_command_is_declared(names: list[str]) -> None:
    assert any(n.endswith(".dist-info/entry_points.txt") for n in names)
    assert any(n.endswith("licenses/LICENSE") for n in names)
