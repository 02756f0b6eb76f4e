"""The picture that suits a table: a line over time, bars over groups, nothing for a single figure."""

from __future__ import annotations

from datetime import date
from typing import Any

from tools.evidence import Chart, Column, ResultTable

_MOST_BARS = 30
_MOST_SERIES = 6
_MOST_ACROSS = 12
_SUB_BAR = 11
_MOST_TICKS = 12
_TICKS: dict[str, tuple[str, int, tuple[int, ...]]] = {
    "year": ("year", 1, (1, 2, 5, 10)),
    "quarter": ("month", 3, (1, 2, 4)),
    "month": ("month", 1, (1, 2, 3, 6, 12)),
    "day": ("day", 1, (1,)),
}
"""By grain: the unit ticks are counted in, its number in a period, and how many periods may lie between two ticks."""
_MOST_POINTS = 60
_ACROSS = {"orient": "top", "labelAngle": -40, "labelOverlap": False}
_GIGA = 1e9
_LEGEND = {"symbolType": "stroke", "symbolStrokeWidth": 4}
_SPEC = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json"}


def metric_chart(table: ResultTable, measure: Column | None, chart_id: str) -> Chart | None:
    """A Vega-Lite v6 spec over `table` (named, no data inside), or None when a chart would say less than the table."""
    dimensions = _naming(table, [c for c in table.columns if c.role == "dimension"])
    time = next((c for c in table.columns if c.role == "time"), None)
    if measure is None or len(table.rows) < 2:
        return None
    if time is not None and len({r[table.column_index(time.name)] for r in table.rows}) == 1:
        time = None
    if time is not None and len(dimensions) <= 1:
        return _line(table, chart_id, time, measure, dimensions[0] if dimensions else None)
    if time is None and len(dimensions) in (1, 2):
        return _bars(table, chart_id, dimensions, measure)
    return None


def _naming(table: ResultTable, dimensions: list[Column]) -> list[Column]:
    """Without an id beside a name, where the name alone tells the rows apart."""
    if len(dimensions) != 2:
        return dimensions
    unlike = [c for c in dimensions if len({r[table.column_index(c.name)] for r in table.rows}) == len(table.rows)]
    names = [c for c in unlike if c.type == "text"]
    return names[-1:] if len(unlike) == 2 and names else dimensions


def _line(table: ResultTable, chart_id: str, time: Column, measure: Column, group: Column | None) -> Chart:
    encoding: dict[str, Any] = {
        "x": _along(table, time),
        "y": _value(table, measure),
    }
    spec: dict[str, Any] = {
        **_SPEC,
        "data": {"name": table.id},
        "mark": {"type": "line", "point": len(table.rows) <= _MOST_POINTS},
    }
    whole_until = _first_incomplete(table, time)
    transform: list[dict[str, Any]] = []
    if whole_until is not None:
        bound = {"year": whole_until.year, "month": whole_until.month, "date": whole_until.day}
        transform.append({"filter": {"field": time.name, "lt": bound}})
    if group is not None:
        names = _largest_groups(table, group, measure)
        all_names = len(_members(table, group))
        title = group.label if all_names == len(names) else f"{group.label}: the {len(names)} largest of {all_names}"
        series = {"field": group.name, "type": "nominal", "title": title, "sort": names, "legend": _LEGEND}
        encoding["color"] = encoding["strokeDash"] = series
        if len(names) < all_names:
            transform.append({"filter": {"field": group.name, "oneOf": names}})
    encoding["tooltip"] = [_tip(c) for c in (time, *([group] if group else []), measure)]
    spec["encoding"] = encoding
    if transform:
        spec["transform"] = transform
    alt = f"Line chart of {measure.label.lower()} by {time.label.lower()}"
    alt += f" for each {group.label.lower()}." if group else "."
    if transform and whole_until:
        alt += " The incomplete last period is left out."
    return Chart(id=chart_id, title=table.title, alt=alt, table=table.id, spec=spec)


def band_chart(table: ResultTable, measure: Column, chart_id: str, *, marks: bool = False) -> Chart:
    """What was, what is expected and the range around it, over time.

    `table` has the columns `period`, `actual`, `expected`, `low` and `high`; with `marks` also `odd`, drawn as points.
    """
    time = table.columns[table.column_index("period")]
    x = {"field": "period", "type": "temporal", "title": None, "axis": _time_axis(table, time)}
    y = {**_value(table, table.columns[table.column_index("high")]), "title": measure.label}
    y["scale"] = {"zero": False}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "area", "line": False, "opacity": 1, "fillOpacity": 0.2},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        _drawn({"type": "line", "strokeDash": [5, 4], "point": False}, table, x, {**y, "field": "expected"}),
        _drawn({"type": "line", "point": len(table.rows) <= _MOST_POINTS}, table, x, {**y, "field": "actual"}),
    ]
    alt = f"Line chart of {measure.label.lower()} with its expected course and range."
    if marks:
        mark = {"type": "point", "filled": True, "size": 80, "color": "#c2410c"}
        layers.append(_drawn(mark, table, x, {**y, "field": "odd"}))
        alt = f"Line chart of {measure.label.lower()} with its usual range; unusual points are marked."
    spec = {**_SPEC, "data": {"name": table.id}, "layer": layers}
    return Chart(id=chart_id, title=table.title, alt=alt, table=table.id, spec=spec)


def _drawn(mark: dict[str, Any], table: ResultTable, x: dict[str, Any], y: dict[str, Any]) -> dict[str, Any]:
    shown = [c for c in table.columns if c.name in ("period", "actual", "expected")]
    kept = {"filter": {"field": y["field"], "valid": True}}
    return {"mark": mark, "transform": [kept], "encoding": {"x": x, "y": y, "tooltip": [_tip(c) for c in shown]}}


def _first_incomplete(table: ResultTable, time: Column) -> date | None:
    """Where the incomplete periods at the end begin, when at least two complete ones come before: a line that drops
    only because the month is young misleads the eye."""
    at, partial = table.column_index(time.name), set(table.partial)
    if time.grain == "hour" or time.type == "text":
        return None
    days = {str(r[at])[:10]: k in partial for r, k in zip(table.rows, table.row_keys, strict=True)}
    whole = [d for d, cut in days.items() if not cut]
    late = [d for d, cut in days.items() if cut and whole and d > max(whole)]
    return date.fromisoformat(min(late)) if late and len(whole) > 1 else None


def _bars(table: ResultTable, chart_id: str, dimensions: list[Column], measure: Column) -> Chart | None:
    """Bars for each group, side by side for a second grouping of few names; a heat map when both have many."""
    dimensions = sorted(dimensions, key=lambda c: len(_members(table, c)) <= _MOST_SERIES)
    first, *more = dimensions
    labels = _members(table, first)
    if len(labels) > _MOST_BARS:
        return None
    if more and len(_members(table, more[0])) > _MOST_SERIES:
        return _heat(table, chart_id, dimensions, measure)
    encoding: dict[str, Any] = {
        "y": {"field": first.name, "type": "nominal", "title": None, "sort": labels},
        "x": _value(table, measure),
        "tooltip": [_tip(c) for c in (*dimensions, measure)],
    }
    spec = {**_SPEC, "data": {"name": table.id}, "mark": {"type": "bar"}, "encoding": encoding}
    if more:
        names = _largest_groups(table, more[0], measure)
        encoding["color"] = {"field": more[0].name, "type": "nominal", "title": more[0].label, "sort": names}
        encoding["yOffset"] = {"field": more[0].name, "type": "nominal", "sort": names}
        spec["height"] = {"step": _SUB_BAR, "for": "offset"}
    alt = f"Bar chart of {measure.label.lower()} by {' and '.join(d.label.lower() for d in dimensions)}."
    return Chart(id=chart_id, title=table.title, alt=alt, table=table.id, spec=spec)


def _heat(table: ResultTable, chart_id: str, dimensions: list[Column], measure: Column) -> Chart | None:
    """A square for each pair of names, darker for more; the longer list of names runs down the side."""
    down, across = sorted(dimensions, key=lambda c: -len(_members(table, c)))
    if len(_members(table, across)) > _MOST_ACROSS:
        return None
    side = {"type": "nominal", "title": None}
    value = _value(table, measure)
    encoding: dict[str, Any] = {
        "y": {**side, "field": down.name, "sort": _members(table, down)},
        "x": {**side, "field": across.name, "sort": _members(table, across), "axis": _ACROSS},
        "color": {
            "field": measure.name,
            "type": "quantitative",
            "title": measure.label,
            "legend": {"format": value["axis"]["format"]},
        },
        "tooltip": [_tip(c) for c in (*dimensions, measure)],
    }
    spec = {**_SPEC, "data": {"name": table.id}, "mark": {"type": "rect"}, "encoding": encoding}
    alt = f"Heat map of {measure.label.lower()} by {down.label.lower()} and {across.label.lower()}."
    return Chart(id=chart_id, title=table.title, alt=alt, table=table.id, spec=spec)


def _members(table: ResultTable, column: Column) -> list[Any]:
    """The names in a column, in the order of the rows."""
    at = table.column_index(column.name)
    return list(dict.fromkeys(row[at] for row in table.rows))


def _largest_groups(table: ResultTable, group: Column, measure: Column) -> list[Any]:
    """Group names by the sum of their values, largest first, at most six."""
    at, value = table.column_index(group.name), table.column_index(measure.name)
    sums: dict[Any, float] = {}
    for row in table.rows:
        sums[row[at]] = sums.get(row[at], 0.0) + abs(float(row[value] or 0))
    return sorted(sums, key=lambda name: (-sums[name], str(name)))[:_MOST_SERIES]


def _value(table: ResultTable, measure: Column) -> dict[str, Any]:
    at = table.column_index(measure.name)
    largest = max((abs(float(r[at])) for r in table.rows if r[at] is not None), default=0.0)
    return {
        "field": measure.name,
        "type": "quantitative",
        "title": measure.label,
        "axis": {"format": _number_format(measure, largest)},
    }


def _number_format(column: Column, largest: float) -> str:
    """Short from a thousand on; from a billion on in full, because the short form would say G for giga."""
    if column.unit is not None and column.unit.ratio:
        return ".1%"
    short = ",.0f" if largest >= _GIGA else "~s"
    return f"${short}" if column.unit is not None and column.unit.currency == "USD" else short


def _along(table: ResultTable, time: Column) -> dict[str, Any]:
    """The axis of time; periods that have names ("P3 FY2026") stand in the order of the table."""
    if time.type == "text":
        return {"field": time.name, "type": "ordinal", "title": None, "sort": None, "axis": {"labelOverlap": True}}
    return {"field": time.name, "type": "temporal", "title": None, "axis": _time_axis(table, time)}


def _time_axis(table: ResultTable, time: Column) -> dict[str, Any]:
    """Labels at the periods themselves: left alone, a wide chart puts ticks between months and names them twice."""
    formats = {"year": "%Y", "quarter": "Q%q %Y", "month": "%b %Y", "week": "%b %d", "day": "%b %d", "hour": "%H:%M"}
    axis: dict[str, Any] = {"format": formats.get(time.grain or "day", "%b %d"), "labelOverlap": True}
    if time.grain in _TICKS:
        interval, each, steps = _TICKS[time.grain]
        periods = len(_members(table, time))
        step = next((s for s in steps if periods <= s * _MOST_TICKS), None)
        if step is not None:
            axis["tickCount"] = {"interval": interval, "step": step * each}
    return axis


def _tip(column: Column) -> dict[str, Any]:
    kind = "temporal" if column.role == "time" else "nominal" if column.role == "dimension" else "quantitative"
    kind = "nominal" if column.type == "text" else kind
    tip: dict[str, Any] = {"field": column.name, "type": kind, "title": column.label}
    if kind == "quantitative":
        tip["format"] = ".1%" if column.unit is not None and column.unit.ratio else ",.2~f"
    if kind == "temporal":
        tip["format"] = {"year": "%Y", "month": "%B %Y", "quarter": "Q%q %Y"}.get(column.grain or "", "%b %d, %Y")
    return tip
