"""Compares every manifest with the vendor's specification, because mocks accept misspelt names in silence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.connectors.trimming import path_of, place_of, read
from ingestion.connectors.manifest import Manifest, Resource
from ingestion.connectors.places import steps

_PLACES = re.compile(r"\{([^{}]+)\}")
_MOST_DEEP = 14
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """Something that a manifest says and the specification does not."""

    source: str
    resource: str
    kind: str
    name: str

    @property
    def id(self) -> str:
        """A name to explain it by."""
        return f"{self.source}.{self.resource} {self.kind} {self.name}"


def compare(manifest: Manifest, folder: Path) -> tuple[int, list[Difference]]:
    """How many names of a manifest were looked up in specifications under `folder`, and those that are not there."""
    looked, found = 0, []
    for resource in manifest.resources:
        if resource.spec is None or not (place := place_of(folder, resource.spec)).is_file():
            continue
        spec = read(place)
        for kind, name, there in _names(manifest, resource, spec):
            looked += 1
            if not there:
                found.append(Difference(manifest.source, resource.name, kind, name))
    return looked, found


def _names(manifest: Manifest, resource: Resource, spec: Schema) -> Iterator[tuple[str, str, bool]]:
    if resource.via == "webhook":
        item = _webhook_item(spec)
        for place in _read_places(manifest, resource):
            yield "field", place, _has(spec, item, place)
        return
    operation = _operation(spec, resource)
    yield "path", f"{resource.method} {resource.path}", operation is not None
    if operation is None:
        return
    known = _parameters(spec, operation)
    for name in _asked(resource):
        whole = name.partition("[")[0] if name.endswith("]") else name  # created[gte] is a part of created
        yield "parameter", name, whole in known or _in_body(spec, operation, whole)
    answer = _answer(spec, operation)
    if answer is None:
        return
    if resource.selector != "$":
        yield "selector", resource.selector, _has(spec, answer, resource.selector)
    paging = resource.paging
    marks = [m for m in (paging.path, paging.more, paging.total, paging.total_pages) if m and " " not in m]
    yield from (("paging", mark, _has(spec, answer, mark)) for mark in marks)
    row = _at(spec, answer, resource.selector) if resource.selector != "$" else answer
    row = _element(spec, row) if row is not None else None
    if row is None or not _properties(spec, row):
        return  # the specification gives no shape of a row
    for place in _read_places(manifest, resource):
        yield "field", place, _has(spec, row, place)


def _asked(resource: Resource) -> Iterator[str]:
    """Names of parameters that we send."""
    yield from resource.params
    yield from (n for n in (resource.paging.param, resource.paging.session) if n)
    if resource.paging.size_param and resource.paging.size:
        yield resource.paging.size_param
    yield from (n for n in (resource.incremental.start, resource.incremental.end) if n)
    yield from (name for name in resource.body if resource.method == "POST")


def _read_places(manifest: Manifest, resource: Resource) -> list[str]:
    """Places that key, cursor and mappings read; what we add ourselves starts with an underscore."""
    found = [*resource.key, *([resource.incremental.field] if resource.incremental.field else [])]
    for mapping in manifest.canonical:
        if mapping.resource != resource.name:
            continue
        for text in [*mapping.columns.values(), *([mapping.where] if mapping.where else [])]:
            holes = _PLACES.findall(text) if "{" in text else [text]
            for hole in holes:
                place = hole.split("|")[0].strip()
                if place.startswith("'") or place == "#":
                    continue
                inner = f"{mapping.each}[*]." if mapping.each and not place.startswith("^") else ""
                found.append(inner + place.removeprefix("^"))
    given = set(resource.parent.fields.values()) if resource.parent else set()
    given |= set(resource.keyed_as) | set(resource.carry)
    return sorted({p for p in found if not p.startswith("_") and p not in given})


def _operation(spec: Schema, resource: Resource) -> Schema | None:
    """The operation of a path, whatever its parameters are called and wherever the base URL ends."""
    path = path_of(spec, resource.path)
    methods = spec["paths"][path] if path is not None else {}
    found: Schema | None = methods.get(resource.method.lower())
    return {**found, "parameters": [*methods.get("parameters", []), *found.get("parameters", [])]} if found else None


def _parameters(spec: Schema, operation: Schema) -> set[str]:
    return {str(_resolved(spec, p).get("name")) for p in operation.get("parameters", [])}


def _in_body(spec: Schema, operation: Schema, name: str) -> bool:
    body = _resolved(spec, operation.get("requestBody", {}))
    return any(_has(spec, c.get("schema", {}), name) for c in body.get("content", {}).values())


def _answer(spec: Schema, operation: Schema) -> Schema | None:
    for status in ("200", "201", "2XX", "default"):
        found = _resolved(spec, operation.get("responses", {}).get(status, {}))
        for content in found.get("content", {}).values():
            if "schema" in content:
                schema: Schema = content["schema"]
                return schema
        if "schema" in found:
            return found["schema"]  # type: ignore[no-any-return]
    return None


def _webhook_item(spec: Schema) -> Schema:
    schemas = spec.get("components", {}).get("schemas", {})
    named: Schema = next((s for n, s in schemas.items() if n.lower().endswith("notificationrequestitem")), {})
    return named or {"anyOf": list(schemas.values())}


def _resolved(spec: Schema, node: Any) -> Any:
    for _ in range(_MOST_DEEP):
        if not (isinstance(node, dict) and "$ref" in node):
            return node
        target: Any = spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def _choices(spec: Schema, node: Any, deep: int = 0) -> Iterator[Schema]:
    """A schema and all that it may be made of."""
    node = _resolved(spec, node)
    if not isinstance(node, dict) or deep > _MOST_DEEP:
        return
    yield node
    for word in ("allOf", "anyOf", "oneOf"):
        for part in node.get(word, []):
            yield from _choices(spec, part, deep + 1)


def _properties(spec: Schema, node: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for choice in _choices(spec, node):
        found |= choice.get("properties", {})
    return found


def _element(spec: Schema, node: Any) -> Any:
    for choice in _choices(spec, node):
        if "items" in choice:
            return choice["items"]
    return node


def _open(spec: Schema, node: Any) -> bool:
    """Whether a schema allows names that it does not list."""
    return any(c.get("additionalProperties") not in (None, False) for c in _choices(spec, node))


def _at(spec: Schema, node: Any, place: str) -> Any | None:
    for kind, value in steps(place):
        if kind == "name":
            node = _element(spec, node) if value not in _properties(spec, node) else node
            known = _properties(spec, node)
            if value not in known:
                return {} if _open(spec, node) else None
            node = known[value]
        else:
            node = _element(spec, node)
    return node


def _has(spec: Schema, node: Any, place: str) -> bool:
    """Whether a place exists; below a schema without a shape everything does."""
    here: Any = node
    for kind, value in steps(place):
        if kind != "name":
            here = _element(spec, here)
            continue
        here = _element(spec, here) if value not in _properties(spec, here) else here
        known = _properties(spec, here)
        if not known:
            return True
        if value not in known:
            return _open(spec, here)
        here = known[value]
    return True
