"""A run as the AI SDK's UI message stream, version 1: text, tools and `data-` parts that hold tables and receipts."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from api.wires import markdown
from api.wires.reading import Reading, asked, declined

HEADERS = {"x-vercel-ai-ui-message-stream": "v1"}
Chunk = dict[str, Any]


class AiSdkWire:
    """Translates the stored events of one run. `skip` names text messages that a restart took back: they are not said.

    The stream has no numbers: who comes back gets it from the beginning.
    """

    def __init__(self, run_id: str, skip: Collection[str] = ()) -> None:
        self.reading = Reading("text")
        self._run_id = run_id
        self._skip = skip
        self._args: dict[str, Chunk] = {}

    def feed(self, event: dict[str, Any]) -> list[Chunk]:
        """The chunks of one event."""
        self.reading.feed(event)
        kind = event["type"]
        if kind.startswith("TEXT_MESSAGE"):
            return [] if event["messageId"] in self._skip else [_text(event)]
        if kind.startswith("TOOL_CALL"):
            return self._tool(event)
        match kind:
            case "RUN_STARTED":
                more = {"run_id": self._run_id, "thread_id": event["threadId"]}
                return [{"type": "start", "messageId": self._run_id, "messageMetadata": more}, {"type": "start-step"}]
            case "STEP_STARTED" | "STEP_FINISHED":
                step = {"name": event["stepName"], "state": "running" if kind == "STEP_STARTED" else "done"}
                return [{"type": "data-step", "data": step, "transient": True}]
            case "ACTIVITY_SNAPSHOT":
                return [_data(event["activityType"], event["content"], event["messageId"])]
            case "CUSTOM":
                return self._custom(event)
            case "RUN_FINISHED" | "RUN_ERROR":
                return self._end()
        return []

    def _custom(self, event: dict[str, Any]) -> list[Chunk]:
        if event["name"] == "analytics.superseded" and event["value"]["messageId"] in self._skip:
            return []
        return [_data(event["name"], event["value"]) | {"transient": event["name"] == "analytics.progress"}]

    def _tool(self, event: dict[str, Any]) -> list[Chunk]:
        """A call is shown when its arguments are whole; it is done here, never by the client."""
        call = event["toolCallId"]
        match event["type"]:
            case "TOOL_CALL_START":
                self._args[call] = {"toolName": event["toolCallName"], "text": ""}
            case "TOOL_CALL_ARGS" if call in self._args:
                self._args[call]["text"] += event["delta"]
            case "TOOL_CALL_END" if call in self._args:
                known = self._args.pop(call)
                given = {"toolName": known["toolName"], "input": _parsed(known["text"])}
                return [{"type": "tool-input-available", "toolCallId": call, **given, **_OURS}]
            case "TOOL_CALL_RESULT":
                return [_result(call, _parsed(event["content"]))]
        return []

    def _end(self) -> list[Chunk]:
        reading = self.reading
        if reading.status == "failed":
            return [{"type": "error", "errorText": reading.error["message"]}]
        if reading.status == "cancelled":
            return [{"type": "abort", "reason": reading.error["message"]}]
        found = reading.receipts()
        said: list[Chunk] = []
        if question := found.get("clarification"):
            said = [*_said(f"{self._run_id}-asked", asked(question)), _data("clarification", question)]
        elif reading.status == "declined":
            said = _said(f"{self._run_id}-declined", declined(found.get("declined") or {}))
        kept = ("answer_id", "status", "confidence")
        more = {"run_id": self._run_id, "thread_id": reading.thread_id, "usage": reading.tokens}
        metadata = more | {k: found[k] for k in kept if k in found} | {"status": reading.status}
        finish = {"type": "finish", "finishReason": "stop", "messageMetadata": metadata}
        return [*said, {"type": "finish-step"}, finish]


_OURS = {"providerExecuted": True, "dynamic": True}


def _text(event: dict[str, Any]) -> Chunk:
    names = {"TEXT_MESSAGE_START": "text-start", "TEXT_MESSAGE_CONTENT": "text-delta", "TEXT_MESSAGE_END": "text-end"}
    delta = {"delta": markdown.plain(event["delta"])} if "delta" in event else {}
    return {"type": names[event["type"]], "id": event["messageId"], **delta}


def _said(part: str, blocks: list[str]) -> list[Chunk]:
    return [
        {"type": "text-start", "id": part},
        {"type": "text-delta", "id": part, "delta": "\n\n".join(blocks)},
        {"type": "text-end", "id": part},
    ]


def _data(name: str, content: dict[str, Any], part: str | None = None) -> Chunk:
    chunk = {"type": f"data-{name.removeprefix('analytics.')}", "data": content}
    return chunk | {"id": part} if part else chunk


def _result(call: str, output: Any) -> Chunk:
    if isinstance(output, dict) and output.get("error"):
        return {"type": "tool-output-error", "toolCallId": call, "errorText": output["error"], **_OURS}
    return {"type": "tool-output-available", "toolCallId": call, "output": output, **_OURS}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text or "{}")
    except json.JSONDecodeError:
        return text
