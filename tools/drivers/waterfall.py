"""The picture of an explanation: bars that start where the one before ended, down to the whole change."""

from __future__ import annotations

from typing import Any

from tools.drivers.sheets import Measured
from tools.evidence import Chart, ResultTable

_SPEC = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json"}


def waterfall(steps: ResultTable, chart_id: str, how: Measured) -> Chart:
    """A Vega-Lite v6 spec over the steps table (columns step, start, end, change, direction)."""
    order = [row[0] for row in steps.rows]
    ways = [w for w in ("Up", "Down", "All together") if w in {r[steps.column_index("direction")] for r in steps.rows}]
    title = how.move("change", "Change").label
    encoding: dict[str, Any] = {
        "y": {"field": "step", "type": "nominal", "title": None, "sort": order},
        "x": {
            "field": "start",
            "type": "quantitative",
            "title": title,
            "axis": {"format": _format(how)},
        },
        "x2": {"field": "end"},
        "color": {"field": "direction", "type": "nominal", "title": None, "sort": ways},
        "tooltip": [
            {"field": "step", "type": "nominal", "title": "Step"},
            {"field": "change", "type": "quantitative", "title": "Change", "format": ",.2~f"},
        ],
    }
    spec = {**_SPEC, "data": {"name": steps.id}, "mark": {"type": "bar"}, "encoding": encoding}
    alt = f"Waterfall chart of the change: {', '.join(str(o) for o in order[:-1])}, and all together."
    return Chart(id=chart_id, title=steps.title, alt=alt, table=steps.id, spec=spec)


def _format(how: Measured) -> str:
    if how.points:
        return ",.2~f"
    unit = how.figure.unit
    return "$~s" if unit is not None and unit.currency == "USD" else "~s"
