"""Reads pack files strictly, so that an author hears the file, the line and the likely word when something is off."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from store.errors import InvalidRequest

_LARGEST = 2_000_000
_BOOL = "tag:yaml.org,2002:bool"
Path_ = tuple[str | int, ...]
Marks = dict[Path_, tuple[str, int]]


class _Loader(yaml.SafeLoader):
    """Only true and false are booleans, so that `on`, `no` and `yes` stay words."""


def _resolvers(base: Mapping[str, Any]) -> dict[str, Any]:
    kept = {c: [(tag, rule) for tag, rule in rules if tag != _BOOL] for c, rules in base.items()}
    for first in "tf":
        kept[first] = [*kept.get(first, []), (_BOOL, re.compile(r"^(?:true|false)$"))]
    return kept


_Loader.yaml_implicit_resolvers = _resolvers(yaml.SafeLoader.yaml_implicit_resolvers)


def invalid(message: str, *, file: str, line: int = 1, hint: str | None = None, field: str = "") -> InvalidRequest:
    """An error of a pack that says where: `file` is its name inside the pack."""
    details = {"file": file, "line": line, "field": field}
    return InvalidRequest(f"{file}, line {line}: {message}", code="invalid_pack", hint=hint, details=details)


def read(text: str, file: str, marks: Marks) -> dict[str, Any]:
    """The mapping in YAML `text`; `marks` gains file and line of every entry. Raises `InvalidRequest`."""
    if len(text) > _LARGEST:
        raise invalid("The file is too large.", file=file, hint="Keep each file below 2 MB.")
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise invalid(f"This is not valid YAML: {error.problem}.", file=file, line=line) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise invalid("This is not valid YAML.", file=file) from error
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise invalid("A pack file holds `name: …` entries.", file=file)
    data: dict[str, Any] = _Reader(file, marks).value(node, ())
    return data


class _Reader:
    """Turns nodes into plain data; repeated keys and aliases are refused, places are kept."""

    def __init__(self, file: str, marks: Marks) -> None:
        self._file, self._marks = file, marks
        self._seen: set[int] = set()
        self._scalars = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, path: Path_) -> Any:
        line = node.start_mark.line + 1
        if id(node) in self._seen:
            raise invalid("Anchors and aliases are not allowed.", file=self._file, line=line, hint="Write it out.")
        self._seen.add(id(node))
        self._marks.setdefault(path, (self._file, line))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
        try:
            return self._scalars.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            raise invalid(f"“{node.value}” cannot be read.", file=self._file, line=line, hint="Quote it.") from error

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = str(key_node.value)
            if key in data:
                raise invalid(f"“{key}” is given twice.", file=self._file, line=line, hint="Keep one of them.")
            self._marks[(*path, key)] = (self._file, line)
            data[key] = self.value(value_node, (*path, key))
        return data
