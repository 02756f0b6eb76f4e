"""Changes a model file the way a careful person would: only the lines that differ, comments and order kept."""

from __future__ import annotations

from io import StringIO
from typing import Any

from store.errors import InvalidRequest
from warehouse.model import store
from warehouse.model.schema import SemanticModel

_WIDTH = 120


def rewritten(text: str, model: SemanticModel) -> str:
    """`text` changed so that it says `model`; what already says so stays as it was written.

    A file that nobody touched is written anew, which is faster. Raises `InvalidRequest` when `text` is no model.
    """
    current = store.parse(text)
    if current == model:
        return text
    fresh = store.dump(model)
    if store.dump(current) == text:
        return fresh
    changed = _patched(text, store.plain(current), store.plain(model))
    return changed if _says(changed, model) else fresh


def _says(text: str, model: SemanticModel) -> bool:
    """Whether the text reads back as the model: the layout of a person is never worth a wrong model."""
    try:
        return store.parse(text) == model
    except InvalidRequest:
        return False


def _patched(text: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    from ruamel.yaml import YAML

    editor = YAML(typ="rt")
    editor.preserve_quotes = True
    editor.width = _WIDTH
    editor.indent(mapping=2, sequence=4, offset=2)
    document = editor.load(text)
    _patch(document, before, after)
    written = StringIO()
    editor.dump(document, written)
    return written.getvalue()


def _patch(node: Any, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Bring the mapping `node`, which says `before`, to say `after`, touching the entries that differ only."""
    for key in [k for k in node if str(k) in before and str(k) not in after]:
        del node[key]
    for key, value in after.items():
        if key in before and before[key] == value:
            continue
        held = node.get(key)
        if isinstance(value, dict) and isinstance(held, dict) and isinstance(before.get(key), dict):
            _patch(held, before[key], value)
        elif isinstance(value, list) and isinstance(held, list) and _aligned(held, before.get(key), value):
            _patch_list(held, before[key], value)
        else:
            node[key] = value


def _aligned(held: list[Any], before: Any, after: list[Any]) -> bool:
    """Whether items can be changed in place: as many in the file as the model had, and none only moved."""
    return isinstance(before, list) and len(held) == len(before) and len(after) >= len(before)


def _patch_list(held: Any, before: list[Any], after: list[Any]) -> None:
    for i, value in enumerate(after):
        if i >= len(before):
            held.append(value)
        elif before[i] != value:
            if isinstance(value, dict) and isinstance(held[i], dict) and isinstance(before[i], dict):
                _patch(held[i], before[i], value)
            else:
                held[i] = value
