"""Words a model puts into a call end up in answers: each must be a name of the model, a value, or the asker's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from agent.brain import PlanContext
from store.errors import InvalidRequest
from warehouse.model.values import fold

_IDENTIFIER = re.compile(r"[A-Za-z_][\w.:-]{0,99}")
_PLAIN = re.compile(r"[-+]?[\d.,:TZ /-]+")
_LABELS = ("alias", "label", "name", "title")
_MOST_NEAR = 5


def founded(tool: str, args: dict[str, Any], context: PlanContext) -> dict[str, Any]:
    """The arguments without labels that nobody said.

    Raises `InvalidRequest` for a text that is in neither the question nor the data, with values that are near.
    """
    if tool == "run_sql":
        return args
    said = fold(" ".join([context.question, *context.glossary, *(t.question for t in context.history)]))
    kept: dict[str, Any] = _unlabelled(args, said, tool == "query_metrics")
    for key, text in _texts(kept):
        if not _known(key, text, said, context):
            near = dict.fromkeys(m.value for m in context.values.match(text[:80], _MOST_NEAR))
            raise InvalidRequest(
                f"There is no value “{text[:60]}” in the data, and the question does not name it.",
                code="unknown_value",
                hint=f"Did you mean {' or '.join(near)}?" if near else "Use the words of the question or of the data.",
            )
    return kept


def _unlabelled(value: Any, said: str, keep_alias: bool) -> Any:
    if isinstance(value, list):
        return [_unlabelled(v, said, keep_alias) for v in value]
    if not isinstance(value, dict):
        return value
    return {
        k: _unlabelled(v, said, keep_alias)
        for k, v in value.items()
        if not (k in _LABELS and isinstance(v, str)) or (keep_alias and k == "alias") or fold(v) in said
    }


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for k, v in value.items():
            yield from _texts(v, str(k))
    elif isinstance(value, list):
        for v in value:
            yield from _texts(v, key)
    elif isinstance(value, str):
        yield key, value


def _known(key: str, text: str, said: str, context: PlanContext) -> bool:
    """Names are checked by the tools themselves; values and free texts are checked here."""
    if key == "op" or not text.strip() or _PLAIN.fullmatch(text) or fold(text) in said:
        return True
    if key != "values":
        return _IDENTIFIER.fullmatch(text) is not None or _is_term(text, context)
    return any(m.how == "whole" for m in context.values.match(text, 3))


def _is_term(text: str, context: PlanContext) -> bool:
    model = context.model
    return text in model.terms or text in model.filters or text.startswith(("next ", "last ", "until "))
