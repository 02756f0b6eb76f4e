"""One page that says how good this is, written from the results that suites left behind and never by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

from evals.result import Section, commit

FOLDER = Path(__file__).parent
_HEAD = """# Scoreboard

Generated at {commit} from `evals/results`; each table says on which commit and machine it was measured.
`plainsay evals run SUITE` runs a suite and writes this page again.
"""
_NONE = "\n*Not measured yet.*\n"


def write(folder: Path = FOLDER) -> Path:
    """Write SCOREBOARD.md beside the results and return its path."""
    results = [json.loads(p.read_text(encoding="utf-8")) for p in sorted((folder / "results").glob("*.json"))]
    page = folder / "SCOREBOARD.md"
    page.write_text(rendered(results), encoding="utf-8")
    return page


def rendered(results: list[dict[str, Any]]) -> str:
    """The page as markdown: a heading a section, a table a suite."""
    parts = [_HEAD.format(commit=commit())]
    for section in get_args(Section):
        tables = [_table(r) for r in results if r["section"] == section]
        parts.append(f"\n## {section.capitalize()}\n" + ("".join(tables) or _NONE))
    return "".join(parts)


def _table(result: dict[str, Any]) -> str:
    rows = "".join(f"| {f['name']} | {_value(f)} | {_target(f)} |\n" for f in result["figures"])
    measured = f"Commit {result['commit']}; {result['machine']}."
    return f"\n### {result['suite']}\n\n{measured}\n\n| figure | value | target |\n|---|---:|---|\n{rows}"


def _value(figure: dict[str, Any]) -> str:
    return f"{figure['value']:,.4g} {figure['unit']}".strip()


def _target(figure: dict[str, Any]) -> str:
    if figure["target"] is None:
        return ""
    sign = "≤" if figure["better"] == "less" else "≥"
    return f"{sign} {figure['target']:g} {figure['unit']}, {'reached' if figure['ok'] else '**missed**'}"
