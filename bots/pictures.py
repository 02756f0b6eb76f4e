"""Charts as pictures, for places that cannot draw: the same specs as the page, our own rows, nothing from elsewhere."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import structlog

from store.errors import ConfigProblem, Unavailable
from tools.evidence import Chart, ResultTable

log = structlog.get_logger("plainsay.pictures")

SECONDS = 20.0
SCALE = 2.0
_MOST_ROWS = 5_000
_FORBIDDEN = frozenset({"url", "href", "image", "expr", "signal", "datasets", "values", "usermeta"})
_drawing = threading.Lock()
"""The renderer holds one engine: pictures are drawn one after the other."""
_STYLE: dict[str, Any] = {
    "background": "#ffffff",
    "font": "DejaVu Sans, Arial, sans-serif",
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "gridColor": "#e5e7eb", "labelLimit": 220},
    "legend": {"labelFontSize": 12, "titleFontSize": 12},
    "title": {"fontSize": 15, "anchor": "start", "offset": 14},
    "view": {"stroke": None},
    "range": {"category": ["#2563eb", "#d97706", "#059669", "#db2777", "#7c3aed", "#475569"]},
    "mark": {"color": "#2563eb"},
    "line": {"strokeJoin": "round"},
}
"""Lines are joined round: a pointed join reaches beyond a sharp low, to values that are not there."""


def available() -> bool:
    """Whether pictures can be drawn here."""
    import importlib.util

    return importlib.util.find_spec("vl_convert") is not None


def png(chart: Chart, table: ResultTable) -> bytes:
    """The chart over its table as PNG. Raises what `rendered` does, and `Unavailable` for a chart of another table."""
    if chart.table != table.id:
        raise Unavailable("This chart cannot be drawn as a picture.", code="no_picture")
    data = {"title": chart.title, "data": {"name": table.id, "values": _rows(table)}}
    return rendered(chart.spec, _sized(chart.spec) | data, _STYLE)


def rendered(spec: dict[str, Any], given: dict[str, Any], style: dict[str, Any]) -> bytes:
    """A spec with what we give it (rows, size) as PNG; slow (about a second the first time), so call it in a thread.

    Raises `ConfigProblem` without the extra `images`, `Unavailable` for a spec that reaches out or cannot be drawn.
    """
    try:
        import vl_convert
    except ModuleNotFoundError as error:
        raise ConfigProblem(
            "Charts as pictures need a package that is not installed.",
            code="missing_extra",
            hint="Install it with: pip install 'plainsay[images]'.",
        ) from error
    if _reaches_out(spec):
        raise Unavailable("This chart cannot be drawn as a picture.", code="no_picture")
    whole = {k: v for k, v in spec.items() if k not in ("autosize", "config")} | given
    try:
        with _drawing:
            return bytes(
                vl_convert.vegalite_to_png(whole, scale=SCALE, config=style, allowed_base_urls=[], vl_version="6.1")
            )
    except ValueError as error:
        log.warning("chart_not_drawn", error=str(error)[:200])
        raise Unavailable("This chart cannot be drawn as a picture.", code="no_picture") from error


async def drawn(chart: Chart, table: ResultTable) -> bytes | None:
    """The picture, or None where none can be drawn in time: an answer never waits for its picture."""
    try:
        async with asyncio.timeout(SECONDS):
            return await asyncio.to_thread(png, chart, table)
    except (ConfigProblem, Unavailable, TimeoutError) as error:
        log.info("no_picture", reason=type(error).__name__)
        return None


def _rows(table: ResultTable) -> list[dict[str, Any]]:
    """Rows by column name; decimals travel as text and are numbers again here."""
    numeric = {c.name for c in table.columns if c.type in ("integer", "decimal", "float")}
    names = [c.name for c in table.columns]
    rows = (dict(zip(names, row, strict=True)) for row in table.rows[:_MOST_ROWS])
    return [{k: float(v) if k in numeric and isinstance(v, str) else v for k, v in row.items()} for row in rows]


def _sized(spec: dict[str, Any]) -> dict[str, Any]:
    height = spec.get("height")
    return {"height": height if isinstance(height, (int, dict)) else 320, "width": 640}


def _reaches_out(part: Any) -> bool:
    if isinstance(part, dict):
        return bool(_FORBIDDEN & part.keys()) or any(_reaches_out(v) for v in part.values())
    return isinstance(part, list) and any(_reaches_out(v) for v in part)
