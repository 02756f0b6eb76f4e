"""A message's chart as PNG, small enough for a mail."""

from __future__ import annotations

from typing import Any

from bots import pictures
from store.errors import ConfigProblem, Unavailable

WIDTH, HEIGHT = 552, 240
_LOOK = {
    "background": "#ffffff", "font": "DejaVu Sans", "view": {"stroke": None},
    "line": {"color": "#2563eb", "strokeJoin": "round"},
    "point": {"color": "#2563eb"}, "title": {"anchor": "start"},
    "bar": {"color": "#2563eb"}, "axis": {"gridColor": "#e5e7eb", "labelColor": "#374151", "titleColor": "#374151"},
}  # fmt: skip


def png(chart: dict[str, Any]) -> bytes | None:
    """The picture of a chart (`spec`, `table`, `rows`, `title`); None where it cannot be drawn: a mail goes without."""
    given = {
        "data": {"name": chart["table"], "values": chart["rows"]}, "width": WIDTH, "height": HEIGHT,
        "autosize": {"type": "fit", "contains": "padding"}, "title": chart["title"],
    }  # fmt: skip
    try:
        return pictures.rendered(chart["spec"], given, _LOOK)
    except (ConfigProblem, Unavailable):
        return None
