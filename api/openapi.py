"""The OpenAPI description: what FastAPI finds, made to read well, with every status that a route may answer with."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.errors import PROBLEM
from store import doors

TAGS = {
    "Asking": "Questions and their answers, whole or as a stream of events.",
    "Conversations": "Threads, what was said in them, and who may read along.",
    "Dashboards": "Answers that are kept and worked out anew.",
    "Data": "Workspaces, their fields and rows, files that are loaded, metric queries without words.",
    "Model": "What tables, columns and metrics mean, and what people taught.",
    "Wires": "Addresses that speak the language of OpenAI, the AI SDK and MCP.",
    "Webhooks": "Events that are sent to you.",
    "Operation": "Whether the server is well, and who uses what.",
    "Accounts": "People, sessions, keys and rights.",
}
_BY_PATH = {
    "ask": "Asking", "chat": "Asking", "runs": "Asking", "answers": "Asking", "suggest": "Asking",
    "threads": "Conversations", "shared": "Conversations", "feedback": "Conversations", "verified": "Conversations",
    "dashboards": "Dashboards", "workspaces": "Data", "fields": "Data", "tables": "Data", "uploads": "Data",
    "jobs": "Data", "metrics": "Data", "tools": "Data", "trained": "Data", "connections": "Data", "model": "Model",
    "learned": "Model", "models": "Wires", "responses": "Wires", "aisdk": "Wires", "mcp": "Wires",
    "webhooks": "Webhooks", "usage": "Operation", "openapi.json": "Operation", "healthz": "Operation",
    "readyz": "Operation", "budgets": "Operation",
}  # fmt: skip
_WITH_TICKETS = ("/v1/invitations/", "/v1/password", "/v1/me/slack")
"""Addresses that take a code which works once and for a while."""
_WIRES = ("/v1/models", "/v1/responses", "/v1/chat/completions", "/v1/aisdk", "/mcp")
_MEANT = {
    "401": "No key, or one that is not known here.",
    "403": "Your role may not do this, or the request comes from another site's page.",
    "404": "There is no such thing, or none that you may see.",
    "405": "The address does not take this method.",
    "409": "It was done already, or is being done, or was changed meanwhile.",
    "410": "It existed and was removed after its time.",
    "413": "The request is larger than this installation allows.",
    "415": "The body is of a kind that this address does not read.",
    "421": "The server does not answer to that host name.",
    "422": "Something in the request cannot be used; `error.details.field` says what.",
    "429": "Too many requests in this minute; `Retry-After` says when to come back.",
    "500": "Our own fault; `error.details.id` is what to report.",
    "503": "Not available just now; try again after `Retry-After` seconds.",
}
_EXAMPLES: dict[str, Any] = {
    "ask": {"question": "Top 5 products by revenue last quarter", "workspace": "demo-retail"},
    "create_dashboard": {"title": "Weekly figures", "workspace": "demo-retail"},
    "create_webhook": {"url": "https://example.com/plainsay", "events": ["run.done"], "workspace": "demo-retail"},
    "create_workspace": {"name": "coffee", "label": "Coffee shops"},
    "query_metrics": {
        "workspace": "demo-retail",
        "query": {"metrics": [{"metric": "revenue"}], "dimensions": [{"field": "products.category"}]},
    },
    "teach": {"workspace": "demo-retail", "said": "turnover", "means": "revenue"},
    "complete": {"model": "demo-retail", "messages": [{"role": "user", "content": "revenue by month"}]},
    "respond": {"model": "demo-retail", "input": "revenue by month"},
}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "Why a request was not done, as RFC 9457 has it; `error` says what a program may do about it.",
    "required": ["type", "title", "status", "error"],
    "properties": {
        "type": {"type": "string", "example": "urn:plainsay:error:unknown_thread"},
        "title": {"type": "string", "example": "There is no such thread."},
        "status": {"type": "integer", "example": 404},
        "detail": {"type": ["string", "null"], "description": "What to do about it."},
        "instance": {"type": ["string", "null"]},
        "error": {
            "type": "object",
            "required": ["code", "message", "hint", "retry", "retry_after", "details"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string", "description": "A sentence fit for a business user."},
                "hint": {"type": ["string", "null"]},
                "retry": {"enum": ["never", "adjusted", "as_is"]},
                "retry_after": {"type": ["number", "null"], "description": "Seconds."},
                "details": {"type": "object"},
            },
        },
    },
}
DESCRIPTION = """Ask your business data in plain English, get an answer you can check.

**Who asks**: send `Authorization: Bearer KEY`. On this machine alone no key is needed.

**Errors** are `application/problem+json`; `error.code` is stable, `error.message` is fit for people.

**Repeating**: give a POST the header `Idempotency-Key` and send it as often as you like; it is done once.

**Reading again**: send the `ETag` of a read as `If-None-Match`; 304 says that nothing changed.

**Limits**: `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` come with every answer that is counted.

**Pages**: lists take `limit` and `cursor`; `next` is the cursor of the next page, null at the end.
"""


def install(app: FastAPI) -> None:
    """Let the application describe itself so."""
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        found = get_openapi(title="Plainsay", version="1", description=DESCRIPTION, routes=app.routes)
        app.openapi_schema = _improved(found)
    return app.openapi_schema


def _improved(found: dict[str, Any]) -> dict[str, Any]:
    from api import shown

    parts = found.setdefault("components", {})
    parts["schemas"] = _clean(parts.get("schemas", {})) | shown.schemas() | {"Problem": PROBLEM_SCHEMA}
    parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "An API key."}}
    parts["responses"] = {code: _problem(meaning) for code, meaning in _MEANT.items()}
    for path, verbs in found["paths"].items():
        for verb, operation in verbs.items():
            _improve(path, verb, operation)
            shown.put(operation)
    used = {tag for verbs in found["paths"].values() for operation in verbs.values() for tag in operation["tags"]}
    found["tags"] = [{"name": name, "description": text} for name, text in TAGS.items() if name in used]
    return found


def _improve(path: str, verb: str, operation: dict[str, Any]) -> None:
    name = operation["operationId"] = _name(operation["operationId"], path, verb)
    operation["tags"] = [_tag(path)]
    said = " ".join((operation.get("description") or operation["summary"]).split())
    operation["summary"] = said.partition(";")[0].partition(". ")[0].rstrip(".")[:120]
    operation["description"] = said
    door = doors.entry(verb.upper(), path)
    operation["security"] = [] if door is not None and door.asks == "open" else [{"key": []}, {}]
    _lift_definitions(operation)
    if name in _EXAMPLES and "requestBody" in operation:
        operation["requestBody"]["content"]["application/json"]["example"] = _EXAMPLES[name]
    answers = operation["responses"]
    for code in _possible(path, verb, operation):
        answers[code] = {"$ref": f"#/components/responses/{code}"} if not path.startswith(_WIRES) else _wired(code)
    operation["responses"] = dict(sorted(answers.items()))


def _possible(path: str, verb: str, operation: dict[str, Any]) -> list[str]:
    """The statuses beside success that a route may answer with."""
    found = ["401", "403", "404", "421", "422", "429", "500", "503"]
    if verb != "get":
        found += ["409", "413"]
    if verb in ("post", "put", "patch"):
        found += ["415"]
    if path.endswith("/events") or path.startswith(("/v1/responses", *_WITH_TICKETS)):
        found += ["410"]
    if path == "/mcp":
        found += ["400", "405", "406", "415"]
    if path == "/v1/aisdk/{chat_id}/stream":
        operation["responses"]["204"] = {"description": "No answer is being given in this chat."}
    if verb == "get" and path.startswith("/v1"):
        operation["responses"].setdefault("304", {"description": "Nothing changed since the ETag that was sent."})
    return [code for code in found if code != "404" or "{" in path or path.startswith("/v1")]


def _name(operation_id: str, path: str, verb: str) -> str:
    """`create_dashboard_v1_dashboards_post` → `create_dashboard`."""
    tail = "".join(char if char.isalnum() else "_" for char in path)
    return operation_id.removesuffix(f"_{verb}").removesuffix(tail) or operation_id


def _tag(path: str) -> str:
    if path.startswith(_WIRES):
        return "Wires"
    parts = path.strip("/").split("/")
    return _BY_PATH.get(parts[1] if parts[0] == "v1" and len(parts) > 1 else parts[0], "Accounts")


def _lift_definitions(operation: dict[str, Any]) -> None:
    """Schemas of request bodies carry their definitions with them; references are made to point there."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        definitions = media.get("schema", {}).get("$defs")
        if definitions:
            media["schema"] = _inlined(media["schema"], definitions, ())


def _inlined(value: Any, definitions: dict[str, Any], seen: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_inlined(one, definitions, seen) for one in value]
    if not isinstance(value, dict):
        return value
    name = str(value.get("$ref", "")).removeprefix("#/$defs/")
    if name in definitions:
        if name in seen:
            return {"type": "object", "title": name}
        return _inlined(definitions[name], definitions, (*seen, name))
    return {key: _inlined(one, definitions, seen) for key, one in value.items() if key != "$defs"}


def _problem(meaning: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": meaning, "content": {PROBLEM: {"schema": schema}}}


def _wired(code: str) -> dict[str, Any]:
    """The wires answer in the shape that their own clients read."""
    meaning = _MEANT.get(code, "The request cannot be used.")
    return {"description": meaning, "content": {"application/json": {}, "text/plain": {}}}


def _clean(schemas: dict[str, Any]) -> dict[str, Any]:
    """Without FastAPI's own shape of errors, which we never send."""
    return {name: one for name, one in schemas.items() if name not in ("HTTPValidationError", "ValidationError")}
