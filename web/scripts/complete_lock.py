"""Add the optional binaries of other platforms to the lock, so that `npm ci` passes on machines unlike this one.

npm writes only what the index at hand offers; a lock without another platform's binary makes `npm ci` stop there.
Run it after each change of dependencies: `python3 web/scripts/complete_lock.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parent.parent / "package-lock.json"
SYSTEMS = ("darwin", "linux", "win32", "freebsd", "android")
PROCESSORS = ("x64", "arm64", "arm", "ia32", "s390x", "ppc64", "riscv64", "wasm32")


def platform_of(name: str) -> dict[str, list[str]]:
    """The `os` and `cpu` a binary package is for, read from its name ("…-linux-x64-gnu")."""
    words = name.split("/")[-1].split("-")
    found = {"os": [s for s in SYSTEMS if s in words], "cpu": [p for p in PROCESSORS if p in words]}
    return {key: value for key, value in found.items() if value}


def is_present(packages: dict[str, Any], owner: str, name: str) -> bool:
    """Whether Node would find `name` from the folder `owner`."""
    while True:
        if f"{owner}/node_modules/{name}".lstrip("/") in packages:
            return True
        if not owner:
            return False
        owner = owner.rpartition("node_modules/")[0].rstrip("/")


def missing(packages: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Lock entries for every optional dependency that the lock names but does not hold."""
    wanted = ((owner, name, version) for owner, entry in packages.items()
              for name, version in entry.get("optionalDependencies", {}).items())
    return {
        f"node_modules/{name}": {"version": version.lstrip("^~"), "optional": True, **platform_of(name)}
        for owner, name, version in wanted
        if not is_present(packages, owner, name)
    }


def main() -> None:
    """Rewrite the lock in place, keys sorted as npm sorts them."""
    lock = json.loads(LOCK.read_text(encoding="utf-8"))
    lock["packages"] = dict(sorted({**lock["packages"], **missing(lock["packages"])}.items()))
    LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
