"""constraints.txt is the lock: what runs here is what was pinned, and everything we name is pinned."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


TOOLS = {"pip", "setuptools"}
"""They make an environment and are not part of it; a machine brings its own."""


def folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(";")[0].split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {folded(name.strip()): pinned.strip() for name, pinned in pairs}


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def test_installed_versions_are_the_pinned_ones() -> None:
    ours = {n: (installed(n), pinned) for n, pinned in pins().items() if n not in TOOLS}
    assert {n: pair for n, pair in ours.items() if pair[0] not in (None, pair[1])} == {}


def test_everything_we_depend_on_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [d for group in project["optional-dependencies"].values() for d in group]
    named = {folded(re.split(r"[<>=\[;~! ]", d)[0]) for d in [*project["dependencies"], *extras]}
    assert named - set(pins()) == set()


def test_pins_name_no_address() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert not re.search(r"https?://|file:|index-url|find-links", text)
