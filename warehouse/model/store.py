"""Reads and writes the model as YAML that a person can edit, with errors that name the line and the likely word."""

from __future__ import annotations

import json
import os
import re
import tempfile
import types
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from store.errors import InvalidRequest, near_names
from warehouse.model.schema import GENERATED_WEIGHT, SemanticModel

_LARGEST = 20_000_000
_HEADER = """\
# yaml-language-server: $schema=./model.schema.json
# What the words of this workspace mean. Edit freely: what you change, add or delete here stays when data is reloaded.
# Entries with a `confidence` were inferred; delete that to mark one as confirmed. A synonym with ~ was inferred too.
# Check the file after an edit: plainsay model check
"""
_Path = tuple[str | int, ...]


def load(path: Path) -> SemanticModel:
    """The model in the YAML file `path`.

    Raises `InvalidRequest` with details {line, column, field}: bad YAML, an unknown key (with near names), a wrong
    type, a repeated key, or no file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InvalidRequest("This workspace has no semantic model yet.", hint="Load data first.") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest("The model file is not UTF-8 text.", hint="Save it as UTF-8.") from error
    return parse(text)


def parse(text: str) -> SemanticModel:
    """The model in YAML `text`; raises like `load`."""
    if len(text) > _LARGEST:
        raise InvalidRequest("The model file is too large.", hint="Keep it below 20 MB.")
    node = _compose(text)
    reader = _Reader()
    data = reader.read(node) if node is not None else {}
    try:
        return SemanticModel.model_validate(data)
    except ValidationError as error:
        raise _explained(error.errors()[0], reader.marks) from error


def save(model: SemanticModel, path: Path) -> None:
    """Write `model` to `path`; see `write`."""
    write(dump(model), path)


def write(text: str, path: Path) -> None:
    """Write the text of a model in one step: readers see the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def dump(model: SemanticModel) -> str:
    """The model as YAML text: defaults left out, small entries on one line, stable order."""
    body = yaml.dump(
        _laid_out(plain(model)),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=120,
        default_flow_style=False,
    )
    return _HEADER + body


def plain(model: SemanticModel) -> dict[str, Any]:
    """The model as the data that its file holds: defaults left out, generated synonyms with ~."""
    return {"model": model.model, **_compact(model.model_dump(mode="json", exclude_defaults=True))}


def places(text: str) -> dict[str, tuple[int, int]]:
    """Line and column of every entry of model `text` by its dotted path (`tables.orders.key`); {} when unreadable."""
    try:
        node = _compose(text)
        reader = _Reader()
        if node is not None:
            reader.read(node)
    except InvalidRequest:
        return {}
    return {".".join(str(p) for p in path): mark for path, mark in reader.marks.items()}


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a model file, for editors and model brains; a synonym may be a bare word."""
    schema = SemanticModel.model_json_schema()
    schema["title"] = "Plainsay semantic model"
    schema["$defs"]["Synonym"] = {"anyOf": [{"type": "string"}, schema["$defs"]["Synonym"]]}
    return schema


@cache
def _schema_text() -> str:
    """The schema as it is written; made once, as it costs more than all else about saving a model."""
    return json.dumps(json_schema(), indent=1) + "\n"


def write_schema(folder: Path) -> None:
    """Put the JSON Schema beside a model file, where its first line points editors to."""
    path, text = folder / "model.schema.json", _schema_text()
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


if TYPE_CHECKING:
    _Base = yaml.SafeLoader
else:
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where libyaml is there
_GENERATED = {"text": "", "state": "generated", "weight": GENERATED_WEIGHT}


class _Loader(_Base):
    """YAML 1.2 truth: only true and false are booleans, so that `on`, `no` and `yes` stay words."""


class _Dumper(yaml.SafeDumper):
    """Quotes what the loader would misread, and indents lists under their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


class _Flow(dict[str, Any]):
    """A mapping to be written on one line."""


class _FlowList(list[Any]):
    """A list to be written on one line."""


_BOOL = "tag:yaml.org,2002:bool"
_TRUTH = re.compile(r"^(?:true|false)$")


def _own_resolvers(base: Mapping[str, Any]) -> dict[str, Any]:
    kept = {c: [(tag, rule) for tag, rule in rules if tag != _BOOL] for c, rules in base.items()}
    for first in "tf":
        kept[first] = [*kept.get(first, []), (_BOOL, _TRUTH)]
    return kept


_Loader.yaml_implicit_resolvers = _own_resolvers(yaml.SafeLoader.yaml_implicit_resolvers)
_Dumper.yaml_implicit_resolvers = _own_resolvers(yaml.SafeDumper.yaml_implicit_resolvers)
_Dumper.add_representer(_Flow, lambda d, v: d.represent_mapping("tag:yaml.org,2002:map", v.items(), flow_style=True))
_Dumper.add_representer(_FlowList, lambda d, v: d.represent_sequence("tag:yaml.org,2002:seq", v, flow_style=True))


def _compose(text: str) -> yaml.Node | None:
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _at(error.problem_mark, f"The model file is not valid YAML: {error.problem}.", None) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidRequest("The model file is not valid YAML.", details={"line": 1, "column": 1}) from error
    return node


class _Reader:
    """Turns nodes into plain data: keys stay text, repeated keys and aliases are refused, places are kept."""

    def __init__(self) -> None:
        self.marks: dict[_Path, tuple[int, int]] = {}
        self._seen: set[int] = set()
        self._scalars = yaml.constructor.SafeConstructor()

    def read(self, node: yaml.Node, path: _Path = ()) -> Any:
        if id(node) in self._seen:
            raise _at(node.start_mark, "Anchors and aliases are not allowed in a model.", "Write the entry out.", path)
        self._seen.add(id(node))
        self.marks.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._scalar(node)

    def _item(self, node: yaml.Node, path: _Path) -> Any:
        value = self.read(node, path)
        made_up = isinstance(value, str) and value.startswith("~") and path[-2:-1] == ("synonyms",)
        return {**_GENERATED, "text": value[1:]} if made_up else value

    def _mapping(self, node: yaml.MappingNode, path: _Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _at(key_node.start_mark, "A key must be a plain word.", None, path)
            key = str(key_node.value)
            if key in data:
                raise _at(key_node.start_mark, f"“{key}” is given twice.", "Keep one of them.", (*path, key))
            self.marks[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            data[key] = self.read(value_node, (*path, key))
        return data

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            return self._scalars.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            raise _at(node.start_mark, f"“{node.value}” cannot be read here.", "Put it in quotes.") from error


def _at(mark: Any, message: str, hint: str | None, path: _Path = ()) -> InvalidRequest:
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return _invalid(message, hint, line, column, path)


def _invalid(message: str, hint: str | None, line: int, column: int, path: _Path) -> InvalidRequest:
    details = {"line": line, "column": column, "field": ".".join(str(p) for p in path)}
    return InvalidRequest(f"Line {line}: {message}", code="invalid_model", hint=hint, details=details)


def _explained(error: ErrorDetails, marks: Mapping[_Path, tuple[int, int]]) -> InvalidRequest:
    path = tuple(p for p in error["loc"] if p != "[key]")
    place = path
    while place and place not in marks:
        place = place[:-1]
    line, column = marks.get(place, (1, 1))
    if error["type"] == "extra_forbidden":
        near = near_names(str(path[-1]), _known_keys(path[:-1]))
        hint = f"Did you mean {' or '.join(near)}?" if near else None
        return _invalid(f"“{path[-1]}” is not a key that {_where(path[:-1])} can have.", hint, line, column, path)
    if error["type"] == "missing":
        return _invalid(f"“{path[-1]}” is missing in {_where(path[:-1])}.", None, line, column, path)
    said = error["msg"].removeprefix("Value error, ")
    return _invalid(f"{_where(path)} is wrong: {said[:1].lower()}{said[1:]}.", None, line, column, path)


def _where(path: _Path) -> str:
    return f"“{'.'.join(str(p) for p in path)}”" if path else "a model"


def _known_keys(path: _Path) -> list[str]:
    """The keys that the entry at `path` may have, read off the schema."""
    kind: Any = SemanticModel
    for part in path:
        kind = kind.model_fields[part].annotation if _is_model(kind) and part in kind.model_fields else _inside(kind)
        kind = _without_none(kind)
    return list(kind.model_fields) if _is_model(kind) else []


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _inside(kind: Any) -> Any:
    """The type of the values of a dict or the items of a tuple."""
    args = [a for a in get_args(kind) if a is not Ellipsis]
    return args[-1] if args else None


def _without_none(kind: Any) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        return next((a for a in get_args(kind) if a is not type(None)), None)
    return kind


def _compact(value: Any) -> Any:
    """Plain data with bare-string synonyms."""
    if isinstance(value, list):
        return [_compact(v) for v in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"text"} and not value["text"].startswith("~"):
        return value["text"]
    if value.keys() == _GENERATED.keys() and {**value, "text": ""} == _GENERATED:
        return f"~{value['text']}"
    return {k: _compact(v) for k, v in value.items()}


def _laid_out(value: Any, depth: int = 0) -> Any:
    """Marks short leaf entries to be written on one line."""
    if isinstance(value, list):
        items = [_laid_out(v, depth + 1) for v in value]
        return _FlowList(items) if all(_leaf(v) for v in value) and len(str(value)) < 100 else items
    if not isinstance(value, dict):
        return value
    inner = {k: _laid_out(v, depth + 1) for k, v in value.items()}
    short = (
        depth >= 3
        and len(str(value)) < 110
        and all(_leaf(v) or isinstance(v, _FlowList | _Flow) for v in inner.values())
    )
    return _Flow(inner) if short else inner


def _leaf(value: Any) -> bool:
    return not isinstance(value, dict | list)
