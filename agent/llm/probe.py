"""What a model server can do, found out by asking it: for `plainsay doctor`, never in the way of a question."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from agent.llm.endpoint import Endpoint, configured
from agent.llm.faults import ModelFault
from agent.llm.wire import Reply, Wire
from store.errors import ConfigProblem

SECONDS = 15.0
Finding = tuple[str, bool, str]
_ASK = [{"role": "user", "content": "Call the tool with the word yes."}]
_TOOL = {
    "type": "function",
    "function": {
        "name": "say",
        "description": "Say a word.",
        "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
    },
}
_SCHEMA = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}
_JSON = [{"role": "user", "content": 'Reply with JSON: {"word": "yes"}'}]


def findings(seconds: float = SECONDS) -> Iterator[Finding]:
    """(name, whether it is fine, detail) about the configured model; no model is fine too."""
    try:
        endpoint = configured()
    except ConfigProblem as problem:
        yield "model", False, f"{problem.message} {problem.hint or ''}".strip()
        return
    if endpoint is None:
        yield "model", True, "none set up, the built-in brain answers (docs/models.md says how to add one)"
        return
    with closing(Wire(endpoint)) as wire:
        yield from _of(endpoint, wire, seconds)


def _of(endpoint: Endpoint, wire: Wire, seconds: float) -> Iterator[Finding]:
    began = time.perf_counter()
    hello = _try(wire, endpoint, {"messages": [{"role": "user", "content": "Say yes."}], "stream": True}, seconds)
    if isinstance(hello, ModelFault) and hello.fault == "bad_request":
        hello = _try(wire, endpoint, {"messages": [{"role": "user", "content": "Say yes."}]}, seconds)
        streams = False
    else:
        streams = True
    if isinstance(hello, ModelFault):
        yield "model", False, f"{endpoint.model} at {_place(endpoint)}: {hello}"
        return
    ms = (time.perf_counter() - began) * 1000
    yield "model", True, f"{endpoint.model} at {_place(endpoint)} answers in {ms:,.0f} ms"
    yield "model streaming", True, "yes" if streams else "no: answers come in one piece"
    counted = _try(wire, endpoint, {"messages": _JSON, "stream": streams, **_counting(streams)}, seconds)
    told = isinstance(counted, Reply) and counted.read is not None
    yield "model token counts", True, "yes" if told else "no: counted as three characters a token"
    yield "model tools", True, _tools(wire, endpoint, seconds)
    yield "model JSON", True, _formats(wire, endpoint, seconds)


def _place(endpoint: Endpoint) -> str:
    """The address without what some write before the host to sign in."""
    parts = urlsplit(endpoint.url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _counting(streams: bool) -> dict[str, Any]:
    return {"stream_options": {"include_usage": True}} if streams else {}


def _tools(wire: Wire, endpoint: Endpoint, seconds: float) -> str:
    reply = _try(wire, endpoint, {"messages": _ASK, "tools": [_TOOL]}, seconds)
    if isinstance(reply, ModelFault):
        return "refused: plans come as JSON instead"
    return "yes" if any(c.name == "say" for c in reply.calls) else "accepted but not called: plans may come as JSON"


def _formats(wire: Wire, endpoint: Endpoint, seconds: float) -> str:
    named = {"name": "word", "schema": _SCHEMA}
    schema = {"type": "json_schema", "json_schema": named}
    formats: dict[str, dict[str, Any]] = {"json_schema": schema, "json_object": {"type": "json_object"}}
    able = [n for n, f in formats.items() if _is_json(_try(wire, endpoint, _formatted(f), seconds))]
    return " and ".join(able) if able else "neither json_schema nor json_object: plain text is read"


def _formatted(form: dict[str, Any]) -> dict[str, Any]:
    return {"messages": _JSON, "response_format": form}


def _is_json(reply: Reply | ModelFault) -> bool:
    if isinstance(reply, ModelFault):
        return False
    try:
        json.loads(reply.text)
    except ValueError:
        return False
    return True


def _try(wire: Wire, endpoint: Endpoint, body: dict[str, Any], seconds: float) -> Reply | ModelFault:
    try:
        return wire.send({"model": endpoint.model, **body}, seconds)
    except ModelFault as fault:
        return fault
