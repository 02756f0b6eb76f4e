"""Everything the audit log keeps is said in plain words on the page, in each of its languages."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from store.doors import ROUTES

ROOT = Path(__file__).resolve().parents[2]


def actions() -> set[str]:
    """What the routes, the command line and the watch over sessions write to the log."""
    found = {entry.audited for entry in ROUTES.values() if entry.audited} | {"view_as.asked"}
    for path in (*(ROOT / "api").glob("*.py"), *(ROOT / "api" / "commands").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in ("noted", "_note", "Deed"):
                texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                found |= {text for text in texts if text.replace(".", "").replace("_", "").isalpha() and "." in text}
    return found


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_audited_action_has_words(language: str) -> None:
    texts = json.loads((ROOT / "web" / "src" / "locales" / f"{language}.json").read_text(encoding="utf-8"))
    said = texts["people"]["audit"]["did"]
    assert len(actions()) > 75
    assert {action.replace(".", "_") for action in actions()} <= set(said)
