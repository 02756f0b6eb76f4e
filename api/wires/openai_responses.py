"""A run as an OpenAI Response; event numbers depend on the stored log alone, so that a stream can be taken up again."""

from __future__ import annotations

from typing import Any

from api.wires.reading import Detail, Reading

_ENDS = {"failed": ("response.failed", "failed"), "cancelled": ("response.incomplete", "cancelled")}


class ResponsesWire:
    """Translates the stored events of one run into Responses events, numbered from 0.

    Text that a restart took back stays an item marked incomplete; the whole response at the end does without it.
    """

    def __init__(
        self, run_id: str, model: str, created: int, *, background: bool = False, detail: Detail = "full"
    ) -> None:
        self.reading = Reading(detail)
        self._id = run_id
        self._same = {"id": run_id, "object": "response", "created_at": created, "model": model, **_unused(background)}
        self._number = 0
        self._index = 0
        self._open: str | None = None
        self._text = ""
        self._output: list[dict[str, Any]] = []

    def feed(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        """The numbered events of one event of the run."""
        text = self.reading.feed(event)
        out: list[dict[str, Any]] = []
        if event["type"] == "RUN_STARTED":
            out = [{"type": f"response.{kind}", "response": self.response()} for kind in ("created", "in_progress")]
        if text:
            out += [*self._begin(), self._delta(text)]
        if event["type"] == "CUSTOM" and event["name"] == "analytics.superseded":
            out += self._end("incomplete")
        if self.reading.over:
            out += self._close()
        return [self._numbered(e) for e in out]

    def response(self) -> dict[str, Any]:
        """The response object as of now."""
        status = self.reading.status
        over = self.reading.over
        error = {"code": "server_error", "message": self.reading.error["message"]} if status == "failed" else None
        shown = {"running": "in_progress", "failed": "failed", "cancelled": "cancelled"}.get(status, "completed")
        thread = {"conversation": {"id": self.reading.thread_id}} if self.reading.thread_id else {}
        return {
            **self._same, **thread, "status": shown, "error": error, "output": list(self._output),
            "usage": self._used() if over and not error else None,
            **({"plainsay": self.reading.receipts() | self._failure()} if over else {}),
        }  # fmt: skip

    def _failure(self) -> dict[str, Any]:
        return {"error": self.reading.error} if self.reading.error else {}

    def _close(self) -> list[dict[str, Any]]:
        kind, state = _ENDS.get(self.reading.status, ("response.completed", "completed"))
        ended = self._end("completed" if state == "completed" else "incomplete")
        return [*ended, {"type": kind, "response": self.response()}]

    def _begin(self) -> list[dict[str, Any]]:
        if self._open is not None:
            return []
        self._open = f"msg_{self._id.removeprefix('resp_')}_{self._index}"
        part = {"content_index": 0, "part": _part("")}
        return [
            {"type": "response.output_item.added", **self._place(), "item": self._item([], "in_progress")},
            {"type": "response.content_part.added", **self._place(), "item_id": self._open, **part},
        ]

    def _delta(self, text: str) -> dict[str, Any]:
        self._text += text
        return {"type": "response.output_text.delta", **self._at(), "delta": text, "logprobs": []}

    def _end(self, status: str) -> list[dict[str, Any]]:
        if self._open is None:
            return []
        item = self._item([_part(self._text)], status)
        out = [
            {"type": "response.output_text.done", **self._at(), "text": self._text, "logprobs": []},
            {"type": "response.content_part.done", **self._at(), "part": _part(self._text)},
            {"type": "response.output_item.done", **self._place(), "item": item},
        ]
        if status == "completed" or self.reading.over:
            self._output.append(item)
        self._open, self._text, self._index = None, "", self._index + 1
        return out

    def _item(self, content: list[dict[str, Any]], status: str) -> dict[str, Any]:
        return {"id": self._open, "type": "message", "role": "assistant", "status": status, "content": content}

    def _at(self) -> dict[str, Any]:
        return {**self._place(), "item_id": self._open, "content_index": 0}

    def _place(self) -> dict[str, Any]:
        return {"output_index": self._index}

    def _numbered(self, event: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        return {"type": event["type"], "sequence_number": self._number - 1, **event}

    def _used(self) -> dict[str, Any]:
        tokens = self.reading.tokens
        return {
            "input_tokens": tokens["input"],
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": tokens["output"],
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": tokens["input"] + tokens["output"],
        }


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _unused(background: bool) -> dict[str, Any]:
    """What clients expect in every response and what means nothing here."""
    return {
        "background": background, "incomplete_details": None, "instructions": None, "max_output_tokens": None,
        "metadata": {}, "parallel_tool_calls": False, "previous_response_id": None, "reasoning": None,
        "service_tier": None, "store": True, "temperature": None, "text": {"format": {"type": "text"}},
        "tool_choice": "none", "tools": [], "top_p": None, "truncation": "disabled", "user": None,
    }  # fmt: skip
