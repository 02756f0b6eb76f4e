"""What routes answer with, as JSON Schemas of the description: for readers, generated clients and the fuzzer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

_TEXT = {"type": "string"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_NUMBER = {"type": "integer"}
_FLAG = {"type": "boolean"}
_MOMENT = {"type": "string", "format": "date-time"}
_MAYBE_MOMENT = {"type": ["string", "null"], "format": "date-time"}
_OBJECT = {"type": "object"}
_MAYBE_OBJECT = {"type": ["object", "null"]}
_ANSWER = {"$ref": "#/components/schemas/Answer"}


def _record(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(fields), "properties": fields}


def _list_of(name: str) -> dict[str, Any]:
    listed = _record(items={"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}})
    return listed | {"properties": {**listed["properties"], "next": _MAYBE_TEXT}}


RECORDS: dict[str, dict[str, Any]] = {
    "Workspace": _record(
        name=_TEXT, label=_TEXT, tables=_NUMBER, rows=_NUMBER, updated_at=_MAYBE_TEXT,
        starters={"type": "array", "items": _TEXT}, default=_FLAG,
    ),
    "Thread": _record(
        id=_TEXT, title=_TEXT, workspace=_TEXT, pinned=_FLAG, created_at=_MOMENT, updated_at=_MOMENT,
    ),
    "Turn": _record(
        run_id=_TEXT, question=_TEXT, status={"enum": ["running", "done", "failed", "cancelled"]}, created_at=_MOMENT,
        answer={"anyOf": [_ANSWER, {"type": "null"}]}, error=_MAYBE_OBJECT,
    ),
    "ThreadWithTurns": _record(
        id=_TEXT, title=_TEXT, workspace=_TEXT, turns={"type": "array", "items": {"$ref": "#/components/schemas/Turn"}},
    ),
    "DashboardSummary": _record(
        id=_TEXT, title=_TEXT, workspace=_TEXT, created_at=_MOMENT, updated_at=_MOMENT, cards=_NUMBER,
    ),
    "Dashboard": _record(
        id=_TEXT, title=_TEXT, workspace=_TEXT, version=_NUMBER, created_at=_MOMENT, updated_at=_MOMENT,
        cards={"type": "array", "items": _OBJECT},
    ),
    "Job": _record(
        id=_TEXT, state={"enum": ["queued", "running", "done", "failed"]},
        progress=_record(text=_TEXT, share={"type": ["number", "null"]}), result=_MAYBE_OBJECT, error=_MAYBE_OBJECT,
    ),
    "Queued": _record(job_id=_TEXT),
    "Webhook": _record(
        id=_TEXT, workspace=_TEXT, url=_TEXT, events={"type": "array", "items": _TEXT}, active=_FLAG,
        created_at=_MOMENT,
    ),
    "WebhookWithSecret": _record(
        id=_TEXT, workspace=_TEXT, url=_TEXT, events={"type": "array", "items": _TEXT}, active=_FLAG,
        created_at=_MOMENT, secret=_TEXT,
    ),
    "Delivery": _record(
        id=_TEXT, type=_TEXT, state={"enum": ["waiting", "sending", "sent", "unknown", "dead"]}, attempts=_NUMBER,
        due_at=_MOMENT, created_at=_MOMENT, ended_at=_MAYBE_MOMENT, note=_MAYBE_TEXT, data=_OBJECT,
    ),
    "Usage": _record(
        since=_TEXT, everybody=_FLAG, requests={"type": "array", "items": _OBJECT},
        questions={"type": "array", "items": _OBJECT},
    ),
    "Figures": _record(
        workspace=_TEXT, result=_MAYBE_OBJECT, sql=_MAYBE_TEXT, notes={"type": "array"}, checks={"type": "array"},
        snapshot=_MAYBE_TEXT, ms={"type": "number"},
    ),
}  # fmt: skip
ANSWERS: dict[str, str] = {
    "ask": "Answer", "show_answer": "Answer", "answer_card": "Answer", "create_workspace": "Workspace",
    "show_thread": "ThreadWithTurns", "change_thread": "Thread", "create_dashboard": "Dashboard",
    "show_job": "Job", "upload": "Queued", "create_webhook": "WebhookWithSecret", "show_webhook": "WebhookWithSecret",
    "change_webhook": "WebhookWithSecret", "show_usage": "Usage", "query_metrics": "Figures",
}  # fmt: skip
LISTS = {
    "list_workspaces": "Workspace", "list_threads": "Thread", "list_dashboards": "DashboardSummary",
    "list_webhooks": "Webhook", "list_deliveries": "Delivery",
}  # fmt: skip
STREAMS = frozenset({"chat", "run_events"})


@lru_cache(maxsize=1)
def schemas() -> dict[str, Any]:
    """All records by name, those of an answer included; references point into the description."""
    from api.schemas import wire_schemas

    return {**_moved(wire_schemas()["$defs"]), **RECORDS}


def put(operation: dict[str, Any]) -> None:
    """Say what an operation answers with when all goes well."""
    name = operation["operationId"]
    good = next((code for code in operation["responses"] if code.startswith("2")), "200")
    answer = operation["responses"].setdefault(good, {"description": "Done."})
    answer["description"] = "Done." if answer.get("description") == "Successful Response" else answer["description"]
    if name in STREAMS:
        answer["description"] = "Server-sent events: AG-UI events, numbered; come back with Last-Event-ID."
        answer["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
    elif name in LISTS:
        answer["content"] = {"application/json": {"schema": _list_of(LISTS[name])}}
    elif name in ANSWERS:
        answer["content"] = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ANSWERS[name]}"}}}
    if good == "204":
        answer.pop("content", None)


def _moved(value: Any) -> Any:
    if isinstance(value, list):
        return [_moved(one) for one in value]
    if isinstance(value, dict):
        moved = {key: _moved(one) for key, one in value.items()}
        if str(moved.get("$ref", "")).startswith("#/$defs/"):
            moved["$ref"] = moved["$ref"].replace("#/$defs/", "#/components/schemas/")
        return moved
    return value
