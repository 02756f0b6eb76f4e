"""How links look: how closely the leading figures move at each lag, as a table and a picture."""

from __future__ import annotations

from typing import Any

from tools.evidence import Chart, ResultTable
from tools.sheet import count, plain, sheet, text

_SPEC = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json"}


def profile(
    table_id: str, links: dict[str, dict[str, Any]], ordered: list[str], main: ResultTable
) -> list[ResultTable]:
    """How closely the leading figures move at each lag."""
    rows: list[list[Any]] = []
    for row, name in enumerate(ordered[:3]):
        found = links[name]["profile"]
        most = len(found) // 2
        rows += [[main.rows[row][0], k - most, r] for k, r in enumerate(found)]
    columns = [text("figure", "Figure"), count("lag", "Runs ahead by"), plain("r", "How closely", 2)]
    return [sheet(table_id, "By lag", columns, rows, keys=2)] if rows else []


def charts(
    links: dict[str, dict[str, Any]], ordered: list[str], main: ResultTable, chart_id: str, grain: str
) -> list[Chart]:
    """Lines of the leading figures over lags."""
    if not ordered:
        return []
    table_id = f"l{main.id[1:]}"
    encoding = {
        "x": {"field": "lag", "type": "quantitative", "title": f"{grain.capitalize()}s by which it runs ahead"},
        "y": {"field": "r", "type": "quantitative", "title": "How closely they move"},
        "color": {"field": "figure", "type": "nominal", "title": None},
    }
    spec = {**_SPEC, "data": {"name": table_id}, "mark": {"type": "line", "point": True}, "encoding": encoding}
    return [
        Chart(
            id=chart_id,
            title="By lag",
            alt="Lines of how closely figures move together at each lag.",
            table=table_id,
            spec=spec,
        )
    ]
