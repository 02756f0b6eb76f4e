"""A message's chart as PNG for places that draw nothing themselves; it reads no address and no file."""

from __future__ import annotations

from typing import Any

WIDTH, HEIGHT = 552, 240
_SCALE = 2.0
_LOOK = {
    "background": "#ffffff", "font": "DejaVu Sans", "view": {"stroke": None}, "line": {"color": "#2563eb"},
    "bar": {"color": "#2563eb"}, "axis": {"gridColor": "#e5e7eb", "labelColor": "#374151", "titleColor": "#374151"},
}  # fmt: skip


def png(chart: dict[str, Any]) -> bytes | None:
    """The picture of a chart (`spec`, `table`, `rows`, `title`); None where no renderer is installed."""
    try:
        import vl_convert
    except ModuleNotFoundError:
        return None
    spec = {
        **chart["spec"], "data": {"name": chart["table"], "values": chart["rows"]}, "width": WIDTH, "height": HEIGHT,
        "autosize": {"type": "fit", "contains": "padding"}, "title": chart["title"],
    }  # fmt: skip
    drawn: bytes = vl_convert.vegalite_to_png(spec, scale=_SCALE, config=_LOOK, allowed_base_urls=[])
    return drawn
