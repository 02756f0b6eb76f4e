"""What Lighthouse thinks of the page on a phone: the yardstick that others use, so that nobody has to trust ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from evals.page_stage import FLAGS, ROOT
from evals.result import Figure

LIGHTHOUSE = ROOT / "tests" / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
TIMES = 5
_CATEGORIES = "performance,accessibility,best-practices"
_PATIENCE_S = 180
_AUDITS = {
    "first-contentful-paint": ("first picture", "ms"),
    "largest-contentful-paint": ("largest picture", "ms"),
    "total-blocking-time": ("blocked", "ms"),
    "cumulative-layout-shift": ("layout shift", ""),
}


def figures(url: str, answer: str) -> Iterator[Figure]:
    """Scores (0-1) of the first page, median of several looks, and of an answer; nothing where it is absent.

    Lighthouse is installed with `npm ci` in tests/lighthouse; version 12 is the newest that runs on Node 20.
    """
    if not LIGHTHOUSE.is_file():
        return
    looks = [look for look in (_look(url) for _ in range(TIMES)) if look]
    version = looks[0]["lighthouseVersion"].split(".")[0] if looks else ""
    name = f"Lighthouse {version} on a phone"
    yield Figure(f"{name}, performance, median of {len(looks)}", _score(looks, "performance"), "", 0.95, "more")
    yield Figure(f"{name}, accessibility", _score(looks, "accessibility"), "", 1, "more")
    yield Figure(f"{name}, best practices", _score(looks, "best-practices"), "", 1, "more")
    for audit, (words, unit) in _AUDITS.items():
        yield Figure(f"{name}, {words}", median(look["audits"][audit]["numericValue"] for look in looks), unit)
    shown = [look for look in (_look(answer) for _ in range(3)) if look]
    yield Figure(f"{name}, an answer, performance", _score(shown, "performance"), "")
    yield Figure(f"{name}, an answer, accessibility", _score(shown, "accessibility"), "", 1, "more")


def _score(looks: list[dict[str, Any]], category: str) -> float:
    return median(float(look["categories"][category]["score"]) for look in looks)


def _look(url: str) -> dict[str, Any] | None:
    """One report; None where the browser gave Lighthouse nothing to read, which happens now and then."""
    node, chromium = shutil.which("node"), shutil.which("chromium")
    if node is None or chromium is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            node, str(LIGHTHOUSE), url, "--quiet", "--output=json", f"--output-path={report}",
            f"--only-categories={_CATEGORIES}", f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
        ]  # fmt: skip
        env = {**os.environ, "CHROME_PATH": chromium}
        try:
            subprocess.run(command, env=env, capture_output=True, timeout=_PATIENCE_S, check=False)
            found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        except (subprocess.TimeoutExpired, OSError, ValueError):
            return None
    return None if found.get("runtimeError") else found
