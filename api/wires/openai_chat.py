"""A run as OpenAI chat.completions, streamed or whole; the receipts travel beside the text under `plainsay`."""

from __future__ import annotations

from typing import Any

from api.errors import by_code, openai
from api.wires.reading import Detail, Reading


class ChatWire:
    """Translates the stored events of one run into `chat.completion.chunk`s."""

    def __init__(self, run_id: str, model: str, created: int, *, usage: bool = False, detail: Detail = "full") -> None:
        self.reading = Reading(detail)
        self._same: dict[str, Any] = {"id": run_id, "created": created, "model": model, "system_fingerprint": None}
        self._usage = usage
        self._text: list[str] = []

    def feed(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        """The chunks of one event; the last one of a run that broke holds an `error` instead of choices."""
        text = self.reading.feed(event)
        chunks = [self._chunk({"role": "assistant", "content": ""})] if event["type"] == "RUN_STARTED" else []
        if text:
            self._text.append(text)
            chunks.append(self._chunk({"content": text}))
        return [*chunks, *self._closing()] if self.reading.over else chunks

    def whole(self) -> dict[str, Any]:
        """The `chat.completion` of a run that is over. Check `reading.error` first."""
        message: dict[str, Any] = {
            "role": "assistant",
            "content": "".join(self._text),
            "refusal": None,
            "annotations": [],
        }
        return {
            **self._same,
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
            "usage": self._used(),
            "plainsay": self.reading.receipts(),
        }

    def _closing(self) -> list[dict[str, Any]]:
        if self.reading.error:
            return [{"error": failure(self.reading.error)}]
        last = self._chunk({}, "stop") | {"plainsay": self.reading.receipts()}
        with_usage = {**self._same, "object": "chat.completion.chunk", "choices": [], "usage": self._used()}
        return [last, with_usage] if self._usage else [last]

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        nothing = {"usage": None} if self._usage else {}
        return {**self._same, "object": "chat.completion.chunk", "choices": [choice], **nothing}

    def _used(self) -> dict[str, int]:
        tokens = self.reading.tokens
        return {
            "prompt_tokens": tokens["input"],
            "completion_tokens": tokens["output"],
            "total_tokens": tokens["input"] + tokens["output"],
        }


def failure(error: dict[str, str]) -> dict[str, Any]:
    """The error of a run in OpenAI's shape."""
    return openai(by_code(error["code"], error["message"], None))
