"""The one place that speaks to a model server: every call ends in time, and every failure is a `ModelFault`."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from agent.llm.endpoint import Endpoint
from agent.llm.faults import Fault, ModelFault

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

MOST_CHARACTERS = 24_000
_CONNECT_SECONDS = 5.0
_LEAST_SECONDS = 0.05
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ToolCall:
    """A call as the model wrote it; `arguments` is text that may be no JSON."""

    id: str
    name: str
    arguments: str


@dataclass
class Reply:
    """What came back. Tokens are the server's count, or None when it gave none."""

    text: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    read: int | None = None
    written: int | None = None
    finish: str = ""


@dataclass
class _Parts:
    text: list[str] = field(default_factory=list)
    calls: dict[int, dict[str, str]] = field(default_factory=dict)
    size: int = 0
    reply: Reply = field(default_factory=Reply)

    def grow(self, piece: str) -> str:
        """Count what came. Raises `ModelFault` when it does not stop."""
        self.size += len(piece)
        if self.size > MOST_CHARACTERS:
            raise ModelFault("too_long")
        return piece

    def done(self) -> Reply:
        calls = [ToolCall(c["id"], c["name"], c["arguments"]) for _, c in sorted(self.calls.items())]
        self.reply.text, self.reply.calls = "".join(self.text), calls
        if not calls and not self.reply.text.strip():
            raise ModelFault("empty")
        return self.reply


class Wire:
    """Sends requests from any thread over one pool of connections. `stop` ends the calls under way of one caller."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._client: AsyncOpenAI | None = None

    def send(
        self,
        body: dict[str, Any],
        seconds: float,
        hear: Callable[[str], None] | None = None,
        started: Callable[[Future[Reply]], None] | None = None,
    ) -> Reply:
        """One request, over after `seconds` whatever the server does; text is heard as it comes when streaming.

        Raises `ModelFault`.
        """
        pieces: SimpleQueue[str | None] = SimpleQueue()
        future = asyncio.run_coroutine_threadsafe(self._within(body, max(seconds, _LEAST_SECONDS), pieces.put), _loop())
        future.add_done_callback(lambda _done: pieces.put(None))
        if started is not None:
            started(future)
        try:
            while (piece := pieces.get()) is not None:
                if hear is not None:
                    hear(piece)
            if future.cancelled():
                raise ModelFault("stopped")
            return future.result()
        finally:
            future.cancel()

    async def _within(self, body: dict[str, Any], seconds: float, hear: Callable[[str], None]) -> Reply:
        try:
            import openai
        except ImportError as error:
            raise ModelFault("not_installed") from error
        try:
            async with asyncio.timeout(seconds):
                return await (self._streamed(body, hear) if body.get("stream") else self._whole(body))
        except ModelFault:
            raise
        except (TimeoutError, openai.APITimeoutError) as error:
            raise ModelFault("timeout") from error
        except openai.APIStatusError as error:
            raise _of_status(error) from error
        except openai.APIConnectionError as error:
            raise ModelFault("tls" if _is_tls(error) else "cut" if _broke_off(error) else "refused") from error
        except openai.APIError as error:
            raise ModelFault("failed", detail=str(error)[:500]) from error
        except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
            raise ModelFault("garbage") from error
        except OSError as error:
            raise ModelFault("refused") from error
        except Exception as error:  # BLE001 - process edge: what the far side sends can break the client in any way
            broke = type(error).__module__.partition(".")[0] in ("httpx", "httpx2", "httpcore", "httpcore2", "h11")
            _log.info("model call failed", extra={"error": type(error).__name__})
            raise ModelFault("cut" if broke else "garbage") from error

    async def _streamed(self, body: dict[str, Any], hear: Callable[[str], None]) -> Reply:
        parts = _Parts()
        stream = await self._opened().chat.completions.create(**body)
        try:
            async for chunk in stream:
                _take(chunk, parts, hear)
        finally:
            await stream.close()
        if not parts.reply.finish:
            raise ModelFault("cut" if parts.size else "garbage")
        return parts.done()

    async def _whole(self, body: dict[str, Any]) -> Reply:
        answer = await self._opened().chat.completions.create(**body)
        parts = _Parts()
        choice = answer.choices[0]
        parts.text.append(parts.grow(_text(choice.message.content)))
        for index, call in enumerate(choice.message.tool_calls or []):
            arguments = parts.grow(_text(call.function.arguments))
            parts.calls[index] = {"id": call.id or f"call-{index}", "name": call.function.name, "arguments": arguments}
        parts.reply.finish = str(choice.finish_reason or "stop")
        _count(answer, parts.reply)
        return parts.done()

    async def models(self, seconds: float) -> list[str]:
        """Names of the models that the server lists; empty when it lists none."""
        async with asyncio.timeout(seconds):
            return [m.id async for m in self._opened().models.list()]

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(client.close(), _loop()).result(_CONNECT_SECONDS)

    def _opened(self) -> AsyncOpenAI:
        """The client; made on the loop's own thread, redirects not followed, nothing retried behind our back."""
        if self._client is None:
            import openai

            timeout = openai.Timeout(None, connect=_CONNECT_SECONDS)
            self._client = openai.AsyncOpenAI(
                api_key=self._endpoint.key,
                base_url=self._endpoint.url,
                max_retries=0,
                timeout=timeout,
                http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False, timeout=timeout),
            )
        return self._client


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """The event loop of all model calls, on a thread of its own."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True, name="model-calls").start()
    return loop


def warm() -> None:
    """Import the client library; about half a second in a cold process."""
    import_module("openai")


def _take(chunk: Any, parts: _Parts, hear: Callable[[str], None]) -> None:
    _count(chunk, parts.reply)
    for choice in chunk.choices[:1]:
        text = _text(getattr(choice.delta, "content", None))
        if text:
            parts.text.append(parts.grow(text))
            hear(text)
        for call in getattr(choice.delta, "tool_calls", None) or []:
            _add_call(call, parts)
        if choice.finish_reason:
            parts.reply.finish = str(choice.finish_reason)


def _add_call(call: Any, parts: _Parts) -> None:
    known = parts.calls.setdefault(int(call.index), {"id": "", "name": "", "arguments": ""})
    known["id"] = known["id"] or _text(call.id) or f"call-{call.index}"
    function = call.function
    if function is not None:
        known["name"] += parts.grow(_text(function.name))
        known["arguments"] += parts.grow(_text(function.arguments))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _count(source: Any, reply: Reply) -> None:
    usage = getattr(source, "usage", None)
    if usage is not None:
        reply.read, reply.written = int(usage.prompt_tokens or 0), int(usage.completion_tokens or 0)


def _of_status(error: APIStatusError) -> ModelFault:
    status = error.status_code
    kinds: dict[int, Fault] = {401: "unauthorised", 403: "unauthorised", 404: "no_model", 429: "rate_limited"}
    kinds |= {408: "timeout", 503: "overloaded", 529: "overloaded"}
    kind: Fault = kinds.get(status) or ("failed" if status >= 500 else "refused" if status < 400 else "bad_request")
    return ModelFault(kind, retry_after=_retry_after(error), detail=json.dumps(error.body, default=str)[:1000])


def _retry_after(error: APIStatusError) -> float | None:
    try:
        seconds = float(error.response.headers.get("Retry-After", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86_400 else None


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and len(found) < 10:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def _is_tls(error: BaseException) -> bool:
    return any(isinstance(c, ssl.SSLError) or "SSL" in str(c) for c in _causes(error))


def _broke_off(error: BaseException) -> bool:
    return any(type(c).__name__ in ("RemoteProtocolError", "ReadError", "IncompleteRead") for c in _causes(error))
