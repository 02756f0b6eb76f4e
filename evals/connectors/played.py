"""Rows that a source could send, made from its manifest: every place that a mapping reads holds what belongs there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ingestion.canonical.compiling import promises
from ingestion.connectors.manifest import Manifest, Mapping, Resource
from ingestion.connectors.places import put, steps

_HOLES = re.compile(r"\{([^{}]+)\}")
_CONSTANT = re.compile(r"'[^']*'")


@dataclass(frozen=True)
class Sent:
    """One row and when it happened."""

    row: dict[str, Any]
    when: datetime


def rows(manifest: Manifest, resource: Resource, count: int, newest: datetime) -> list[Sent]:
    """`count` different rows, the newest first or last as the source has it, some hours apart."""
    places: dict[str, str] = {}
    for place, kind in _places(manifest, resource):
        if kind != "text" or place not in places:
            places[place] = kind
    made = []
    for number in range(count):
        when = newest - timedelta(hours=5 * number + 1)
        made.append(Sent(_row(manifest, resource, places, number, when), when))
    return made if resource.incremental.mode == "stop_at_watermark" else made[::-1]


def _row(manifest: Manifest, resource: Resource, places: dict[str, str], number: int, when: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {}
    longer = {p for p in places for q in places if q != p and q.startswith((f"{p}.", f"{p}["))}
    for place, kind in sorted(places.items()):
        if place not in longer and "?" not in place:
            _write(row, place, _value(manifest, kind, place, number, when))
    fields = set(resource.parent.fields.values()) if resource.parent else set()
    for place in resource.key:
        if (
            place in fields
            or place in longer
            or places.get(place, "").startswith(("moment", "day", "at:"))
            or "[" in place
        ):
            continue
        _write(row, place, f"{resource.name}-{number}")
    return row


def _write(row: dict[str, Any], place: str, value: Any) -> None:
    """Put a value at a place; `[*]` is a list of one."""
    put(row, place.replace("[*]", "[0]"), value)


def _value(manifest: Manifest, kind: str, place: str, number: int, when: datetime) -> Any:
    if kind.startswith("map:"):
        words = [w for w in manifest.maps[kind[4:]] if w != "*"]
        return words[number % len(words)]
    if kind == "currency":
        return "EUR"
    if kind in ("moment", "day"):
        return _spelled(manifest.time.format, when)
    if kind.startswith("at:"):
        return _spelled(kind[3:], when)
    numbers = {"decimal": 1000 + number, "integer": 5 + number, "boolean": number % 2 == 0}
    return numbers.get(kind, f"{place.rpartition('.')[2]}-{number}")


def _spelled(form: str, when: datetime) -> Any:
    text = {
        "unix": int(when.timestamp()), "unix_ms": int(when.timestamp() * 1000), "date": f"{when:%Y-%m-%d}",
        "compact": f"{when:%Y%m%d}", "compact_seconds": f"{when:%Y%m%d%H%M%S}", "space": f"{when:%Y-%m-%d %H:%M:%S}",
    }  # fmt: skip
    return text.get(form, when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def _places(manifest: Manifest, resource: Resource) -> Iterator[tuple[str, str]]:
    """Every place of a row that is read, with what belongs there; the last word counts."""
    fields = set(resource.parent.fields.values()) if resource.parent else set()
    unwanted = {*resource.carry, *fields}
    yield from ((place, kind) for place, kind in promises(manifest, resource.name).items() if place not in unwanted)
    if resource.incremental.field:
        yield resource.incremental.field, "moment"
    for mapping in manifest.canonical:
        if mapping.resource == resource.name:
            yield from _of_mapping(manifest, mapping, unwanted)
    yield from _for_children(manifest, resource)


def _for_children(manifest: Manifest, resource: Resource) -> Iterator[tuple[str, str]]:
    for child in manifest.resources:
        if child.parent is not None and child.parent.resource == resource.name:
            yield from (
                (p, "currency" if "currency" in p else "text") for p in child.parent.fields if p not in resource.key
            )


def _of_mapping(manifest: Manifest, mapping: Mapping, unwanted: set[str]) -> Iterator[tuple[str, str]]:
    for name, text in [*mapping.columns.items(), *([("where", mapping.where)] if mapping.where else [])]:
        for hole in _HOLES.findall(text) if "{" in text else [text]:
            place, *pipes = (part.strip() for part in hole.split("|"))
            outside = place.startswith("^")
            place = place.lstrip("^")
            if _CONSTANT.fullmatch(place) or place in unwanted or place in ("#", "@currency") or place.startswith("_"):
                continue
            if any(kind == "where" for kind, _ in steps(place)):
                continue
            inside = f"{mapping.each}[*].{place}" if mapping.each and not outside else place
            yield inside, _kind(name, pipes, manifest)


def _kind(column: str, pipes: list[str], manifest: Manifest) -> str:
    for pipe in pipes:
        name, _, argument = pipe.partition("(")
        argument = argument.rstrip(")")
        if name == "map":
            return f"map:{argument}"
        if name == "money" or name in ("decimal", "number"):
            return "decimal"
        if name in ("integer", "boolean"):
            return name
        if name == "not":
            return "boolean"
        if name in ("moment", "day"):
            return f"at:{argument}" if argument else "moment"
        if name in ("date", "yyyymmdd"):
            return "at:date" if name == "date" else "at:compact"
    return "currency" if column == "currency" else "text"
