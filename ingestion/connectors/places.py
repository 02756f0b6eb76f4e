"""Places in JSON, written as in manifests: `a.b`, `a[*].b`, `a[0]`, `links[?rel==next].href`, `$` for the whole."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_STEP = re.compile(r"(?P<name>[^.\[\]]+)|\[(?P<index>-?\d+|\*)\]|\[\?(?P<key>[^=\]]+)==(?P<value>[^\]]*)\]")
Step = tuple[str, Any]
_SINGLE = (str, int, float, bool)


@lru_cache(maxsize=4096)
def steps(place: str) -> tuple[Step, ...]:
    """The steps of a place: (`name`, text), (`index`, number), (`all`, None) or (`where`, (key, value)).

    Raises `ValueError` for text that is no place.
    """
    if place == "$":
        return ()
    found: list[Step] = []
    at = 0
    for match in _STEP.finditer(place):
        if place[at : match.start()].strip("."):
            raise ValueError(f"{place!r} is no place in JSON")
        at = match.end()
        if match["name"] is not None:
            found.append(("name", match["name"]))
        elif match["index"] == "*":
            found.append(("all", None))
        elif match["index"] is not None:
            found.append(("index", int(match["index"])))
        else:
            found.append(("where", (match["key"], match["value"])))
    if place[at:].strip("."):
        raise ValueError(f"{place!r} is no place in JSON")
    return tuple(found)


@lru_cache(maxsize=4096)
def _is_name(place: str) -> bool:
    return steps(place) == (("name", place),)


def every(data: Any, place: str) -> list[Any]:
    """All values at `place`; a list at its end gives its elements. Nothing there: an empty list."""
    if type(data) is dict and type(value := data.get(place)) in _SINGLE and _is_name(place):
        return [value]  # most places are a name, and most values no list
    values = [data]
    for step in steps(place):
        values = [found for value in values for found in _take(value, step)]
    return [element for value in values for element in (value if isinstance(value, list) else [value])]


def one(data: Any, place: str) -> Any:
    """The value at `place`, the first of several, None when there is none."""
    if type(data) is dict and type(value := data.get(place)) in _SINGLE and _is_name(place):
        return value  # most places are a name, and most values no list
    values = [data]
    for step in steps(place):
        values = [found for value in values for found in _take(value, step)]
        if not values:
            return None
    return values[0]


def put(target: dict[str, Any], place: str, value: Any) -> None:
    """Write `value` at a place of names and list positions, making what is missing on the way."""
    path = steps(place)
    here: Any = target
    for number, (_, name) in enumerate(path):
        last = number == len(path) - 1
        if isinstance(name, int):
            while len(here) <= name:
                here.append({})
            if last:
                here[name] = value
            here = here[name]
        elif last:
            here[name] = value
        else:
            here = here.setdefault(name, [] if isinstance(path[number + 1][1], int) else {})


def json_path(place: str) -> str:
    """The same place as DuckDB writes it; only names and positions. Raises `ValueError` for filters."""
    text = "$"
    for kind, value in steps(place):
        if kind == "where":
            raise ValueError(f"{place!r} cannot be used inside an expression")
        text += f'."{value}"' if kind == "name" else "[*]" if kind == "all" else f"[{_position(value)}]"
    return text


def _position(value: int) -> str:
    return str(value) if value >= 0 else f"#{value}"


def _take(value: Any, step: Step) -> list[Any]:
    kind, what = step
    if kind == "name":
        return [value[what]] if isinstance(value, dict) and what in value and value[what] is not None else []
    if not isinstance(value, list):
        return []
    if kind == "all":
        return value
    if kind == "index":
        return [value[what]] if -len(value) <= what < len(value) else []
    key, wanted = what
    return [element for element in value if isinstance(element, dict) and str(element.get(key)) == wanted]
