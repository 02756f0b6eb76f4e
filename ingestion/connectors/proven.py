"""How far each connector is proven: computed by the suites from what really ran, never typed by hand."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("status.json")
_UNTESTED = {"label": "untested", "detail": "The manifest is valid; nothing else ran."}


def label_of(source: str) -> dict[str, Any]:
    """{label, detail}: untested, spec-checked, mock-tested or live-verified, and by what."""
    return _all(FILE.stat().st_mtime_ns if FILE.is_file() else 0).get(source, _UNTESTED)


@lru_cache(maxsize=2)
def _all(_changed: int) -> dict[str, dict[str, Any]]:
    if not FILE.is_file():
        return {}
    loaded: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return loaded
