"""Flat packages share one namespace with the world: our names must not hide others, and nobody's may hide ours."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from api import shadow

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(p for name in shadow.PACKAGES for p in (ROOT / name).rglob("*.py"))
KNOWN = {"calendar", "statistics", "duckdb", "yaml"}
"""Names the check must know, so that it is seen to work."""
ALLOWED = {
    "warehouse/engines/duckdb.py",  # engines are named for what they drive; absolute imports keep them apart
    "api/commands/mcp.py",  # and doors for what is spoken there
    "api/routes/mcp.py",
    "api/routes/openai.py",
    "api/wires/mcp.py",
    "warehouse/profile.py",  # the standard profiler of that name is not used anywhere
}


def third_parties() -> set[str]:
    """Import names that our dependencies bring; a clash would make `import x` inside the folder a riddle."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [d for name, group in project["optional-dependencies"].items() if name != "dev" for d in group]
    wanted = {re.split(r"[<>=\[;]", d)[0].lower() for d in [*project["dependencies"], *extras]}
    return {top for top, owners in packages_distributions().items() if {o.lower() for o in owners} & wanted}


def test_no_module_is_called_like_a_stranger() -> None:
    taken = set(sys.stdlib_module_names) | third_parties()
    assert taken >= KNOWN
    clashes = {str(p.relative_to(ROOT)) for p in MODULES if p.stem in taken and p.parent.name != p.stem}
    assert clashes - ALLOWED == set()


def test_no_distribution_brings_our_packages() -> None:
    owners = {name: packages_distributions().get(name, []) for name in shadow.PACKAGES}
    assert {n: o for n, o in owners.items() if set(o) - {"plainsay"}} == {}


def test_every_skill_and_event_names_the_right_it_asks_for() -> None:
    from typing import get_args

    from agent import events
    from store import rights
    from tools import registry

    assert {t.name for t in registry.all_tools()} == set(rights.TOOLS), "list the tool in store/rights.py"
    assert {e.__name__ for e in get_args(get_args(events.Event)[0])} == set(rights.EVENTS), "list it in store/rights.py"


def test_every_address_names_the_right_it_asks_for() -> None:
    from api.app import create_app
    from store import doors

    there = {(m.upper(), path) for path, found in create_app().openapi()["paths"].items() for m in found}
    assert there - set(doors.ROUTES) == set(), "list the route in store/doors.py"


def test_our_packages_are_ours() -> None:
    assert shadow.shadowed() is None


@pytest.mark.parametrize("content", ["", "raise SystemExit('the stranger ran')"])
def test_a_stranger_in_front_is_refused(tmp_path: Path, content: str) -> None:
    stranger = tmp_path / "tools"
    stranger.mkdir()
    (stranger / "__init__.py").write_text(content)
    paths = [str(tmp_path), str(ROOT)]
    code = f"import sys; sys.path[:0] = {paths}; from api.shadow import stop_if_shadowed; stop_if_shadowed()"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "`tools` is shadowed by" in done.stderr
    assert "clean environment" in done.stderr


def test_the_check_is_small_and_needs_nothing() -> None:
    source = (ROOT / "api" / "shadow.py").read_text()
    assert source.count("\n") <= 40
    assert set(re.findall(r"^(?:from|import) (\w+)", source, re.M)) <= set(sys.stdlib_module_names)
