"""Refuses to start when another distribution's `tools`, `agent` … would be imported in place of ours."""

from __future__ import annotations

import sys
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("agent", "tools", "warehouse", "knowledge", "ingestion", "store", "api", "bots", "evals")


def shadowed() -> str | None:
    """A sentence that names the first package found outside our own root, or None when all are ours."""
    root = Path(__file__).resolve().parent.parent
    for name in PACKAGES:
        spec = find_spec(name)
        where = Path(spec.origin).resolve() if spec and spec.origin else None
        if where is None or where.parent.parent != root:
            return _sentence(name, where)
    return None


def _sentence(name: str, where: Path | None) -> str:
    owners = ", ".join(packages_distributions().get(name, ())) or "an unknown distribution"
    found = f"{where} (from {owners})" if where else "nothing that can be imported"
    return f"The package `{name}` is shadowed by {found}; install Plainsay in a clean environment."


def stop_if_shadowed() -> None:
    """Exit with code 2 and one sentence when a package of ours is not ours."""
    sentence = shadowed()
    if sentence:
        sys.stderr.write(sentence + "\n")
        sys.exit(2)
