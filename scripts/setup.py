"""Prepares .venv for `make`: the right Python, the pinned packages, progress while it works, and nothing the next time.

Standard library only, and readable by old Pythons, so that the message about a wrong version can be shown at all.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
EXTRAS = {"run": "", "dev": "[dev]"}
OLDEST, NEWEST = (3, 11), (3, 13)


def main(kind: str) -> int:
    """Make the environment of `kind` ready (run, dev), or the browser of its tests (browser); the exit code."""
    if kind == "browser":
        return browser()
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return fail(
            f"Plainsay needs Python 3.11, 3.12 or 3.13; {sys.executable} is {version()}.",
            "Install one of them (Debian: apt-get install python3 python3-venv) or say: make PYTHON=/path/to/python",
        )
    wanted = fingerprint()
    if ready(kind, wanted):
        return 0
    return make_venv() or install(kind, wanted)


def fingerprint() -> str:
    """Changes when the pins, the dependencies or the Python do."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def version() -> str:
    return ".".join(map(str, sys.version_info[:2]))


def stamp(kind: str) -> Path:
    return VENV / (".plainsay-" + kind)


def ready(kind: str, wanted: str) -> bool:
    """The dev environment holds all that running needs, so either stamp serves `run`."""
    serving = ["dev"] if kind == "dev" else ["run", "dev"]
    return any(stamp(k).exists() and stamp(k).read_text() == wanted for k in serving)


def make_venv() -> int:
    if (VENV / "bin" / "python").exists():
        return 0
    say(f"Making the virtual environment .venv with Python {version()}")
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if made.returncode == 0:
        return 0
    shutil.rmtree(VENV, ignore_errors=True)
    return fail(
        f"Python could not make a virtual environment: {(made.stdout + made.stderr).strip()}",
        "On Debian and Ubuntu: apt-get install python3-venv",
    )


def install(kind: str, wanted: str) -> int:
    pins = sum("==" in line for line in (ROOT / "constraints.txt").read_text().splitlines())
    say(f"Installing pinned packages (once; at most {pins}, about a minute)")
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar", "off", "-c", "constraints.txt", "-e", "." + EXTRAS[kind]]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        tail = follow(pip)
    if pip.returncode != 0:
        return fail("The packages could not be installed:\n  " + "\n  ".join(tail), "Fix that and run make again.")
    for other in EXTRAS:
        stamp(other).unlink(missing_ok=True)
    stamp(kind).write_text(wanted)
    say("Ready")
    return 0


def follow(pip: subprocess.Popen[str]) -> list[str]:
    """Show one line for each package (one in ten when nobody watches); the last lines, for an error message."""
    tail: list[str] = []
    seen = 0
    for line in pip.stdout or ():
        tail = [*tail[-14:], line.rstrip()]
        if line.startswith("Collecting "):
            seen += 1
            if sys.stdout.isatty() or seen % 10 == 0:
                say(f"{seen:3d}  {line.split()[1]}")
        elif line.startswith("Installing collected packages"):
            say(f"Unpacking {seen} packages")
    return tail


def browser() -> int:
    """Fetch Debian's chromium for the page tests where that is simple; elsewhere those tests skip and say so."""
    if shutil.which("chromium"):
        return 0
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say("chromium is missing: page tests will be skipped (Debian, as root: apt-get install chromium)")
        return 0
    say("Installing chromium and a font for the page tests (once)")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    packages = ["chromium", "fonts-dejavu-core"]
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if subprocess.run(command, env=environment, **quiet).returncode != 0:
        subprocess.run(["apt-get", "update", "-qq"], env=environment, **quiet)
        if subprocess.run(command, env=environment, **quiet).returncode != 0:
            say("chromium could not be installed: page tests will be skipped")
    return 0


def say(text: str) -> None:
    sys.stdout.write("  " + text + "\n")
    sys.stdout.flush()


def fail(what: str, hint: str) -> int:
    sys.stderr.write(what + "\n" + hint + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "run"))
